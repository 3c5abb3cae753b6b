"""How many messages wait in the app's queues, hidden ones included."""

from typing import Self

from azure.core.exceptions import ResourceNotFoundError
from azure.storage.queue.aio import QueueServiceClient

SCHEDULE_CHANGES, CALENDAR_CHANGES = "schedule-changes", "calendar-changes"


class Queues:
    """The app's queues in the storage of a connection string."""

    def __init__(self, connection_string: str) -> None:
        self._service = QueueServiceClient.from_connection_string(connection_string)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._service.close()

    async def length(self, name: str) -> int:
        """Messages of a queue; 0 where it does not exist yet. A message counts until its run has ended."""
        try:
            properties = await self._service.get_queue_client(name).get_queue_properties()
        except ResourceNotFoundError:
            return 0
        return properties.approximate_message_count or 0

    async def waiting(self) -> int:
        """Messages of both queues.

        In this order: what plans a schedule enqueues its pointers before its own message goes.
        """
        return await self.length(SCHEDULE_CHANGES) + await self.length(CALENDAR_CHANGES)
