"""The worker: runs functions. Coroutines share one event loop, not the host's own; others run in a pool of threads."""

import asyncio
import concurrent.futures
import logging
import threading
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from tests.local.host.errors import HostError
from tests.local.host.functions import HTTP, Function

log = logging.getLogger("host.worker")

_local = threading.local()


class FunctionFailed(Exception):  # noqa: N818 - an outcome, not an error of the host's
    """A run of a function that failed; its `__cause__` is what the function raised."""


@dataclass(frozen=True)
class Context:
    """What a parameter `context` is given; the same properties as `azure.functions.Context`."""

    function_name: str
    function_directory: str
    invocation_id: str
    thread_local_storage: threading.local
    trace_context: object | None = None
    retry_context: object | None = None


@dataclass(eq=False)
class _Run:
    work: concurrent.futures.Future[Any]
    outcome: asyncio.Future[Any]


class Worker:
    """Runs an app's functions, and fails all that is in flight when one exceeds the time-out."""

    def __init__(self, timeout: timedelta | None, threads: int | None = None) -> None:
        self._timeout = timeout.total_seconds() if timeout else None
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="worker", daemon=True)
        self._pool = concurrent.futures.ThreadPoolExecutor(threads, thread_name_prefix="worker-sync")
        self._runs: set[_Run] = set()
        self._idle = asyncio.Event()
        self._idle.set()
        self._stopped = False
        self._thread.start()

    @property
    def in_flight(self) -> int:
        """How many functions run at the moment."""
        return len(self._runs)

    async def idle(self) -> None:
        """Wait until no function runs."""
        await self._idle.wait()

    async def run(self, function: Function, argument: object, reason: str) -> Any:
        """Run a function to its end and give what it returned; raises FunctionFailed."""
        invocation = str(uuid.uuid4())
        arguments = {function.argument: argument}
        if function.wants_context:
            arguments["context"] = Context(function.name, function.directory, invocation, _local)
        log.info("Executing 'Functions.%s' (Reason='%s', Id=%s)", function.name, reason, invocation)
        began = time.monotonic()
        try:
            result = await self._outcome(function, arguments)
            if result is not None and function.kind != HTTP:
                raise RuntimeError(f"function {function.name!r} without a $return binding returned a non-None value")
        except Exception as problem:
            log.error(
                "Executed 'Functions.%s' (Failed, Id=%s, Duration=%dms)",
                *(function.name, invocation, (time.monotonic() - began) * 1000),
                exc_info=problem,
            )
            raise FunctionFailed(function.name) from problem
        log.info(
            "Executed 'Functions.%s' (Succeeded, Id=%s, Duration=%dms)",
            *(function.name, invocation, (time.monotonic() - began) * 1000),
        )
        return result

    async def _outcome(self, function: Function, arguments: Mapping[str, object]) -> Any:
        if self._stopped:
            raise HostError("the worker has stopped")
        if function.is_async:
            work = asyncio.run_coroutine_threadsafe(_await(function, arguments), self._loop)
        else:
            work = self._pool.submit(_call, function, arguments)
        host_loop = asyncio.get_running_loop()
        run = _Run(work, host_loop.create_future())
        self._runs.add(run)
        self._idle.clear()
        work.add_done_callback(lambda _: host_loop.call_soon_threadsafe(_settle, run))
        try:
            ended, _ = await asyncio.wait((run.outcome,), timeout=self._timeout)
            if not ended:
                self._fail_all(f"{function.name} ran longer than functionTimeout, {self._timeout:g} s")
            return await run.outcome
        finally:
            self._runs.discard(run)
            run.outcome.cancel()  # nobody asks for it any more
            if not self._runs:
                self._idle.set()

    def _fail_all(self, reason: str) -> None:
        """Azure kills the worker's process and starts it anew; here what is in flight is cancelled or abandoned."""
        log.error("%s: everything in flight fails (%d)", reason, len(self._runs))
        for run in self._runs:
            run.work.cancel()
            if not run.outcome.done():
                run.outcome.set_exception(HostError(f"the worker was restarted: {reason}"))

    async def stop(self) -> None:
        """End the event loop and give up the threads; what still runs is cancelled or abandoned."""
        if self._stopped:
            return
        self._stopped = True
        self._pool.shutdown(wait=False, cancel_futures=True)
        await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(_cancel_all(), self._loop))
        self._loop.call_soon_threadsafe(self._loop.stop)
        await asyncio.to_thread(self._thread.join, 5)
        if not self._thread.is_alive():
            self._loop.close()


async def _await(function: Function, arguments: Mapping[str, object]) -> Any:
    try:
        return await function.call(**arguments)
    except (SystemExit, KeyboardInterrupt) as problem:  # would end the loop, and every function with it
        raise RuntimeError(f"{function.name} raised {type(problem).__name__}") from problem


def _call(function: Function, arguments: Mapping[str, object]) -> Any:
    return function.call(**arguments)


def _settle(run: _Run) -> None:
    """Hand the end of the work to the host's loop, unless the worker was given up meanwhile."""
    if run.outcome.done():
        return
    if run.work.cancelled():
        run.outcome.set_exception(RuntimeError("the function was cancelled"))
    elif problem := run.work.exception():
        run.outcome.set_exception(problem)
    else:
        run.outcome.set_result(run.work.result())


async def _cancel_all() -> None:
    tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks, timeout=2) if tasks else None
    await asyncio.get_running_loop().shutdown_asyncgens()
