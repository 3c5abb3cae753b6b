"""The contract of `schedules` and `problems`, over either table: owners, readers' leases, notes, reports."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from shared.errors import PreconditionError
from shared.messages import ScheduleMonth
from shared.month import Month
from shared.schedule.model import Problem
from shared.state.ledger import LONGEST_REASON, MOST_PROBLEMS, TableLedger
from shared.sync.reads import MonthReads
from tests.contract.accounts import Account

NOVEMBER = Month(2026, 11)
MONTH = ScheduleMonth("5", NOVEMBER)
NOW = datetime(2026, 11, 1, 8, tzinfo=UTC)


async def _ledger(account: Account) -> TableLedger:
    return TableLedger(await account.table(), await account.table())


async def test_a_schedule_has_one_owner(account: Account) -> None:
    ledger = await _ledger(account)
    assert (await ledger.reads(50)).owners == {}
    await ledger.own("5", "Notaufnahme é😀", 50, listed=True, instead_of=None)
    with pytest.raises(PreconditionError):
        await ledger.own("5", "x", 51, listed=True, instead_of=None)
    owners = (await ledger.reads(50)).owners
    owner = owners["5"]
    assert (owner.schedule, owner.name, owner.view) == ("5", "Notaufnahme é😀", 50)
    await ledger.own("5", "y", 51, listed=False, instead_of=owner)
    with pytest.raises(PreconditionError):
        await ledger.own("5", "z", 52, listed=True, instead_of=owner)
    owners = (await ledger.reads(50)).owners
    assert {schedule: (row.name, row.view) for schedule, row in owners.items()} == {"5": ("y", 51)}


async def test_the_first_to_write_notes_the_installation_and_a_change_is_seen_until_it_is_adopted(
    account: Account,
) -> None:
    tables = await account.table(), await account.table()
    one, other = TableLedger(*tables), TableLedger(*tables)
    assert (await one.reads(50)).installation is None
    assert [await one.written_under("north") for _ in range(2)] == ["north", "north"]
    assert [await other.written_under("south") for _ in range(2)] == ["north", "north"]
    assert (await other.reads(50)).installation == "north"
    await one.write_under("south")
    assert [await other.written_under("south"), await one.written_under("south")] == ["south", "south"]
    assert await TableLedger(*tables).written_under("north") == "south"


async def test_of_two_that_note_the_installation_at_once_the_second_sees_the_first(account: Account) -> None:
    tables = await account.table(), await account.table()
    both = [TableLedger(*tables).written_under(installation) for installation in ("north", "south")]
    assert len(set(await asyncio.gather(*both))) == 1


async def test_reads_of_a_month_are_noted(account: Account) -> None:
    ledger = await _ledger(account)
    reads = await ledger.reads(50)
    assert (reads.months, reads.reader.owner, reads.reader.number) == ({}, None, 0)
    await ledger.store_reader(reads.reader, owner="one")
    done = MonthReads(NOW, NOW, 3, ("schedule 5: 40 slots (shrink)",), "digest", again_at=NOW + timedelta(minutes=2))
    reads.reader.number = 7
    await ledger.store_reader(reads.reader, owner="one", month=NOVEMBER, read=done)
    await ledger.refused(50, NOVEMBER.plus(1), NOW, "é😀" * LONGEST_REASON, "other")
    seen = await ledger.reads(50)
    assert seen.of(NOVEMBER) == done
    assert (seen.reader.owner, seen.reader.number, seen.reader.etag) == ("one", 7, reads.reader.etag)
    december = seen.of(NOVEMBER.plus(1))
    assert december.finished is None
    assert december.refusal == ("é😀" * LONGEST_REASON)[:LONGEST_REASON]
    assert (await ledger.reads(51)).months == {}
    await ledger.refused(50, NOVEMBER, NOW + timedelta(hours=1), "nonsense", "digest")
    november = (await ledger.reads(50)).of(NOVEMBER)
    assert (november.finished, november.asked, november.refusal) == (NOW, NOW + timedelta(hours=1), "nonsense")
    await ledger.store_reader(seen.reader, owner=None, month=NOVEMBER, read=done)
    seen = await ledger.reads(50)
    assert (seen.of(NOVEMBER).refusal, seen.reader.owner) == ("", None)


async def test_of_two_readers_by_one_reading_the_second_is_refused(account: Account) -> None:
    ledger = await _ledger(account)
    one, other = (await ledger.reads(50)).reader, (await ledger.reads(50)).reader
    await ledger.store_reader(one, owner="one")
    with pytest.raises(PreconditionError):
        await ledger.store_reader(other, owner="other")
    late = (await ledger.reads(50)).reader
    await ledger.store_reader((await ledger.reads(50)).reader, owner="taker")
    with pytest.raises(PreconditionError):
        await ledger.store_reader(late, owner="one", month=NOVEMBER, read=MonthReads(NOW, NOW))
    assert (await ledger.reads(50)).months == {}


async def test_problems_are_replaced_by_each_report(account: Account) -> None:
    ledger = await _ledger(account)
    problems = [Problem(f"slot {number}", "note", f"é😀 {'x' * 400}") for number in range(MOST_PROBLEMS + 1)]
    await ledger.report(50, NOVEMBER, problems)
    await ledger.report_person("2101", str(MONTH), problems[:1])
    assert await ledger.problems("view|50") == {str(NOVEMBER): problems[:MOST_PROBLEMS]}
    assert await ledger.problems("person|2101") == {str(MONTH): problems[:1]}
    await ledger.report(50, NOVEMBER, [])
    assert await ledger.problems("view|50") == {str(NOVEMBER): []}


async def test_mappings_are_replaced_by_each_store(account: Account) -> None:
    ledger = await _ledger(account)
    assert await ledger.mappings(50) == {}
    mappings = {f"person {number}": f"{number:064}" for number in range(1_000)}
    await ledger.store_mappings(50, mappings)
    assert await ledger.mappings(50) == mappings
    await ledger.store_mappings(50, {"é😀": "x"})
    assert await ledger.mappings(50) == {"é😀": "x"}
