"""The admin endpoints."""

from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from tests.local.host import Host
from tests.local_tests.host_fixtures import KEYS, let, queue_name, run_app, storage, until, write_app

__all__ = ["queue_name", "storage"]

FUNCTION = {"x-functions-key": KEYS.function}
MASTER = {"x-functions-key": KEYS.master}


@pytest.fixture
async def host(tmp_path: Path, storage: str, queue_name: str) -> AsyncIterator[Host]:
    """A timer that is never due, a queue function, an HTTP function."""
    app = write_app(
        tmp_path,
        f"""
        @app.timer_trigger(arg_name="timer", schedule="0 0 0 29 2 *")
        async def tick(timer: func.TimerRequest) -> None:
            seen.append(timer)
            while "open" not in globals():
                await asyncio.sleep(0.01)

        @app.queue_trigger(arg_name="message", queue_name="{queue_name}", connection="AzureWebJobsStorage")
        async def work(message: func.QueueMessage) -> None:
            seen.append(message)

        @app.route(methods=["GET"])
        async def page(req: func.HttpRequest) -> str:
            return "a"
        """,
    )
    async with run_app(app, storage) as host:
        yield host


@pytest.fixture
async def client(host: Host) -> AsyncIterator[aiohttp.ClientSession]:
    """A client of the app."""
    async with aiohttp.ClientSession(host.address) as session:
        yield session


async def test_a_timer_fires_at_once_and_is_not_awaited(client: aiohttp.ClientSession, host: Host) -> None:
    for _ in range(2):  # the second one does not wait for the first, either
        async with client.post("/admin/functions/Tick", headers=MASTER, json={"input": ""}) as answer:
            assert (answer.status, await answer.read()) == (202, b"")
    first, second = await until(lambda: len(host.module.seen) == 2 and host.module.seen)
    assert (first.past_due, second.past_due) == (False, False)
    assert first.schedule == {"AdjustForDST": True}
    let(host, open=True)


async def test_a_queue_function_gets_the_input_as_its_message(client: aiohttp.ClientSession, host: Host) -> None:
    async with client.post("/admin/functions/work", headers=MASTER, json={"input": '{"change": 1}'}) as answer:
        assert answer.status == 202
    (message,) = await until(lambda: host.module.seen)
    assert (message.get_json(), message.id, message.dequeue_count) == ({"change": 1}, None, 0)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ('{"input": "a"}', 202),
        ("{}", 202),
        ('{"input": {"change": 1}}', 400),
        ('{"input": ["a"]}', 400),
        ("[]", 400),
        ("", 400),
        ("{", 400),
    ],
)
async def test_bodies(client: aiohttp.ClientSession, body: str, status: int) -> None:
    headers = MASTER | {"Content-Type": "application/json"}
    async with client.post("/admin/functions/work", headers=headers, data=body) as answer:
        assert answer.status == status


async def test_unknown_function_or_endpoint(client: aiohttp.ClientSession) -> None:
    async with client.post("/admin/functions/nothing", headers=MASTER, json={}) as answer:
        assert answer.status == 404
    async with client.get("/admin/nothing", headers=MASTER) as answer:
        assert answer.status == 404


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/admin/functions/tick"),
        ("GET", "/admin/functions"),
        ("GET", "/admin/host/status"),
        ("POST", "/admin/host/drain"),
    ],
)
async def test_only_for_the_master_key(client: aiohttp.ClientSession, host: Host, method: str, path: str) -> None:
    for headers, status in (({}, 401), ({"x-functions-key": "wrong"}, 401), (FUNCTION, 403)):
        async with client.request(method, path, headers=headers, json={}) as answer:
            assert answer.status == status
    assert host.module.seen == []


async def test_what_the_host_says_of_itself(client: aiohttp.ClientSession) -> None:
    async with client.get("/admin/host/ping") as answer:
        assert answer.status == 200
    async with client.get("/admin/host/status", headers=MASTER) as answer:
        assert (await answer.json())["state"] == "Running"
    async with client.get("/admin/functions", headers=MASTER) as answer:
        assert sorted(function["name"] for function in await answer.json()) == ["page", "tick", "work"]
    async with client.get("/admin/functions/tick", headers=MASTER) as answer:
        assert (await answer.json())["config"]["bindings"][0]["schedule"] == "0 0 0 29 2 *"


async def test_drain(client: aiohttp.ClientSession, host: Host) -> None:
    async def state() -> str:
        async with client.get("/admin/host/drain/status", headers=MASTER) as answer:
            return str((await answer.json())["state"])

    async with client.post("/admin/functions/tick", headers=MASTER, json={}) as answer:
        assert answer.status == 202
    await until(lambda: host.module.seen)
    assert await state() == "Disabled"
    async with client.post("/admin/host/drain", headers=MASTER) as answer:
        assert answer.status == 202
    assert await state() == "InProgress"
    let(host, open=True)
    async with client.get("/api/page", headers=FUNCTION) as answer:  # HTTP is still answered
        assert answer.status == 200
    await host.drained(5)
