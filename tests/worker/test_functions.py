"""Each function once in production's worker, with what it leaves behind: a message, a row, an event."""

import json
import time
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from azure.storage.queue import QueueMessage

from shared.month import Month
from shared.sync.publish_callback import sign
from tests.conftest import Tell
from tests.town import ADA, BEN, DAY, NIGHT, TEMPLATE, VIEW, ZONE, mailbox
from tests.worker.production import ProductionWorker, production_worker
from tests.worker.stage import Stage, open_stage, request, text_of, timer

pytestmark = pytest.mark.slow

SCHEDULE_CHANGES, CALENDAR_CHANGES = "schedule-changes", "calendar-changes"
SECRET = "a key that Lightning Bolt signs with"
PRESENT = Month.of(datetime.now(ZoneInfo(ZONE)).date())
MONTH = PRESENT.plus(1)


def _day(number: int) -> date:
    return MONTH.first + timedelta(days=number - 1)


@pytest.fixture
async def stage(storage: str) -> AsyncIterator[Stage]:
    """Three published shifts of two people next month."""
    async with open_stage(storage, (ADA, BEN), PUBLISH_SECRET=SECRET, AUDIT_SPREAD_MINUTES="0") as opened:
        await opened.lightning_bolt.add_slot(TEMPLATE, ADA, DAY, _day(5), note="Bring the pager")
        await opened.lightning_bolt.add_slot(TEMPLATE, ADA, NIGHT, _day(7))
        await opened.lightning_bolt.add_slot(TEMPLATE, BEN, DAY, _day(5))
        await opened.lightning_bolt.publish(callback=False)
        yield opened


@pytest.fixture
async def worker(stage: Stage, app: Path, tmp_path: Path) -> AsyncIterator[ProductionWorker]:
    """A worker that has indexed the package."""
    async with production_worker(app, stage.settings, tmp_path / "worker.log") as started:
        assert (await started.start())["result"]["status"] == "Success"
        await started.index()
        yield started


async def test_every_function_once(stage: Stage, worker: ProductionWorker, tell: Tell) -> None:
    await _publish_callback(stage, worker, tell)
    await _plan_schedule(stage, worker, tell)
    await _write_calendar(stage, worker, tell)
    await _sweep(stage, worker, tell, "sweep", [PRESENT, MONTH, PRESENT.plus(-1)])
    await _sweep(stage, worker, tell, "sweep_window", [PRESENT.plus(number) for number in range(-1, 7)])
    await _audit(stage, worker, tell)
    outcome = await worker.invoke("health", request("GET", "health"))
    assert (outcome.status, outcome.http[0]) == ("Success", 200)
    body = outcome.http[1]
    assert (body["status"], body["reasons"], body["paused"]) == ("ok", [], False)
    assert [body[name]["status"] for name in ("storage", "lightning_bolt", "graph")] == ["ok"] * 3
    tell(f"health: {outcome.http}")
    await _operate_and_status(worker, tell)


async def _operate_and_status(worker: ProductionWorker, tell: Tell) -> None:
    """What operators ask for. Nothing is left to be done, so nothing would be."""
    call = request("POST", "operate/preview", b"{}", params={"verb": "preview"})
    outcome = await worker.invoke("operate", call)
    assert (outcome.status, outcome.http[0]) == ("Success", 200)
    assert set(outcome.http[1]["totals"].values()) == {0}
    tell(f"operate: {outcome.http[1]['totals']}")
    outcome = await worker.invoke("status", request("GET", "status"))
    assert (outcome.status, outcome.http[0]) == ("Success", 200)
    overview = outcome.http[1]["overview"]
    assert overview["healthy"]
    assert overview["totals"]["in_step"] == 2
    tell(f"status: {overview['totals']}")


def _content(message: QueueMessage) -> dict[str, Any]:
    """A message, without the span that it came from."""
    content: dict[str, Any] = json.loads(text_of(message))
    content["change"].pop("trace", None)
    return content


async def _publish_callback(stage: Stage, worker: ProductionWorker, tell: Tell) -> None:
    """A message in schedule-changes, if the call was signed."""
    body = json.dumps({"view_id": VIEW, "start_date": f"{_day(1)}", "end_date": f"{_day(9)}", "publish_id": "p-1"})
    bad = await worker.invoke(
        "publish_callback", request("POST", "publish", body.encode(), {"x-signature": "t=1,v1=0"})
    )
    assert (bad.status, bad.http[0]) == ("Success", 401)
    assert await stage.waiting(SCHEDULE_CHANGES) == 0

    signature = sign(body.encode(), SECRET, int(time.time()))
    good = await worker.invoke(
        "publish_callback", request("POST", "publish", body.encode(), {"x-signature": signature})
    )
    accepted = {"status": "accepted", "view_id": VIEW, "months": [str(MONTH)]}
    assert (good.status, good.http) == ("Success", (202, accepted))
    (message,) = await stage.queues.get_queue_client(SCHEDULE_CHANGES).peek_messages(max_messages=32)
    content = _content(message)
    assert datetime.now(UTC) - datetime.fromisoformat(content["change"].pop("published_at")) < timedelta(minutes=1)
    change = {"view": VIEW, "months": [str(MONTH)], "reason": "callback", "publish_id": "p-1"}
    assert content == {"schema": 1, "change": change}
    tell(f"publish_callback: {good.http}; schedule-changes holds {text_of(message)}")


async def _plan_schedule(stage: Stage, worker: ProductionWorker, tell: Tell) -> None:
    """Rows in personmonths, and a pointer for each of them in calendar-changes."""
    assert [each.status for each in await stage.run_all(worker, "plan_schedule", SCHEDULE_CHANGES)] == ["Success"]
    assert await stage.waiting(SCHEDULE_CHANGES) == 0
    rows = await stage.rows("personmonths")
    partition = f"{TEMPLATE}|{MONTH}"
    found = {key: (row["version"], row["count"], row["mailbox"]) for key, row in rows.items() if key[1] != "!"}
    assert found == {
        (partition, str(ADA)): (1, 2, mailbox(ADA)),
        (partition, str(BEN)): (1, 1, mailbox(BEN)),
    }
    assert rows[partition, "!"]["view"] == VIEW
    assert {row["publish_id"] for key, row in rows.items() if key[1] != "!"} == {"p-1"}
    peeked = await stage.queues.get_queue_client(CALENDAR_CHANGES).peek_messages(max_messages=32)
    pointers = sorted(json.dumps(_content(message)) for message in peeked)
    assert [json.loads(pointer) for pointer in pointers] == [
        {"schema": 1, "change": {"person": str(person), "months": [[str(TEMPLATE), str(MONTH)]]}}
        for person in (ADA, BEN)
    ]
    tell(f"plan_schedule: personmonths holds {found}; calendar-changes holds {pointers}")


async def _write_calendar(stage: Stage, worker: ProductionWorker, tell: Tell) -> None:
    """Events in Outlook, a row for each person-month in shiftevents, and the version that was applied in personmonths.

    Both pointers at once: the worker runs them on one loop.
    """
    outcomes = await stage.run_all(worker, "write_calendar", CALENDAR_CHANGES)
    assert [each.status for each in outcomes] == ["Success", "Success"], outcomes
    assert await stage.waiting(CALENDAR_CHANGES) == 0
    events = {
        person: [(each.subject, each.start, each.end) for each in await stage.graph.events(mailbox(person))]
        for person in (ADA, BEN)
    }
    day = ("Day Rounds", f"{_day(5)}T07:00:00", f"{_day(5)}T17:00:00")
    assert events == {ADA: [day, ("Night Call", f"{_day(7)}T19:00:00", f"{_day(8)}T07:00:00")], BEN: [day]}
    links = {
        key: [line["event"] for line in json.loads(row["links_0"])]
        for key, row in (await stage.rows("shiftevents")).items()
        if key[1] != "!"
    }
    month = f"{TEMPLATE}|{MONTH}"
    assert links == {
        (str(person), month): [event.id for event in await stage.graph.events(mailbox(person))] for person in (ADA, BEN)
    }
    rows = [row for key, row in (await stage.rows("personmonths")).items() if key[1] != "!"]
    applied = [(row["applied_version"], row["applied_count"], row["outcome"]) for row in rows]
    assert applied == [(1, 2, "applied"), (1, 1, "applied")]
    tell(
        f"write_calendar: Graph holds {events}; shiftevents holds {links}; applied (version, count, outcome) {applied}"
    )


async def _sweep(stage: Stage, worker: ProductionWorker, tell: Tell, function: str, months: list[Month]) -> None:
    """A message in schedule-changes."""
    outcome = await worker.invoke(function, timer())
    assert (outcome.status, outcome.error) == ("Success", "")
    (message,) = await stage.take(SCHEDULE_CHANGES)
    change = {"view": VIEW, "months": [str(month) for month in months], "reason": "sweep"}
    assert _content(message) == {"schema": 1, "change": change}
    assert (await stage.run(worker, "plan_schedule", SCHEDULE_CHANGES, message)).status == "Success"
    assert await stage.waiting(CALENDAR_CHANGES) == 0  # all is in step
    tell(f"{function}: schedule-changes holds {text_of(message)}")


async def _audit(stage: Stage, worker: ProductionWorker, tell: Tell) -> None:
    """A message in calendar-changes for each person."""
    outcome = await worker.invoke("audit", timer())
    assert (outcome.status, outcome.error) == ("Success", "")
    assert await stage.waiting(CALENDAR_CHANGES) == 2
    messages = await stage.take(CALENDAR_CHANGES)
    changes = [_content(message)["change"] for message in messages]
    months = [["5", str(MONTH)]]
    assert sorted(changes, key=lambda change: str(change["person"])) == [
        {"person": str(person), "months": months, "observe": True} for person in (ADA, BEN)
    ]
    for message in messages:
        assert (await stage.run(worker, "write_calendar", CALENDAR_CHANGES, message)).status == "Success"
    assert await stage.waiting(CALENDAR_CHANGES) == 0  # nothing was changed by hand
    tell(f"audit: calendar-changes holds {[text_of(message) for message in messages]}")


@pytest.mark.parametrize(
    ("function", "queue"), [("plan_schedule", SCHEDULE_CHANGES), ("write_calendar", CALENDAR_CHANGES)]
)
async def test_a_malformed_message_is_a_failure(
    stage: Stage, worker: ProductionWorker, function: str, queue: str
) -> None:
    """So the host tries it again, and puts it aside in the end. The worker goes on."""
    assert (await worker.invoke("health", request("GET", "health"))).http[0] == 200  # makes the queues
    for text, error in (
        ("no JSON", "BadMessageError: message: is not JSON"),
        ('{"schema": 1}', "BadMessageError: change"),
        ('{"schema": 9, "change": {}}', "BadMessageError: schema"),
        ('{"schema": 1, "change": {}, "dequeueCount": "many"}', "ValueError: "),
    ):
        await stage.put(queue, text)
        (outcome,) = await stage.run_all(worker, function, queue)
        assert outcome.status == "Failure"
        assert outcome.error.startswith(error), outcome.error
    assert await stage.waiting(queue) == 4
    assert (await worker.invoke("health", request("GET", "health"))).http[0] == 200


async def test_without_its_settings_the_app_says_so(app: Path, tmp_path: Path, storage: str) -> None:
    """It is indexed all the same; the probe names what is missing, and a callback fails: Lightning Bolt calls again."""
    async with production_worker(app, {"AzureWebJobsStorage": storage}, tmp_path / "worker.log") as worker:
        assert (await worker.start())["result"]["status"] == "Success"
        await worker.index()
        status, body = (await worker.invoke("health", request("GET", "health"))).http
        assert (status, body["status"]) == (503, "down")
        assert "INSTALLATION_ID: is not set" in body["reasons"]
        outcome = await worker.invoke("publish_callback", request("POST", "publish", b'{"view_id": 50}'))
        assert outcome.status == "Failure"
        assert outcome.error.startswith("SettingsError: ")
