"""Tables and queues in memory, for tests: what Azure's do, by a clock that is given, with a seam before and after each.

`limits` says what they refuse. `tests/contract` holds them and Azurite to one suite.
"""

import math
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from shared.errors import PreconditionError
from shared.messages import CALENDAR_CHANGES, SCHEDULE_CHANGES, Pointer, ScheduleChange
from shared.state.limits import TIME_TO_LIVE, check_entity, check_key, check_message, check_transaction
from shared.state.table import Row, Write

type Clock = Callable[[], datetime]
"""Storage's own clock: aware, to the microsecond."""

type Hook = Callable[[str], Awaitable[None]]
"""Awaited with an operation's name: `<table>.get`, `.rows`, `.scan` (each page), `.write`, or `<queue>.send`.

`before`: nothing has been done yet; raising loses the request. `after`: everything has been done and the answer is on
its way; raising loses the answer alone. Whatever a hook awaits happens in between.
"""

PAGE = 1_000
"""Rows of one answer. A read of more is no snapshot: others may write between its pages, as in Azure."""


@dataclass(frozen=True, slots=True)
class Seam:
    """The clock, and where a test may interleave or crash."""

    clock: Clock
    before: Hook | None = None
    after: Hook | None = None

    def now(self) -> datetime:
        """Storage's time to the microsecond, in UTC. Raises ValueError where the clock's is naive."""
        moment = self.clock()
        if moment.tzinfo is None:
            raise ValueError("storage's clock must give aware times")
        return moment.astimezone(UTC)


class MemoryTable:
    """See `state.table.Table`. `name` is for the hooks and for errors."""

    def __init__(self, name: str, clock: Clock, *, before: Hook | None = None, after: Hook | None = None) -> None:
        self._name = name
        self._seam = Seam(clock, before, after)
        self._partitions: dict[str, dict[str, Row]] = {}
        self._writes = 0

    async def get(self, partition: str, row: str) -> tuple[datetime, Row | None]:
        """See Table."""
        await self._before("get")
        check_key(partition)
        check_key(row)
        now, found = self._seam.now(), self._partitions.get(partition, {}).get(row)
        await self._after("get")
        return _told(now), _copy(found) if found else None

    async def rows(self, partition: str, select: Sequence[str] | None = None) -> tuple[datetime, list[Row]]:
        """See Table."""
        times: list[datetime] = []
        found: list[Row] = []
        async for now, page in self._pages("rows", lambda: list(self._partitions.get(partition, {}).values())):
            times.append(now)
            found += [_copy(row, select) for row in page]
        return _told(times[0]), found

    async def scan(self, select: Sequence[str]) -> AsyncIterator[Row]:
        """See Table."""
        async for _, page in self._pages(
            "scan", lambda: [row for rows in self._partitions.values() for row in rows.values()]
        ):
            for row in page:
                yield _copy(row, select)

    async def write(self, partition: str, writes: Sequence[Write]) -> tuple[datetime, list[str]]:
        """See Table. Raises RefusedError (or TypeError, as the SDK) for what could never be written."""
        await self._before("write")
        now = self._seam.now()
        etags = self._commit(partition, writes, now)
        await self._after("write")
        return _told(now), etags

    def _commit(self, partition: str, writes: Sequence[Write], now: datetime) -> list[str]:
        check_transaction(partition, writes)
        there = self._partitions.setdefault(partition, {})
        changed = {write.row: self._changed(partition, there.get(write.row), write, now) for write in writes}
        for key, row in changed.items():  # nothing is refused from here on
            if row is None:
                del there[key]
            else:
                there[key] = row
        return [row.etag if row else "" for row in changed.values()]

    def _changed(self, partition: str, old: Row | None, write: Write, now: datetime) -> Row | None:
        self._assert_stands(old, write)
        if write.kind == "delete":
            return None
        values = {**old.values, **write.values} if old and write.kind == "merge" else dict(write.values)
        check_entity(partition, write.row, values)
        self._writes += 1
        return Row(partition, write.row, values, f'W/"{self._name}-{self._writes}"', now)

    def _assert_stands(self, old: Row | None, write: Write) -> None:
        if write.kind == "insert":
            if old is not None:
                raise PreconditionError(f"{self._name}: EntityAlreadyExists")
        elif old is None:
            if write.etag is not None or write.kind == "delete":  # in Azure, a delete asks for some row, if for any
                raise PreconditionError(f"{self._name}: ResourceNotFound")
        elif write.etag not in (None, "*", old.etag):
            raise PreconditionError(f"{self._name}: UpdateConditionNotSatisfied")

    async def _pages(
        self, operation: str, present: Callable[[], list[Row]]
    ) -> AsyncIterator[tuple[datetime, list[Row]]]:
        """Page by page, each as the table stands then. A next page begins with what was the next row's key."""
        following: tuple[bytes, bytes] | None = b"", b""
        while following is not None:
            await self._before(operation)
            now, rows = self._seam.now(), present()
            rows.sort(key=_place)
            rest = [row for row in rows if _place(row) >= following] if following != (b"", b"") else rows
            following = _place(rest[PAGE]) if len(rest) > PAGE else None
            await self._after(operation)
            yield now, rest[:PAGE]

    async def _before(self, operation: str) -> None:
        if self._seam.before:
            await self._seam.before(f"{self._name}.{operation}")

    async def _after(self, operation: str) -> None:
        if self._seam.after:
            await self._seam.after(f"{self._name}.{operation}")


def _told(moment: datetime) -> datetime:
    """As an answer's `Date` header tells it: in whole seconds."""
    return moment.replace(microsecond=0)


def _copy(row: Row, select: Sequence[str] | None = None) -> Row:
    values = row.values
    chosen = dict(values) if select is None else {name: values[name] for name in select if name in values}
    return Row(row.partition, row.row, chosen, row.etag, row.stored_at)


def _place(row: Row) -> tuple[bytes, bytes]:
    """Rows are in order of partition, then row key, each by UTF-16 code units."""
    return _ordinal(row.partition), _ordinal(row.row)


@lru_cache(maxsize=100_000)
def _ordinal(key: str) -> bytes:
    return key.encode("utf-16-be")


@dataclass(frozen=True, slots=True)
class Message:
    """A message as it was seen; a value that does not change when the queue does."""

    queue: str
    number: int
    """Its own, in order of sending."""
    text: str
    """What was encoded, before base64. `body` is what the host hands to a function."""
    visible_at: datetime
    expires_at: datetime
    dequeued: int = 0
    receipt: int = 0
    """Of the latest `take`: who has an older one can no longer delete it."""

    @property
    def body(self) -> bytes:
        """For `decode`."""
        return self.text.encode()


@dataclass(slots=True)
class MemoryQueues:
    """See `sync.ports.ChangeQueue`. All below `send` is a test driver's, and passes no hook."""

    clock: Clock
    before: Hook | None = None
    after: Hook | None = None
    _messages: dict[int, Message] = field(default_factory=dict)
    _numbers: int = 0

    async def announce(self, pointer: Pointer, delay: timedelta = timedelta()) -> None:
        """See ChangeQueue."""
        await self.send(CALENDAR_CHANGES, pointer.encode(), delay)

    async def hint(self, change: ScheduleChange, delay: timedelta = timedelta()) -> None:
        """See ChangeQueue."""
        await self.send(SCHEDULE_CHANGES, change.encode(), delay)

    async def send(self, queue: str, text: str, delay: timedelta = timedelta()) -> None:
        """Any text. Raises RefusedError for one that is too long, or for a delay that Azure refuses."""
        if self.before:
            await self.before(f"{queue}.send")
        seconds = timedelta(seconds=math.ceil(delay.total_seconds()))
        check_message(text, seconds)
        now = self._now()
        self._add(Message(queue, 0, text, now + seconds, now + TIME_TO_LIVE))
        if self.after:
            await self.after(f"{queue}.send")

    def messages(self, queue: str | None = None) -> list[Message]:
        """All messages of a queue (of both), hidden ones included, by when they become visible."""
        now = self._now()
        for number in [number for number, message in self._messages.items() if message.expires_at <= now]:
            del self._messages[number]
        some = (message for message in self._messages.values() if queue in (None, message.queue))
        return sorted(some, key=lambda message: (message.visible_at, message.number))

    def visible(self, queue: str | None = None) -> list[Message]:
        """Those that could be taken now, the longest visible first. Azure promises no order."""
        now = self._now()
        return [message for message in self.messages(queue) if message.visible_at <= now]

    def take(self, message: Message, hidden: timedelta = timedelta(minutes=10)) -> Message | None:
        """Hides a visible message, as the host does while a function runs; None where it is hidden or gone."""
        now, present = self._now(), self._messages.get(message.number)
        if present is None or not present.visible_at <= now < present.expires_at:
            return None
        return self._put(
            replace(present, visible_at=now + hidden, dequeued=present.dequeued + 1, receipt=present.receipt + 1)
        )

    def delete(self, taken: Message) -> bool:
        """After success. False, and nothing is done, where somebody else has taken it since: the host shrugs, too."""
        held = self._held(taken)
        if held:
            del self._messages[taken.number]
        return held

    def put_back(self, taken: Message, delay: timedelta = timedelta()) -> bool:
        """After a failure: visible again after `delay`. False where somebody else has taken it since."""
        held = self._held(taken)
        if held:
            present = self._messages[taken.number]
            self._put(replace(present, visible_at=self._now() + delay, receipt=present.receipt + 1))
        return held

    def lose(self, message: Message) -> None:
        """Gone, whoever has it."""
        self._messages.pop(message.number, None)

    def double(self, message: Message) -> Message:
        """Another message with the same text, visible at once: delivered twice."""
        return self._add(replace(message, visible_at=self._now(), dequeued=0, receipt=0))

    def _held(self, taken: Message) -> bool:
        present = self._messages.get(taken.number)
        return present is not None and taken.receipt > 0 and present.receipt == taken.receipt

    def _add(self, message: Message) -> Message:
        self._numbers += 1
        return self._put(replace(message, number=self._numbers))

    def _put(self, message: Message) -> Message:
        self._messages[message.number] = message
        return message

    def _now(self) -> datetime:
        return Seam(self.clock).now()
