"""What one read of a Lightning Bolt view says, as values. Words as in the design's glossary."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from shared.month import Month


@dataclass(frozen=True, slots=True)
class Sending:
    """The four mapping fields of an assignment. Source: PerfectServe's description of the Outlook integration."""

    send: bool = False
    """Send to Outlook. No field, or an empty one: not sent."""
    notes: bool = False
    """Include Schedule Notes: the slot's schedule note goes to the event body."""
    information: bool = False
    """Include Assignment Information: the shift's name goes to the event body."""
    free: bool = False
    """Send as Free. Default: busy."""


@dataclass(frozen=True, slots=True)
class Assignment:
    """One kind of shift."""

    assignment: str
    """`assign_structure_id`."""
    name: str
    short_name: str
    sending: Sending
    unreadable: str | None = None
    """The mapping field whose value is neither true nor false in any accepted spelling: its slots are unreadable."""


@dataclass(frozen=True, slots=True)
class Person:
    """A personnel record."""

    person: str
    """`emp_id`."""
    name: str
    mailbox: str | None
    """Microsoft ID or UPN, trimmed and in lower case. None: opted out."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """A template: what a scheduler publishes."""

    schedule: str
    """`template_id`."""
    name: str
    horizon: date | None
    """Last published day, inclusive. None: nothing is published."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A readable row: one person on one assignment on one date."""

    slot: str
    """`slot_id`."""
    schedule: str
    person: str
    assignment: str
    day: date
    """`slot_date`: the shift's first day. Decides the month."""
    start: datetime
    """Wall clock in the view's zone, naive."""
    end: datetime
    """Wall clock in the view's zone, naive; after `start`, but for a shift within the hour that repeats in autumn."""
    start_utc: datetime
    """Aware, by Lightning Bolt's UTC column; agrees with `start` (rule 9)."""
    end_utc: datetime
    note: str
    """The schedule note; empty where there is none. Never `request_note` or `decision_note`."""
    locations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A row that cannot be understood. What is known of it decides what it protects (rule 7)."""

    slot: str | None
    schedule: str | None
    person: str | None
    """None: the person is unreadable, too."""
    dated: bool
    """Whether `slot_date` could be read (and lies in the month)."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something an administrator should mend. No names, notes or addresses: ids and the reason."""

    row: str
    """Kind and id of the row: `slot 48201`, `person 2101`, `assignment 301`, `schedule 5`, `view 50`."""
    field: str
    """Lightning Bolt's key, as configured."""
    reason: str


@dataclass(frozen=True, slots=True)
class MonthRead:
    """One month of one view, read whole."""

    view: int
    zone: str
    """IANA name of the view's zone."""
    month: Month
    schedules: Mapping[str, Schedule]
    """The templates that the answer lists."""
    people: Mapping[str, Person]
    """Everybody in `personnel[]` but placeholders, opted out or not."""
    assignments: Mapping[str, Assignment]
    slots: tuple[Slot, ...]
    """Readable rows of the month within their schedule's horizon, placeholders left out; opted-out people and
    assignments that are not sent included."""
    unreadable: tuple[Unreadable, ...] = ()
    problems: tuple[Problem, ...] = ()
    filter: str = field(default="")
    """Digest of what the view lets through (`view_context.filter`), without its presentation."""
    mapped_at: datetime | None = None
    """Of mappings that come from our own table: storage's time at which they stood so. None: they came with the answer.
    """
