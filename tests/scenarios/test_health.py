"""`health`: what a probe, and whoever looks after the app, must be able to see."""

import azure.functions as func
import pytest

import function_app
import shared.app
from tests.scenarios.test_lightning_bolt_trouble import spoil_month
from tests.town import ADA, DAY, TEMPLATE, Town, app_settings


async def test_a_refused_month_is_told_of_until_it_is_read_whatever_else_is(town: Town) -> None:
    spoil_month(town, town.next_month)
    town.lightning_bolt.slots.add_slot(TEMPLATE, ADA, DAY, town.next_month.plus(2).first)
    for month in (town.next_month, town.next_month.plus(2)):
        await town.publish(month)
        health = (await town.app.health()).body
        assert health["status"] == "degraded", month
        assert str(town.next_month) in str(health["reasons"])
    assert town.subjects(ADA) == ["Day Rounds"]


async def test_where_storage_cannot_be_reached_the_app_is_down(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a body that says so: a probe that got no answer would not tell this from an app that did not start."""
    closed = "http://127.0.0.1:9"
    storage = f"AccountName=a;AccountKey=a2V5;QueueEndpoint={closed}/a;TableEndpoint={closed}/a;"
    for name, value in app_settings(storage, closed, f"{closed}/v1.0").items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(shared.app, "_app", None)
    answer = await function_app.health(func.HttpRequest("GET", "/api/health", body=b""))
    await (await shared.app.get_app()).aclose()
    assert answer.status_code == 503
    assert b'"status": "down"' in answer.get_body()
    assert b"storage" in answer.get_body()
