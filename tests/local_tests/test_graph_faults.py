"""The Graph stand-in: everything that can be told to go wrong."""

import asyncio
import base64
from email.utils import parsedate_to_datetime
from typing import Any

import aiohttp
import pytest

from tests.local.graph.client import RawGraph, stand_in, write
from tests.local.graph.faults import Fault

ADA, BEN = "ada@example.org", "ben@example.org"
EVENTS = f"/users/{ADA}/events"
BODY: dict[str, Any] = {
    name: {"dateTime": f"2026-11-02T{clock}:00:00", "timeZone": "UTC"}
    for name, clock in (("start", "07"), ("end", "19"))
}


def creates(count: int, mailbox: str = ADA) -> list[dict[str, Any]]:
    """Items that create events."""
    return [write(f"{mailbox[0]}{each}", "POST", f"/users/{mailbox}/events", BODY) for each in range(count)]


def count(graph: RawGraph) -> int:
    """How many events Ada has."""
    return len(graph.simulator.events(ADA))


async def until(graph: RawGraph, wanted: int) -> None:
    """Wait until Ada has so many events."""
    async with asyncio.timeout(2):
        while count(graph) < wanted:  # noqa: ASYNC110 (nothing tells)
            await asyncio.sleep(0.005)


async def test_the_next_two_creates_of_one_mailbox_are_throttled() -> None:
    async with stand_in(ADA, BEN) as graph:
        fault = graph.simulator.fault(Fault("throttled", method="POST", mailbox=ADA, times=2, skip=1, retry_after=7))
        assert (await graph.post(f"/users/{BEN}/events", BODY)).status == 201
        assert (await graph.get(EVENTS)).status == 200
        replies = [await graph.post(EVENTS, BODY) for _ in range(4)]
        assert [reply.status for reply in replies] == [201, 429, 429, 201]
        assert (replies[1].code, replies[1].headers["retry-after"]) == ("ApplicationThrottled", "7")
        assert (count(graph), fault.struck) == (2, 2)
        assert [record.fault for record in graph.simulator.journal][-4:] == ["", "throttled", "throttled", ""]


async def test_retry_after_comes_in_four_forms() -> None:
    async with stand_in(ADA) as graph:
        said = []
        for more in ({"retry_after": 3}, {"retry_after": 2.5}, {"retry_after": 90, "retry_after_date": True}, {}):
            graph.simulator.faults.put([Fault.of({"kind": "throttled", **more})])
            said.append((await graph.get(EVENTS)).headers.get("retry-after"))
        assert said[:2] == ["3", "2.5"]
        assert said[3] is None
        assert said[2] is not None
        wait = parsedate_to_datetime(said[2]) - graph.simulator.state.clock()
        assert 85 < wait.total_seconds() <= 90


async def test_single_items_of_a_batch_fail() -> None:
    async with stand_in(ADA) as graph:
        graph.simulator.fault(Fault("throttled", probability=0.5, retry_after=1.5))
        items = await graph.items(creates(20))
        statuses = [reply.status for reply in items.values()]
        assert set(statuses) == {201, 429}
        assert count(graph) == statuses.count(201)
        assert {reply.headers["retry-after"] for reply in items.values() if reply.status == 429} == {"1.5"}


async def test_a_whole_batch_is_throttled() -> None:
    async with stand_in(ADA) as graph:
        graph.simulator.fault(Fault("throttled", where="request", path="$batch", retry_after=1, times=1))
        assert (await graph.get(EVENTS)).status == 200
        reply = await graph.batch(creates(3))
        assert (reply.status, reply.code, reply.headers["retry-after"]) == (429, "ApplicationThrottled", "1")
        assert count(graph) == 0
        assert {record.status for record in graph.simulator.operations("POST")} == {0}
        assert {record.answered for record in graph.simulator.operations("POST")} == {False}
        assert (await graph.batch(creates(3))).status == 200


async def test_a_503_is_a_page_of_html() -> None:
    async with stand_in(ADA) as graph:
        graph.simulator.fault(Fault("unavailable", times=2))
        plain = await graph.post(EVENTS, BODY)
        assert (plain.status, plain.headers["content-type"]) == (503, "text/html; charset=us-ascii")
        assert "<h2>Service Unavailable</h2>" in plain.body
        item = (await graph.items(creates(1)))["a0"]
        assert item.status == 503
        assert b"Service Unavailable" in base64.b64decode(item.body)
        assert count(graph) == 0


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (401, "InvalidAuthenticationToken"),
        (403, "ErrorAccessDenied"),
        (404, "ErrorItemNotFound"),
        (409, "ConcurrentItemSave"),
        (412, "ErrorIrresolvableConflict"),
        (424, "FailedDependency"),
        (500, "ErrorInternalServerError"),
        (503, "UnknownError"),
        (504, "UnknownError"),
    ],
)
async def test_an_error_of_any_status(status: int, code: str) -> None:
    async with stand_in(ADA) as graph:
        graph.simulator.fault(Fault("error", status=status, times=2))
        reply = await graph.post(EVENTS, BODY)
        assert (reply.status, reply.code) == (status, code)
        assert (await graph.items(creates(1)))["a0"].status == status
        assert count(graph) == 0
        graph.simulator.fault(Fault("error", status=status, code="Own", message="words", times=1))
        own = (await graph.post(EVENTS, BODY)).body["error"]
        assert (own["code"], own["message"]) == ("Own", "words")


@pytest.mark.parametrize("where", ["item", "request"])
async def test_a_failed_request_may_have_been_done(where: Any) -> None:
    async with stand_in(ADA) as graph:
        graph.simulator.fault(Fault("error", status=500, done="yes", where=where))
        assert (await graph.post(EVENTS, BODY)).status == 500
        assert count(graph) == 1
        last = graph.simulator.journal[-1]
        assert (last.status, last.code, last.changed) == (500, "ErrorInternalServerError", True)
        assert last.event_id == graph.simulator.events(ADA)[0].immutable_id
        await graph.batch(creates(3))
        assert count(graph) == 4


@pytest.mark.parametrize("where", ["item", "request"])
async def test_a_failed_request_may_be_done_later(where: Any) -> None:
    async with stand_in(ADA) as graph:
        graph.simulator.fault(Fault("error", status=504, done="late", seconds=60, where=where))
        assert (await graph.post(EVENTS, BODY)).status == 504
        assert (count(graph), graph.simulator.journal[-1].changed) == (0, False)
        assert graph.simulator.land() == 1
        last = graph.simulator.journal[-1]
        assert (count(graph), last.status, last.changed, last.late) == (1, 504, True, True)


async def test_a_connection_is_cut_before_anything_was_done() -> None:
    async with stand_in(ADA) as graph:
        graph.simulator.fault(Fault("cut_before", times=2))
        with pytest.raises(aiohttp.ServerDisconnectedError):
            await graph.post(EVENTS, BODY)
        with pytest.raises(aiohttp.ServerDisconnectedError):
            await graph.batch(creates(2))
        assert count(graph) == 0
        assert {record.answered for record in graph.simulator.journal} == {False}
        assert graph.simulator.counts().unanswered == 2
        assert (await graph.post(EVENTS, BODY)).status == 201


async def test_a_connection_is_cut_after_everything_or_some_was_done() -> None:
    async with stand_in(ADA) as graph:
        graph.simulator.fault(Fault("cut_after", times=2))
        with pytest.raises(aiohttp.ServerDisconnectedError):
            await graph.post(EVENTS, BODY)
        with pytest.raises(aiohttp.ServerDisconnectedError):
            await graph.batch(creates(3))
        assert count(graph) == 4
        graph.simulator.fault(Fault("cut_after", items=2, times=1))
        with pytest.raises(aiohttp.ServerDisconnectedError):
            await graph.batch(creates(5))
        assert count(graph) == 6
        assert sorted(record.status for record in graph.simulator.operations()[-5:]) == [0, 0, 0, 201, 201]


async def test_a_request_takes_effect_after_its_connection_was_cut() -> None:
    async with stand_in(ADA) as graph:
        graph.simulator.fault(Fault("late", seconds=0.02, times=1))
        with pytest.raises(aiohttp.ServerDisconnectedError):
            await graph.batch(creates(2))
        assert count(graph) == 0
        await until(graph, 2)
        assert [(record.status, record.changed, record.late) for record in graph.simulator.operations()] == [
            (201, True, True)
        ] * 2
        graph.simulator.fault(Fault("late", seconds=3600, times=1))
        with pytest.raises(aiohttp.ServerDisconnectedError):
            await graph.post(EVENTS, BODY)
        graph.simulator.reset(keep_mailboxes=True)
        assert graph.simulator.land() == 0


async def test_a_batch_is_done_and_its_answer_is_no_json() -> None:
    async with stand_in(ADA) as graph:
        graph.simulator.fault(Fault("garbage"))
        bodies = [(await graph.batch(creates(2))) for _ in range(12)]
        assert {reply.status for reply in bodies} == {200}
        assert all(reply.body is None or isinstance(reply.body, str) for reply in bodies)
        assert len({reply.body for reply in bodies}) == 3
        assert count(graph) == 24
        assert {record.answered for record in graph.simulator.operations()} == {False}


async def test_latency_is_counted_per_item_four_at_a_time() -> None:
    async with stand_in(ADA) as graph:
        loop = asyncio.get_running_loop()
        graph.simulator.fault(Fault("latency", seconds=0.02, method="POST"))
        start = loop.time()
        await graph.batch(creates(8))
        assert 0.04 <= loop.time() - start < 0.16
        graph.simulator.faults.put([Fault("latency", seconds=0.01, jitter=0.01), Fault("latency", seconds=0.01)])
        start = loop.time()
        await graph.get(EVENTS)
        assert 0.02 <= loop.time() - start < 0.1
        assert graph.simulator.journal[-1].fault == "latency latency"


@pytest.mark.parametrize(("after", "present"), [(False, 0), (True, 1)])
async def test_a_client_that_gives_up_does_not_stop_the_request(after: bool, present: int) -> None:
    async with stand_in(ADA) as graph:
        graph.simulator.fault(Fault("latency", seconds=0.1, after=after))
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.03):
                await graph.post(EVENTS, BODY)
        assert count(graph) == present
        await until(graph, 1)


async def test_the_first_fault_wins_and_delays_add() -> None:
    async with stand_in(ADA) as graph:
        graph.simulator.fault(Fault("error", status=500, name="first", times=1))
        graph.simulator.fault(Fault("error", status=503))
        assert [(await graph.get(EVENTS)).status for _ in range(2)] == [500, 503]
        assert [record.fault for record in graph.simulator.journal] == ["first", "error"]


async def test_the_same_seed_gives_the_same_faults() -> None:
    async def statuses(seed: int) -> list[int]:
        async with stand_in(ADA, seed=seed) as graph:
            graph.simulator.fault(Fault("error", probability=0.5))
            return [(await graph.get(EVENTS)).status for _ in range(20)]

    assert await statuses(3) == await statuses(3)
    assert await statuses(3) != await statuses(4)


@pytest.mark.parametrize(
    "given",
    [
        5,
        {},
        {"kind": "worse"},
        {"kind": "latency", "second": 1},
        {"kind": "latency", "seconds": -1},
        {"kind": "latency", "seconds": "1"},
        {"kind": "error", "where": "there"},
        {"kind": "error", "done": "perhaps"},
        {"kind": "error", "times": True},
    ],
)
def test_a_fault_that_cannot_be(given: Any) -> None:
    with pytest.raises(ValueError, match=r".+"):
        Fault.of(given)
