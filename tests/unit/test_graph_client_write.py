"""Batches on the wire: what is asked, and what follows from every kind of answer."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from aiohttp import web

from shared.outlook.batch import Create, Delete, Update, Write, body_of
from shared.outlook.graph import Graph
from shared.outlook.outcome import Kind, Outcome
from tests.unit.shifts import event_of, mark
from tests.unit.wire import Answer, Answering, Asked, Wire, batch, cut, hang, html, status, wire

UPN = "o'neil#ext@example.org"
WRITES: list[Write] = [
    Create(UPN, event_of(), mark()),
    Update(UPN, "AAMk/2+=", event_of(), mark()),
    Delete(UPN, "AAMk_3-"),
]
DELETES: list[Write] = [Delete("a@b.org", f"e{number}") for number in range(20)]


@pytest.fixture
async def server() -> AsyncIterator[Wire]:
    async with wire() as running:
        yield running


@pytest.fixture
async def graph(server: Wire) -> AsyncIterator[Graph]:
    client = Graph.connect(server.url + "/v1.0/", "none", "north")
    yield client
    await client.aclose()


async def test_the_request_and_its_items(server: Wire, graph: Graph) -> None:
    server.will(batch(201, 200, 204))
    outcomes = await graph.write(WRITES, timeout=5)
    assert [(outcome.kind, outcome.event_id) for outcome in outcomes] == [
        (Kind.DONE, "AAMk1"),
        (Kind.DONE, "AAMk2"),
        (Kind.DONE, None),
    ]
    [asked] = server.asked
    assert (asked.method, asked.target) == ("POST", "/v1.0/$batch")
    assert asked.headers["content-type"] == asked.headers["accept"] == "application/json"
    assert asked.headers["prefer"] == 'IdType="ImmutableId"'
    assert "authorization" not in asked.headers
    user = "/users/o%27neil%23ext%40example.org/events"
    assert [(item["id"], item["method"], item["url"]) for item in asked.items] == [
        ("1", "POST", user),
        ("2", "PATCH", f"{user}/AAMk%2F2%2B%3D"),
        ("3", "DELETE", f"{user}/AAMk_3-"),
    ]
    assert [item.get("body") for item in asked.items] == [body_of(write) for write in WRITES]
    assert [item["headers"].get("Content-Type") for item in asked.items] == ["application/json"] * 2 + [None]
    assert {item["headers"]["Prefer"] for item in asked.items} == {'IdType="ImmutableId"'}
    request_ids = [item["headers"]["client-request-id"] for item in asked.items] + [asked.headers["client-request-id"]]
    assert len(set(request_ids)) == 4
    assert not any("dependsOn" in item for item in asked.items)


async def test_addresses_are_the_sdks_own(graph: Graph) -> None:
    """They are put together from a template that its builders filled once per mailbox."""
    events = graph._sdk._users.by_user_id(UPN).events
    for event_id in ("AAMk_-2=", "A/+ ~.!*'()é?#&%"):
        expected = events.by_event_id(event_id).to_delete_request_information()
        expected.path_parameters["baseurl"] = ""
        assert graph._sdk.url_of(Delete(UPN, event_id)) == expected.url
        assert graph._sdk.url_of(Update(UPN, event_id, event_of(), mark())) == expected.url


async def test_a_batch_of_one_and_of_none(server: Wire, graph: Graph) -> None:
    server.will(batch(204))
    assert [outcome.kind for outcome in await graph.write(WRITES[2:], timeout=5)] == [Kind.DONE]
    assert await graph.write([], timeout=5) == []
    assert len(server.asked) == 1


async def test_more_than_a_batch_is_a_mistake_of_ours(graph: Graph) -> None:
    with pytest.raises(ValueError, match="one mailbox"):
        await graph.write([*DELETES, DELETES[0]], timeout=5)
    with pytest.raises(ValueError, match="one mailbox"):
        await graph.write([DELETES[0], replace(DELETES[1], mailbox="c@d.org")], timeout=5)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (status(429, "ApplicationThrottled", Retry_After="7"), Outcome(Kind.NOT_DONE, None, 7.0, 429)),
        (status(429, Retry_After="2.75"), Outcome(Kind.NOT_DONE, None, 2.75, 429)),
        (status(429), Outcome(Kind.NOT_DONE, None, None, 429)),
        (
            status(429, Retry_After="Tue, 30 Jun 2026 16:15:00 GMT", Date="Tue, 30 Jun 2026 16:14:48 GMT"),
            Outcome(Kind.NOT_DONE, None, 12.0, 429),
        ),
        (status(500, "InternalServerError"), Outcome(Kind.UNKNOWN, None, None, 500)),
        (status(503, Retry_After="5"), Outcome(Kind.UNKNOWN, None, 5.0, 503)),
        (html(503), Outcome(Kind.UNKNOWN, None, None, 503)),
        (status(403, "Authorization_RequestDenied"), Outcome(Kind.INSTALLATION_REFUSED, None, None, 403)),
        (status(302, Location="/v1.0/elsewhere"), Outcome(Kind.UNKNOWN, None, None, 302)),
        (html(), Outcome(Kind.UNKNOWN)),
        (lambda _: web.Response(text='{"responses": [{"id": "1", "sta'), Outcome(Kind.UNKNOWN)),
        (lambda _: web.Response(status=200), Outcome(Kind.UNKNOWN)),
        (lambda _: web.Response(body=b"no gzip", headers={"Content-Encoding": "gzip"}), Outcome(Kind.UNKNOWN)),
        (cut, Outcome(Kind.UNKNOWN)),
    ],
    ids=lambda value: "" if isinstance(value, Outcome) else None,
)
async def test_an_answer_to_the_whole_is_every_items(
    server: Wire, graph: Graph, answer: Answering, expected: Outcome
) -> None:
    server.will(answer)
    outcomes = await graph.write(WRITES, timeout=5)
    assert [replace(outcome, code="") for outcome in outcomes] == [expected] * 3
    assert len(server.asked) == 1  # nothing is sent again in here


async def test_a_time_out_leaves_all_unknown(server: Wire, graph: Graph) -> None:
    server.will(hang)
    assert await graph.write(WRITES, timeout=0.1) == [Outcome(Kind.UNKNOWN)] * 3


async def test_without_time_nothing_is_sent(server: Wire, graph: Graph) -> None:
    assert await graph.write(WRITES, timeout=0) == [Outcome(Kind.NOT_DONE)] * 3
    assert server.asked == []


async def test_no_connection_is_known_not_done() -> None:
    async with wire() as closed:
        url = closed.url
    client = Graph.connect(url, "none", "north")
    outcomes = await client.write(WRITES, timeout=5)
    await client.aclose()
    assert outcomes == [Outcome(Kind.NOT_DONE, code="NoConnection")] * 3


async def test_401_twice_is_the_installations(server: Wire, graph: Graph) -> None:
    server.will(status(401, "InvalidAuthenticationToken"))
    outcomes = await graph.write(WRITES, timeout=5)
    assert [outcome.kind for outcome in outcomes] == [Kind.INSTALLATION_REFUSED] * 3
    assert len(server.asked) == 2


async def test_401_once_is_made_good(server: Wire, graph: Graph) -> None:
    server.will(status(401, "InvalidAuthenticationToken"), batch(201, 200, 204))
    assert [outcome.kind for outcome in await graph.write(WRITES, timeout=5)] == [Kind.DONE] * 3
    assert len(server.asked) == 2


async def test_items_that_are_refused_with_401_alone_go_again(server: Wire, graph: Graph) -> None:
    server.will(batch(201, 401, 401), batch(200, 401))
    outcomes = await graph.write(WRITES, timeout=5)
    assert [outcome.kind for outcome in outcomes] == [Kind.DONE, Kind.DONE, Kind.INSTALLATION_REFUSED]
    assert [len(asked.items) for asked in server.asked] == [3, 2]
    assert [item["method"] for item in server.asked[1].items] == ["PATCH", "DELETE"]


async def test_one_bad_item_does_not_hold_up_a_batch(server: Wire, graph: Graph) -> None:
    def malformed_with_e5(asked: Asked) -> Answer:
        if any(item["url"].endswith("/e5") for item in asked.items):
            return web.json_response({"error": {"code": "BadRequest"}}, status=400)
        return batch(204)(asked)

    server.will(malformed_with_e5)
    kinds = [outcome.kind for outcome in await graph.write(DELETES, timeout=5)]
    assert kinds == [Kind.DONE] * 5 + [Kind.EVENT_REFUSED] + [Kind.DONE] * 14
    assert len(server.asked) <= 11


async def test_the_clients_connection_is_kept(server: Wire, graph: Graph) -> None:
    server.will(lambda asked: None if len(server.asked) == 2 else batch(204)(asked))
    kinds = [(await graph.write(WRITES[2:], timeout=5))[0].kind for _ in range(4)]
    assert kinds == [Kind.DONE, Kind.UNKNOWN, Kind.DONE, Kind.DONE]


async def test_many_at_a_time(server: Wire, graph: Graph) -> None:
    server.will(batch(204))
    answers = await asyncio.gather(*(graph.write([Delete(f"p{n}@b.org", "e")], timeout=10) for n in range(60)))
    assert {outcome.kind for [outcome] in answers} == {Kind.DONE}
    assert {json.dumps(asked.items[0]["url"]) for asked in server.asked} == {
        f'"/users/p{n}%40b.org/events/e"' for n in range(60)
    }
