"""The Graph stand-in: throttling limits, refused and unknown mailboxes, tokens."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest

from tests.local.graph.client import RawGraph, stand_in, write
from tests.local.graph.mailboxes import MailboxState
from tests.local.graph.simulator import GraphSimulator

ADA, BEN = "ada@example.org", "ben@example.org"
OBJECT_ID = "4679dbfa-d1b9-45ad-87b5-0eb9e6b80123"
EVENTS = f"/users/{ADA}/events"
BODY: dict[str, Any] = {
    name: {"dateTime": f"2026-11-02T{clock}:00:00", "timeZone": "UTC"}
    for name, clock in (("start", "07"), ("end", "19"))
}


async def test_a_fifth_request_at_a_time_is_throttled() -> None:
    async with stand_in(ADA, BEN) as graph:
        graph.simulator.behaviour.latency = 0.05
        replies = await asyncio.gather(*(graph.post(EVENTS, BODY) for _ in range(6)), graph.get(f"/users/{BEN}/events"))
        assert sorted(reply.status for reply in replies[:6]) == [201] * 4 + [429] * 2
        assert replies[6].status == 200
        refused = next(reply for reply in replies if reply.status == 429)
        assert refused.code == "ApplicationThrottled"
        assert refused.body["error"]["message"] == "Application is over its MailboxConcurrency limit."
        assert refused.headers["retry-after"] == "1"
        assert len(graph.simulator.events(ADA)) == 4
        assert (await graph.get(EVENTS)).status == 200


async def test_items_of_two_batches_meet_the_limit_one_by_one() -> None:
    async with stand_in(ADA) as graph:
        graph.simulator.behaviour.latency = 0.01
        items = [write(str(each), "POST", EVENTS, BODY) for each in range(8)]
        first, second = await asyncio.gather(graph.items(items), graph.items(items))
        statuses = [reply.status for reply in [*first.values(), *second.values()]]
        assert set(statuses) == {201, 429}
        refused = next(reply for reply in [*first.values(), *second.values()] if reply.status == 429)
        assert (refused.code, refused.headers["retry-after"]) == ("ApplicationThrottled", "1")
        assert len(graph.simulator.events(ADA)) == statuses.count(201)


async def test_ten_thousand_requests_in_ten_minutes_are_the_most() -> None:
    now = datetime(2026, 11, 1, tzinfo=UTC)

    def clock() -> datetime:
        return now

    simulator = GraphSimulator(clock=clock)
    simulator.add_mailboxes(ADA, BEN)
    assert simulator.behaviour.requests_per_window == 10_000
    simulator.behaviour.requests_per_window = 3
    async with simulator.serve() as server, aiohttp.ClientSession() as session:
        graph = RawGraph(server, session)
        assert [(await graph.get(EVENTS)).status for _ in range(4)] == [200, 200, 200, 429]
        assert (await graph.get(f"/users/{BEN}/events")).status == 200
        now += timedelta(minutes=9)
        simulator.behaviour.retry_after = None
        refused = await graph.get(EVENTS)
        assert refused.status == 429
        assert "retry-after" not in refused.headers
        now += timedelta(minutes=1)
        assert (await graph.get(EVENTS)).status == 200


async def test_a_mailbox_is_addressed_by_any_address_and_its_object_id_in_any_case() -> None:
    async with stand_in() as graph:
        graph.simulator.directory.put(ADA, mailbox_id=OBJECT_ID, addresses=[ADA, "ada.byrne@example.org"])
        created = await graph.post(f"/users/{ADA.upper()}/events", BODY)
        for name in (OBJECT_ID, OBJECT_ID.upper(), "Ada.Byrne@example.org"):
            assert (await graph.get(f"/users/{name}/events/{created.id}")).status == 200
        assert graph.simulator.counts().mailboxes == {ADA: 4}
        graph.simulator.directory.put(OBJECT_ID, addresses=["ada.lovelace@example.org"])
        assert (await graph.get(f"{EVENTS}/{created.id}")).code == "ErrorInvalidUser"
        assert (await graph.get(f"/users/ada.lovelace@example.org/events/{created.id}")).status == 200
        assert (await graph.get(f"/users/{OBJECT_ID}/events/{created.id}")).status == 200


async def test_an_address_belongs_to_one_mailbox() -> None:
    simulator = GraphSimulator()
    simulator.add_mailboxes(ADA, BEN)
    with pytest.raises(ValueError, match="another mailbox"):
        simulator.directory.put(ADA, addresses=[ADA, BEN])
    with pytest.raises(ValueError, match="cannot be changed"):
        simulator.directory.put(ADA, mailbox_id=OBJECT_ID)
    simulator.directory.put(ADA, addresses=[])
    simulator.directory.put(BEN, addresses=[BEN, ADA])
    assert len(list(simulator.directory)) == 2


@pytest.mark.parametrize(
    ("state", "reading", "writing", "code"),
    [
        (MailboxState.OUT_OF_SCOPE, 403, 403, "ErrorAccessDenied"),
        (MailboxState.FULL, 200, 403, "ErrorQuotaExceeded"),
        (MailboxState.FULL_507, 200, 507, "ErrorQuotaExceeded"),
        (MailboxState.INVALID_USER, 404, 404, "ErrorInvalidUser"),
        (MailboxState.NOT_ENABLED, 404, 404, "MailboxNotEnabledForRESTAPI"),
        (MailboxState.NOT_FOUND, 404, 404, "Request_ResourceNotFound"),
    ],
)
async def test_a_mailbox_that_refuses(state: MailboxState, reading: int, writing: int, code: str) -> None:
    async with stand_in(ADA) as graph:
        created = await graph.post(EVENTS, BODY)
        graph.simulator.directory.put(ADA, state=state)
        refused = await graph.post(EVENTS, BODY)
        assert (refused.status, refused.code) == (writing, code)
        assert (await graph.patch(f"{EVENTS}/{created.id}", {"subject": "x"})).status == writing
        assert (await graph.get(f"{EVENTS}/{created.id}")).status == reading
        assert (await graph.delete(f"{EVENTS}/{created.id}")).status == (204 if reading == 200 else reading)


async def test_an_unknown_address_is_refused_as_the_switch_says_or_made() -> None:
    async with stand_in() as graph:
        for code in ("ErrorInvalidUser", "MailboxNotEnabledForRESTAPI", "Request_ResourceNotFound"):
            graph.simulator.behaviour.change({"unknown_mailbox": code})
            refused = await graph.get(EVENTS)
            assert (refused.status, refused.code) == (404, code)
        assert graph.simulator.journal[-1].mailbox == ADA
        graph.simulator.behaviour.any_mailbox = True
        assert (await graph.post(EVENTS, BODY)).status == 201
        assert [mailbox.address for mailbox in graph.simulator.directory] == [ADA]


async def test_tokens_are_asked_for_only_where_they_are_required() -> None:
    async with stand_in(ADA) as graph:
        assert (await graph.get(EVENTS)).status == 200
        graph.simulator.behaviour.require_token = True
        graph.simulator.behaviour.stale_tokens.append("old")
        for headers in (
            {},
            {"Authorization": "Basic x"},
            {"Authorization": "Bearer "},
            {"Authorization": "Bearer old"},
        ):
            for reply in (
                await graph.get(EVENTS, headers=headers),
                await graph.post("/$batch", {"requests": [write("1", "GET", EVENTS)]}, headers=headers),
            ):
                assert (reply.status, reply.code) == (401, "InvalidAuthenticationToken")
                assert "www-authenticate" in reply.headers
        assert (await graph.get(EVENTS, headers={"Authorization": "Bearer new"})).status == 200
        assert graph.simulator.journal[-1].headers["authorization"] == "present"
