"""The Graph stand-in: its control over HTTP, by its own client."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest

from tests.local.graph.client import RawGraph, stand_in
from tests.local.graph.control import ControlError, GraphControl
from tests.local.graph.faults import Fault

ADA, BEN = "ada@example.org", "ben@example.org"
EVENTS = f"/users/{ADA}/events"
MARK = "String {66f5a359-4659-4830-9070-00047ec6ac6e} Name Mark"


def shift(subject: str = "Day", **more: Any) -> dict[str, Any]:
    """A body of a create."""
    zone = "Central Standard Time"
    start, end = ({"dateTime": f"2026-11-02T{clock}:00:00", "timeZone": zone} for clock in ("07", "19"))
    return {"subject": subject, "start": start, "end": end, **more}


@asynccontextmanager
async def controlled(*mailboxes: str) -> AsyncIterator[tuple[RawGraph, GraphControl]]:
    """A simulator, asked both ways."""
    async with stand_in(*mailboxes) as graph, GraphControl(graph.server.url) as control:
        yield graph, control


async def test_mailboxes_are_made_changed_and_taken_away() -> None:
    async with controlled() as (graph, control):
        made = await control.put_mailboxes([ADA, BEN])
        assert [each.address for each in made] == [ADA, BEN]
        changed = await control.put_mailbox(ADA, addresses=["Ada.L@example.org", ADA], name="Ada", state="full")
        assert changed.id == made[0].id
        assert (changed.addresses, changed.state) == (["ada.l@example.org", ADA], "full")
        assert (changed.name, changed.calendars, changed.events) == ("Ada", ["Calendar"], 0)
        assert (await control.put_mailbox("Ada.L@example.org", state="open")).addresses == changed.addresses
        await control.remove_mailbox(BEN)
        assert [each.address for each in await control.mailboxes()] == ["ada.l@example.org"]
        assert (await graph.get(f"/users/{BEN}/events")).status == 404
        own = await control.put_mailbox("cleo@example.org", mailbox_id="4679DBFA-d1b9-45ad-87b5-0eb9e6b80123")
        assert own.id == "4679dbfa-d1b9-45ad-87b5-0eb9e6b80123"


async def test_events_are_shown_as_they_are_stored() -> None:
    async with controlled(ADA) as (graph, control):
        body = shift(
            body={"contentType": "text", "content": "Covers 4 West"},
            location={"displayName": "Main"},
            categories=["Shift"],
            showAs="free",
            isReminderOn=False,
            transactionId="t",
            singleValueExtendedProperties=[{"id": MARK, "value": "town:1"}],
        )
        created = await graph.post(EVENTS, body)
        (event,) = await control.events(ADA)
        assert (event.id, event.subject, event.transaction_id) == (created.id, "Day", "t")
        assert (event.start, event.end, event.zone) == (
            "2026-11-02T07:00:00",
            "2026-11-02T19:00:00",
            "Central Standard Time",
        )
        assert (event.start_utc, event.all_day) == ("2026-11-02T13:00:00.0000000", False)
        assert (event.body, event.location, event.categories) == ("Covers 4 West", "Main", ["Shift"])
        assert (event.show_as, event.reminder, event.sensitivity) == ("free", None, "normal")
        assert event.extended == {MARK: "town:1"}
        assert (event.calendar, event.deleted) == ("Calendar", False)
        assert await control.event(ADA, created.id) == event


async def test_people_edit_delete_restore_copy_and_move_by_hand() -> None:
    async with controlled(ADA, BEN) as (graph, control):
        mark = [{"id": MARK, "value": "town:1"}]
        created = await graph.post(EVENTS, shift(transactionId="t", singleValueExtendedProperties=mark))
        edited = await control.edit_event(ADA, created.id, {"subject": "Mine"})
        assert (edited.subject, edited.extended) == ("Mine", {MARK: "town:1"})

        copy = await control.copy_event(ADA, created.id)
        assert copy.id != created.id
        assert (copy.transaction_id, copy.extended, copy.subject) == ("t", {MARK: "town:1"}, "Mine")
        afar = await control.copy_event(ADA, created.id, to=BEN, calendar="Work")
        assert (await control.events(BEN)) == [afar]
        assert afar.calendar == "Work"

        moved = await control.move_event(ADA, created.id, "Private")
        assert (moved.id, moved.calendar) == (created.id, "Private")
        assert moved.mutable_id != edited.mutable_id
        assert [each.id for each in await control.events(ADA, calendar="private")] == [created.id]
        assert (await control.mailboxes())[0].calendars == ["Calendar", "Private"]

        await control.delete_event(ADA, created.id)
        assert [each.id for each in await control.events(ADA)] == [copy.id]
        assert {each.id: each.deleted for each in await control.events(ADA, deleted=True)} == {
            created.id: True,
            copy.id: False,
        }
        assert (await control.restore_event(ADA, created.id)).deleted is False
        await control.delete_event(ADA, created.id, purge=True)
        assert [each.id for each in await control.events(ADA, deleted=True)] == [copy.id]

        foreign = await control.add_event(ADA, shift("Dentist"), "Private")
        assert (foreign.subject, foreign.calendar, foreign.extended) == ("Dentist", "Private", {})
        assert [record.method for record in await control.journal()] == ["POST"]


async def test_the_journal_is_read_counted_and_cleared() -> None:
    async with controlled(ADA, BEN) as (graph, control):
        await graph.post(EVENTS, shift())
        await graph.items([{"id": "1", "method": "GET", "url": f"/users/{BEN}/events"}])
        records = await control.journal()
        assert records == list(graph.simulator.journal)
        assert [record.path for record in await control.journal(operations=True)] == [
            EVENTS,
            f"/users/{BEN}/events",
        ]
        assert [record.mailbox for record in await control.journal(mailbox=BEN.upper())] == [BEN]
        assert [record.method for record in await control.journal(method="post", operations=True)] == ["POST"]
        assert await control.journal(since=records[-1].sequence) == []
        counts = await control.counts()
        assert counts == graph.simulator.counts()
        assert (counts.requests, counts.items) == (2, 2)
        await control.clear_journal()
        assert (await control.counts()).items == 0
        await graph.get(EVENTS)
        assert (await control.journal())[0].sequence == records[-1].sequence + 1


async def test_faults_and_switches_are_set_at_run_time() -> None:
    async with controlled(ADA) as (graph, control):
        await control.put_faults(Fault("error", status=409, times=1), Fault("latency", seconds=0.001))
        assert (await graph.get(EVENTS)).status == 409
        assert [(fault.kind, fault.struck) for fault in await control.faults()] == [("error", 1), ("latency", 1)]
        await control.put_faults()
        assert await control.faults() == []
        switches = await control.put_behaviour(second_delete="not_found", latency=0.001)
        assert switches == await control.behaviour()
        assert graph.simulator.behaviour.second_delete == "not_found"
        await control.put_faults(Fault("late", seconds=3600))
        with pytest.raises(aiohttp.ServerDisconnectedError):
            await graph.post(EVENTS, shift())
        assert await control.late() == 1
        assert await control.land() == 1
        assert len(await control.events(ADA)) == 1


async def test_a_reset_starts_afresh() -> None:
    async with controlled(ADA) as (graph, control):
        await control.put_mailbox(ADA, addresses=[ADA, "a@example.org"], state="full", name="Ada")
        await control.put_faults(Fault("error"))
        await control.put_behaviour(latency=0.5)
        before = await control.mailboxes()
        await control.reset(keep_mailboxes=True)
        assert await control.mailboxes() == before
        assert (await control.faults(), (await control.behaviour())["latency"]) == ([], 0.0)
        assert (await control.counts()).requests == 0
        await control.reset()
        assert await control.mailboxes() == []
        assert (await graph.get(EVENTS)).code == "ErrorInvalidUser"


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "says"),
    [
        ("GET", f"/_sim/mailboxes/{BEN}", None, 404, "no mailbox"),
        ("GET", f"/_sim/mailboxes/{BEN}/events", None, 404, "no mailbox"),
        ("GET", f"/_sim/mailboxes/{ADA}/events?calendar=x", None, 404, "no calendar"),
        ("PATCH", f"/_sim/mailboxes/{ADA}/events/x", b"{}", 404, "no event"),
        ("POST", f"/_sim/mailboxes/{ADA}/events", b"{}", 400, "event is missing"),
        ("POST", f"/_sim/mailboxes/{ADA}/events", b'{"event": {"x": 1}}', 400, "does not exist on type"),
        ("PUT", f"/_sim/mailboxes/{ADA}", b'{"state": "odd"}', 400, "odd"),
        ("PUT", f"/_sim/mailboxes/{ADA}", b'{"sate": "open"}', 400, "sate"),
        ("PUT", f"/_sim/mailboxes/{ADA}", b'{"addresses": "x"}', 400, "addresses"),
        ("PUT", "/_sim/mailboxes", b"{}", 400, "mailboxes"),
        ("PUT", "/_sim/faults", b"{", 400, "not JSON"),
        ("PUT", "/_sim/faults", b"[]", 400, "object"),
        ("PUT", "/_sim/faults", b'{"faults": [{"kind": "odd"}]}', 400, "odd"),
        ("PUT", "/_sim/behaviour", b'{"odd": 1}', 400, "unknown switch"),
        ("PUT", "/_sim/behaviour", b'{"second_delete": "odd"}', 400, "not one of"),
        ("PUT", "/_sim/behaviour", b'{"latency": "1"}', 400, "latency"),
        ("GET", "/_sim/journal?since=x", None, 400, "invalid literal"),
    ],
)
async def test_a_wrong_request_is_answered_with_what_is_wrong(
    method: str, path: str, body: bytes | None, status: int, says: str
) -> None:
    async with stand_in(ADA) as graph, aiohttp.ClientSession() as session:
        before = graph.simulator.behaviour.as_json()
        async with session.request(method, graph.server.url + path, data=body) as response:
            assert response.status == status
            assert says in (await response.json())["error"]
        assert graph.simulator.behaviour.as_json() == before


async def test_the_client_says_what_the_simulator_said() -> None:
    async with controlled() as (_, control):
        with pytest.raises(ControlError, match="no mailbox"):
            await control.events(ADA)


async def test_the_control_lists_itself() -> None:
    async with (
        stand_in() as graph,
        aiohttp.ClientSession() as session,
        session.get(graph.server.url + "/_sim") as reply,
    ):
        listed = (await reply.json())["control"]
        assert all(each["what"] for each in listed)
        assert {"method": "POST", "path": "/_sim/reset"}.items() <= listed[-1].items()
