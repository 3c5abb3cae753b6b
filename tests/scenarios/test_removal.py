"""Removal: for leaving the product. Our events go, the rows about them too, and nothing else."""

from datetime import timedelta

import pytest

from shared.messages import Removed
from shared.ops.removal import RemovalPorts, RemovalRefusedError, Scope, left, preview, start
from tests.local.graph.mailboxes import MailboxState
from tests.local.lightning_bolt.model import Template
from tests.scenarios.test_audit import GOLF
from tests.town import ADA, BEN, DAY, NIGHT, TEMPLATE, VIEW, Town, mailbox

APPS = 6


@pytest.fixture
async def published(town: Town) -> Town:
    """Ada has a begun shift, two to come and an appointment of her own; Ben has one shift."""
    for day in (town.today - timedelta(days=2), town.day(3)):
        town.lightning_bolt.slots.add_slot(TEMPLATE, ADA, DAY, day)
    town.lightning_bolt.slots.add_slot(TEMPLATE, ADA, NIGHT, town.day(5))
    town.lightning_bolt.slots.add_slot(TEMPLATE, BEN, DAY, town.day(3))
    await town.publish()
    town.graph.owner.add(mailbox(ADA), GOLF)
    town.graph.journal.clear()
    return town


def ports(town: Town) -> RemovalPorts:
    """The town's app."""
    writer = town.app.writer
    return RemovalPorts(town.app.settings, writer.person_months, writer.shift_events, writer.ledger, writer.queue)


async def rows(town: Town, person: int) -> int:
    """A person's rows, of both tables."""
    writer = town.app.writer
    keys, links = writer.person_months.keys(), writer.shift_events.keys()
    count = sum([key.person == str(person) async for key in keys])
    count += sum([link.person == str(person) async for link in links])
    return count + ((await writer.shift_events.person(str(person)))[1].etag is not None)


@pytest.mark.parametrize(("what", "stays"), [("all", 0), ("future", 1)])
async def test_the_whole_installation(published: Town, what: Removed, stays: int) -> None:
    await published.restart(PAUSED="true")
    everything = Scope("all")
    shown = await preview(everything, ports(published))
    assert (shown.people, shown.begun, shown.future) == (2, 1, 3)
    assert await start(everything, what, ports(published)) == 2
    await published.drain()
    assert published.subjects(ADA) == ["Day Rounds"] * stays + ["Golf"]
    assert published.calendar(BEN) == []
    assert published.writes() == {"DELETE": 4 - stays}
    assert await left(everything, ports(published)) == 0
    assert [await rows(published, person) for person in (ADA, BEN)] == [0, 0]
    keys = published.app.writer.person_months.keys()
    assert [key async for key in keys] == []


async def test_a_person_who_has_left(published: Town) -> None:
    person = Scope("person", str(ADA))
    with pytest.raises(RemovalRefusedError, match="still has an ID"):
        await start(person, "all", ports(published))
    published.lightning_bolt.records.set_person_field(ADA, "unique_id", None)
    await published.publish()
    assert published.subjects(ADA) == ["Day Rounds", "Golf"], "opting out keeps what has begun"
    await start(person, "all", ports(published))
    await published.drain()
    assert (published.subjects(ADA), len(published.calendar(BEN))) == (["Golf"], 1)
    assert (await rows(published, ADA), await left(person, ports(published))) == (0, 0)
    await published.sweep()
    assert (published.subjects(ADA), await rows(published, ADA)) == (["Golf"], 0)


async def test_a_schedule_that_no_view_lists(published: Town) -> None:
    schedule = Scope("schedule", str(TEMPLATE))
    with pytest.raises(RemovalRefusedError, match="still lists schedule 5"):
        await start(schedule, "all", ports(published))
    published.lightning_bolt.records.remove_template_from_view(50, TEMPLATE)
    await published.sweep()
    assert published.writes() == {}, "held"
    await start(schedule, "all", ports(published))
    await published.drain()
    assert (published.subjects(ADA), published.calendar(BEN)) == (["Golf"], [])
    assert await left(schedule, ports(published)) == 0
    await published.sweep()
    assert published.subjects(ADA) == ["Golf"]
    assert (await published.app.health()).body["reasons"] == []


async def test_a_schedule_that_is_listed_again_finds_what_its_removal_let_lie(published: Town) -> None:
    """Ada is on another schedule, too: her mailbox is known, and the removed one's past is not."""
    world = published.lightning_bolt
    world.records.put_template(Template(APPS, "HM APP", "Hospital Medicine APPs", 10))
    world.records.add_template_to_view(VIEW, APPS)
    world.slots.add_slot(APPS, ADA, NIGHT, published.day(6))
    await published.publish()
    world.records.remove_template_from_view(VIEW, TEMPLATE)
    await published.sweep()
    await start(Scope("schedule", str(TEMPLATE)), "future", ports(published))
    await published.drain()
    assert published.subjects(ADA) == ["Day Rounds", "Golf", "Night Call"]
    published.graph.journal.clear()
    world.records.add_template_to_view(VIEW, TEMPLATE)
    await published.sweep()
    assert published.subjects(ADA) == ["Day Rounds", "Golf", "Day Rounds", "Night Call", "Night Call"]
    assert published.writes() == {"POST": 3}, "two of Ada's, one of Ben's; none for what was worked already"


async def test_copies_go_and_what_a_mailbox_refuses_to_give_up_stays_known(published: Town) -> None:
    await published.restart(PAUSED="true")
    published.graph.owner.copy(mailbox(BEN), published.calendar(BEN)[0].immutable_id)
    published.graph.directory.put(mailbox(ADA), state=MailboxState.OUT_OF_SCOPE)
    await start(Scope("all"), "all", ports(published))
    await published.drain()
    assert published.calendar(BEN) == []
    assert await rows(published, BEN) == 0
    assert await left(Scope("all"), ports(published)) == 1
    published.graph.directory.put(mailbox(ADA), state=MailboxState.OPEN)
    assert len(published.calendar(ADA)) == 4
