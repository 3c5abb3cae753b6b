"""The worker: one loop for coroutines, threads for the others, and a time-out that fails all that is in flight."""

import asyncio
import base64
from pathlib import Path

import aiohttp
import pytest

from tests.local_tests.host_fixtures import let, queue, queue_name, run_app, storage, until, until_length, write_app

__all__ = ["queue_name", "storage"]


async def test_coroutines_share_one_loop_and_others_run_in_threads(tmp_path: Path) -> None:
    app = write_app(
        tmp_path,
        """
        @app.route(route="loop/{n}", auth_level=func.AuthLevel.ANONYMOUS)
        async def loop(req: func.HttpRequest) -> str:
            seen.append((id(asyncio.get_running_loop()), threading.get_ident()))
            return "a"

        @app.route(auth_level=func.AuthLevel.ANONYMOUS)
        def together(req: func.HttpRequest) -> str:
            barrier.wait(5)  # passes only if two run at once
            return threading.current_thread().name

        barrier = threading.Barrier(2)
        """,
    )
    async with run_app(app, storage="") as host, aiohttp.ClientSession(host.address) as client:

        async def get(path: str) -> str:
            async with client.get(path) as answer:
                assert answer.status == 200
                return await answer.text()

        await asyncio.gather(*(get(f"/api/loop/{n}") for n in range(4)))
        assert len(set(host.module.seen)) == 1
        assert host.module.seen[0][0] != id(asyncio.get_running_loop())
        names = await asyncio.gather(get("/api/together"), get("/api/together"))
        assert len(set(names)) == 2


async def test_a_blocking_function_does_not_hold_up_the_host(tmp_path: Path, storage: str, queue_name: str) -> None:
    app = write_app(
        tmp_path,
        f"""
        @app.queue_trigger(arg_name="message", queue_name="{queue_name}", connection="AzureWebJobsStorage")
        async def work(message: func.QueueMessage) -> None:
            seen.append(message)
            gate.wait(10)  # blocks the worker's loop, as a synchronous client would

        gate = threading.Event()
        """,
    )
    async with queue(storage, queue_name) as client, run_app(app, storage, hold_seconds=1) as host:
        await client.send_message(base64.b64encode(b"a").decode())
        await until(lambda: host.module.seen)
        await asyncio.sleep(1.3)
        assert not await client.peek_messages()  # still held: renewed meanwhile
        host.module.gate.set()
        await until_length(client, 0)
        assert len(host.module.seen) == 1


async def test_a_time_out_fails_everything_in_flight(tmp_path: Path, storage: str, queue_name: str) -> None:
    app = write_app(
        tmp_path,
        f"""
        @app.queue_trigger(arg_name="message", queue_name="{queue_name}", connection="AzureWebJobsStorage")
        async def work(message: func.QueueMessage) -> None:
            seen.append(message.dequeue_count)
            if "open" not in globals():
                await asyncio.sleep(60)

        @app.route(auth_level=func.AuthLevel.ANONYMOUS)
        def blocked(req: func.HttpRequest) -> str:
            gate.wait(10)
            return "a"

        gate = threading.Event()
        """,
        functionTimeout="00:00:01",
    )
    async with queue(storage, queue_name) as client, run_app(app, storage) as host:
        await client.send_message(base64.b64encode(b"a").decode())
        await until(lambda: host.module.seen)
        async with aiohttp.ClientSession(host.address) as http, http.get("/api/blocked") as answer:
            assert (answer.status, await answer.read()) == (500, b"")  # failed with the other, before its own second
        let(host, open=True)
        await until_length(client, 0)
        assert host.module.seen == [1, 2]  # the time-out was a failure: it came again
        host.module.gate.set()


async def test_leaving_the_process_is_a_failure(tmp_path: Path) -> None:
    app = write_app(
        tmp_path,
        """
        import sys

        @app.route(auth_level=func.AuthLevel.ANONYMOUS)
        async def leave(req: func.HttpRequest) -> str:
            sys.exit(3)
        """,
    )
    async with run_app(app, storage="") as host, aiohttp.ClientSession(host.address) as client:
        for _ in range(2):
            async with client.get("/api/leave") as answer:
                assert answer.status == 500


@pytest.mark.parametrize("kind", ["async def", "def"])
async def test_a_failure_is_logged_with_its_traceback(
    tmp_path: Path, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    app = write_app(
        tmp_path,
        f"""
        @app.route(auth_level=func.AuthLevel.ANONYMOUS)
        {kind} fails(req: func.HttpRequest) -> str:
            raise ValueError("a reason")
        """,
    )
    async with (
        run_app(app, storage="") as host,
        aiohttp.ClientSession(host.address) as client,
        client.get("/api/fails") as answer,
    ):
        assert answer.status == 500
    (record,) = [record for record in caplog.records if "Failed" in record.getMessage()]
    assert record.getMessage().startswith("Executed 'Functions.fails' (Failed, Id=")
    assert record.exc_info
    assert str(record.exc_info[1]) == "a reason"
