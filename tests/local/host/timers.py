"""Timer triggers: one run at a time, missed ones folded, one host at a time; as the timers extension does it."""

import asyncio
import contextlib
import json
import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import azure.functions as func
from azure.core.exceptions import AzureError
from azure.functions.meta import Datum
from azure.functions.timer import TimerRequestConverter

from tests.local.host.functions import Function
from tests.local.host.schedules import Schedule
from tests.local.host.timer_store import Status, TimerStore
from tests.local.host.worker import FunctionFailed, Worker

log = logging.getLogger("host.timers")

Clock = Callable[[], datetime]


class TimerListener:
    """Runs one function on its schedule until it is drained."""

    def __init__(self, function: Function, store: TimerStore, worker: Worker, lease: timedelta) -> None:
        self._function = function
        self._schedule = Schedule(str(function.trigger["schedule"]))
        self._store = store
        self._worker = worker
        self._lease = lease
        self._draining = asyncio.Event()
        wanted = bool(function.trigger.get("useMonitor", True))
        self._monitored = wanted and not self._schedule.frequent(datetime.now(UTC))

    def drain(self) -> None:
        """No more runs; `run` ends when the one at work has ended."""
        self._draining.set()

    async def run(self) -> None:
        """Wait for the lock, then run on schedule until drained."""
        while not await self._store.acquire(self._function.name, self._lease):
            if await self._drained_within(60.0):
                return
        keeping = asyncio.create_task(self._keep_lock())
        try:
            await self._run_on_schedule()
        finally:
            keeping.cancel()
            await asyncio.wait((keeping,))
            await self._store.release(self._function.name)

    def request(self, *, past_due: bool = False, status: Status | None = None) -> func.TimerRequest:
        """What the function is given."""
        shown = {
            "Schedule": {"AdjustForDST": True},
            "ScheduleStatus": _shown(status) if status and self._monitored else None,
            "IsPastDue": past_due,
        }
        made: func.TimerRequest = TimerRequestConverter.decode(Datum(json.dumps(shown), "json"), trigger_metadata={})
        return made

    async def _run_on_schedule(self) -> None:
        now = datetime.now(UTC)
        status = await self._first_status(now)
        if self._monitored and now > status.next:
            status = await self._invoke(status, past_due=True)
        elif self._function.trigger.get("runOnStartup"):
            status = await self._invoke(status, on_startup=True)
        while not await self._drained_within((status.next - datetime.now(UTC)).total_seconds()):
            status = await self._invoke(status)

    async def _first_status(self, now: datetime) -> Status:
        """The stored status; a new one if there is none, or if the schedule has changed (which causes no catch-up)."""
        stored = await self._store.status(self._function.name) if self._monitored else None
        if stored:
            basis = stored.last or stored.updated
            if stored.next == (expected := self._schedule.next(basis)):
                return stored
            if now > expected:
                basis, expected = now, self._schedule.next(now)
            fresh = Status(None, expected, basis)
        else:
            fresh = Status(None, self._schedule.next(now), now)
        await self._save(fresh)
        return fresh

    async def _invoke(self, status: Status, *, past_due: bool = False, on_startup: bool = False) -> Status:
        """One run; its failure advances the schedule like its success. The next time counts from this run's start."""
        if self._draining.is_set():
            return status
        began = datetime.now(UTC)
        reason = "Timer fired" + (" (past due)" if past_due else " (run on startup)" if on_startup else "")
        with contextlib.suppress(FunctionFailed):
            await self._worker.run(self._function, self.request(past_due=past_due, status=status), reason)
        if not past_due and not on_startup:
            began = max(began, status.next)  # fired a little early: the same time must not come twice
        after = Status(began, self._schedule.next(began), began)
        await self._save(after)
        return after

    async def _save(self, status: Status) -> None:
        if self._monitored:
            await self._store.save(self._function.name, status)

    async def _keep_lock(self) -> None:
        while True:
            await asyncio.sleep(self._lease.total_seconds() / 3)
            try:
                if not await self._store.acquire(self._function.name, self._lease):
                    log.error("%s: another host has taken the timer's lock", self._function.name)
            except AzureError as problem:
                log.error("%s: the timer's lock was not renewed: %s", self._function.name, problem)

    async def _drained_within(self, seconds: float) -> bool:
        if self._draining.is_set():
            return True
        try:
            async with asyncio.timeout(max(seconds, 0)):
                await self._draining.wait()
        except TimeoutError:
            return False
        return True


def _shown(status: Status) -> dict[str, str]:
    last = status.last.isoformat() if status.last else "0001-01-01T00:00:00"
    return {"Last": last, "Next": status.next.isoformat(), "LastUpdated": status.updated.isoformat()}
