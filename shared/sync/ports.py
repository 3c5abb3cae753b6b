"""What the engine needs from outside, as protocols. Storage's clock is the only clock that its rules depend on."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple, Protocol

from shared.messages import Pointer, ScheduleChange, ScheduleMonth
from shared.month import Month
from shared.outlook.batch import Write
from shared.outlook.found import Found
from shared.outlook.outcome import Outcome, ReadFailure
from shared.schedule.model import MonthRead, Problem
from shared.settings import View
from shared.sync.reads import GraphAccess, MonthReads, ReaderState, ScheduleOwner, ViewReads
from shared.sync.records import Desired, Head, Link, PersonMonthRow, PersonState, ScheduleMonthRows, Status


@dataclass(frozen=True, slots=True)
class Specification:
    """What plan_schedule stores of one person-month."""

    person: str
    version: int
    desired: Desired
    publish_id: str | None
    published_at: datetime | None
    """None: no publish told of it, a sweep found it."""
    read_at: datetime


class RowKey(NamedTuple):
    """A row of `personmonths` without its content."""

    month: ScheduleMonth
    person: str
    """`!` for a head."""
    mailbox: str | None
    in_step: bool
    """Whether its calendar is known to have what is desired; a head is."""

    @property
    def is_head(self) -> bool:
        """Whether it is a schedule-month's own row, and nobody's."""
        return self.person == "!"


class LinkKey(NamedTuple):
    """A row of `shiftevents` without its content."""

    person: str
    month: ScheduleMonth
    tied: bool
    """Whether it has links, or is open."""


class Schedules(Protocol):
    """Lightning Bolt."""

    async def read_month(self, view: View, month: Month) -> MonthRead:
        """One month of a view, whole. Raises ScheduleUnavailableError, ScheduleRefusedError."""


class Calendars(Protocol):
    """Outlook, through Microsoft Graph."""

    async def write(self, writes: Sequence[Write], *, timeout: float) -> list[Outcome]:
        """One unordered batch to one mailbox; an outcome per write, in their order. Raises nothing of its own."""

    async def marked(
        self, mailbox: str, person: str, first: date, last: date, known: Collection[str] = (), *, timeout: float
    ) -> Found | ReadFailure:
        """The events of a mailbox that carry this installation's mark for this person. Raises nothing of its own.

        Of the calendar that events are created in; those that are `known` by their ids, of the other calendars, too.
        """


class PersonMonths(Protocol):
    """Table `personmonths`: specification by plan_schedule, status by write_calendar."""

    async def rows(self, month: ScheduleMonth, *, slots: bool = False) -> ScheduleMonthRows:
        """One schedule-month; with `slots`, the desired slots as well."""

    async def of_person(self, person: str, months: Sequence[ScheduleMonth]) -> dict[ScheduleMonth, PersonMonthRow]:
        """A person's rows of these months, with their desired slots; those that exist."""

    async def put_head(self, month: ScheduleMonth, head: Head) -> Head:
        """A new head row, where its etag is empty; else a changed one. Raises PreconditionError where it is not so."""

    def store(
        self, month: ScheduleMonth, head: Head, specifications: Sequence[Specification]
    ) -> AsyncIterator[tuple[str, ...]]:
        """Stores specifications without condition, each transaction asserting the head. Raises PreconditionError.

        Tells after each transaction whose were stored. Whose fits no row never is; that is nobody else's problem.
        """

    async def store_status(self, row: PersonMonthRow, status: Status) -> None:
        """Merges a status if the row's etag still stands. Raises PreconditionError."""

    def keys(self) -> AsyncIterator[RowKey]:
        """Every row."""

    async def forget(self, month: ScheduleMonth, people: Collection[str]) -> None:
        """Deletes these rows (`!`: the head) of a schedule-month; they must be there."""


class ShiftEvents(Protocol):
    """Table `shiftevents`: the mapping between shifts and events, and each person's lease."""

    async def person(self, person: str) -> tuple[datetime, PersonState]:
        """A person's state, and storage's time of the answer."""

    async def store(
        self, state: PersonState, links: Mapping[ScheduleMonth, Sequence[Link]], *, owner: str | None
    ) -> datetime:
        """Stores the person row (with `owner`) and these months' links, if the state's etag still stands.

        Sets the state's etag, owner and `leased_at`. Returns storage's time. Raises PreconditionError.
        """

    def keys(self) -> AsyncIterator[LinkKey]:
        """Every person-month that has a row or is open."""

    async def forget(self, state: PersonState, months: Collection[ScheduleMonth]) -> None:
        """Deletes these months' rows, open or not, if the state's etag still stands. Raises PreconditionError.

        With the last of them the person row goes, too.
        """


class Ledger(Protocol):
    """Tables `schedules` and `problems`: who reads what, when it was read, and what could not be understood."""

    async def own(self, schedule: str, name: str, view: int, *, listed: bool, instead_of: ScheduleOwner | None) -> None:
        """Makes the view the schedule's owner, if the owner row is still `instead_of`. Raises PreconditionError."""

    async def reads(self, view: int) -> ViewReads:
        """What is known of a view's reads, who holds the lease on them, and who answers for which schedule."""

    async def store_reader(
        self, reader: ReaderState, *, owner: str | None, month: Month | None = None, read: MonthReads | None = None
    ) -> datetime:
        """Stores the lease (with `owner`) and what is known of a month, if the reader's etag still stands.

        Sets the reader's etag, owner and `leased_at`. Returns storage's time. Raises PreconditionError.
        """

    async def written_under(self, installation: str) -> str:
        """The installation id that calendars were last written under; where none is noted, notes this one.

        Asks storage once per process, and each time as long as it is another.
        """

    async def note_due(self, view: int, count: int, oldest: timedelta | None) -> None:
        """Notes what a sweep of a view found still to be done, and how long the oldest of it has been due."""

    async def refused(self, view: int, month: Month, asked: datetime, why: str, problems: str) -> None:
        """Notes that a read of a month, asked for then, gave nothing to use, and the digest of what is reported."""

    async def report(self, view: int, month: Month, problems: Sequence[Problem]) -> None:
        """Replaces what is reported of a view's month."""

    async def reported(self, view: int) -> list[Problem]:
        """What is reported of a view's months, in all."""

    async def report_person(self, person: str, key: str, problems: Sequence[Problem]) -> None:
        """Replaces what is reported of a person under `key`."""

    async def report_queue(self, queue: str, problems: Sequence[Problem]) -> None:
        """Replaces what is reported of a queue's messages that failed for good, if that changed."""

    async def fallen(self) -> dict[str, int]:
        """How many messages are reported so, by queue."""

    async def graph_access(self) -> GraphAccess:
        """What is known of our access to Graph."""

    async def store_graph_access(self, access: GraphAccess) -> None:
        """Replaces it."""

    async def forget(self, before: Month) -> int:
        """Deletes what is noted of reads, and reported, of months before that one. How many rows that were."""

    async def mappings(self, view: int) -> dict[str, str]:
        """The fingerprints of people's IDs and assignments' flags when the view was last read."""

    async def store_mappings(self, view: int, mappings: Mapping[str, str]) -> None:
        """Replaces them."""


class ChangeQueue(Protocol):
    """Both queues."""

    async def announce(self, pointer: Pointer, delay: timedelta = timedelta()) -> None:
        """Puts a pointer on `calendar-changes`, visible after `delay`."""

    async def hint(self, change: ScheduleChange, delay: timedelta = timedelta()) -> None:
        """Puts a hint on `schedule-changes`, visible after `delay`."""


@dataclass(frozen=True, slots=True)
class Fallen:
    """A message on a poison queue."""

    number: str
    """Storage's id of it."""
    receipt: str
    body: bytes


class PoisonQueues(Protocol):
    """The host's queues of messages that failed for good."""

    async def fallen(self, queue: str) -> list[Fallen]:
        """What lies on the poison queue of a queue: up to 32, hidden from others for a minute."""

    async def requeue(self, queue: str, message: Fallen, text: str) -> None:
        """Sends `text` to the queue itself, then takes the message off the poison queue."""

    async def depths(self) -> dict[str, int]:
        """How many messages each queue has, poison queues included; about, and with those that are hidden."""


class Chance(Protocol):
    """Where randomness comes from."""

    def link_id(self) -> str:
        """A new random UUID."""

    def between(self, low: float, high: float) -> float:
        """A random number, for jitter."""
