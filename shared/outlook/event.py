"""The event that a slot should be in its holder's calendar."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Sensitivity = Literal["normal", "personal", "private", "confidential"]


@dataclass(frozen=True, slots=True)
class EventOptions:
    """What settings say of every event."""

    subject: str = "{assignment}"
    """`EVENT_SUBJECT`: a template of `{assignment}`, `{assignment_short}` and `{schedule}`."""
    category: str | None = None
    sensitivity: Sensitivity = "normal"
    reminder_minutes: int | None = None
    """Minutes before the start. None: no reminder."""


@dataclass(frozen=True, slots=True)
class Event:
    """An event, complete: two equal ones look the same in every calendar."""

    subject: str
    body: str
    """Plain text; may be empty."""
    start: str
    """`2026-11-01T07:00:00`, in `zone`. Text, because the SDK's serialiser drops datetime objects."""
    end: str
    zone: str
    """A Windows time zone name, or `UTC` where a wall clock would be ambiguous (rule 9)."""
    all_day: bool
    start_utc: datetime
    """The same instants, aware, in UTC: what is compared and ordered."""
    end_utc: datetime
    free: bool = False
    location: str = ""
    category: str | None = None
    sensitivity: Sensitivity = "normal"
    reminder_minutes: int | None = None
