"""Azure Storage queues behind `sync.ports.ChangeQueue`."""

import base64
import math
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from shared import telemetry
from shared.messages import CALENDAR_CHANGES, SCHEDULE_CHANGES, Pointer, ScheduleChange
from shared.sync.ports import Fallen

if TYPE_CHECKING:
    from azure.storage.queue.aio import QueueClient

POISON = "-poison"
"""The host's suffix."""
HIDDEN = 60
"""Seconds that looked-at messages are hidden."""


class AzureQueues:
    """Both queues. Their clients must encode messages as base64 text, as the Functions host expects them.

    A message takes along the span that sends it; outside of any, the one that it came with.
    """

    def __init__(self, schedule_changes: "QueueClient", calendar_changes: "QueueClient") -> None:
        self._schedule_changes = schedule_changes
        self._calendar_changes = calendar_changes

    async def announce(self, pointer: Pointer, delay: timedelta = timedelta()) -> None:
        """See ChangeQueue."""
        await _send(self._calendar_changes, replace(pointer, trace=telemetry.here() or pointer.trace).encode(), delay)

    async def hint(self, change: ScheduleChange, delay: timedelta = timedelta()) -> None:
        """See ChangeQueue."""
        await _send(self._schedule_changes, replace(change, trace=telemetry.here() or change.trace).encode(), delay)


async def _send(queue: "QueueClient", text: str, delay: timedelta) -> None:
    await queue.send_message(text, visibility_timeout=math.ceil(delay.total_seconds()))


class AzurePoison:
    """See `sync.ports.PoisonQueues`."""

    def __init__(self, queue_of: "Callable[[str], QueueClient]") -> None:
        self._queue_of = queue_of

    async def fallen(self, queue: str) -> list[Fallen]:
        """See PoisonQueues."""
        from azure.core.exceptions import ResourceNotFoundError

        found = self._queue_of(f"{queue}{POISON}").receive_messages(max_messages=32, visibility_timeout=HIDDEN)
        try:
            messages = [message async for message in found]
        except ResourceNotFoundError:
            return []  # the host makes it when the first message falls
        return [Fallen(message.id, message.pop_receipt or "", _body(message.content)) for message in messages]

    async def peek(self, queue: str) -> list[Fallen]:
        """Without hiding anything: up to 32 that are not hidden, without receipts."""
        from azure.core.exceptions import ResourceNotFoundError

        try:
            messages = await self._queue_of(f"{queue}{POISON}").peek_messages(max_messages=32)
        except ResourceNotFoundError:
            return []
        return [Fallen(message.id, "", _body(message.content)) for message in messages]

    async def requeue(self, queue: str, message: Fallen, text: str) -> None:
        """See PoisonQueues."""
        await _send(self._queue_of(queue), text, timedelta())
        await self.drop(queue, message)

    async def drop(self, queue: str, message: Fallen) -> None:
        """Takes the message off the poison queue for good."""
        await self._queue_of(f"{queue}{POISON}").delete_message(message.number, message.receipt)

    async def depths(self) -> dict[str, int]:
        """See PoisonQueues."""
        names = [f"{queue}{suffix}" for queue in (SCHEDULE_CHANGES, CALENDAR_CHANGES) for suffix in ("", POISON)]
        return {name: await self.depth(name) for name in names}

    async def depth(self, name: str) -> int:
        """Of one queue; 0 where it does not exist yet."""
        from azure.core.exceptions import ResourceNotFoundError

        try:
            properties = await self._queue_of(name).get_queue_properties()
        except ResourceNotFoundError:
            return 0
        return properties.approximate_message_count or 0

    async def give_back(self, queue: str, message: Fallen) -> None:
        """Shows a message again that `fallen` has hidden."""
        poison = self._queue_of(f"{queue}{POISON}")
        await poison.update_message(message.number, message.receipt, visibility_timeout=0)


def _body(content: str) -> bytes:
    """What is no base64 is no message of ours: the host put it aside as it was."""
    try:
        return base64.b64decode(content, validate=True)
    except ValueError:
        return b""
