"""One row each: what becomes a slot, what is dropped, and every kind of bad row with its field."""

import pytest

from shared.errors import ScheduleRefusedError
from shared.schedule.model import Slot, Unreadable
from tests.unit.lb_answer import CHICAGO, NOVEMBER, Json, answer, assignment, local, parsed, person, slot, template, utc

GOOD = [slot(48301, emp_id=2102), slot(48302, emp_id=2103), slot(48303, emp_id=2102, assign_structure_id=302)]
"""Neighbours that must go through whatever the row between them is."""


def test_a_row_becomes_a_slot_value_for_value() -> None:
    read = parsed(answer(slot(note="Carry the pager\nuntil noon \n", location_names=["4 West ", "", None, "ED"])))
    assert read.slots == (
        Slot(
            slot="48201",
            schedule="5",
            person="2101",
            assignment="301",
            day=local("2026-11-02").date(),
            start=local("2026-11-02T07:00:00"),
            end=local("2026-11-02T17:00:00"),
            start_utc=utc("2026-11-02T13:00:00"),
            end_utc=utc("2026-11-02T23:00:00"),
            note="Carry the pager\nuntil noon",
            locations=("4 West", "ED"),
        ),
    )
    assert (read.unreadable, read.problems) == ((), ())
    assert (read.view, read.zone, read.month) == (50, CHICAGO, NOVEMBER)


@pytest.mark.parametrize(
    ("changes", "note", "locations"),
    [
        ({}, "", ()),
        ({"note": ""}, "", ()),
        ({"note": "  \n"}, "", ()),
        ({"note": "  indented"}, "  indented", ()),
        ({"note": "half \ud83d character"}, "half \ufffd character", ()),
        ({"note": "whole \U0001f600 one"}, "whole \U0001f600 one", ()),
        ({"location_names": None}, "", ()),
        ({"location_names": []}, "", ()),
    ],
)
def test_notes_and_locations(changes: Json, note: str, locations: tuple[str, ...]) -> None:
    (found,) = parsed(answer(slot(**changes))).slots
    assert (found.note, found.locations) == (note, locations)


def test_a_pending_row_is_its_holders() -> None:
    (found,) = parsed(answer(slot(is_pending=True, pending_emp_id=2102, emp_request_id=9143))).slots
    assert found.person == "2101"


def times(start: str, stop: str, start_utc: str, stop_utc: str) -> Json:
    return {
        "slot_date": start[:10],
        "start_time": start,
        "stop_time": stop,
        "start_time_utc": start_utc,
        "stop_time_utc": stop_utc,
    }


@pytest.mark.parametrize(
    ("start", "stop", "start_utc", "stop_utc"),
    [
        # overnight; 24 hours; all day
        ("2026-11-10T21:00:00", "2026-11-11T07:00:00", "2026-11-11T03:00:00", "2026-11-11T13:00:00"),
        ("2026-11-10T07:00:00", "2026-11-11T07:00:00", "2026-11-10T13:00:00", "2026-11-11T13:00:00"),
        ("2026-11-10T00:00:00", "2026-11-12T00:00:00", "2026-11-10T06:00:00", "2026-11-12T06:00:00"),
        # across the clock's going back: 11 hours
        ("2026-11-01T00:00:00", "2026-11-01T10:00:00", "2026-11-01T05:00:00", "2026-11-01T16:00:00"),
        # a start in the repeated hour, first and second time
        ("2026-11-01T01:30:00", "2026-11-01T07:00:00", "2026-11-01T06:30:00", "2026-11-01T13:00:00"),
        ("2026-11-01T01:30:00", "2026-11-01T07:00:00", "2026-11-01T07:30:00", "2026-11-01T13:00:00"),
        # an hour, and three quarters of one, that the wall clock shows as none and as less than none
        ("2026-11-01T01:30:00", "2026-11-01T01:30:00", "2026-11-01T06:30:00", "2026-11-01T07:30:00"),
        ("2026-11-01T01:30:00", "2026-11-01T01:15:00", "2026-11-01T06:30:00", "2026-11-01T07:15:00"),
    ],
)
def test_times_that_agree_with_their_utc_columns(start: str, stop: str, start_utc: str, stop_utc: str) -> None:
    (found,) = parsed(answer(slot(**times(start, stop, start_utc, stop_utc)))).slots
    assert (found.start, found.end) == (local(start), local(stop))
    assert (found.start_utc, found.end_utc) == (utc(start_utc), utc(stop_utc))


@pytest.mark.parametrize("start_utc", ["2027-03-14T07:30:00", "2027-03-14T08:30:00"])
def test_a_start_that_the_clock_skips_may_be_read_either_way(start_utc: str) -> None:
    row = slot(**times("2027-03-14T02:30:00", "2027-03-14T07:00:00", start_utc, "2027-03-14T12:00:00"))
    whole = answer(row, departments=[{"templates": [template(5, "HM MD", "2027-12-31T00:00:00")]}])
    (found,) = parsed(whole, month=NOVEMBER.plus(4)).slots
    assert found.start_utc == utc(start_utc)


@pytest.mark.parametrize(
    "changes",
    [
        # outside the month
        {"slot_date": "2026-10-31"},
        {"slot_date": "2026-12-01"},
        {"slot_date": "2025-11-02"},
        {"slot_date": "2026-12-01", "slot_id": None, "emp_id": None},
        # placeholders: by last name, display name, system person, personnel record
        {"last_name": "z.Administrative"},
        {"display_name": "OPEN 12"},
        {"display_name": "EMPTY"},
        {"emp_id": 4},
        {"emp_id": 2001},
        {"emp_id": 2001, "slot_date": None, "start_time": 7},
        # not published: beyond the horizon, never, "never" in Lightning Bolt's words, no such key
        {"template_id": 7, "slot_date": "2026-11-16"},
        {"template_id": 8},
        {"template_id": 9},
        {"template_id": 10},
        {"template_id": 8, "slot_id": None, "emp_id": "?", "assign_structure_id": 999},
    ],
)
def test_what_is_dropped_without_a_word(changes: Json) -> None:
    templates = [template(5, "HM MD"), template(7, "A", "2026-11-15T00:00:00"), template(8, "B", None)]
    templates += [template(9, "C", "0001-01-01T00:00:00"), {"template_id": 10, "name": "D"}]
    read = parsed(answer(*GOOD[:2], slot(**changes), GOOD[2], departments=[{"templates": templates}]))
    assert [found.slot for found in read.slots] == ["48301", "48302", "48303"]
    assert (read.unreadable, read.problems) == ((), ())


def test_the_horizon_is_inclusive() -> None:
    templates = [template(5, "HM MD", "2026-11-02T00:00:00")]
    assert len(parsed(answer(slot(), departments=[{"templates": templates}])).slots) == 1


KNOWN = Unreadable("48201", "5", "2101", dated=True)
ID = "slot 48201"


@pytest.mark.parametrize(
    ("changes", "row", "field", "protects"),
    [
        # slot_id
        ({"slot_id": None}, "row 3", "slot_id", Unreadable(None, "5", "2101", True)),
        ({"slot_id": "48201"}, "row 3", "slot_id", Unreadable(None, "5", "2101", True)),
        ({"slot_id": 48201.0}, "row 3", "slot_id", Unreadable(None, "5", "2101", True)),
        ({"slot_id": True}, "row 3", "slot_id", Unreadable(None, "5", "2101", True)),
        ({"slot_id": -1}, "row 3", "slot_id", Unreadable(None, "5", "2101", True)),
        ({"slot_id": 2**63}, "row 3", "slot_id", Unreadable(None, "5", "2101", True)),
        # slot_date
        ({"slot_date": None}, ID, "slot_date", Unreadable("48201", "5", "2101", False)),
        ({"slot_date": "2026-11-31"}, ID, "slot_date", Unreadable("48201", "5", "2101", False)),
        ({"slot_date": "02/11/2026"}, ID, "slot_date", Unreadable("48201", "5", "2101", False)),
        ({"slot_date": "2026-W45-1"}, ID, "slot_date", Unreadable("48201", "5", "2101", False)),
        ({"slot_date": 20261102}, ID, "slot_date", Unreadable("48201", "5", "2101", False)),
        # person
        ({"emp_id": None}, ID, "emp_id", Unreadable("48201", "5", None, True)),
        ({"emp_id": "2101"}, ID, "emp_id", Unreadable("48201", "5", None, True)),
        ({"emp_id": 2999}, ID, "emp_id", Unreadable("48201", "5", "2999", True)),
        ({"emp_id": 2104}, ID, "unique_id", Unreadable("48201", "5", "2104", True)),
        # template
        ({"template_id": None}, ID, "template_id", Unreadable("48201", None, "2101", True)),
        ({"template_id": 99}, ID, "template_id", Unreadable("48201", "99", "2101", True)),
        # assignment
        ({"assign_structure_id": 999, "assign_id": 999}, ID, "assign_structure_id", KNOWN),
        ({"assign_structure_id": None, "assign_id": None}, ID, "assign_structure_id", KNOWN),
        ({"assign_structure_id": 303}, ID, "send_as_free", KNOWN),
        # times
        ({"start_time": None}, ID, "start_time", KNOWN),
        ({"start_time": "2026-11-02 07:00"}, ID, "start_time", KNOWN),
        ({"start_time": "2026-11-02T25:00:00"}, ID, "start_time", KNOWN),
        ({"start_time": "0001-01-01T00:00:00"}, ID, "start_time", KNOWN),
        ({"stop_time": "3000-12-31T00:00:00"}, ID, "stop_time", KNOWN),
        ({"stop_time": "2026-11-02T07:00:00"}, ID, "stop_time", KNOWN),
        ({"stop_time": "2026-11-01T17:00:00"}, ID, "stop_time", KNOWN),
        ({"start_time_utc": None}, ID, "start_time_utc", KNOWN),
        ({"stop_time_utc": "2026-11-02T23:00:00Z"}, ID, "stop_time_utc", KNOWN),
        ({"start_time_utc": "2026-11-02T12:00:00"}, ID, "start_time_utc", KNOWN),
        ({"stop_time_utc": "2026-11-02T22:00:00"}, ID, "stop_time_utc", KNOWN),
        # texts
        ({"note": 7}, ID, "note", KNOWN),
        ({"note": ["x"]}, ID, "note", KNOWN),
        ({"location_names": "4 West"}, ID, "location_names", KNOWN),
        ({"location_names": [4]}, ID, "location_names", KNOWN),
    ],
)
def test_a_bad_row_is_reported_and_protects_and_its_neighbours_go_through(
    changes: Json, row: str, field: str, protects: Unreadable
) -> None:
    whole = answer(*GOOD[:2], slot(**changes), GOOD[2])
    whole["assignments"].append(assignment(303, "Swing", send_as_free="perhaps"))
    whole["personnel"].append(person(2104, "Kofi Osei", 17))
    read = parsed(whole)
    assert [found.slot for found in read.slots] == ["48301", "48302", "48303"]
    assert read.unreadable == (protects,)
    assert [(problem.row, problem.field) for problem in read.problems if problem.row == row] == [(row, field)]
    assert "Marlow" not in str(read.problems)


@pytest.mark.parametrize("row", [None, "x", 7, [], [slot()]])
def test_a_row_that_is_no_object(row: Json) -> None:
    read = parsed(answer(*GOOD, row))
    assert len(read.slots) == 3
    assert read.unreadable == (Unreadable(None, None, None, dated=False),)
    assert [(problem.row, problem.field) for problem in read.problems] == [("row 4", "slot_id")]


def test_a_wrong_utc_column_is_reported_with_both_values() -> None:
    read = parsed(answer(*GOOD, slot(start_time_utc="2026-11-02T12:00:00")))
    (problem,) = read.problems
    assert problem.reason == (
        "start_time 2026-11-02T07:00:00 in America/Chicago is 2026-11-02T13:00:00 in UTC, "
        "but start_time_utc says 2026-11-02T12:00:00"
    )


def test_an_end_that_only_the_utc_columns_put_before_the_start() -> None:
    skipped = times("2027-03-14T02:30:00", "2027-03-14T03:00:00", "2027-03-14T08:30:00", "2027-03-14T08:00:00")
    whole = answer(slot(**skipped), departments=[{"templates": [template(5, "HM MD", "2027-12-31T00:00:00")]}])
    (problem,) = parsed(whole, month=NOVEMBER.plus(4)).problems
    assert (problem.row, problem.field) == ("slot 48201", "stop_time_utc")


@pytest.mark.parametrize(
    "note", ["Tessa is ill", "call 555-0100 for Tessa", "555-0100", "tessa@riverside.example", {"Tessa": 1}, ["Tessa"]]
)
@pytest.mark.parametrize("field", ["slot_id", "slot_date", "emp_id", "template_id", "start_time", "stop_time_utc"])
def test_no_text_in_the_wrong_column_gets_into_a_reason(field: str, note: Json) -> None:
    read = parsed(answer(*GOOD, slot(**{field: note})))
    shown = f"{read.problems} {read.unreadable}".lower()
    assert "tessa" not in shown
    assert "555" not in shown


@pytest.mark.parametrize(
    ("other", "kept", "problems"),
    [
        (slot(), ["48201"], []),
        (slot(has_change=True, request_note="another"), ["48201"], []),
        (slot(note="changed"), [], [("slot 48201", "slot_id")] * 2),
        (slot(emp_id=2102), [], [("slot 48201", "slot_id")] * 2),
        (slot(start_time=None), [], [("slot 48201", "start_time"), ("slot 48201", "slot_id")]),
        # one of the two is nothing of ours: no doubt
        (slot(emp_id=2001), ["48201"], []),
        (slot(slot_date="2026-10-31"), ["48201"], []),
    ],
)
def test_a_slot_id_that_stands_there_twice(other: Json, kept: list[str], problems: list[tuple[str, str]]) -> None:
    read = parsed(answer(*GOOD, slot(), other))
    assert [found.slot for found in read.slots] == ["48301", "48302", "48303", *kept]
    assert [(problem.row, problem.field) for problem in read.problems] == problems
    assert {row.slot for row in read.unreadable} == ({"48201"} if problems else set())


def test_three_with_one_id_are_all_bad() -> None:
    read = parsed(answer(*GOOD, slot(), slot(emp_id=2102), slot()))
    assert [row.person for row in read.unreadable] == ["2102", "2101"]


def test_the_zone_check_and_the_judgement_need_more_than_one_row() -> None:
    assert len(parsed(answer(slot(start_time_utc="2026-11-02T12:00:00"))).unreadable) == 1
    assert len(parsed(answer(slot(1, emp_id=None), slot(2, emp_id=None), slot(3, emp_id=None))).unreadable) == 3
    with pytest.raises(ScheduleRefusedError):
        parsed(answer(*(slot(number, emp_id=None) for number in range(4))))
