"""The host as a process of its own: `python -m tests.local host`."""

import asyncio
import base64
import os
import re
import signal
from pathlib import Path

import aiohttp
import pytest

from tests.local.host.storage import DEVELOPMENT, connection_string
from tests.local.pieces import PieceError, piece, start
from tests.local_tests.host_fixtures import hidden, length, queue, queue_name, storage, until, until_length, write_app

__all__ = ["queue_name", "storage"]

LINE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00 [A-Z]+ \S+ .+")


def _app(folder: Path, name: str) -> Path:
    return write_app(
        folder,
        f"""
        import logging, os, pathlib
        here = pathlib.Path(__file__).parent

        @app.queue_trigger(arg_name="message", queue_name="{name}", connection="AzureWebJobsStorage")
        async def work(message: func.QueueMessage) -> None:
            (here / "began").touch()
            while not (here / "open").exists():
                await asyncio.sleep(0.01)
            logging.info("two\\nlines %s", os.environ["MINE"])

        @app.route(auth_level=func.AuthLevel.FUNCTION)
        async def fails(req: func.HttpRequest) -> str:
            raise ValueError("a reason")

        @app.timer_trigger(arg_name="timer", schedule="%WHEN%")
        def tick(timer: func.TimerRequest) -> None:
            (here / "ticked").touch()
        """,
    )


def _environment(storage: str) -> dict[str, str]:
    return {"AzureWebJobsStorage": storage, "WHEN": "0 0 0 29 2 *", "MINE": "a setting"}


async def test_sigterm_drains(tmp_path: Path, storage: str, queue_name: str) -> None:
    app, log = _app(tmp_path, queue_name), tmp_path / "log"
    arguments = ("--app", str(app), "--key", "a-key", "--hold-seconds", "60", "--log", str(log))
    async with (
        queue(storage, queue_name) as client,
        piece("host", *arguments, environment=_environment(storage)) as host,
    ):
        async with aiohttp.ClientSession(host.address, headers={"x-functions-key": "a-key"}) as http:
            async with http.get("/api/fails") as answer:
                assert answer.status == 500
            async with http.post("/admin/functions/tick", json={}) as answer:  # the key is the master key, too
                assert answer.status == 202
            await until((tmp_path / "ticked").exists)
        await client.send_message(base64.b64encode(b"a").decode())
        await until((tmp_path / "began").exists)
        os.kill(host.pid, signal.SIGTERM)
        await asyncio.sleep(0.3)
        await client.send_message(base64.b64encode(b"b").decode())
        assert host.running
        (tmp_path / "open").touch()
        assert await host.stop() == 0
        assert await length(client) == 1  # the first one is deleted, the second one was not fetched
        assert host.address in host.tail
    lines = log.read_text().splitlines()
    assert [line for line in lines if not LINE.fullmatch(line)] == []
    assert any(line.endswith(" INFO root two ⏎ lines a setting") for line in lines)
    assert any("(Failed," in line and "ValueError: a reason" in line for line in lines)
    assert not any("azure.core" in line for line in lines)  # the host's own requests to storage


async def test_sigkill_leaves_the_message_hidden_until_the_hold_ends(
    tmp_path: Path, storage: str, queue_name: str
) -> None:
    arguments = ("--app", str(_app(tmp_path, queue_name)), "--hold-seconds", "2")
    async with queue(storage, queue_name) as client:
        async with piece("host", *arguments, environment=_environment(storage)) as host:
            await client.send_message(base64.b64encode(b"a").decode())
            await until((tmp_path / "began").exists)
            assert await host.kill() == -9
        assert await hidden(client)
        (tmp_path / "open").touch()
        async with piece("host", *arguments, environment=_environment(storage)):
            await until_length(client, 0)


async def test_ctrl_c_twice_ends_at_once(tmp_path: Path, storage: str, queue_name: str) -> None:
    arguments = ("--app", str(_app(tmp_path, queue_name)))
    async with (
        queue(storage, queue_name) as client,
        piece("host", *arguments, environment=_environment(storage)) as host,
    ):
        await client.send_message(base64.b64encode(b"a").decode())
        await until((tmp_path / "began").exists)
        os.kill(host.pid, signal.SIGINT)
        await asyncio.sleep(0.2)
        assert host.running
        os.kill(host.pid, signal.SIGINT)
        assert await host.wait() == 1


async def test_what_cannot_be_run_is_said(tmp_path: Path, storage: str, queue_name: str) -> None:
    arguments = ("--app", str(_app(tmp_path, queue_name)))
    with pytest.raises(PieceError, match=r"error: AzureWebJobsStorage is not set"):
        await start("host", *arguments, environment={"WHEN": "0 0 0 29 2 *"})
    with pytest.raises(PieceError, match=r"error: tick: '%WHEN%' does not resolve"):
        await start("host", *arguments, environment={"AzureWebJobsStorage": storage})
    with pytest.raises(PieceError, match=r"(?s)the following arguments|invalid int value: 'x'"):
        await start("host", "--port", "x")


async def test_storage_that_goes_away_stops_the_host(tmp_path: Path, queue_name: str) -> None:
    async with piece("azurite") as azurite:
        host = await start("host", "--app", str(_app(tmp_path, queue_name)), environment=_environment(azurite.address))
        await azurite.kill()
        async with asyncio.timeout(20):
            assert await host.wait() == 1
        assert "error: " in host.tail


def test_connection_strings() -> None:
    assert (
        connection_string({"AzureWebJobsStorage": "UseDevelopmentStorage=true"}, "AzureWebJobsStorage") == DEVELOPMENT
    )
    assert connection_string({"AzureWebJobsMine": "UseDevelopmentStorage=true;"}, "Mine") == DEVELOPMENT
