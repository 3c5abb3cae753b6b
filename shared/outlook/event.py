"""The event that a slot should be in its holder's calendar."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time
from functools import lru_cache
from typing import Literal, cast

from shared.schedule.model import Assignment, Schedule, Slot
from shared.schedule.wall_clock import is_plain, windows_name

Sensitivity = Literal["normal", "personal", "private", "confidential"]

LINE_LIMIT = 255
"""Of a subject and of a location, in UTF-16 code units: Exchange's limit. It cuts longer ones itself, anywhere."""
BODY_LIMIT = 32_000
"""Of a body, in UTF-16 code units. Exchange takes far more; but 20 bodies of this size still fit into one Graph
request (4 MB), and no schedule note that somebody would read is as long."""

_PARTS = re.compile(r"\{(assignment|assignment_short|schedule)\}")
_LINE_ENDS = re.compile("\r\n|[\r\x85\u2028\u2029]")
_FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
"""Control characters (newline and tab excepted), halves of surrogate pairs, and what XML cannot hold."""


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


def wanted_event(slot: Slot, assignment: Assignment, schedule: Schedule, zone: str, options: EventOptions) -> Event:
    """The event of a slot. `zone`: the IANA name of its view's zone, one that has a Windows name (settings see to it).

    The body holds the assignment information and the schedule note where the assignment says so, and nothing else.
    Time is rule 9's: local wall clock; UTC where a clock change would make that ambiguous; midnight to midnight is an
    all-day event. A midnight that a clock change skips or repeats is no plain one: such a day is a timed event in
    UTC, exact to the hour, because there is no local midnight that could be given.
    """
    start_utc, end_utc = slot.start_utc.astimezone(UTC), slot.end_utc.astimezone(UTC)
    if is_plain(slot.start, zone) and is_plain(slot.end, zone):
        start, end, name = slot.start, slot.end, windows_name(zone)
        all_day = start.time() == end.time() == time.min
    else:
        start, end, name = start_utc.replace(tzinfo=None), end_utc.replace(tzinfo=None), "UTC"
        all_day = False
    return Event(
        subject=_subject(options.subject, assignment.name, assignment.short_name, schedule.name),
        body=_body(slot, assignment),
        start=start.isoformat(timespec="seconds"),
        end=end.isoformat(timespec="seconds"),
        zone=name,
        all_day=all_day,
        start_utc=start_utc,
        end_utc=end_utc,
        free=assignment.sending.free,
        location=_location(slot.locations),
        category=options.category,
        sensitivity=options.sensitivity,
        reminder_minutes=options.reminder_minutes,
    )


@lru_cache(maxsize=1024)
def _subject(template: str, assignment: str, short_name: str, schedule: str) -> str:
    """The same for all slots of an assignment on a schedule."""
    parts = {"assignment": assignment, "assignment_short": short_name, "schedule": schedule}
    wanted = _PARTS.sub(lambda match: parts[match[1]], template)
    lines = (_cut(_line(text), LINE_LIMIT) for text in (wanted, short_name))
    return next((line for line in lines if _is_visible(line)), "Shift")


def _body(slot: Slot, assignment: Assignment) -> str:
    sending = assignment.sending
    information = _line(assignment.name or assignment.short_name) if sending.information else ""
    note = _text(slot.note) if sending.notes else ""
    return _cut("\n\n".join(part for part in (information, note) if part), BODY_LIMIT, "…")


def _location(names: tuple[str, ...]) -> str:
    lines = dict.fromkeys(line for line in map(_line, names) if line)
    return _cut(", ".join(lines), LINE_LIMIT)


def _line(text: str) -> str:
    """One line: line ends and runs of white space become one blank, what no calendar can show goes."""
    return " ".join(_FORBIDDEN.sub("", _LINE_ENDS.sub(" ", text)).split())


def _text(text: str) -> str:
    """Lines as they were, each ended by a newline; no white space around the whole."""
    return _FORBIDDEN.sub("", _LINE_ENDS.sub("\n", text)).strip()


def _cut(text: str, units: int, ellipsis: str = "") -> str:
    """At most so many UTF-16 code units (as Exchange counts), never half a character."""
    if 2 * len(text) <= units:  # no character has more than two
        return text
    data = text.encode("utf-16-le")
    if len(data) <= units * 2:
        return text
    room = (units - len(ellipsis)) * 2
    return data[:room].decode("utf-16-le", "ignore").rstrip() + ellipsis


def _is_visible(text: str) -> bool:
    return any(character.isprintable() and not character.isspace() for character in text)


def to_json(event: Event) -> dict[str, object]:
    """The event for a table row: what is not as usual is named, all else is left out. `from_json` reads it."""
    values: dict[str, object] = {"subject": event.subject, "start": event.start, "end": event.end}
    if event.zone != "UTC":
        values |= {"zone": event.zone, "start_utc": _utc(event.start_utc), "end_utc": _utc(event.end_utc)}
    optional = {
        "body": event.body,
        "all_day": event.all_day,
        "free": event.free,
        "location": event.location,
        "category": event.category,
        "sensitivity": event.sensitivity if event.sensitivity != "normal" else None,
    }
    values |= {name: value for name, value in optional.items() if value}
    if event.reminder_minutes is not None:
        values["reminder_minutes"] = event.reminder_minutes
    return values


def from_json(values: Mapping[str, object]) -> Event:
    """The event that `to_json` wrote. Raises KeyError or ValueError for anything else."""
    start, end = str(values["start"]), str(values["end"])
    return Event(
        subject=str(values["subject"]),
        body=str(values.get("body", "")),
        start=start,
        end=end,
        zone=str(values.get("zone", "UTC")),
        all_day=bool(values.get("all_day", False)),
        start_utc=_instant(str(values.get("start_utc", start))),
        end_utc=_instant(str(values.get("end_utc", end))),
        free=bool(values.get("free", False)),
        location=str(values.get("location", "")),
        category=cast(str | None, values.get("category")),
        sensitivity=cast(Sensitivity, values.get("sensitivity", "normal")),
        reminder_minutes=cast(int | None, values.get("reminder_minutes")),
    )


def _utc(instant: datetime) -> str:
    return instant.replace(tzinfo=None).isoformat(timespec="seconds")


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
