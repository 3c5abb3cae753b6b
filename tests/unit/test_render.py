"""An event as Graph takes it."""

from dataclasses import replace

import pytest
from hypothesis import given

from shared.outlook.event import Event, EventOptions
from shared.outlook.render import digest, render
from tests.unit.shifts import assignment, event_of, events, slot, unhurried, utc


def test_every_property_that_we_decide_is_there() -> None:
    assert render(event_of()) == {
        "subject": "ICU Day",
        "body": {"contentType": "text", "content": ""},
        "start": {"dateTime": "2026-11-02T07:00:00", "timeZone": "Central Standard Time"},
        "end": {"dateTime": "2026-11-02T17:00:00", "timeZone": "Central Standard Time"},
        "isAllDay": False,
        "showAs": "busy",
        "sensitivity": "normal",
        "isReminderOn": False,
        "responseRequested": False,
        "categories": [],
        "location": {"displayName": ""},
    }


def test_what_settings_and_the_slot_add() -> None:
    event = event_of(
        slot("2026-11-10T00:00", "2026-11-12T00:00", "2026-11-10T06:00", "2026-11-12T06:00", note="Call room 4",
             locations=("Tower B",)),
        assignment(notes=True, free=True),
        EventOptions(category="On call", sensitivity="private", reminder_minutes=0),
    )  # fmt: skip
    assert render(event) == {
        "subject": "ICU Day",
        "body": {"contentType": "text", "content": "Call room 4"},
        "start": {"dateTime": "2026-11-10T00:00:00", "timeZone": "Central Standard Time"},
        "end": {"dateTime": "2026-11-12T00:00:00", "timeZone": "Central Standard Time"},
        "isAllDay": True,
        "showAs": "free",
        "sensitivity": "private",
        "isReminderOn": True,
        "reminderMinutesBeforeStart": 0,
        "responseRequested": False,
        "categories": ["On call"],
        "location": {"displayName": "Tower B"},
    }


@unhurried
@given(event=events())
def test_never_attendees_never_a_null(event: Event) -> None:
    rendered = render(event)
    assert "attendees" not in rendered
    assert None not in rendered.values()


def test_the_digest_is_the_same_tomorrow() -> None:
    assert digest(event_of()) == "f55a3c44f6c802bb41e8"


@pytest.mark.parametrize(
    "change",
    [
        {"subject": "ICU Night"},
        {"body": "x"},
        {"start": "2026-11-02T08:00:00"},
        {"end": "2026-11-02T18:00:00"},
        {"zone": "UTC"},
        {"all_day": True},
        {"free": True},
        {"location": "x"},
        {"category": "x"},
        {"sensitivity": "private"},
        {"reminder_minutes": 0},
    ],
    ids=lambda change: next(iter(change)),
)
def test_the_digest_tells_every_difference_that_is_sent(change: dict[str, object]) -> None:
    event = event_of()
    other = replace(event, **change)  # type: ignore[arg-type]
    assert digest(other) != digest(event)
    assert len(digest(other)) == 20
    assert set(digest(other)) <= set("0123456789abcdef")


def test_the_digest_is_of_what_is_sent_only() -> None:
    event = event_of()
    assert digest(replace(event, start_utc=utc("2026-11-02T13:00:01"))) == digest(event)
