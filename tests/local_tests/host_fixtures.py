"""Made-up apps for the host's tests: written into a test's own folder, run in this process against real Azurite."""

import asyncio
import base64
import json
import time
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from azure.storage.queue.aio import QueueClient

from tests.local.azurite import start_azurite
from tests.local.host import Host, running_host
from tests.local.host.keys import Keys
from tests.local.host.run import Options

PREAMBLE = """
import asyncio, threading, time
import azure.functions as func

app = func.FunctionApp()
seen = []
"""
KEYS = Keys("a function key", "the master key")


@pytest.fixture(scope="session")
def storage() -> Iterator[str]:
    """Azurite's connection string."""
    with start_azurite() as connection_string:
        yield connection_string


@pytest.fixture
def queue_name() -> str:
    """A queue of the test's own."""
    return f"test-{uuid.uuid4()}"


def write_app(folder: Path, source: str, **queues: object) -> Path:
    """An app whose functions are `source`, with short polls; `queues` goes over host.json's `extensions.queues`."""
    content = {
        "version": "2.0",
        "extensionBundle": {"id": "Microsoft.Azure.Functions.ExtensionBundle", "version": "[4.*, 5.0.0)"},
        "functionTimeout": queues.pop("functionTimeout", "00:00:30"),
        "extensions": {"queues": {"newBatchThreshold": 4, "maxPollingInterval": "00:00:00.1000000"} | queues},
    }
    (folder / "host.json").write_text(json.dumps(content))
    path = folder / "function_app.py"
    path.write_text(PREAMBLE + dedent(source))
    return path


def queue_app(folder: Path, name: str, body: str, annotation: str = "func.QueueMessage", **queues: object) -> Path:
    """An app with one function, `work(message)`, on the queue."""
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    trigger = f'@app.queue_trigger(arg_name="message", queue_name="{name}", connection="AzureWebJobsStorage")'
    return write_app(folder, f"{trigger}\nasync def work(message: {annotation}):\n{lines}", **queues)


def encoded(body: str | bytes) -> str:
    """A message as a sender with base64 stores it."""
    return base64.b64encode(body.encode() if isinstance(body, str) else body).decode()


@asynccontextmanager
async def run_app(
    app: Path, storage: str, *, hold_seconds: int = 60, lease_seconds: float = 60, **settings: str
) -> AsyncIterator[Host]:
    """Run an app."""
    lease = timedelta(seconds=lease_seconds)
    options = Options(app=app, keys=KEYS, hold_seconds=hold_seconds, timer_lease=lease)
    async with running_host(options, {"AzureWebJobsStorage": storage} | settings) as host:
        yield host


@asynccontextmanager
async def queue(storage: str, name: str, *, create: bool = True) -> AsyncIterator[QueueClient]:
    """A queue whose messages are the text as it is stored."""
    async with QueueClient.from_connection_string(storage, name) as client:
        if create:
            await client.create_queue()
        yield client


async def until(true: Callable[[], Any], seconds: float = 10.0) -> Any:
    """Poll until something is true, and give it; fails the test after `seconds`."""
    end = time.monotonic() + seconds
    while not (value := true()):
        if time.monotonic() > end:
            pytest.fail(f"not so within {seconds:g} s")
        await asyncio.sleep(0.01)
    return value


def let(host: Host, **values: object) -> None:
    """Set global variables of the app."""
    vars(host.module).update(values)


async def hidden(client: QueueClient) -> bool:
    """Whether the queue has messages, and none that can be received now."""
    peeked = await client.peek_messages()
    return not peeked and await length(client) > 0


async def length(client: QueueClient) -> int:
    """How many messages the queue has, hidden ones included."""
    return (await client.get_queue_properties()).approximate_message_count or 0


async def until_length(client: QueueClient, wanted: int, seconds: float = 10.0) -> None:
    """Poll until a queue has so many messages, hidden ones included."""
    end = time.monotonic() + seconds
    while (found := await length(client)) != wanted:
        if time.monotonic() > end:
            pytest.fail(f"{found} messages, not {wanted}, within {seconds:g} s")
        await asyncio.sleep(0.02)
