"""One storage account for the contract suite, whichever store it is: tables, queues, and time that can be let pass."""

import asyncio
import base64
import itertools
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Protocol

from azure.core.exceptions import AzureError

from shared.state.connection import QUEUES, Storage
from shared.state.limits import RefusedError
from shared.state.memory import MemoryQueues, MemoryTable, Message
from shared.state.queues import AzureQueues
from shared.state.table import Table
from shared.state.tables import AzureTable
from shared.sync.ports import ChangeQueue


class Account(Protocol):
    """What the suite asks of a store."""

    name: str
    refused: tuple[type[Exception], ...]
    """What a request raises that storage would never take; never PreconditionError."""

    async def table(self) -> Table:
        """A new, empty table."""

    @property
    def queues(self) -> ChangeQueue:
        """Both queues, empty at first."""

    async def take(self, queue: str) -> list[bytes]:
        """Bodies of what is visible now, taken for good, as the Functions host hands them over."""

    async def within(self, seconds: float, queue: str) -> bytes:
        """The next body to become visible, if that is within so long."""


@dataclass(slots=True)
class Clock:
    """Storage's clock in tests: stands until it is moved."""

    moment: datetime = field(default_factory=lambda: datetime(2026, 11, 1, 8, 0, 0, 123456, tzinfo=UTC))

    def __call__(self) -> datetime:
        """See `memory.Clock`."""
        return self.moment

    def pass_by(self, seconds: float) -> None:
        """Moves on."""
        self.moment += timedelta(seconds=seconds)


class MemoryAccount:
    """In memory; the clock moves only when the suite waits."""

    name = "memory"
    refused: tuple[type[Exception], ...] = (RefusedError, TypeError)

    def __init__(self) -> None:
        self.clock = Clock()
        self.queues = MemoryQueues(self.clock)
        self._numbers = itertools.count()

    async def table(self) -> Table:
        """See Account."""
        return MemoryTable(f"table{next(self._numbers)}", self.clock)

    async def take(self, queue: str) -> list[bytes]:
        """See Account."""
        return [self._take(message) for message in self.queues.visible(queue)]

    async def within(self, seconds: float, queue: str) -> bytes:
        """See Account. Time passes in small steps, so that the suite sees what is visible when."""
        for _ in range(int(seconds * 10)):
            if visible := self.queues.visible(queue):
                return self._take(visible[0])
            self.clock.pass_by(0.1)
        raise TimeoutError(f"nothing on {queue} within {seconds} s")

    def _take(self, message: Message) -> bytes:
        taken = self.queues.take(message)
        assert taken and self.queues.delete(taken)
        return taken.body


class AzuriteAccount:
    """Microsoft's emulator, through the code that production runs."""

    name = "azurite"
    refused: tuple[type[Exception], ...] = (AzureError, TypeError)

    def __init__(self, storage: Storage) -> None:
        self.storage = storage
        schedule_changes, calendar_changes = (storage.queue(name) for name in QUEUES)
        self.queues = AzureQueues(schedule_changes, calendar_changes)
        self._numbers = itertools.count()

    async def table(self) -> Table:
        """See Account."""
        return AzureTable(await self.storage.tables.create_table(f"table{next(self._numbers)}"))

    async def take(self, queue: str) -> list[bytes]:
        """See Account."""
        client = self.storage.queues.get_queue_client(queue)
        bodies = []
        async for message in client.receive_messages(max_messages=32, visibility_timeout=30):
            bodies.append(base64.b64decode(message.content, validate=True))
            await client.delete_message(message)
        return bodies

    async def within(self, seconds: float, queue: str) -> bytes:
        """See Account."""
        found: list[bytes] = []

        async def look() -> bool:
            found.extend(await self.take(queue))
            return bool(found)

        await until(look, seconds)
        return found[0]


async def until(done: Callable[[], Awaitable[bool]], seconds: float) -> None:
    """Polls. Raises TimeoutError."""
    end = time.monotonic() + seconds
    while not await done():
        if time.monotonic() > end:
            raise TimeoutError(f"not so within {seconds} s")
        await asyncio.sleep(0.05)
