"""Azure Storage queues behind `sync.ports.ChangeQueue`."""

import math
from datetime import timedelta

from azure.storage.queue.aio import QueueClient

from shared.messages import Pointer, ScheduleChange


class AzureQueues:
    """Both queues. Their clients must encode messages as base64 text, as the Functions host expects them."""

    def __init__(self, schedule_changes: QueueClient, calendar_changes: QueueClient) -> None:
        self._schedule_changes = schedule_changes
        self._calendar_changes = calendar_changes

    async def announce(self, pointer: Pointer, delay: timedelta = timedelta()) -> None:
        """See ChangeQueue."""
        await _send(self._calendar_changes, pointer.encode(), delay)

    async def hint(self, change: ScheduleChange, delay: timedelta = timedelta()) -> None:
        """See ChangeQueue."""
        await _send(self._schedule_changes, change.encode(), delay)


async def _send(queue: QueueClient, text: str, delay: timedelta) -> None:
    await queue.send_message(text, visibility_timeout=math.ceil(delay.total_seconds()))
