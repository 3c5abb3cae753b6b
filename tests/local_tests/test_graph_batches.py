"""The Graph stand-in: $batch."""

import asyncio
from typing import Any

import pytest

from tests.local.graph.client import RawGraph, stand_in, write

ADA, BEN = "ada@example.org", "ben@example.org"
EVENTS = f"/users/{ADA}/events"


def shift(subject: str, **more: Any) -> dict[str, Any]:
    """A body of a create."""
    start, end = ({"dateTime": f"2026-11-02T{clock}:00:00", "timeZone": "UTC"} for clock in ("07", "19"))
    return {"subject": subject, "start": start, "end": end, **more}


def creates(count: int, mailbox: str = ADA) -> list[dict[str, Any]]:
    """Items that create events; the subject is the item's id."""
    return [write(str(each), "POST", f"/users/{mailbox}/events", shift(str(each))) for each in range(count)]


async def test_items_are_answered_one_by_one_in_no_particular_order() -> None:
    async with stand_in(ADA) as graph:
        reply = await graph.batch(creates(20))
        assert reply.status == 200
        order = [item["id"] for item in reply.body["responses"]]
        assert sorted(order, key=int) == [str(each) for each in range(20)]
        assert order != sorted(order, key=int)
        assert all(item["status"] == 201 for item in reply.body["responses"])
        assert all(item["body"]["subject"] == item["id"] for item in reply.body["responses"])
        headers = reply.body["responses"][0]["headers"]
        assert headers["Content-Type"].startswith("application/json;odata.metadata=minimal")
        assert headers["Preference-Applied"] == 'IdType="ImmutableId"'
        assert len(graph.simulator.events(ADA)) == 20


async def test_good_and_bad_items_do_not_touch_each_other() -> None:
    async with stand_in(ADA) as graph:
        present = graph.simulator.owner.add(ADA, shift("old")).immutable_id
        items = await graph.items(
            [
                write("a", "POST", EVENTS, shift("new")),
                write("b", "PATCH", f"{EVENTS}/{present}", {"subject": "changed"}),
                write("c", "POST", EVENTS, {"event": {}}),
                write("d", "DELETE", f"{EVENTS.lstrip('/')}/{present[:-4]}AAA="),
                write("e", "GET", f"users/{ADA}/calendarView?startDateTime=2026-11-01&endDateTime=2026-12-01&$top=1"),
                write("f", "GET", "/users/nobody@example.org/events"),
            ]
        )
        assert {name: reply.status for name, reply in items.items()} == {
            "a": 201,
            "b": 200,
            "c": 400,
            "d": 404,
            "e": 200,
            "f": 404,
        }
        assert items["c"].code == "RequestBodyRead"
        assert items["c"].headers["content-type"] == "application/json"
        assert {event.values["subject"] for event in graph.simulator.events(ADA)} == {"new", "changed"}


async def test_a_deleted_item_has_no_body() -> None:
    async with stand_in(ADA) as graph:
        ids = [graph.simulator.owner.add(ADA, shift("x")).immutable_id for _ in range(20)]
        reply = await graph.batch([write(str(n), "DELETE", f"{EVENTS}/{each}") for n, each in enumerate(ids)])
        assert {item["status"] for item in reply.body["responses"]} == {204}
        assert {item.get("body") for item in reply.body["responses"]} == {None}
        assert {"body" in item for item in reply.body["responses"]} == {True, False}
        assert graph.simulator.events(ADA) == []


@pytest.mark.parametrize(
    "items",
    [
        [],
        creates(21),
        [*creates(1), *creates(1)],
        [{"id": "1", "method": "POST", "url": EVENTS, "body": shift("x")}],
        [{"id": "1", "method": "POST", "url": EVENTS, "body": shift("x"), "headers": {"Prefer": "x"}}],
        [{"id": "1", "method": "POST", "url": EVENTS, "headers": {"Content-Type": "application/json"}}],
        [{"id": "1", "method": "GET", "url": f"https://graph.microsoft.com/v1.0{EVENTS}"}],
        [{"id": "1", "method": "GET", "url": f"/v1.0{EVENTS}"}],
        [{"id": "1", "method": "GET"}],
        [{"id": 1, "method": "GET", "url": EVENTS}],
        [{"id": "", "method": "GET", "url": EVENTS}],
        [{"method": "GET", "url": EVENTS}],
        [{"id": "1", "method": "HEAD", "url": EVENTS}],
        [{"id": "1", "method": "GET", "url": EVENTS, "extra": 1}],
        [{"id": "1", "method": "GET", "url": EVENTS, "headers": {"a": 1}}],
        [{"id": "1", "method": "GET", "url": EVENTS, "dependsOn": ["2"]}],
        [{"id": "1", "method": "GET", "url": EVENTS, "dependsOn": ["1"]}],
        [
            {"id": "1", "method": "GET", "url": EVENTS, "dependsOn": ["2"]},
            {"id": "2", "method": "GET", "url": EVENTS, "dependsOn": ["1"]},
        ],
        ["x"],
    ],
)
async def test_a_batch_that_is_refused_as_a_whole(items: list[Any]) -> None:
    async with stand_in(ADA) as graph:
        reply = await graph.batch(items)
        assert (reply.status, reply.code) == (400, "BadRequest")
        assert graph.simulator.events(ADA) == []


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"requests": {}}', b'{"requests": [], "more": 1}'])
async def test_a_batch_that_is_none(body: bytes) -> None:
    async with stand_in(ADA) as graph:
        reply = await graph.post("/$batch", body)
        assert (reply.status, reply.code) == (400, "BadRequest")


async def test_a_batch_is_posted() -> None:
    async with stand_in(ADA) as graph:
        assert (await graph.get("/$batch")).status == 405


async def test_transactions_count_per_item() -> None:
    async with stand_in(ADA) as graph:
        body = shift("x", transactionId="t")
        items = await graph.items(
            [
                write("1", "POST", EVENTS, body),
                write("2", "POST", EVENTS, body),
                write("3", "POST", EVENTS, body | {"subject": "y"}),
            ]
        )
        assert sorted(reply.status for reply in items.values()) in ([201, 201, 400], [201, 400, 400])
        assert len(graph.simulator.events(ADA)) == 1


async def test_what_depends_on_a_failed_item_fails_with_424() -> None:
    async with stand_in(ADA) as graph:
        chain = [
            write("1", "POST", EVENTS, shift("1")),
            write("2", "POST", EVENTS, {"event": {}}) | {"dependsOn": ["1"]},
            write("3", "POST", EVENTS, shift("3")) | {"dependsOn": ["2"]},
            write("4", "POST", EVENTS, shift("4")) | {"dependsOn": ["3"]},
        ]
        items = await graph.items(chain)
        assert {name: reply.status for name, reply in items.items()} == {"1": 201, "2": 400, "3": 424, "4": 424}
        assert [event.values["subject"] for event in graph.simulator.events(ADA)] == ["1"]


async def test_the_journal_tells_items_from_requests() -> None:
    async with stand_in(ADA, BEN) as graph:
        await graph.batch([*creates(3), write("b", "GET", f"/users/{BEN}/events", prefer="")])
        await graph.get(EVENTS)
        outer, *items, plain = graph.simulator.journal
        assert (outer.path, outer.item, outer.status, outer.operation) == ("/$batch", None, 200, False)
        assert {item.batch for item in items} == {outer.sequence}
        assert sorted(str(item.item) for item in items) == ["0", "1", "2", "b"]
        assert plain.batch is None
        assert [record.sequence for record in graph.simulator.journal] == [1, 2, 3, 4, 5, 6]
        counts = graph.simulator.counts()
        assert (counts.requests, counts.items, counts.changed, counts.without_immutable_ids) == (2, 5, 3, 1)
        assert counts.methods == {"POST": 3, "GET": 2}
        assert counts.mailboxes == {ADA: 4, BEN: 1}
        assert counts.statuses == {"201": 3, "200": 2}
        created = next(record for record in items if record.method == "POST")
        assert created.body["subject"] == created.item
        assert created.headers == {"prefer": 'IdType="ImmutableId"', "content-type": "application/json"}
        assert created.event_id in [event.immutable_id for event in graph.simulator.events(ADA)]


async def most_at_a_time(graph: RawGraph, items: list[dict[str, Any]]) -> int:
    """The most requests that any of the mailboxes had at work."""
    most = 0
    task = asyncio.create_task(graph.batch(items))
    while not task.done():
        most = max(most, sum(mailbox.in_flight for mailbox in graph.simulator.directory))
        await asyncio.sleep(0)
    assert {item["status"] for item in (await task).body["responses"]} == {201}
    return most


async def test_four_items_are_at_work_at_a_time() -> None:
    async with stand_in(ADA, BEN) as graph:
        graph.simulator.behaviour.latency = 0.005
        assert await most_at_a_time(graph, creates(9)) == 4
        mixed = [*creates(5), *(item | {"id": f"b{item['id']}"} for item in creates(5, BEN))]
        assert await most_at_a_time(graph, mixed) == 4
