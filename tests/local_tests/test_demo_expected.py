"""What the checker expects of calendars, with literal values."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from tests.local.demo.expectation import Expectation
from tests.local.demo.expected import Rules, events_of
from tests.local.demo.shown import Shown
from tests.local.lightning_bolt.model import Person, Setup, Slot, View
from tests.local_tests.lightning_bolt_fixtures import (
    BRANDT,
    MARLOW,
    MEDICINE,
    MEDICINE_APP,
    NIGHT,
    OPEN,
    ROUNDS,
    SURGERY,
    day_slot,
    small,
    wall,
)

RULES = Rules("demo", (50, 60), date(2026, 10, 1), date(2027, 5, 31))
DECEMBER_10 = date(2026, 12, 10)


def truth(*slots: Slot, mapping: Mapping[str, Any] | None = None) -> Setup:
    """The small Lightning Bolt, published to the end of 2026; `mapping` is Day Rounds'."""
    setup = small(*slots)
    kinds = [replace(kind, mapping=mapping) if mapping and kind.assign_structure_id == ROUNDS else kind
             for kind in setup.assignments]  # fmt: skip
    return replace(
        setup,
        templates=tuple(replace(item, horizon=date(2027, 3, 31)) for item in setup.templates),
        assignments=tuple(kinds),
    )


def only(*slots: Slot, mapping: Mapping[str, Any] | None = None) -> Shown:
    """The one event of a truth."""
    [(_, event)] = events_of(truth(*slots, mapping=mapping), RULES)
    return event


def utc(text: str) -> datetime:
    """An instant."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_a_day_shift() -> None:
    assert only(day_slot(1, DECEMBER_10, note="code pager\n\n until  noon", locations=("4 West",))) == Shown(
        subject="Day Rounds",
        start=utc("2026-12-10T13:00"),
        end=utc("2026-12-10T23:00"),
        all_day=False,
        show_as="busy",
        body=("code pager", "until noon"),
        location="4 West",
        person=str(MARLOW),
        schedule=str(MEDICINE),
        month="2026-12",
    )


@pytest.mark.parametrize(
    ("start", "stop", "all_day", "start_utc", "end_utc"),
    [
        ("2026-12-10T21:00", "2026-12-11T07:00", False, "2026-12-11T03:00", "2026-12-11T13:00"),
        ("2026-12-10T00:00", "2026-12-11T00:00", True, "2026-12-10T00:00", "2026-12-11T00:00"),
        ("2026-12-10T00:00", "2026-12-12T00:00", True, "2026-12-10T00:00", "2026-12-12T00:00"),
        ("2026-12-10T00:00", "2026-12-11T07:00", False, "2026-12-10T06:00", "2026-12-11T13:00"),
        ("2026-11-01T00:00", "2026-11-02T00:00", True, "2026-11-01T00:00", "2026-11-02T00:00"),
        ("2026-10-31T21:00", "2026-11-01T07:00", False, "2026-11-01T02:00", "2026-11-01T13:00"),
        ("2027-03-13T21:00", "2027-03-14T07:00", False, "2027-03-14T03:00", "2027-03-14T12:00"),
        ("2026-11-01T01:30", "2026-11-01T07:00", False, "2026-11-01T06:30", "2026-11-01T13:00"),
    ],
)
def test_times(start: str, stop: str, all_day: bool, start_utc: str, end_utc: str) -> None:
    slot = Slot(1, MEDICINE, MARLOW, NIGHT, wall(start).date(), wall(start), wall(stop))
    event = only(slot)
    assert (event.all_day, event.start, event.end) == (all_day, utc(start_utc), utc(end_utc))


@pytest.mark.parametrize(
    ("mapping", "body", "show_as"),
    [
        ({"send_to_outlook": True}, (), "busy"),
        ({"send_to_outlook": True, "send_as_free": True}, (), "free"),
        ({"send_to_outlook": True, "include_schedule_notes": True}, ("n",), "busy"),
        ({"send_to_outlook": True, "include_assignment_information": True}, ("Day Rounds",), "busy"),
        (
            {"send_to_outlook": True, "include_schedule_notes": True, "include_assignment_information": True},
            ("Day Rounds", "n"),
            "busy",
        ),
    ],
)
def test_flags(mapping: dict[str, Any], body: tuple[str, ...], show_as: str) -> None:
    event = only(day_slot(1, DECEMBER_10, note="n"), mapping=mapping)
    assert (event.body, event.show_as) == (body, show_as)


def test_what_is_not_sent() -> None:
    for mapping in ({"send_to_outlook": False}, {"send_to_outlook": None}, {"include_schedule_notes": True}):
        assert list(events_of(truth(day_slot(1, DECEMBER_10), mapping=mapping), RULES)) == []
    slots = (
        day_slot(1, DECEMBER_10, OPEN),
        day_slot(2, date(2027, 4, 1)),
        day_slot(3, date(2026, 9, 30)),
    )
    assert list(events_of(truth(*slots), RULES)) == []
    assert len(list(events_of(truth(day_slot(1, DECEMBER_10, pending=True)), RULES))) == 1


def test_the_first_view_that_lists_a_schedule_decides() -> None:
    setup = truth(day_slot(1, DECEMBER_10, BRANDT, MEDICINE_APP))
    narrow = View(60, "Surgery", (SURGERY, MEDICINE_APP), people=())
    assert len(list(events_of(replace(setup, views=(setup.views[0], narrow)), RULES))) == 1
    assert list(events_of(replace(setup, views=(setup.views[0], narrow)), replace(RULES, views=(60, 50)))) == []
    hidden = View(50, "Medicine", (MEDICINE, MEDICINE_APP), assignments=(NIGHT,))
    assert list(events_of(replace(setup, views=(hidden, setup.views[1])), RULES)) == []
    assert len(list(events_of(replace(setup, views=(hidden, setup.views[1])), replace(RULES, views=(60,))))) == 1


def test_who_opts_out_keeps_what_had_begun() -> None:
    setup = truth(day_slot(1, date(2026, 12, 9)), day_slot(2, DECEMBER_10), day_slot(3, date(2026, 12, 11)))
    expectation = Expectation(RULES)
    expectation.publish(setup, utc("2026-12-01T00:00"))
    assert len(expectation.due(utc("2026-12-01T00:00"))["t@x.example"].wanted) == 3
    opted_out = _with_id(setup, "  ")
    expectation.publish(opted_out, utc("2026-12-10T12:59"))
    expectation.publish(opted_out, utc("2026-12-15T00:00"))
    due = expectation.due(utc("2026-12-10T13:00"))["t@x.example"]
    assert [event.start.day for event in due.wanted] == [9]
    assert [event.start.day for event in due.allowed] == [10], "began between the publish and now"
    expectation.publish(_with_id(setup, "OTHER@x.example "), utc("2026-12-16T00:00"))
    due_now = expectation.due(utc("2026-12-16T00:00"))
    assert {name: len(item.wanted) for name, item in due_now.items()} == {"other@x.example": 3}


def _with_id(setup: Setup, value: str) -> Setup:
    def changed(person: Person) -> Person:
        return replace(person, fields={"unique_id": value}) if person.emp_id == MARLOW else person

    return replace(setup, people=tuple(map(changed, setup.people)))
