"""`health` answers within two seconds and says which dependency is silent, each of them in turn."""

import time
from collections.abc import Awaitable, Callable

import azure.functions as func
import pytest

import function_app
import shared.app
from shared.ops.health import Health, health
from shared.state.connection import Connection, Storage
from shared.state.ledger import TableLedger
from shared.state.queues import AzurePoison
from shared.state.tables import AzureTable
from tests.conftest import Tell
from tests.ops.silence import silent_server
from tests.town import ADA, DAY, TEMPLATE, Town, app_settings

WITHIN = 2.0
KEY = "a2V5"


async def _timed(ask: Callable[[], Awaitable[Health]], tell: Tell, about: str) -> Health:
    began = time.monotonic()
    answer = await ask()
    took = time.monotonic() - began
    tell(f"{about}: {took:.2f} s, {answer.status} {answer.body['reasons']}")
    assert took < WITHIN
    return answer


def _parts(storage: str) -> dict[str, str]:
    return dict(part.split("=", 1) for part in storage.split(";") if part)


@pytest.mark.parametrize("part", ["Table", "Queue"])
async def test_silent_storage(town: Town, tell: Tell, part: str) -> None:
    """Of an app that was connected before."""
    async with silent_server() as address:
        parts = _parts(town.environment["AzureWebJobsStorage"])
        parts[f"{part}Endpoint"] = f"{address}/{parts['AccountName']}"
        storage = Storage(Connection(";".join(f"{name}={value}" for name, value in parts.items())))
        ledger = TableLedger(*(AzureTable(storage.tables.get_table_client(name)) for name in ("schedules", "problems")))
        try:
            answer = await _timed(
                lambda: health(town.app.settings, ledger, AzurePoison(storage.queue)), tell, f"{part}s"
            )
        finally:
            await storage.aclose()
    assert (answer.status, answer.body["status"]) == (503, "down")
    assert answer.body["reasons"] == [f"storage: its {part.lower()}s gave no answer within 1.5 s"]


async def test_silent_storage_at_the_start(monkeypatch: pytest.MonkeyPatch, tell: Tell) -> None:
    async with silent_server() as address:
        storage = f"AccountName=a;AccountKey={KEY};QueueEndpoint={address}/a;TableEndpoint={address}/a;"
        for name, value in app_settings(storage, address, f"{address}/v1.0").items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(shared.app, "_app", None)

        async def ask() -> Health:
            answer = await function_app.health(func.HttpRequest("GET", "/api/health", body=b""))
            return Health(answer.status_code, {"reasons": [answer.get_body().decode()]})

        answer = await _timed(ask, tell, "storage, not connected yet")
        app = await shared.app.get_app()
        await app.aclose()
    assert answer.status == 503
    assert "storage: no answer within 1.5 s" in str(answer.body)


async def test_silent_lightning_bolt(town: Town, tell: Tell) -> None:
    """By its last use: a read that got no answer."""
    async with silent_server() as address:
        await town.restart(LIGHTNING_BOLT_URL=address)
        await town.callback(town.next_month)
        await town.handle_visible()
        answer = await _timed(town.app.health, tell, "Lightning Bolt")
    assert (answer.status, answer.body["status"]) == (200, "degraded")
    assert answer.body["lightning_bolt"] == {"status": "failing", "last_used": None}
    assert "no whole answer within" in str(answer.body["reasons"])


async def test_silent_graph(town: Town, tell: Tell) -> None:
    """By its last use: a calendar about which it said nothing; and it is well again once one was written."""
    town.lightning_bolt.slots.add_slot(TEMPLATE, ADA, DAY, town.day(3))
    await town.lightning_bolt.publishing.publish(callback=False)
    real = town.environment["GRAPH_URL"]
    async with silent_server() as address:
        await town.restart(GRAPH_URL=f"{address}/v1.0")
        await town.callback(town.next_month)
        await town.handle_visible()
        answer = await _timed(town.app.health, tell, "Graph")
    assert (answer.status, answer.body["status"]) == (200, "degraded")
    assert "Graph gave no answer when it was last used" in str(answer.body["reasons"])
    await town.restart(GRAPH_URL=real)
    await town.drain()
    assert (await town.app.health()).body["reasons"] == []
    assert len(town.calendar(ADA)) == 1


async def test_the_oldest_due_work_is_what_the_last_sweep_saw(town: Town) -> None:
    town.lightning_bolt.slots.add_slot(TEMPLATE, ADA, DAY, town.day(3))
    await town.lightning_bolt.publishing.publish(callback=False)
    await town.callback(town.next_month)
    await town.handle_visible("schedule-changes")
    await town.lose_messages()
    await town.app.sweep()
    end = time.monotonic() + 10
    while (await town.app.health()).body["oldest_due"] is None:
        assert time.monotonic() < end
        await town.handle_visible("schedule-changes")
    await town.sweep_until(lambda: len(town.calendar(ADA)) == 1)
    await town.sweep()
    assert (await town.app.health()).body["oldest_due"] is None
