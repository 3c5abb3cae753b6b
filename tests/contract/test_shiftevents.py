"""The contract of `shiftevents`, over either table: leases, links cut into transactions, scans."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from shared.errors import PreconditionError
from shared.messages import ScheduleMonth
from shared.month import Month
from shared.state.shiftevents import ShiftEventTable
from shared.sync.ports import LinkKey
from shared.sync.records import Link, PersonState, Refusal
from tests.contract.accounts import Account

NOVEMBER = Month(2026, 11)
MONTH = ScheduleMonth("5", NOVEMBER)
NOW = datetime(2026, 11, 1, 8, tzinfo=UTC)
LARGE = pytest.mark.filterwarnings("ignore:Sending a large body directly:ResourceWarning")
"""aiohttp's word on bodies of more than 1 MiB."""


def _link(number: int, mailbox: str = "ada@example.org") -> Link:
    start = NOW + timedelta(hours=number)
    return Link(f"link-{number}", mailbox, f"AAMk{number}=", str(number), "digest", start, start + timedelta(hours=8))


async def test_a_person_that_nobody_has_written_to(account: Account) -> None:
    table = ShiftEventTable(await account.table())
    now, state = await table.person("2101")
    assert state == PersonState("2101", None) and now.tzinfo is not None


async def test_a_persons_state_is_read_as_it_was_stored(account: Account) -> None:
    table = ShiftEventTable(await account.table())
    _, state = await table.person("2101")
    state.open = {MONTH: {"ada@example.org", "é😀@example.org"}}
    state.look_again_at = NOW
    state.refusals = {"old@example.org": Refusal(NOW, NOW + timedelta(days=1), True, "ErrorInvalidUser")}
    state.observed = {"ada@example.org"}
    state.links = {MONTH: [_link(1), replace(_link(2), slot=None)]}
    told = await table.store(state, state.links, owner="writer")
    _, found = await table.person("2101")
    assert found.leased_at is not None and abs(found.leased_at - told) < timedelta(seconds=2)
    assert replace(found, leased_at=told) == state and state.owner == "writer" and state.leased_at == told
    found.open, found.links = {}, {MONTH: []}
    await table.store(found, found.links, owner=None)
    _, last = await table.person("2101")
    assert (last.owner, last.open, last.links) == (None, {}, {MONTH: []})


@pytest.mark.parametrize("known", [False, True])
async def test_of_two_claims_by_one_reading_the_second_is_refused(account: Account, known: bool) -> None:
    table = ShiftEventTable(await account.table())
    if known:
        await table.store((await table.person("2101"))[1], {}, owner=None)
    (_, first), (_, second) = await table.person("2101"), await table.person("2101")
    await table.store(first, {}, owner="first")
    second.open = {MONTH: {"x"}}
    with pytest.raises(PreconditionError):
        await table.store(second, {MONTH: [_link(1)]}, owner="second")
    _, state = await table.person("2101")
    assert (state.owner, state.open, state.links) == ("first", {}, {})


async def test_a_renewal_by_the_loser_is_refused_and_stores_no_links(account: Account) -> None:
    table = ShiftEventTable(await account.table())
    _, loser = await table.person("2101")
    await table.store(loser, {}, owner="loser")
    await table.store(loser, {MONTH: [_link(1)]}, owner="loser")  # a renewal while it is still the loser's
    _, winner = await table.person("2101")
    await table.store(winner, {}, owner="winner")
    with pytest.raises(PreconditionError):
        await table.store(loser, {MONTH: [_link(2)]}, owner="loser")
    with pytest.raises(PreconditionError):
        await table.store(loser, {}, owner=None)
    await table.store(winner, {}, owner="winner")
    _, state = await table.person("2101")
    assert state.owner == "winner" and state.links == {MONTH: [_link(1)]}


async def test_people_do_not_stand_in_each_others_way(account: Account) -> None:
    table = ShiftEventTable(await account.table())
    (_, ada), (_, ben) = await table.person("2101"), await table.person("2102")
    await table.store(ada, {MONTH: [_link(1)]}, owner="a")
    await table.store(ben, {}, owner="b")
    assert (await table.person("2102"))[1].links == {}


async def test_links_of_more_months_than_a_transaction_takes(account: Account) -> None:
    table = ShiftEventTable(await account.table())
    _, state = await table.person("2101")
    await table.store(state, {}, owner="writer")
    links = {ScheduleMonth(str(number), NOVEMBER): [_link(number)] for number in range(150)}
    await table.store(state, links, owner="writer")
    await table.store(state, {}, owner=None)  # the state's etag is the last transaction's
    assert (await table.person("2101"))[1].links == links


@LARGE
async def test_links_of_more_bytes_than_a_transaction_takes(account: Account) -> None:
    table = ShiftEventTable(await account.table())
    _, state = await table.person("2101")
    await table.store(state, {}, owner="writer")
    many = [_link(number, "é" * 40) for number in range(800)]  # 400 kB a month
    links = {ScheduleMonth(str(number), NOVEMBER): many for number in range(12)}
    await table.store(state, links, owner=None)
    _, found = await table.person("2101")
    assert found.links == links and found.etag == state.etag


async def test_what_has_links_or_is_open_is_found_by_a_scan(account: Account) -> None:
    table = ShiftEventTable(await account.table())
    for person in ("2101", "2102", "2103"):
        _, state = await table.person(person)
        if person == "2101":
            state.open = {ScheduleMonth("6", NOVEMBER): {"x"}}
        links = [_link(1)] if person == "2102" else []
        await table.store(state, {MONTH: links}, owner=None)
    found = table.keys()
    assert {key async for key in found} == {
        LinkKey("2101", MONTH, tied=False),
        LinkKey("2101", ScheduleMonth("6", NOVEMBER), tied=True),
        LinkKey("2102", MONTH, tied=True),
        LinkKey("2103", MONTH, tied=False),
    }


async def test_old_links_are_forgotten_unless_somebody_has_come_between(account: Account) -> None:
    table = ShiftEventTable(await account.table())
    _, state = await table.person("2101")
    old = [ScheduleMonth(str(number), NOVEMBER) for number in range(120)]
    state.open = {old[0]: {"x"}, MONTH: {"y"}, ScheduleMonth("open only", NOVEMBER): {"x"}}
    await table.store(state, {}, owner="writer")
    await table.store(state, {month: [_link(1)] for month in [*old, MONTH]}, owner=None)
    _, state = await table.person("2101")
    _, late = await table.person("2101")
    gone = [month for month in old if month != MONTH] + [ScheduleMonth("open only", NOVEMBER)]
    await table.forget(state, gone)
    _, found = await table.person("2101")
    assert (found.links, found.open, found.etag) == ({MONTH: [_link(1)]}, {MONTH: {"y"}}, state.etag)
    with pytest.raises(PreconditionError):
        await table.forget(late, [MONTH])
