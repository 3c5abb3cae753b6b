"""Faults of the Lightning Bolt stand-in, its journal and counts."""

import json
from datetime import date
from typing import Any

import httpx
import pytest

from tests.local.lightning_bolt.faults import Fault, Kind
from tests.local.lightning_bolt.journal import Reads
from tests.local_tests.lightning_bolt_fixtures import Rig, day_slot, rig

DECEMBER_10 = date(2026, 12, 10)


async def _with(it: Rig, fault: Fault) -> httpx.Response:
    await it.control.clear_faults()
    await it.control.add_fault(fault)
    return await it.reader.ask()


async def test_statuses_with_and_without_retry_after() -> None:
    async with rig(day_slot(1, DECEMBER_10)) as it:
        answer = await _with(it, Fault(Kind.STATUS, status=401, count=1))
        assert answer.status_code == 401
        assert (await it.reader.ask()).status_code == 200, "only once"
        assert (await _with(it, Fault(Kind.STATUS, status=429, retry_after="1.5"))).headers["retry-after"] == "1.5"
        assert "retry-after" not in (await _with(it, Fault(Kind.STATUS, status=429))).headers
        answer = await _with(it, Fault(Kind.STATUS, status=503, html=True))
        assert (answer.status_code, answer.text.startswith("<!DOCTYPE")) == (503, True)
        await it.control.clear_faults()
        assert (await it.reader.ask()).status_code == 200


async def test_answers_that_are_no_json() -> None:
    async with rig(day_slot(1, DECEMBER_10)) as it:
        for kind in (Kind.HTML, Kind.CUT_JSON):
            answer = await _with(it, Fault(kind))
            assert answer.status_code == 200
            with pytest.raises(json.JSONDecodeError):
                answer.json()


async def test_connections_that_break() -> None:
    async with rig(day_slot(1, DECEMBER_10)) as it:
        with pytest.raises(httpx.RemoteProtocolError):
            await _with(it, Fault(Kind.CUT_CONNECTION))
        with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
            await _with(it, Fault(Kind.REFUSE))
        await it.server.stop()
        with pytest.raises(httpx.ConnectError):
            await it.reader.ask()
        await it.server.start()
        await it.control.clear_faults()
        assert (await it.reader.ask()).status_code == 200
        assert [request.status for request in await it.control.journal() if request.path == "/viewerapi"] == [0, 0, 200]


@pytest.mark.parametrize(
    ("kind", "empty"),
    [
        (Kind.NO_SLOTS, lambda answer: answer["schedule_data"]["data"]),
        (Kind.NO_PERSONNEL, lambda answer: answer["personnel"]),
        (Kind.NO_ASSIGNMENTS, lambda answer: answer["assignments"]),
        (Kind.NO_TEMPLATES, lambda answer: answer["departments"][0]["templates"]),
    ],
)
async def test_empty_lists(kind: Kind, empty: Any) -> None:
    async with rig(day_slot(1, DECEMBER_10)) as it:
        assert empty(await it.reader.read())
        assert empty((await _with(it, Fault(kind))).json()) == []


async def test_other_views_and_missing_keys() -> None:
    async with rig(day_slot(1, DECEMBER_10)) as it:
        answer = (await _with(it, Fault(Kind.OTHER_VIEW, other_view_id=60))).json()
        assert answer["view_context"]["view_id"] == 60
        assert "personnel" not in (await _with(it, Fault(Kind.MISSING_KEY, key="personnel"))).json()
        assert (await _with(it, Fault(Kind.MISSING_KEY, key="schedule_data.data"))).json()["schedule_data"] == {}


async def test_when_a_fault_strikes() -> None:
    async with rig(day_slot(1, DECEMBER_10)) as it:
        fault = await it.control.add_fault(Fault(Kind.STATUS, skip=1, count=1, view_id=50, month="2026-12"))
        assert (await it.reader.ask(60)).status_code == 200
        assert (await it.reader.ask(50, "20270101", "20270131")).status_code == 200
        assert [(await it.reader.ask()).status_code for _ in range(3)] == [200, 500, 200]
        assert await it.control.struck() == {fault: 1}
        await it.control.clear_faults(fault)
        await it.control.add_fault(Fault(Kind.STATUS, probability=0.5, seed=7))
        first = [(await it.reader.ask()).status_code for _ in range(12)]
        await it.control.clear_faults()
        await it.control.add_fault(Fault(Kind.STATUS, probability=0.5, seed=7))
        assert [(await it.reader.ask()).status_code for _ in range(12)] == first
        assert set(first) == {200, 500}


async def test_slow_and_failing_tokens() -> None:
    async with rig(day_slot(1, DECEMBER_10)) as it:
        await it.control.add_fault(Fault(Kind.SLOW, seconds=5))
        it.reader.http.timeout = httpx.Timeout(0.05)
        with pytest.raises(httpx.ReadTimeout):
            await it.reader.ask()
        it.reader.http.timeout = httpx.Timeout(10)
        await it.control.clear_faults()
        await it.control.add_fault(Fault(Kind.STATUS, on="token", status=500, count=1))
        with pytest.raises(httpx.HTTPStatusError):
            await it.reader.sign_in()
        await it.reader.sign_in()


async def test_reads_are_counted_per_view_and_month() -> None:
    async with rig(day_slot(1, DECEMBER_10)) as it:
        await it.control.clear_journal()
        await it.reader.ask()
        await it.reader.ask(60, "20261115", "20261201")
        await it.control.add_fault(Fault(Kind.HTML, count=1))
        await it.control.add_fault(Fault(Kind.STATUS, count=1))
        await it.reader.ask()
        assert await it.control.reads() == [
            Reads(50, "2026-12", asked=2, answered=2),
            Reads(60, "2026-11", asked=1, answered=1),
            Reads(60, "2026-12", asked=1, answered=1),
        ]
        requests = await it.control.journal(after=(await it.control.journal())[0].number)
        assert [request.faults for request in requests] == [(), ("html", "status")]
        assert requests[1].body == {"view_id": 50, "tz": "UTC", "start_date": "20261201", "end_date": "20261231"}
