"""Events in table rows: compact, and read back as they were."""

import json

import pytest
from hypothesis import given

from shared.outlook.event import Event, EventOptions, from_json, to_json
from tests.unit.shifts import assignment, event_of, events, slot, unhurried


@unhurried
@given(event=events())
def test_round_trip(event: Event) -> None:
    assert from_json(json.loads(json.dumps(to_json(event)))) == event


def test_an_ordinary_event_takes_little() -> None:
    assert to_json(event_of()) == {
        "subject": "ICU Day",
        "start": "2026-11-02T07:00:00",
        "end": "2026-11-02T17:00:00",
        "zone": "Central Standard Time",
        "start_utc": "2026-11-02T13:00:00",
        "end_utc": "2026-11-02T23:00:00",
    }


def test_an_event_in_utc_says_its_times_once() -> None:
    ambiguous = slot("2026-11-01T01:30", "2026-11-01T09:30", "2026-11-01T06:30", "2026-11-01T15:30")
    assert to_json(event_of(ambiguous)) == {
        "subject": "ICU Day",
        "start": "2026-11-01T06:30:00",
        "end": "2026-11-01T15:30:00",
    }


def test_what_is_not_as_usual_is_named() -> None:
    event = event_of(
        slot(note="n", locations=("Tower B",)),
        assignment(notes=True, free=True),
        EventOptions(category="On call", sensitivity="private", reminder_minutes=0),
    )
    values = to_json(event)
    assert {name: values[name] for name in ("body", "free", "location", "category", "sensitivity")} == {
        "body": "n",
        "free": True,
        "location": "Tower B",
        "category": "On call",
        "sensitivity": "private",
    }
    assert values["reminder_minutes"] == 0


@pytest.mark.parametrize("values", [{}, {"subject": "s"}, {"subject": "s", "start": "x", "end": "y"}])
def test_anything_else_is_refused(values: dict[str, object]) -> None:
    with pytest.raises((KeyError, ValueError)):
        from_json(values)
