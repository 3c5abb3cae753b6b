"""The answer as a whole: what it must hold, whom it lists, and when none of it may be used."""

import pytest

from shared.errors import ScheduleRefusedError, ScheduleUnavailableError
from shared.schedule.mapping import FieldKeys
from shared.schedule.model import Assignment, Person, Schedule, Sending, Unreadable
from shared.schedule.view_filter import filter_digest
from tests.unit.lb_answer import Json, answer, assignment, local, parsed, person, reported, slot, template

DECEMBER_31 = local("2026-12-31").date()


def without(whole: Json, *path: str) -> Json:
    *parents, last = path
    place = whole
    for key in parents:
        place = place[key]
    del place[last]
    return whole


@pytest.mark.parametrize(
    "whole",
    [
        None,
        [],
        "text",
        {},
        without(answer(), "schedule_data"),
        without(answer(), "schedule_data", "data"),
        without(answer(), "personnel"),
        without(answer(), "assignments"),
        without(answer(), "departments"),
        without(answer(), "view_context"),
        without(answer(), "view_context", "view_id"),
        answer(schedule_data={"data": None}),
        answer(schedule_data={"data": {}}),
        answer(personnel={}),
        answer(departments="x"),
        answer(view_context=[]),
        answer(view_context={"view_id": 51}),
        answer(view_context={"view_id": None}),
        answer(view_context={"view_id": [50]}),
    ],
)
def test_an_answer_that_is_not_whole_changes_nothing(whole: Json) -> None:
    with pytest.raises(ScheduleUnavailableError):
        parsed(whole)


def test_the_missing_keys_are_named() -> None:
    with pytest.raises(ScheduleUnavailableError, match=r"lacks schedule_data.data, personnel"):
        parsed({"assignments": [], "departments": [], "view_context": {"view_id": 50}})


@pytest.mark.parametrize("value", [True, 1, "true", "Yes", "1", "t", "on", "maybe", [1]])
@pytest.mark.parametrize("key", ["is_admin", "is_super_admin"])
def test_an_administrators_account_is_refused(key: str, value: Json) -> None:
    with pytest.raises(ScheduleRefusedError, match="give the service account a role without") as caught:
        parsed(answer(slot(), permissions={"is_admin": False, key: value}))
    assert [(problem.row, problem.field) for problem in caught.value.problems] == [("view 50", f"permissions.{key}")]


@pytest.mark.parametrize(
    ("permissions", "fields"),
    [
        ({"is_admin": False}, []),
        ({"is_admin": "false", "is_super_admin": "0"}, []),
        ({"is_admin": 0, "is_super_admin": None}, []),
        ({"is_admin": False, "my_admin_depts": []}, []),
        ({"is_admin": False, "my_admin_depts": [10]}, ["permissions.my_admin_depts"]),
        ({}, ["permissions.is_admin"]),
        (None, ["permissions.is_admin"]),
    ],
)
def test_other_accounts_are_not(permissions: Json, fields: list[str]) -> None:
    read = parsed(answer(slot(), permissions=permissions))
    assert len(read.slots) == 1
    assert reported(read) == [("view 50", field) for field in fields]


def test_people() -> None:
    read = parsed(answer())
    assert read.people == {
        "2101": Person("2101", "Tessa Marlow", "tessa.marlow@riverside.example"),
        "2102": Person("2102", "Jonas Quill", "8d1c5f0e-6a2b-4c39-9b7e-2f40d1a6c853"),
        "2103": Person("2103", "Ines Brandt", None),
    }


def test_the_id_may_stand_in_another_field() -> None:
    people = [person(2101, "Tessa Marlow", "tessa@riverside.example", ms_id="other@riverside.example")]
    read = parsed(answer(personnel=people), keys=FieldKeys(person_id="ms_id"))
    assert read.people["2101"].mailbox == "other@riverside.example"


@pytest.mark.parametrize(
    ("records", "listed", "problems"),
    [
        ([person(2104, "Kofi Osei", "kofi")], {"2104": "kofi"}, [("person 2104", "unique_id")]),
        ([person(2104, "Kofi Osei", 17)], {}, [("person 2104", "unique_id")]),
        ([person(2104, "Kofi Osei", "kofi/osei@x.example")], {}, [("person 2104", "unique_id")]),
        ([person(2104, "Kofi Osei", None)] * 2, {"2104": None}, []),
        ([person(2104, "Kofi Osei", "a@x.example"), person(2104, "Kofi Osei", "b@x.example")], {},
         [("person 2104", "unique_id")]),
        ([person(2104, "Kofi Osei", "a@x.example"), person(2104, "OPEN 2", None)], {}, [("person 2104", "emp_id")]),
        ([person(2104, "Kofi Osei", None, display_name=7)], {"2104": None}, []),
        ([None], {}, [("personnel row 1", "emp_id")]),
        ([{"unique_id": "a@x.example"}], {}, [("personnel row 1", "emp_id")]),
    ],
)  # fmt: skip
def test_odd_personnel_records(records: Json, listed: Json, problems: list[tuple[str, str]]) -> None:
    keyed = [*records, person(2101, "Tessa Marlow", None)]
    read = parsed(answer(slot(), slot(2, emp_id=2104), personnel=keyed))
    assert {who: read.people[who].mailbox for who in read.people if who != "2101"} == listed
    assert [problem for problem in reported(read) if problem[0] != "slot 2"] == problems
    assert [row.person for row in read.unreadable] == ([] if listed else ["2104"])
    assert "kofi" not in str(read.problems).lower()


def test_assignments() -> None:
    rows = [
        assignment(301, "Day Rounds", compact_name="R1", include_assignment_information="yes"),
        assignment(302, "Leave", send_to_outlook=None, include_schedule_notes=""),
        assignment(303, "Swing", send_as_free="perhaps", include_schedule_notes=[]),
        assignment(304, "", compact_name="BU"),
        assignment(305, "Clinic", display_name=9),
        assignment("Label", "Label"),
    ]
    read = parsed(answer(assignments=rows))
    assert read.assignments == {
        "301": Assignment("301", "Day Rounds", "R1", Sending(send=True, notes=True, information=True)),
        "302": Assignment("302", "Leave", "LE", Sending()),
        "303": Assignment("303", "Swing", "SW", Sending(send=True), "include_schedule_notes"),
        "304": Assignment("304", "BU", "BU", Sending(send=True, notes=True)),
        "305": Assignment("305", "", "", Sending(send=True, notes=True), "display_name"),
        "Label": Assignment("Label", "Label", "LA", Sending(send=True, notes=True)),
    }
    assert reported(read) == [
        ("assignment 303", "include_schedule_notes"),
        ("assignment 303", "send_as_free"),
        ("assignment 305", "display_name"),
    ]


@pytest.mark.parametrize(
    ("row", "found"),
    [
        ({"assign_structure_id": 301, "assign_id": 20302}, "301"),  # the structure goes first
        ({"assign_structure_id": "301", "assign_id": None}, "301"),
        ({"assign_structure_id": 999, "assign_id": 20302}, "302"),  # then the assign_id within the template
        ({"assign_structure_id": None, "assign_id": 20302}, "302"),
        ({"assign_structure_id": 999, "assign_id": 20302, "template_id": 6}, None),
        ({"assign_structure_id": 311, "assign_id": None}, "301"),  # then what the assignment is made of
        ({"assign_structure_id": 312, "assign_id": None}, None),  # two are made of it
        ({"assign_structure_id": 999, "assign_id": 20399}, None),  # two claim it
        ({"assign_structure_id": 313, "assign_id": None}, None),  # one without an id claims it as well
        ({"assign_structure_id": 305, "assign_id": None}, None),  # stands there twice
        ({"assign_structure_id": 306, "assign_id": None}, "306"),  # twice, but the same
    ],
)
def test_how_a_slot_names_its_assignment(row: Json, found: str | None) -> None:
    rows = [
        assignment(301, "Day", structures=[301, 311, 312], template_to_assign_id_map={"5": 20301, "6": 20399}),
        assignment(302, "Night", structures=[302, 312, 313], template_to_assign_id_map={"5": 20302, "6": 20399}),
        assignment(None, "Lost", structures=[313], template_to_assign_id_map=[]),
        assignment(305, "Backup"),
        assignment(305, "Backup", send_to_outlook=False),
        assignment(306, "Call"),
        assignment(306, "Call"),
    ]
    read = parsed(answer(slot(**row), assignments=rows))
    assert [slot.assignment for slot in read.slots] == ([] if found is None else [found])
    assert len(read.unreadable) == (found is None)
    assert ("assignments row 3", "assign_structure_id") in reported(read)


def test_schedules() -> None:
    departments = [
        {"department_id": 10, "templates": [template(5, "HM MD"), template(6, "HM APP", "2026-11-30T00:00:00.000")]},
        {"department_id": 11, "templates": [template(7, "", None, name_full="Radiology"), template(5, "HM MD")]},
        {"department_id": 12, "templates": [template(8, "ICU", "0001-01-01T00:00:00")]},
    ]
    read = parsed(answer(departments=departments))
    assert read.schedules == {
        "5": Schedule("5", "HM MD", DECEMBER_31),
        "6": Schedule("6", "HM APP", local("2026-11-30").date()),
        "7": Schedule("7", "Radiology", None),
        "8": Schedule("8", "ICU", None),
    }
    assert (read.problems, read.unreadable) == ((), ())


@pytest.mark.parametrize(
    ("row", "field"),
    [
        (template(6, "HM APP", "soon"), "last_published_date"),
        (template(6, "HM APP", ""), "last_published_date"),
        (template(6, "HM APP", 20261231), "last_published_date"),
        (template(6, "HM APP", "2026-13-31T00:00:00"), "last_published_date"),
        (template(6, "HM APP", "0000-00-00T00:00:00"), "last_published_date"),
        (template(6, ["HM"]), "name"),
        (template(6, None), "name"),
        (template(6, "another"), "template_id"),  # the answer lists it twice
    ],
)
def test_an_unreadable_template_is_not_one_without_publications(row: Json, field: str) -> None:
    templates = [template(5, "HM MD"), row]
    if field == "template_id":
        templates.append(template(6, "HM APP", "2026-11-01T00:00:00"))
    read = parsed(answer(slot(), slot(2, template_id=6), slot(3), departments=[{"templates": templates}]))
    assert [found.slot for found in read.slots] == ["48201", "3"]
    assert read.unreadable == (Unreadable(None, "6", None, True), Unreadable("2", "6", "2101", True))
    assert reported(read) == [("schedule 6", field), ("slot 2", field)]
    assert read.schedules["6"].horizon is None


@pytest.mark.parametrize(
    "departments",
    [
        [{"templates": [template(5, "HM MD"), {"name": "HM APP"}]}],
        [{"templates": [template(5, "HM MD"), None]}],
        [{"templates": [template(5, "HM MD")]}, None],
        [{"templates": [template(5, "HM MD")]}, {"templates": None}],
    ],
)
def test_a_template_of_which_not_even_the_id_can_be_read_protects_the_month(departments: Json) -> None:
    read = parsed(answer(slot(), departments=departments))
    assert len(read.slots) == 1
    assert read.unreadable == (Unreadable(None, None, None, dated=False),)
    assert reported(read) == [("template row 2", "template_id")]


def test_a_zone_that_contradicts_the_utc_columns_is_refused_with_both_values() -> None:
    with pytest.raises(ScheduleRefusedError) as caught:
        parsed(answer(slot(), slot(48202), slot(48203, emp_id=2102)), zone="America/Denver")
    message = str(caught.value)
    assert "view 50: its time zone America/Denver contradicts Lightning Bolt's UTC columns in 3 of 3 rows" in message
    assert "slot 48201: start_time 2026-11-02T07:00:00 in America/Denver is 2026-11-02T14:00:00 in UTC" in message
    assert "but start_time_utc says 2026-11-02T13:00:00" in message
    assert "LIGHTNING_BOLT_VIEWS" in message
    assert [(problem.row, problem.field) for problem in caught.value.problems] == [("view 50", "start_time_utc")]


@pytest.mark.parametrize(
    ("wrong", "right", "refused"),
    [(1, 0, False), (2, 0, True), (1, 1, False), (2, 1, True), (2, 2, False), (3, 2, True)],
)
def test_most_rows_must_contradict(wrong: int, right: int, refused: bool) -> None:
    rows = [slot(number, start_time_utc="2026-11-02T12:00:00") for number in range(wrong)]
    rows += [slot(100 + number) for number in range(right)]
    if refused:
        with pytest.raises(ScheduleRefusedError, match="LIGHTNING_BOLT_VIEWS"):
            parsed(answer(*rows))
    else:
        assert len(parsed(answer(*rows)).unreadable) == wrong


@pytest.mark.parametrize(("bad", "good", "refused"), [(3, 0, False), (4, 0, True), (2, 2, False), (3, 2, True)])
def test_the_view_waits_if_most_rows_are_bad(bad: int, good: int, refused: bool) -> None:
    rows = [slot(number, note=7) for number in range(bad)] + [slot(100 + number) for number in range(good)]
    if not refused:
        assert len(parsed(answer(*rows)).unreadable) == bad
        return
    with pytest.raises(ScheduleRefusedError, match=rf"{bad} of {bad + good} rows cannot be read") as caught:
        parsed(answer(*rows))
    assert [(problem.row, problem.field) for problem in caught.value.problems] == [
        (f"slot {number}", "note") for number in range(bad)
    ]


def test_a_mapping_key_that_no_row_has_is_reported() -> None:
    read = parsed(answer(slot()), keys=FieldKeys(person_id="uniqueid", send="outlook", notes="n", free="f"))
    assert reported(read) == [("view 50", "uniqueid"), ("view 50", "outlook")]
    assert {person.mailbox for person in read.people.values()} == {None}


def test_an_empty_answer_is_an_answer() -> None:
    read = parsed(answer(personnel=[], assignments=[], departments=[]))
    assert (read.slots, read.schedules, read.unreadable, read.problems) == ((), {}, (), ())


FILTER = {
    "filter_id": 31,
    "name": "Hospital Medicine",
    "auto_add_assignments": True,
    "auto_add_personnel": True,
    "assignment_expression": None,
    "personnel_expression": None,
    "on_assignments": [{"id": 20301, "color": None}, {"id": 20302, "color": "#ffffff"}],
    "on_departments": [10],
    "on_personnel": [{"id": 2101, "color": None, "colorText": "#0d0d0d"}, {"id": 2102}],
    "on_tallies": [],
    "on_templates": [5, 6],
    "sort_personnel_by": "last name",
    "updated_at": "0001-01-01T00:00:00",
}


@pytest.mark.parametrize(
    ("changes", "same"),
    [
        ({}, True),
        ({"name": "x", "sort_personnel_by": "x", "updated_at": "x", "on_tallies": [1], "filter_id": 32}, True),
        ({"on_templates": [6, 5, 5]}, True),
        ({"on_personnel": [{"id": 2102, "color": "#000000"}, {"id": 2101}]}, True),
        ({"personnel_expression": ""}, True),
        ({"on_templates": [5]}, False),
        ({"on_templates": None}, False),
        ({"on_departments": [10, 11]}, False),
        ({"on_personnel": [{"id": 2101}]}, False),
        ({"on_assignments": []}, False),
        ({"auto_add_personnel": False}, False),
        ({"auto_add_assignments": None}, False),
        ({"personnel_expression": "ptype = 1"}, False),
        ({"assignment_expression": "x"}, False),
    ],
)
def test_the_filters_digest(changes: Json, same: bool) -> None:
    changed = parsed(answer(view_context={"view_id": 50, "filter": FILTER | changes})).filter
    assert (changed == filter_digest({"filter": FILTER})) is same
    assert len(changed) == 32


@pytest.mark.parametrize("context", [{"view_id": 50}, {"view_id": 50, "filter": None}, {"view_id": 50, "filter": []}])
def test_a_view_without_a_filter(context: Json) -> None:
    assert parsed(answer(view_context=context)).filter == ""
