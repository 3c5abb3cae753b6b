"""What production's worker tells the host of the app, and what it says to a package that is broken."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Tell
from tests.local.host import functions
from tests.local.host.run import ROOT
from tests.worker.production import production_worker
from tests.worker.stage import timer

pytestmark = pytest.mark.slow

INDEX: Mapping[str, list[dict[str, Any]]] = {
    "publish_callback": [
        {
            "name": "req",
            "type": "httpTrigger",
            "direction": "IN",
            "authLevel": "FUNCTION",
            "methods": ["POST"],
            "route": "publish",
        },
        {"name": "$return", "type": "http", "direction": "OUT"},
    ],
    "health": [
        {
            "name": "req",
            "type": "httpTrigger",
            "direction": "IN",
            "authLevel": "ANONYMOUS",
            "methods": ["GET"],
            "route": "health",
        },
        {"name": "$return", "type": "http", "direction": "OUT"},
    ],
    "operate": [
        {
            "name": "req",
            "type": "httpTrigger",
            "direction": "IN",
            "authLevel": "FUNCTION",
            "methods": ["POST"],
            "route": "operate/{verb}",
        },
        {"name": "$return", "type": "http", "direction": "OUT"},
    ],
    "status": [
        {
            "name": "req",
            "type": "httpTrigger",
            "direction": "IN",
            "authLevel": "FUNCTION",
            "methods": ["GET"],
            "route": "status",
        },
        {"name": "$return", "type": "http", "direction": "OUT"},
    ],
    "sweep": [
        {
            "name": "timer",
            "type": "timerTrigger",
            "direction": "IN",
            "schedule": "0 */10 * * * *",
            "runOnStartup": False,
            "useMonitor": True,
        }
    ],
    "sweep_window": [
        {
            "name": "timer",
            "type": "timerTrigger",
            "direction": "IN",
            "schedule": "0 0 2 * * *",
            "runOnStartup": False,
            "useMonitor": True,
        }
    ],
    "audit": [
        {
            "name": "timer",
            "type": "timerTrigger",
            "direction": "IN",
            "schedule": "0 0 3 * * *",
            "runOnStartup": False,
            "useMonitor": True,
        }
    ],
    "plan_schedule": [
        {
            "name": "message",
            "type": "queueTrigger",
            "direction": "IN",
            "queueName": "schedule-changes",
            "connection": "AzureWebJobsStorage",
        }
    ],
    "write_calendar": [
        {
            "name": "message",
            "type": "queueTrigger",
            "direction": "IN",
            "queueName": "calendar-changes",
            "connection": "AzureWebJobsStorage",
        }
    ],
}
"""Every function with its bindings, as the host makes its triggers of them. No poison queue has one."""


async def test_the_index(app: Path, tmp_path: Path, tell: Tell) -> None:
    async with production_worker(app, {}, tmp_path / "worker.log") as worker:
        started = await worker.start()
        assert started["result"]["status"] == "Success", started
        assert started["worker_metadata"]["runtime_version"] == "3.13"
        index = await worker.index()
    assert {one.name: one.bindings for one in index} == INDEX
    for one in index:
        assert "retry_options" not in one.metadata
        assert {name: told["direction"] for name, told in one.metadata["bindings"].items()} == {
            binding["name"]: binding["direction"].lower() for binding in INDEX[one.name]
        }
        tell(f"{one.name:17}{json.dumps(one.bindings)}")


def test_the_stand_in_of_the_host_sees_the_same() -> None:
    index = functions.index(functions.load(ROOT / "function_app.py"), {})
    assert {one.name: dict(one.trigger) for one in index} == {name: bindings[0] for name, bindings in INDEX.items()}


async def test_a_setting_moves_a_schedule(app: Path, tmp_path: Path) -> None:
    """The binding names the setting, and the host resolves it."""
    settings = {"SWEEP_SCHEDULE": "0 */5 * * * *", "WINDOW_SCHEDULE": ""}
    async with production_worker(app, settings, tmp_path / "worker.log") as worker:
        await worker.start()
        schedules = {one.name: one.bindings[0].get("schedule") for one in await worker.index()}
    assert (schedules["sweep"], schedules["sweep_window"]) == ("%SWEEP_SCHEDULE%", "0 0 2 * * *")


async def test_a_worker_that_was_kept_warm_gets_the_app(app: Path, tmp_path: Path) -> None:
    """So does Azure start an instance: the worker is there before the app and its settings are."""
    empty = tmp_path / "placeholder"
    empty.mkdir()
    async with production_worker(empty, {}, tmp_path / "worker.log") as worker:
        assert (await worker.start())["result"]["status"] == "Success"
        assert await worker.index() == []
        answer = await worker.specialise(app, {"SWEEP_SCHEDULE": "0 */5 * * * *"})
        assert answer["result"]["status"] == "Success", answer
        index = await worker.index()
    assert [one.name for one in index] == list(INDEX)
    assert index[4].bindings[0]["schedule"] == "%SWEEP_SCHEDULE%"


@pytest.mark.parametrize(
    ("missing", "error"),
    [("shared/settings.py", "No module named 'shared.settings'"), ("shared/sync", "No module named 'shared.sync'")],
)
async def test_a_package_that_lacks_a_file_does_not_start(app: Path, tmp_path: Path, missing: str, error: str) -> None:
    (app / missing).rename(tmp_path / "elsewhere")
    async with production_worker(app, {}, tmp_path / "worker.log") as worker:
        result = (await worker.start())["result"]
    assert result["status"] == "Failure"
    assert error in result["exception"]["message"]


async def test_a_function_that_returns_something_fails(app: Path, tmp_path: Path) -> None:
    """Where the index promises no return value: why each run's status is looked at."""
    source = app / "function_app.py"
    text = source.read_text()
    assert "    await (await get_app()).sweep()\n" in text
    source.write_text(text.replace("    await (await get_app()).sweep()\n", "    return 1\n"))
    async with production_worker(app, {}, tmp_path / "worker.log") as worker:
        await worker.start()
        await worker.index()
        outcome = await worker.invoke("sweep", timer())
    assert outcome.status == "Failure"
    assert "returned a non-None value" in outcome.error
