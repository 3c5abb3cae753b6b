"""Timers: when they run, what they are told, and how hosts share them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.local.host.run import Host, host_id
from tests.local.host.storage import table_service
from tests.local.host.timer_store import Status, TimerStore
from tests.local_tests.host_fixtures import let, run_app, storage, until, write_app

__all__ = ["storage"]

HOURLY = "0 0 * * * *"
SECONDLY = "* * * * * *"


def _app(folder: Path, schedule: str, body: str = "pass", **trigger: object) -> Path:
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    options = "".join(f", {name}={value!r}" for name, value in trigger.items())
    return write_app(
        folder,
        f'@app.timer_trigger(arg_name="timer", schedule="{schedule}"{options})\n'
        f"async def tick(timer: func.TimerRequest) -> None:\n    seen.append((time.time(), timer))\n{lines}",
    )


@asynccontextmanager
async def _store(storage: str, app: Path) -> AsyncIterator[TimerStore]:
    async with table_service(storage) as service:
        store = TimerStore(service, host_id(app))
        await store.start()
        yield store


async def _runs(host: Host, count: int, seconds: float = 10.0) -> list[datetime]:
    seen = await until(lambda: len(host.module.seen) >= count and host.module.seen, seconds)
    return [datetime.fromtimestamp(when, UTC) for when, _ in seen]


async def test_runs_when_due(tmp_path: Path, storage: str) -> None:
    async with run_app(_app(tmp_path, SECONDLY), storage) as host:
        first, second = (await _runs(host, 2))[:2]
        assert second.replace(microsecond=0) - first.replace(microsecond=0) == timedelta(seconds=1)
        assert first.microsecond < 400_000
        assert [timer.past_due for _, timer in host.module.seen[:2]] == [False, False]
        assert host.module.seen[0][1].schedule_status == {}  # more often than once a minute: not monitored


async def test_the_first_start_waits_and_stores_when_it_is_due(tmp_path: Path, storage: str) -> None:
    app = _app(tmp_path, HOURLY)
    async with run_app(app, storage) as host, _store(storage, app) as store:
        status = None
        end = asyncio.get_running_loop().time() + 10
        while not status and asyncio.get_running_loop().time() < end:
            status = await store.status("tick")
        assert status
        assert status.last is None
        assert status.next == status.updated.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
        assert host.module.seen == []


async def test_overdue_at_start_runs_once_as_past_due(tmp_path: Path, storage: str) -> None:
    app = _app(tmp_path, HOURLY)
    hour = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    last = hour - timedelta(hours=5)
    async with _store(storage, app) as store:
        await store.save("tick", Status(last, last + timedelta(hours=1), last))
        async with run_app(app, storage) as host:
            await _runs(host, 1)
            await asyncio.sleep(0.2)
            ((_, timer),) = host.module.seen  # the missed ones are folded
            assert timer.past_due is True
            assert datetime.fromisoformat(timer.schedule_status["Last"]) == last
            assert datetime.fromisoformat(timer.schedule_status["Next"]) == last + timedelta(hours=1)
        after = await store.status("tick")
        assert after
        assert after.last
        assert datetime.now(UTC) - after.last < timedelta(seconds=30)
        assert after.next > hour


async def test_no_catch_up_when_the_schedule_changed(tmp_path: Path, storage: str) -> None:
    app = _app(tmp_path, HOURLY)
    last = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(hours=5)
    async with _store(storage, app) as store:
        await store.save("tick", Status(last, last + timedelta(minutes=7), last))
        async with run_app(app, storage) as host:
            end = asyncio.get_running_loop().time() + 10
            status = await store.status("tick")
            while status and status.next < datetime.now(UTC) and asyncio.get_running_loop().time() < end:
                status = await store.status("tick")
            assert status
            assert status.next > datetime.now(UTC)
            assert status.last is None
            assert host.module.seen == []


async def test_without_monitor_nothing_is_overdue(tmp_path: Path, storage: str) -> None:
    app = _app(tmp_path, HOURLY, use_monitor=False)
    last = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(hours=5)
    async with _store(storage, app) as store:
        await store.save("tick", Status(last, last + timedelta(hours=1), last))
        async with run_app(app, storage) as host:
            await asyncio.sleep(0.3)
            assert host.module.seen == []


async def test_run_on_startup_is_not_past_due(tmp_path: Path, storage: str) -> None:
    async with run_app(_app(tmp_path, HOURLY, run_on_startup=True), storage) as host:
        await _runs(host, 1)
        assert host.module.seen[0][1].past_due is False
        assert "Next" in host.module.seen[0][1].schedule_status


async def test_never_overlaps_and_a_long_run_is_followed_by_one_at_once(tmp_path: Path, storage: str) -> None:
    body = "if len(seen) == 1: await asyncio.sleep(2.3)\nglobals().setdefault('ends', []).append(time.time())"
    async with run_app(_app(tmp_path, SECONDLY, body), storage) as host:
        _, second, third = (await _runs(host, 3))[:3]
        ended = datetime.fromtimestamp(host.module.ends[0], UTC)
        assert timedelta(0) <= second - ended < timedelta(seconds=0.5)  # on schedule it would be 0.7 s later
        assert third.replace(microsecond=0) > second.replace(microsecond=0)
        assert host.module.seen[1][1].past_due is False


async def test_a_failure_advances_the_schedule(tmp_path: Path, storage: str) -> None:
    async with run_app(_app(tmp_path, SECONDLY, "raise ValueError"), storage) as host:
        first, second = (await _runs(host, 2))[:2]
        assert second - first > timedelta(seconds=0.5)


async def test_one_host_fires_and_another_takes_over(tmp_path: Path, storage: str) -> None:
    app = _app(tmp_path, SECONDLY)
    async with _store(storage, app) as other:
        assert await other.acquire("tick", timedelta(seconds=30))
        async with run_app(app, storage) as host:
            await asyncio.sleep(1.3)
            assert host.module.seen == []  # it tries again in a minute
        await other.release("tick")
        async with run_app(app, storage) as host:
            await _runs(host, 1)
            assert not await other.acquire("tick", timedelta(seconds=30))
        assert await other.acquire("tick", timedelta(seconds=30))  # given up by a host that ends well


async def test_a_lock_ends_with_its_lease(tmp_path: Path, storage: str) -> None:
    app = _app(tmp_path, SECONDLY)
    async with _store(storage, app) as other:
        assert await other.acquire("tick", timedelta(milliseconds=1))
        async with run_app(app, storage, lease_seconds=0.3) as host:
            await _runs(host, 2)  # renewed meanwhile
            assert not await other.acquire("tick", timedelta(seconds=30))


async def test_drain_ends_the_run_at_work(tmp_path: Path, storage: str) -> None:
    body = "while 'open' not in globals(): await asyncio.sleep(0.01)"
    async with run_app(_app(tmp_path, SECONDLY, body), storage) as host:
        await _runs(host, 1)
        draining = asyncio.create_task(host.drained(5))
        await asyncio.sleep(0.2)
        assert not draining.done()
        let(host, open=True)
        await draining
        assert len(host.module.seen) == 1
