"""A writer at its desk: real tables and queues in memory, a calendar server that fails as told, a clock that is moved.

For what takes hours, or days: second looks, waits that grow, mailboxes that refuse for a month. What Graph's answers
mean is decided by the app's own table; that Graph gives such answers, scenarios show.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import count

from shared.messages import CALENDAR_CHANGES, Pointer, ScheduleMonth
from shared.month import Month
from shared.outlook.batch import Create, Delete, Update, Write, method_of
from shared.outlook.event import Event
from shared.outlook.found import Found, FoundEvent
from shared.outlook.outcome import Method, Outcome, ReadFailure, outcome_of
from shared.outlook.render import show_as
from shared.settings import read_settings
from shared.state.ledger import TableLedger
from shared.state.memory import MemoryQueues, MemoryTable, Message
from shared.state.personmonths import PersonMonthTable
from shared.state.shiftevents import ShiftEventTable
from shared.sync.ports import Chance, Specification
from shared.sync.records import Desired, DesiredSlot, Head, PersonMonthRow
from shared.sync.write_calendar import write_calendar
from shared.sync.writer_ports import WriterPorts
from tests.contract.accounts import Clock

SETTINGS = read_settings(
    {
        "LIGHTNING_BOLT_URL": "https://lb.example.org",
        "LIGHTNING_BOLT_TOKEN_URL": "https://lb.example.org/token",
        "LIGHTNING_BOLT_CLIENT_ID": "id",
        "LIGHTNING_BOLT_CLIENT_SECRET": "secret",
        "LIGHTNING_BOLT_VIEWS": '[{"view_id": 50, "time_zone": "America/Chicago"}]',
        "INSTALLATION_ID": "town",
    }
)
"""As in production: leases of two minutes, a second look after twelve."""

PERSON = "2101"
OLD, NEW = "ada@example.org", "ada.byrne@example.org"
"""Mailboxes."""
NOVEMBER, DECEMBER = ScheduleMonth("5", Month(2026, 11)), ScheduleMonth("5", Month(2026, 12))
"""The clock starts in the morning of the first of November."""


def shift(day: int, month: ScheduleMonth = DECEMBER, note: str = "") -> DesiredSlot:
    """From one to nine in the morning (UTC) of that day."""
    first = date(month.month.year, month.month.number, day)
    start = datetime(first.year, first.month, first.day, 1, tzinfo=UTC)
    end = start + timedelta(hours=8)
    event = Event(
        subject=f"{first}",
        body=note,
        start=start.replace(tzinfo=None).isoformat(),
        end=end.replace(tzinfo=None).isoformat(),
        zone="UTC",
        all_day=False,
        start_utc=start,
        end_utc=end,
    )
    return DesiredSlot(f"{first:%m%d}", "301", first, event)


@dataclass(slots=True)
class Fault:
    """How requests to a mailbox are answered instead."""

    mailbox: str
    methods: tuple[Method, ...]
    status: int | None
    """None: the connection breaks."""
    code: str
    retry_after: float | None
    lands_after: float | None
    """Seconds until the request takes effect all the same; None: it never does."""
    left: int | None
    """How often; None: until mailboxes are well again."""

    def strikes(self, mailbox: str, method: Method) -> bool:
        """Counts down."""
        if mailbox != self.mailbox or method not in self.methods or self.left == 0:
            return False
        self.left = None if self.left is None else self.left - 1
        return True


class Outlook:
    """See `sync.ports.Calendars`."""

    def __init__(self, clock: Clock) -> None:
        self.requests: list[Method] = []
        """Writes one by one, and reads."""
        self._clock = clock
        self._events: dict[str, dict[str, FoundEvent]] = {}
        self._faults: list[Fault] = []
        self._late: list[tuple[datetime, Write]] = []
        self._numbers = count(1)

    def fail(
        self,
        mailbox: str,
        *methods: Method,
        status: int | None = None,
        code: str = "",
        retry_after: float | None = None,
        lands_after: float | None = None,
        times: int | None = None,
    ) -> None:
        """Adds a fault, to strike where those before it do not; no methods: all."""
        methods = methods or ("GET", "POST", "PATCH", "DELETE")
        self._faults.append(Fault(mailbox, methods, status, code, retry_after, lands_after, times))

    def be_well(self) -> None:
        """Takes all faults away."""
        self._faults.clear()

    def subjects(self, mailbox: str) -> list[str]:
        """What is in a mailbox now: dates of shifts, in order."""
        return sorted(event.subject for event in self._in(mailbox).values())

    async def write(self, writes: Sequence[Write], *, timeout: float) -> list[Outcome]:
        """See Calendars."""
        del timeout
        return [self._answer(write) for write in writes]

    async def marked(
        self, mailbox: str, person: str, first: date, last: date, known: Collection[str] = (), *, timeout: float
    ) -> Found | ReadFailure:
        """See Calendars."""
        del person, first, last, known, timeout
        self.requests.append("GET")
        fault = self._fault(mailbox, "GET")
        if fault:
            return ReadFailure(outcome_of("GET", fault.status, fault.code, retry_after=fault.retry_after))
        return Found(tuple(self._in(mailbox).values()))

    def _fault(self, mailbox: str, method: Method) -> Fault | None:
        return next((fault for fault in self._faults if fault.strikes(mailbox, method)), None)

    def _answer(self, write: Write) -> Outcome:
        method = method_of(write)
        self.requests.append(method)
        if fault := self._fault(write.mailbox, method):
            if fault.lands_after is not None:
                self._late.append((self._clock.moment + timedelta(seconds=fault.lands_after), write))
            return outcome_of(method, fault.status, fault.code, retry_after=fault.retry_after)
        return self._perform(write)

    def _perform(self, write: Write) -> Outcome:
        events, method = self._in(write.mailbox), method_of(write)
        event_id = f"event-{next(self._numbers)}" if isinstance(write, Create) else write.event_id
        if not isinstance(write, Create) and event_id not in events:
            return outcome_of(method, 404, "ErrorItemNotFound")
        match write:
            case Create(event=event, mark=mark) | Update(event=event, mark=mark):
                events[event_id] = FoundEvent(
                    event_id, mark, event.start_utc, event.end_utc, event.all_day, show_as(event), event.subject
                )
            case Delete():
                del events[event_id]
        return outcome_of(method, {"POST": 201, "PATCH": 200, "DELETE": 204}[method], event_id=event_id)

    def _in(self, mailbox: str) -> dict[str, FoundEvent]:
        for due in [late for late in self._late if late[0] <= self._clock.moment]:
            self._late.remove(due)
            self._perform(due[1])
        return self._events.setdefault(mailbox, {})


@dataclass(slots=True)
class Middle:
    """See `sync.ports.Chance`: neither luck nor bad luck."""

    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def link_id(self) -> str:
        """See Chance."""
        return f"00000000-0000-4000-8000-{next(self._numbers):012}"

    def between(self, low: float, high: float) -> float:
        """See Chance."""
        return (low + high) / 2


class Desk:
    """The writer, and what stands around it. Everything concerns one person."""

    def __init__(self, chance: Chance | None = None) -> None:
        self.clock = Clock()
        self.outlook = Outlook(self.clock)
        self.queues = MemoryQueues(self.clock)
        self.person_months = PersonMonthTable(MemoryTable("personmonths", self.clock))
        self.ledger = TableLedger(MemoryTable("schedules", self.clock), MemoryTable("problems", self.clock))
        self._ports = WriterPorts(
            SETTINGS,
            self.person_months,
            ShiftEventTable(MemoryTable("shiftevents", self.clock)),
            self.outlook,
            self.ledger,
            self.queues,
            chance or Middle(),
            lambda: self.clock.moment.timestamp(),
        )

    async def plan(self, mailbox: str, *days: int, month: ScheduleMonth = DECEMBER, note: str = "") -> None:
        """Stores what is desired, as plan_schedule does; points at nothing."""
        stored = await self.person_months.rows(month)
        head = stored.head or await self.person_months.put_head(month, Head("", 50))
        version = stored.rows[PERSON].version + 1 if PERSON in stored.rows else 1
        desired = Desired(mailbox, "Byrne", tuple(shift(day, month, note) for day in days))
        specification = Specification(PERSON, version, desired, None, stored.now, stored.now)
        assert [people async for people in self.person_months.store(month, head, [specification])] == [(PERSON,)]

    async def point(self, *months: ScheduleMonth) -> None:
        """Puts a pointer on the queue."""
        await self.queues.announce(Pointer(PERSON, months))

    async def publish(
        self, mailbox: str, *days: int, month: ScheduleMonth = DECEMBER, note: str = "", wait: float = 60
    ) -> None:
        """Plans, points, and lets the writer work for so many seconds."""
        await self.plan(mailbox, *days, month=month, note=note)
        await self.point(month)
        await self.pass_by(wait)

    async def pass_by(self, seconds: float) -> None:
        """Time passes, and each message is handled when it becomes visible."""
        end = self.clock.moment + timedelta(seconds=seconds)
        while (waiting := self.waiting()) and waiting[0].visible_at <= end:
            self.clock.moment = max(self.clock.moment, waiting[0].visible_at)
            taken = self.queues.take(waiting[0])
            assert taken
            await write_calendar(Pointer.decode(taken.body), self._ports)
            assert self.queues.delete(taken)
        self.clock.moment = end

    def waiting(self) -> list[Message]:
        """Pointers on the queue, hidden ones included, by when they become visible."""
        return self.queues.messages(CALENDAR_CHANGES)

    async def row(self, month: ScheduleMonth = DECEMBER) -> PersonMonthRow:
        """As it stands."""
        return (await self.person_months.of_person(PERSON, [month]))[month]

    async def problems(self) -> list[str]:
        """All that is reported of the person."""
        reported = await self.ledger.problems(f"person|{PERSON}")
        return [f"{line.field}: {line.reason}" for lines in reported.values() for line in lines]
