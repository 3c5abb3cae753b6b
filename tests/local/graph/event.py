"""An event as a mailbox holds it, and how a request's body changes it."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.local.graph.answers import Json, invalid_property, not_modelled
from tests.local.graph.event_body import EMPTY, Body
from tests.local.graph.event_times import Moment, Times, moment, times
from tests.local.graph.extended import Key, Property, changed

SUBJECT_LENGTH = 255

DEFAULTS: Json = {
    "categories": [],
    "reminderMinutesBeforeStart": 15,
    "isReminderOn": True,
    "subject": "",
    "importance": "normal",
    "sensitivity": "normal",
    "responseRequested": True,
    "showAs": "busy",
    "isOnlineMeeting": False,
    "onlineMeetingProvider": "unknown",
    "allowNewTimeProposals": True,
    "hideAttendees": False,
}
"""Properties that a request may set as they are, and their values where none does (null: the default again)."""

NO_PLACE: Json = {
    "displayName": "",
    "locationType": "default",
    "uniqueIdType": "unknown",
    "address": {},
    "coordinates": {},
}

_UNMODELLED = {
    "recurrence": "series",
    "attachments": "attachments",
    "calendar": "events with a calendar of their own inside",
    "exceptionOccurrences": "series",
    "extensions": "open extensions",
    "instances": "series",
    "multiValueExtendedProperties": "extended properties of many values",
}


@dataclass(slots=True)
class Event:
    """One event. Its immutable id stays; the other one changes with the folder."""

    number: int
    immutable_id: str
    mutable_id: str
    calendar: str
    times: Times
    created: datetime
    modified: datetime
    transaction_id: str | None = None
    values: Json = field(default_factory=dict)
    """The properties of DEFAULTS."""
    body: Body = EMPTY
    location: Json = field(default_factory=lambda: NO_PLACE)
    locations: list[Json] = field(default_factory=list)
    attendees: list[Json] = field(default_factory=list)
    extended: dict[Key, Property] = field(default_factory=dict)
    deleted: bool = False
    """Whether it lies in Deleted Items."""
    moves: int = 0
    changes: int = 0
    answer: Json | None = None
    """The answer's unchanging part, kept until the event changes."""


def given_times(body: Json, present: Times | None) -> Times:
    """When the event is once the body is applied. Raises GraphError where Exchange refuses."""
    first = _end(body, "start", present.first if present else None)
    last = _end(body, "end", present.last if present else None)
    all_day = body.get("isAllDay")
    if all_day is None:
        all_day = present.all_day if present else False
    return times(first, last, all_day)


def apply(event: Event, body: Json, when: Times) -> None:
    """Put a checked body into the event. Raises GraphError for what is not modelled (501), with nothing changed."""
    for name, what in _UNMODELLED.items():
        if body.get(name):
            raise not_modelled(what)
    properties = body.get("singleValueExtendedProperties")
    new_properties = changed(event.extended, properties) if properties else event.extended
    values = dict(event.values) if event.values else dict(DEFAULTS)
    for name, default in DEFAULTS.items():
        if name in body:
            value = body[name]
            values[name] = default if value is None else value
    values["subject"] = values["subject"][:SUBJECT_LENGTH]
    event.extended = new_properties
    event.values = values
    event.times = when
    if "body" in body:
        event.body = Body.of(body["body"])
    if "location" in body or "locations" in body:
        event.locations = _places(body)
        event.location = event.locations[0] if event.locations else NO_PLACE
    if "attendees" in body:
        event.attendees = [_attendee(item) for item in body["attendees"]]
    event.changes += 1
    event.answer = None


def _end(body: Json, name: str, present: Moment | None) -> Moment:
    if name in body:
        if body[name] is None:
            raise invalid_property()
        return moment(body[name])
    if present is None:
        raise invalid_property()
    return present


def _places(body: Json) -> list[Json]:
    given = body.get("locations") or ([body["location"]] if body.get("location") else [])
    return [place for place in map(_place, given) if place["displayName"]]


def _place(given: Json) -> Json:
    name = given.get("displayName") or ""
    made = {"displayName": name, "locationType": "default", "uniqueId": name, "uniqueIdType": "private"}
    return made | {key: value for key, value in given.items() if value is not None and "@" not in key}


def _attendee(given: Json) -> Json:
    nobody: dict[str, Any] = {"response": "none", "time": "0001-01-01T00:00:00Z"}
    address = given.get("emailAddress") or {}
    shown = {"name": address.get("name") or address.get("address") or "", "address": address.get("address") or ""}
    return {"type": given.get("type") or "required", "status": nobody, "emailAddress": shown}
