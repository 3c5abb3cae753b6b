"""What the engine remembers of people, as values: rows of `personmonths` and `shiftevents` without their form."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Literal, NamedTuple

from shared.messages import ScheduleMonth
from shared.outlook.event import Event
from shared.outlook.render import digest as event_digest
from shared.sync.clock import CLOCK_STEP

LONGEST_DELAY = timedelta(days=1)
"""Nothing waits longer by itself. A time further ahead counts as come: no wall clock can wedge the system."""

LET_GO_AFTER = timedelta(days=30)
"""A mailbox that has been refusing for so long lets go of its links (rule 8)."""


@dataclass(frozen=True)
class DesiredSlot:
    """A slot that should be in its person's calendar, with what it is recognised by."""

    slot: str | None
    """`slot_id`; None where another row of Lightning Bolt's bears that id now."""
    assignment: str
    day: date
    event: Event
    hold: str | None = None
    """Id of the hold that its removal waits under (rule 5). It stays in the calendar; no digest shows it."""

    @cached_property
    def digest(self) -> str:
        """Of the event as sent."""
        return event_digest(self.event)


@dataclass(frozen=True)
class Desired:
    """What one person-month should be."""

    mailbox: str | None
    """None: opted out. Future events go, begun ones stay."""
    name: str
    slots: tuple[DesiredSlot, ...]

    @cached_property
    def digest(self) -> str:
        """Decides whether desired is stored anew. The person's name does not count: no event shows it."""
        lines = sorted([slot.slot or "", slot.assignment, slot.day.isoformat(), slot.digest] for slot in self.slots)
        return _digest([self.mailbox, lines])

    @cached_property
    def held(self) -> str:
        """Digest of which slots wait under which hold; empty where none does. Decides, too, but raises no version."""
        lines = sorted([slot.hold, slot.digest] for slot in self.slots if slot.hold is not None)
        return _digest(lines) if lines else ""

    @property
    def count(self) -> int:
        """Slots that do not wait for an operator."""
        return sum(slot.hold is None for slot in self.slots)


def _digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value).encode()).hexdigest()[:20]


class Written(NamedTuple):
    """How many events of a person-month were written."""

    created: int = 0
    updated: int = 0
    deleted: int = 0
    moved: int = 0
    """Created in another mailbox in place of one that is deleted where it was."""

    def plus(self, other: "Written") -> "Written":
        """Both together."""
        return Written(*(one + more for one, more in zip(self, other, strict=True)))


NOTHING_WRITTEN = Written()


@dataclass(frozen=True, slots=True)
class Status:
    """What the writer last knew of a person-month's calendar."""

    applied_version: int = 0
    applied_count: int = 0
    applied_at: datetime | None = None
    tried_version: int = 0
    next_attempt_at: datetime | None = None
    attempts: int = 0
    outcome: str = ""
    problem: str = ""
    written: Written = NOTHING_WRITTEN
    """For the version that was tried, by all attempts together."""
    tried_since: datetime | None = None
    """When that version was first tried."""


@dataclass(frozen=True, slots=True)
class PersonMonthRow:
    """A row of `personmonths`: specification by plan_schedule, status by write_calendar."""

    person: str
    month: ScheduleMonth
    etag: str
    stored_at: datetime
    """Storage's own time of the row's last change."""
    version: int
    digest: str
    held: str
    """As of Desired."""
    count: int
    mailbox: str | None
    name: str
    """The person's, for operators."""
    published_at: datetime | None
    """Of the publish that last changed it; None where none told of the change."""
    status: Status
    slots: tuple[DesiredSlot, ...] | None = None
    """None where only the other columns were read."""
    read_at: datetime | None = None
    """When the read started that last changed it."""

    @property
    def in_step(self) -> bool:
        """Whether the calendar is known to have what is desired."""
        return self.version == self.status.applied_version

    @property
    def tried(self) -> bool:
        """Whether the present version has been tried."""
        return self.version == self.status.tried_version

    def due(self, now: datetime) -> bool:
        """Whether a writer should work on it now."""
        return not self.in_step and (not self.tried or has_come(self.status.next_attempt_at, now))

    def unannounced(self, now: datetime, lease: timedelta) -> bool:
        """Due, and not through a pointer that was surely just sent: a sweep should point at it."""
        return self.due(now) and (self.tried or now - self.stored_at > lease)


def published(row: PersonMonthRow) -> datetime | None:
    """When the publish came that this version answers; None if none did, or if it has been in step before."""
    before = row.status.applied_at
    if row.read_at is None or (before is not None and before >= row.read_at + CLOCK_STEP):
        return None
    return row.published_at


def has_come(moment: datetime | None, now: datetime) -> bool:
    """Whether the time for a next attempt has come; none, and one too far ahead to be true, count as come."""
    return moment is None or moment <= now or moment > now + LONGEST_DELAY + timedelta(minutes=1)


Cause = Literal["shrink", "ids", "horizon", "filter", "unlisted"]
"""Why removals are held: too many; people lost their IDs in bulk; a horizon moved back over stored slots; the view's
filter was edited; the answer lists the schedule no more."""


@dataclass(frozen=True, slots=True)
class Hold:
    """Removals of a schedule-month that wait for an operator (rule 5)."""

    cause: Cause
    since: datetime
    count: int
    """Slots that still wait under it."""


@dataclass(frozen=True, slots=True)
class Head:
    """The head row of a schedule-month: only plan_schedule writes it, and asserts it with every store (rule 3)."""

    etag: str
    view: int
    read_number: int = 0
    """Of the reader that last brought it here; moves with the reader's lease (rule 2)."""
    filter: str = ""
    """Digest of the view's filter that this schedule-month was last judged by."""
    unmapped: int = 0
    """People with slots here, but without an ID."""
    holds: Mapping[str, Hold] = field(default_factory=dict)
    """By id."""
    stored_at: datetime | None = field(default=None, compare=False)
    """Storage's time of its last change; None where it was not read."""


@dataclass(frozen=True, slots=True)
class ScheduleMonthRows:
    """One partition of `personmonths` as it stood at `now`, storage's clock."""

    now: datetime
    head: Head | None
    rows: dict[str, PersonMonthRow]


@dataclass(frozen=True, slots=True)
class Link:
    """The tie between a slot and an Outlook event."""

    link: str
    """Link id: a random UUID, also the event's `transactionId` when it was created."""
    mailbox: str
    event: str
    """Outlook's immutable event id."""
    slot: str | None
    digest: str
    """Of the event as last sent, or as its mark says; empty where it was changed by hand."""
    start: datetime
    end: datetime
    seen: str = ""
    """Digest of another subject than the one that was sent, as it was last found."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A mailbox that takes nothing."""

    since: datetime
    next_try_at: datetime
    gone: bool
    """There is no such mailbox at all."""
    code: str = ""


@dataclass(slots=True)
class PersonState:
    """Everything about one person that the writer keeps: its own copy, changed in place and stored under a lease."""

    person: str
    etag: str | None
    """None: no person row yet."""
    owner: str | None = None
    leased_at: datetime | None = None
    """Storage's time of the last claim or renewal."""
    open: dict[ScheduleMonth, set[str]] = field(default_factory=dict)
    """Person-months whose calendars may differ from their links, with the mailboxes they are written to."""
    look_again_at: datetime | None = None
    refusals: dict[str, Refusal] = field(default_factory=dict)
    observed: set[str] = field(default_factory=set)
    """Mailboxes that were met: what was there is in the links."""
    links: dict[ScheduleMonth, list[Link]] = field(default_factory=dict)

    def look_not_before(self, moment: datetime) -> None:
        """Moves the second look to `moment`, if it is not later already."""
        self.look_again_at = max(self.look_again_at or moment, moment)

    def mailboxes(self, month: ScheduleMonth) -> set[str]:
        """The mailboxes that this month's links are in."""
        return {link.mailbox for link in self.links.get(month, [])}


def relinked(link: Link, slot: DesiredSlot, *, sent: bool) -> Link:
    """The link, tied to `slot` now; `sent`: the event was just sent as `slot` says."""
    if sent:
        link = replace(link, digest=slot.digest)
    return replace(link, slot=slot.slot, start=slot.event.start_utc, end=slot.event.end_utc)
