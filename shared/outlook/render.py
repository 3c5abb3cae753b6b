"""An event as Graph takes it, and the digest of it.

Source: https://learn.microsoft.com/graph/api/resources/event
"""

import json
from hashlib import sha256

from shared.outlook.event import Event

DIGEST_LENGTH = 20
"""Hex characters: 80 bits, so that two events of one person never share a digest by accident."""

_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"))


def render(event: Event) -> dict[str, object]:
    """Graph's JSON for an event: the same for a create and an update.

    Every property that we decide is there, so that an update puts right whatever a hand or an older setting left:
    the empty list takes a category away, the empty name a location. Attendees are never given (Outlook would mail
    them), nor any null collection (Exchange refuses those).
    """
    on = event.reminder_minutes is not None
    rendered: dict[str, object] = {
        "subject": event.subject,
        "body": {"contentType": "text", "content": event.body},
        "start": {"dateTime": event.start, "timeZone": event.zone},
        "end": {"dateTime": event.end, "timeZone": event.zone},
        "isAllDay": event.all_day,
        "showAs": show_as(event),
        "sensitivity": event.sensitivity,
        "isReminderOn": on,
        "responseRequested": False,
        "categories": [event.category] if event.category else [],
        "location": {"displayName": event.location},
    }
    if on:
        rendered["reminderMinutesBeforeStart"] = event.reminder_minutes
    return rendered


def show_as(event: Event) -> str:
    """Graph's word for how the time is shown."""
    return "free" if event.free else "busy"


def digest(event: Event) -> str:
    """20 hex characters that tell one event, as it is sent, from another. Kept in the link and in the mark."""
    return sha256(_CANONICAL.encode(render(event)).encode()).hexdigest()[:DIGEST_LENGTH]
