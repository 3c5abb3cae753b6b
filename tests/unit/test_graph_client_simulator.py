"""The client against the stand-in for Graph: an event's life, and the answers that calendars really give."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date

import pytest

from shared.outlook.batch import Create, Delete, Update, Write
from shared.outlook.event import Event, EventOptions
from shared.outlook.found import Found, FoundEvent
from shared.outlook.graph import Graph
from shared.outlook.mark import Mark
from shared.outlook.outcome import Kind, Outcome, ReadFailure
from shared.outlook.render import digest
from tests.local.graph.faults import Fault
from tests.local.graph.mailboxes import MailboxState
from tests.local.graph.simulator import GraphServer, GraphSimulator
from tests.unit.shifts import assignment, event_of, mark, slot

ADA = "ada@example.org"
DAY = event_of(
    slot(note="Call room 4", locations=("Tower B",)),
    assignment(notes=True, information=True),
    EventOptions(category="On call", sensitivity="private", reminder_minutes=30),
)
LEAVE = event_of(
    slot("2026-11-10T00:00", "2026-11-12T00:00", "2026-11-10T06:00", "2026-11-12T06:00"),
    assignment("Leave", free=True),
    zone="America/Chicago",
)
REPEATED = event_of(slot("2026-11-01T01:30", "2026-11-01T09:30", "2026-11-01T06:30", "2026-11-01T15:30"))


@pytest.fixture
async def server() -> AsyncIterator[GraphServer]:
    async with GraphSimulator(seed=1).serve() as running:
        running.simulator.add_mailboxes(ADA, "bob@example.org")
        yield running


@pytest.fixture
async def graph(server: GraphServer) -> AsyncIterator[Graph]:
    client = Graph.connect(server.graph_url, "none", "north")
    yield client
    await client.aclose()


def marked(event: Event, number: int = 1) -> Mark:
    return replace(mark(f"0b6f2a34-5a0e-4f5e-9c59-{number:012x}"), digest=digest(event))


def create(event: Event, number: int = 1, mailbox: str = ADA) -> Create:
    return Create(mailbox, event, marked(event, number))


async def done(graph: Graph, *writes: Write) -> list[str | None]:
    outcomes = await graph.write(writes, timeout=10)
    assert [outcome.kind for outcome in outcomes] == [Kind.DONE] * len(writes)
    return [outcome.event_id for outcome in outcomes]


async def found(graph: Graph, mailbox: str = ADA) -> list[FoundEvent]:
    answer = await graph.marked(mailbox, "2101", date(2026, 11, 1), date(2026, 11, 30), timeout=10)
    assert isinstance(answer, Found)
    return sorted(answer.events, key=lambda event: event.start)


async def test_the_life_of_events(graph: Graph, server: GraphServer) -> None:
    events = [REPEATED, DAY, LEAVE]
    ids = await done(graph, *(create(event, number) for number, event in enumerate(events)))
    there = await found(graph)
    assert [event.event_id for event in there] == ids
    assert [event.mark for event in there] == [marked(event, number) for number, event in enumerate(events)]
    assert [(event.start, event.end) for event in there] == [(event.start_utc, event.end_utc) for event in events]
    assert all(seen.shows(event) for seen, event in zip(there, events, strict=True))

    assert await done(graph, Update(ADA, there[1].event_id, LEAVE, marked(LEAVE, 1))) == [there[1].event_id]
    changed = {event.event_id: event for event in await found(graph)}[there[1].event_id]
    assert changed.shows(LEAVE)
    assert changed.mark == marked(LEAVE, 1)

    await done(graph, *(Delete(ADA, event.event_id) for event in there))
    assert await found(graph) == []
    assert server.simulator.events(ADA) == []


async def test_an_update_puts_every_property_right(graph: Graph, server: GraphServer) -> None:
    """Category, reminder, sensitivity, note and place of the old event go: as if it had been made anew."""
    plain = event_of()
    [event_id] = await done(graph, create(DAY))
    await done(graph, Update(ADA, str(event_id), plain, marked(plain)), create(plain, 2))
    updated, made = server.simulator.events(ADA)
    assert (updated.times, updated.body, updated.location) == (made.times, made.body, made.location)
    of_no_account = {"reminderMinutesBeforeStart": None}  # while there is no reminder
    assert updated.values | of_no_account == made.values | of_no_account


async def test_second_deletes_are_done_and_updates_of_nothing_are_gone(graph: Graph) -> None:
    [event_id] = await done(graph, create(DAY))
    assert event_id
    await done(graph, Delete(ADA, event_id))
    for _ in range(4):  # both answers that Graph has for it
        await done(graph, Delete(ADA, event_id))
    [outcome] = await graph.write([Update(ADA, "AAMkNothing", DAY, marked(DAY))], timeout=10)
    assert outcome.kind in (Kind.GONE, Kind.EVENT_REFUSED)


async def test_the_same_create_twice_is_one_event_and_another_one_a_duplicate(graph: Graph) -> None:
    first = await done(graph, create(DAY))
    assert await done(graph, create(DAY)) == first
    [outcome] = await graph.write([create(LEAVE)], timeout=10)
    assert outcome.kind is Kind.DUPLICATE
    assert [event.event_id for event in await found(graph)] == first


@pytest.mark.parametrize(
    ("state", "write", "read"),
    [
        (MailboxState.OUT_OF_SCOPE, Kind.MAILBOX_REFUSED, Kind.MAILBOX_REFUSED),
        (MailboxState.FULL, Kind.MAILBOX_REFUSED, None),
        (MailboxState.FULL_507, Kind.MAILBOX_REFUSED, None),
        (MailboxState.INVALID_USER, Kind.MAILBOX_GONE, Kind.MAILBOX_GONE),
        (MailboxState.NOT_ENABLED, Kind.MAILBOX_GONE, Kind.MAILBOX_GONE),
        (MailboxState.NOT_FOUND, Kind.MAILBOX_GONE, Kind.MAILBOX_GONE),
    ],
)
async def test_mailboxes_that_refuse(
    graph: Graph, server: GraphServer, state: MailboxState, write: Kind, read: Kind | None
) -> None:
    server.simulator.add_mailboxes("eve@example.org", state=state)
    [outcome] = await graph.write([create(DAY, 1, "eve@example.org")], timeout=10)
    assert outcome.kind is write
    answer = await graph.marked("eve@example.org", "2101", date(2026, 11, 1), date(2026, 11, 30), timeout=10)
    assert (answer.outcome.kind if isinstance(answer, ReadFailure) else None) is read


async def test_an_address_that_is_nobodys(graph: Graph) -> None:
    [outcome] = await graph.write([create(DAY, 1, "typo@example.org")], timeout=10)
    assert outcome.kind is Kind.MAILBOX_GONE


async def test_twenty_answers_out_of_order(graph: Graph) -> None:
    writes = [create(replace(DAY, subject=f"Shift {number}"), number) for number in range(20)]
    ids = await done(graph, *writes)
    subjects = {event.event_id: event.subject for event in await found(graph)}
    assert [subjects[str(event_id)] for event_id in ids] == [f"Shift {number}" for number in range(20)]


async def test_a_connection_cut_after_the_change(graph: Graph, server: GraphServer) -> None:
    server.simulator.fault(Fault("cut_after", times=1))
    assert await graph.write([create(DAY)], timeout=10) == [Outcome(Kind.UNKNOWN)]
    assert [event.mark.link for event in await found(graph)] == [marked(DAY).link]


async def test_a_throttled_item(graph: Graph, server: GraphServer) -> None:
    server.simulator.fault(Fault("throttled", times=1, retry_after=2.5))
    outcomes = await graph.write([create(DAY, 1), create(LEAVE, 2)], timeout=10)
    assert sorted((outcome.kind.value, outcome.retry_after) for outcome in outcomes) == [
        ("done", None),
        ("not_done", 2.5),
    ]


async def test_a_batch_answer_that_is_garbage(graph: Graph, server: GraphServer) -> None:
    server.simulator.fault(Fault("garbage", times=1))
    assert await graph.write([create(DAY)], timeout=10) == [Outcome(Kind.UNKNOWN)]
