"""What is looked at in the app's storage from outside, and the operator's message."""

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import batched
from typing import Any, Self

from azure.core.exceptions import ResourceNotFoundError
from azure.data.tables.aio import TableServiceClient
from azure.storage.queue.aio import QueueServiceClient

from tests.local.demo.queues import SCHEDULE_CHANGES


@dataclass(frozen=True, slots=True)
class Hold:
    """A hold as the head row shows it."""

    id: str
    partition: str
    """`<schedule>|<yyyy-mm>`."""
    cause: str
    count: int


class Storage:
    """The app's tables and queues, in the storage of a connection string."""

    def __init__(self, connection_string: str) -> None:
        self._tables = TableServiceClient.from_connection_string(connection_string)
        self._queues = QueueServiceClient.from_connection_string(connection_string)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._tables.close()
        await self._queues.close()

    async def writers(self) -> dict[str, str]:
        """Person rows that name a writer: person to etag, which each claim and renewal changes."""
        rows = await self._rows("shiftevents", "RowKey eq '!' and owner ne ''")
        return {row["PartitionKey"]: row.metadata["etag"] for row in rows}

    async def readers(self) -> dict[str, str]:
        """View rows that name a reader: row to etag."""
        rows = await self._rows("schedules", "PartitionKey eq 'reads' and owner ne ''")
        return {row["RowKey"]: row.metadata["etag"] for row in rows}

    async def open_months(self) -> dict[str, list[str]]:
        """Person-months that are open, by person."""
        rows = await self._rows("shiftevents", "RowKey eq '!'")
        return {row["PartitionKey"]: sorted(months) for row in rows if (months := _joined("person", row)["open"])}

    async def linked_slots(self) -> set[str]:
        """The slot ids of all links."""
        rows = await self._rows("shiftevents", "RowKey ne '!'")
        return {link["slot"] for row in rows for link in _joined("links", row) or []}

    async def holds(self) -> list[Hold]:
        """All holds, of all schedule-months."""
        rows = await self._rows("personmonths", "RowKey eq '!'")
        return [
            Hold(identifier, row["PartitionKey"], cause, count)
            for row in rows
            for identifier, (cause, _, count) in (_joined("holds", row) or {}).items()
        ]

    async def release(self, hold: Hold, view: int) -> None:
        """What an operator's release puts on the queue."""
        month = hold.partition.rpartition("|")[2]
        change = {"view": view, "months": [month], "reason": "release", "hold": hold.id}
        body = base64.b64encode(json.dumps({"schema": 1, "change": change}).encode()).decode()
        await self._queues.get_queue_client(SCHEDULE_CHANGES).send_message(body)

    async def lose_tables(self) -> None:
        """Empties all tables."""
        async for table in self._tables.list_tables():
            rows = self._tables.get_table_client(table.name)
            by_partition: dict[str, list[Any]] = {}
            for row in await self._rows(table.name, "PartitionKey ge ''"):
                by_partition.setdefault(row["PartitionKey"], []).append(row)
            for entities in by_partition.values():
                for some in batched(entities, 100, strict=False):
                    await rows.submit_transaction([("delete", row) for row in some])

    async def poisoned(self) -> int:
        """Messages in poison queues."""
        count = 0
        async for queue in self._queues.list_queues():
            if str(queue.name).endswith("-poison"):
                properties = await self._queues.get_queue_client(str(queue.name)).get_queue_properties()
                count += properties.approximate_message_count or 0
        return count

    async def _rows(self, table: str, condition: str) -> Sequence[Any]:
        try:
            return [row async for row in self._tables.get_table_client(table).query_entities(condition)]
        except ResourceNotFoundError:
            return []  # the app has not made it yet


def _joined(name: str, row: Mapping[str, Any]) -> Any:
    """JSON that is split over numbered properties."""
    count = int(row.get(f"{name}_parts", 0))
    return json.loads("".join(str(row[f"{name}_{number}"]) for number in range(count))) if count else None
