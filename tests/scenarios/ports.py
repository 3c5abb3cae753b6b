"""Ports that fail, hurry or interfere at a chosen moment, around the real ones."""

from collections.abc import AsyncIterator, Collection, Sequence
from datetime import date, datetime, timedelta

from shared.messages import Pointer, ScheduleChange
from shared.outlook.batch import Write as CalendarWrite
from shared.outlook.found import Found
from shared.outlook.outcome import Outcome, ReadFailure
from shared.state.entities import HEAD
from shared.state.table import Row, Table, Write
from shared.sync.ports import Calendars, ChangeQueue


class Killed(BaseException):
    """The process ends here: nothing that follows is done, no handler catches it."""


class KilledAfterAnswer:
    """Outlook, for a writer that is killed when Graph has answered its `nth` batch, before it can record anything."""

    def __init__(self, real: Calendars, nth: int = 1) -> None:
        self._real = real
        self._left = nth

    async def write(self, writes: Sequence[CalendarWrite], *, timeout: float) -> list[Outcome]:
        """Really writes, then dies."""
        outcomes = await self._real.write(writes, timeout=timeout)
        self._left -= 1
        if self._left == 0:
            raise Killed
        return outcomes

    async def marked(
        self, mailbox: str, person: str, first: date, last: date, known: Collection[str] = (), *, timeout: float
    ) -> Found | ReadFailure:
        """As the real one."""
        return await self._real.marked(mailbox, person, first, last, known, timeout=timeout)


class Hurried:
    """Queues on which no hint waits: the delay that was asked for is noted instead."""

    def __init__(self, real: ChangeQueue) -> None:
        self._real = real
        self.hints: list[tuple[ScheduleChange, timedelta]] = []

    async def announce(self, pointer: Pointer, delay: timedelta = timedelta()) -> None:
        """As the real one."""
        await self._real.announce(pointer, delay)

    async def hint(self, change: ScheduleChange, delay: timedelta = timedelta()) -> None:
        """At once."""
        self.hints.append((change, delay))
        await self._real.hint(change)


class Interfered:
    """A table that somebody else writes to just before its `nth` transaction of more than one row."""

    def __init__(self, real: Table, nth: int) -> None:
        self._real = real
        self._left = nth

    async def get(self, partition: str, row: str) -> tuple[datetime, Row | None]:
        """As the real one."""
        return await self._real.get(partition, row)

    async def rows(self, partition: str, select: Sequence[str] | None = None) -> tuple[datetime, list[Row]]:
        """As the real one."""
        return await self._real.rows(partition, select)

    def scan(self, select: Sequence[str]) -> AsyncIterator[Row]:
        """As the real one."""
        return self._real.scan(select)

    async def write(self, partition: str, writes: Sequence[Write]) -> tuple[datetime, list[str]]:
        """As the real one; before the chosen transaction, the partition's head row changes under its writer's hands."""
        self._left -= len(writes) > 1
        if self._left == 0:
            self._left = -1
            await self._real.write(partition, [Write("merge", HEAD, {"schema": 1})])
        return await self._real.write(partition, writes)
