"""The app in a process of its own, fed from its queues as the Functions host feeds it, and measured.

`python -m tests.bench.worker` takes orders such as `{"functions": ["plan_schedule"], "callbacks": [{"view_id": 50}]}`
from its standard input. What the host would do (fetching, deleting) runs in a thread of its own, whose CPU is not the
app's.
"""

import asyncio
import base64
import contextlib
import json
import os
import re
import resource
import sys
import time
from collections.abc import Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from azure.core.exceptions import AzureError, ResourceNotFoundError
from azure.storage.queue.aio import QueueClient, QueueServiceClient

from shared.state.connection import NAME
from tests.bench.counting import EMPTY, difference, watch
from tests.bench.profile import Profile

QUEUES = {"plan_schedule": "schedule-changes", "write_calendar": "calendar-changes"}
HIDDEN = 600
MOST_FAILURES = 5
PAUSE = 0.01


@dataclass(frozen=True, slots=True)
class Order:
    """What to do."""

    functions: Sequence[str] = ()
    """Whose queues are emptied, in this order each by itself."""
    callbacks: Sequence[dict[str, object]] = ()
    timers: Sequence[str] = ()
    batch: int = 8
    threshold: int = 8
    profile: bool = False


@dataclass(slots=True)
class Measured:
    """What came of it."""

    seconds: float = 0
    cpu: float = 0
    """Seconds of computing, without the host's part."""
    runs: dict[str, int] = field(default_factory=dict)
    """Runs by function."""
    run_seconds: dict[str, float] = field(default_factory=dict)
    """How long runs took, summed, by function."""
    storage: dict[str, int] = field(default_factory=dict)
    """Storage requests by kind."""
    failures: list[str] = field(default_factory=list)
    """Runs that failed and came again."""
    peak: float = 0
    """Of the process's memory, in MB."""
    most: int = 0
    """Messages at work at the same time."""
    shares: dict[str, float] = field(default_factory=dict)


class Host:
    """Feeds the app's functions from their queues until these are empty."""

    def __init__(self, order: Order, app: Any, app_loop: asyncio.AbstractEventLoop, seen: Any) -> None:
        self._order = order
        self._app = app
        self._app_loop = app_loop
        self._seen = seen
        self.measured = Measured()
        self.cpu = 0.0

    async def run(self) -> None:
        """All functions, one after the other; both together if there are two, until nothing is left."""
        async with QueueServiceClient.from_connection_string(os.environ[NAME]) as service:
            left = True
            while left and self._order.functions:
                for name in self._order.functions:
                    await self._drain(name, service.get_queue_client(QUEUES[name]))
                left = any([await _length(service.get_queue_client(QUEUES[n])) for n in self._order.functions])
        self.cpu = time.thread_time()

    async def _drain(self, name: str, queue: QueueClient) -> None:
        running: set[asyncio.Task[None]] = set()
        while True:
            messages = await self._fetch(queue)
            running |= {asyncio.create_task(self._process(name, queue, message)) for message in messages}
            self.measured.most = max(self.measured.most, len(running))
            if not messages:
                self._seen[EMPTY] += 1
                self._seen[f"queue get {QUEUES[name]}"] -= 1
                if not running and not await _length(queue):
                    return
                await asyncio.sleep(PAUSE)
            while len(running) > self._order.threshold:
                _, running = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
            running = {task for task in running if not task.done() or task.result()}

    async def _fetch(self, queue: QueueClient) -> list[Any]:
        pages = queue.receive_messages(messages_per_page=self._order.batch, visibility_timeout=HIDDEN).by_page()
        try:
            return [message async for message in await anext(pages)]
        except StopAsyncIteration:
            return []

    async def _process(self, name: str, queue: QueueClient, message: Any) -> None:
        body = base64.b64decode(message.content)
        began = time.monotonic()
        measured = self.measured
        try:
            await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(self._call(name, body, message), self._app_loop))
        except AzureError as error:  # Azurite leaves a request without an answer, now and then: the host tries again
            measured.failures.append(f"{name}: {type(error).__name__}")
            if len(measured.failures) > MOST_FAILURES:
                raise
            await queue.update_message(message.id, message.pop_receipt, visibility_timeout=0)
            return
        measured.run_seconds[name] = measured.run_seconds.get(name, 0) + time.monotonic() - began
        measured.runs[name] = measured.runs.get(name, 0) + 1
        await queue.delete_message(message.id, message.pop_receipt)

    def _call(self, name: str, body: bytes, message: Any) -> Coroutine[Any, Any, None]:
        if name == "plan_schedule":
            call: Coroutine[Any, Any, None] = self._app.plan_schedule(body, message.inserted_on)
        else:
            call = self._app.write_calendar(body)
        return call


async def _length(queue: QueueClient) -> int:
    with contextlib.suppress(ResourceNotFoundError):
        return (await queue.get_queue_properties()).approximate_message_count or 0
    return 0


async def work(order: Order, app: Any, seen: Any) -> Measured:
    """One order."""
    host = Host(order, app, asyncio.get_running_loop(), seen)
    profile = Profile()
    before = dict(seen)
    began, computed = time.monotonic(), time.process_time()
    if order.profile:
        profile.start()
    try:
        for body in order.callbacks:
            answer = await app.publish_callback(json.dumps(body).encode(), {})
            if answer.status != 202:
                raise RuntimeError(f"the callback was answered {answer.status}")
        for timer in order.timers:
            await getattr(app, timer)()
        with ThreadPoolExecutor(1, thread_name_prefix="host") as thread:
            await asyncio.wrap_future(thread.submit(asyncio.run, host.run()))
    finally:
        shares = profile.stop() if order.profile else {}
    measured = host.measured
    measured.shares = shares
    measured.seconds = time.monotonic() - began
    measured.cpu = time.process_time() - computed - host.cpu
    measured.storage = difference(seen, before)
    measured.peak = peak_memory()
    return measured


def peak_memory() -> float:
    """Of this process, in MB. On Linux `ru_maxrss` will not do: it begins with what the parent has, who measures."""
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20  # macOS: in bytes
    (kilobytes,) = re.findall(r"^VmHWM:\s+(\d+) kB$", status.read_text(), re.MULTILINE)
    return int(kilobytes) / 1024


async def main() -> None:
    """Orders from standard input, one a line; each is answered by a line of JSON."""
    from shared.app import App

    seen = watch()
    app = await App.connect(os.environ)
    while line := await asyncio.to_thread(sys.stdin.readline):
        print(json.dumps(asdict(await work(Order(**json.loads(line)), app, seen))), flush=True)
    await app.aclose()


if __name__ == "__main__":
    asyncio.run(main())
