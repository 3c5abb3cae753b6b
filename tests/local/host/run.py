"""The host: an app's functions on their triggers, in this process."""

import asyncio
import hashlib
import logging
import os
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from types import ModuleType

from azure.core.exceptions import AzureError

from tests.local.host import functions, host_json
from tests.local.host.admin import Admin
from tests.local.host.errors import HostError
from tests.local.host.functions import HTTP, QUEUE, TIMER, Function
from tests.local.host.http import HttpSide
from tests.local.host.keys import Keys
from tests.local.host.queues import QueueListener
from tests.local.host.routes import routes
from tests.local.host.storage import connection_string, queue_service, table_service
from tests.local.host.timer_store import TimerStore
from tests.local.host.timers import TimerListener
from tests.local.host.worker import Worker

log = logging.getLogger("host")

ROOT = Path(__file__).parents[3]
STORAGE = "AzureWebJobsStorage"
LOCAL_KEYS = Keys("local", "local")


@dataclass(frozen=True)
class Options:
    """How to run an app."""

    app: Path = ROOT / "function_app.py"
    port: int = 0
    """0: a free one."""
    keys: Keys = LOCAL_KEYS
    hold_seconds: int = 600
    """How long a message at work stays hidden; renewed at half time."""
    timer_lease: timedelta = timedelta(seconds=60)
    """How long a killed host's timers stay locked for the others."""
    functions: Collection[str] = ()
    """Only these, as an instance of Flex Consumption runs those of one group; all, if none is named."""


def host_id(app: Path) -> str:
    """What keeps apart the timers of apps that share a storage account."""
    return hashlib.sha256(str(app).encode()).hexdigest()[:16]


class Host:
    """A running host: `address`, the app's `module`, and how to drain and stop it."""

    def __init__(self, options: Options, settings: Mapping[str, str]) -> None:
        self.address = ""
        self._options = options
        self._settings = settings
        self._config = host_json.read(options.app.parent / "host.json", settings)
        self.module: ModuleType = functions.load(options.app)
        self.functions = functions.chosen(functions.index(self.module, settings), options.functions)
        self._listeners: list[QueueListener | TimerListener] = []
        self._timers: dict[str, TimerListener] = {}
        self._listening: list[asyncio.Task[None]] = []
        self._resources = AsyncExitStack()
        self._draining = False
        self._ended = asyncio.Event()

    @property
    def draining(self) -> bool:
        """Whether it has been told to fetch and fire no more."""
        return self._draining

    @property
    def fetching(self) -> bool:
        """Whether some queue is being asked for messages."""
        return any(getattr(listener, "fetching", False) for listener in self._listeners)

    async def start(self) -> None:
        """Start everything; raises HostError for what cannot be run."""
        try:
            await self._start()
        except BaseException:
            await self._resources.aclose()
            raise

    def drain(self) -> None:
        """Fetch and fire no more; what is at work goes on. HTTP is still answered."""
        self._draining = True
        for listener in self._listeners:
            listener.drain()

    async def drained(self, grace: float | None = None) -> None:
        """Drain, and wait until all that was at work has ended; raises TimeoutError after `grace` seconds."""
        self.drain()
        async with asyncio.timeout(grace):
            await asyncio.gather(*self._listening, return_exceptions=True)
            await self._worker.idle()
            await self._http.stop()

    async def failed(self) -> HostError:
        """Wait for a listener to fail, as it does when storage refuses the host; what stopped it."""
        await self._ended.wait()
        problems = [task.exception() for task in self._listening if task.done() and not task.cancelled()]
        problem = next(problem for problem in problems if problem)
        return problem if isinstance(problem, HostError) else HostError(f"{type(problem).__name__}: {problem}")

    async def stop(self) -> None:
        """End at once: what is at work is cancelled, and its messages come back when their hold ends."""
        self.drain()
        for task in self._listening:
            task.cancel()
        await asyncio.gather(*self._listening, return_exceptions=True)
        await self._worker.stop()
        await self._resources.aclose()

    async def _start(self) -> None:
        threads = self._settings.get("PYTHON_THREADPOOL_THREAD_COUNT")
        self._worker = Worker(self._config.function_timeout, int(threads) if threads else None)
        self._resources.push_async_callback(self._worker.stop)  # if the start fails; `stop` ends the functions first
        table = routes(self._of_kind(HTTP), self._config.route_prefix)
        await self._listen()
        admin = Admin(self.functions, self._worker, self, self._timer_argument)
        self._http = HttpSide(table, self._worker, self._options.keys, admin, self._settings)
        self._resources.push_async_callback(self._http.stop)
        try:
            self.address = await self._http.start(self._options.port)
        except OSError as problem:
            raise HostError(f"cannot listen on port {self._options.port}: {problem}") from problem
        for listener in self._listeners:
            task = asyncio.create_task(listener.run())
            task.add_done_callback(self._listener_ended)
            self._listening.append(task)
        log.info("Host started with %d functions: %s", len(self.functions), ", ".join(f.name for f in self.functions))

    async def _listen(self) -> None:
        """Make the listeners; they begin when all of the host is there."""
        for function in self._of_kind(QUEUE):
            connection = connection_string(self._settings, str(function.trigger.get("connection") or STORAGE))
            service = await self._resources.enter_async_context(queue_service(connection))
            hold = self._options.hold_seconds
            self._listeners.append(QueueListener(function, service, self._config.queues, hold, self._worker))
        if timers := self._of_kind(TIMER):
            tables = table_service(connection_string(self._settings, STORAGE))
            store = TimerStore(await self._resources.enter_async_context(tables), host_id(self._options.app))
            try:
                await store.start()
            except AzureError as problem:
                raise HostError(f"{STORAGE} cannot be reached: {problem}") from problem
            for function in timers:
                timer = TimerListener(function, store, self._worker, self._options.timer_lease)
                self._timers[function.name] = timer
                self._listeners.append(timer)

    def _listener_ended(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (problem := task.exception()):
            log.error("A listener failed, and the host stops: %s", problem)
            self._ended.set()

    def _timer_argument(self, function: Function) -> object:
        return self._timers[function.name].request()

    def _of_kind(self, kind: str) -> list[Function]:
        return [function for function in self.functions if function.kind == kind]


@asynccontextmanager
async def running_host(options: Options, settings: Mapping[str, str] = os.environ) -> AsyncIterator[Host]:
    """A host for the time of an `async with`, stopped at its end without waiting for what is at work.

    `settings` are the host's; the app itself reads `os.environ`.
    """
    host = Host(options, settings)
    await host.start()
    try:
        yield host
    finally:
        await host.stop()
