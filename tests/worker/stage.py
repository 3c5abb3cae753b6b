"""Everything around the worker: storage, Lightning Bolt and Graph as processes, and the host's handling of messages."""

import asyncio
import base64
import json
import uuid
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from azure.core.exceptions import ResourceNotFoundError
from azure.data.tables.aio import TableServiceClient
from azure.functions.meta import Datum
from azure.storage.queue import QueueMessage
from azure.storage.queue.aio import QueueServiceClient

from tests.local.graph.control import GraphControl
from tests.local.host.messages import decode, metadata_of, overwritten
from tests.local.lightning_bolt.control import LightningBoltControl
from tests.local.pieces import piece
from tests.town import SETUP, app_settings, mailbox
from tests.worker.production import Json, Outcome, ProductionWorker

HOLD_SECONDS = 600


@dataclass(slots=True)
class Stage:
    """What stands around the worker."""

    settings: Mapping[str, str]
    """The app's."""
    lightning_bolt: LightningBoltControl
    graph: GraphControl
    tables: TableServiceClient
    queues: QueueServiceClient

    async def rows(self, table: str) -> dict[tuple[str, str], Mapping[str, Any]]:
        """All rows of a table, by partition and row key."""
        found = self.tables.get_table_client(table).list_entities()
        return {(row["PartitionKey"], row["RowKey"]): row async for row in found}

    async def take(self, queue: str) -> list[QueueMessage]:
        """All messages that can be seen, as a host takes them."""
        client = self.queues.get_queue_client(queue)
        return [each async for each in client.receive_messages(visibility_timeout=HOLD_SECONDS)]

    async def run(self, worker: ProductionWorker, function: str, queue: str, message: QueueMessage) -> Outcome:
        """One message through its function, with all that the host tells of it; a success deletes it."""
        text = text_of(message)
        told = metadata_of(message) | {"QueueTrigger": Datum(text, "string"), "sys": _system(function)}
        outcome = await worker.invoke(function, {"string": text}, overwritten(text, told))
        if outcome.status == "Success":
            await self.queues.get_queue_client(queue).delete_message(message.id, message.pop_receipt)
        return outcome

    async def run_all(self, worker: ProductionWorker, function: str, queue: str) -> Sequence[Outcome]:
        """All messages of a queue, at once."""
        return await asyncio.gather(*(self.run(worker, function, queue, message) for message in await self.take(queue)))

    async def put(self, queue: str, text: str) -> None:
        """A message as whoever might put one there."""
        await self.queues.get_queue_client(queue).send_message(base64.b64encode(text.encode()).decode())

    async def waiting(self, queue: str) -> int:
        """Messages on a queue, hidden ones included; none where nobody has made it yet."""
        try:
            properties = await self.queues.get_queue_client(queue).get_queue_properties()
        except ResourceNotFoundError:
            return 0
        return properties.approximate_message_count or 0


def text_of(message: QueueMessage) -> str:
    """A message's text; as strict as the host, which sends to poison what is not base64."""
    body = decode(str(message.content))
    assert body is not None, message.content
    return body.decode()


def request(
    method: str,
    path: str,
    body: bytes = b"",
    headers: Mapping[str, str] | None = None,
    params: Mapping[str, str] | None = None,
) -> Json:
    """An HTTP call as the host hands it on, to a worker that takes raw bytes. `params`: of the route."""
    address = f"https://app.example.org/api/{path}"
    http: Json = {"method": method, "url": address, "headers": {"host": "app.example.org", **(headers or {})}}
    if params:
        http["params"] = dict(params)
    if body:
        http["headers"] |= {"content-type": "application/json", "content-length": str(len(body))}
        http["body"] = {"bytes": base64.b64encode(body).decode()}
    return {"http": http}


def timer() -> Json:
    """A timer's firing."""
    now = datetime.now(UTC).isoformat()
    status = {"Last": now, "Next": now, "LastUpdated": now}
    return {"json": json.dumps({"Schedule": {"AdjustForDST": True}, "ScheduleStatus": status, "IsPastDue": False})}


def _system(function: str) -> Datum:
    told = {"MethodName": function, "UtcNow": datetime.now(UTC).isoformat(), "RandGuid": str(uuid.uuid4())}
    return Datum(json.dumps(told), "json")


@asynccontextmanager
async def open_stage(storage: str, mailboxes: Sequence[int], **settings: str) -> AsyncIterator[Stage]:
    """Starts Lightning Bolt and Graph, with the town's people; all is drafts yet."""
    async with AsyncExitStack() as stack:
        lightning_bolt = await stack.enter_async_context(piece("lightning-bolt"))
        graph = await stack.enter_async_context(piece("graph"))
        stage = Stage(
            app_settings(storage, lightning_bolt.address, f"{graph.address}/v1.0") | settings,
            await stack.enter_async_context(LightningBoltControl(lightning_bolt.address)),
            await stack.enter_async_context(GraphControl(graph.address)),
            await stack.enter_async_context(TableServiceClient.from_connection_string(storage)),
            await stack.enter_async_context(QueueServiceClient.from_connection_string(storage)),
        )
        await stage.lightning_bolt.load(SETUP)
        await stage.graph.put_mailboxes(mailbox(person) for person in mailboxes)
        yield stage
