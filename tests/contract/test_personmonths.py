"""The contract of `personmonths`, over either table: fences, refusals, transactions cut by number and bytes, scans."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, cast

import pytest
from azure.data.tables import TableEntity
from azure.data.tables.aio import TableClient

from shared.errors import PreconditionError
from shared.messages import ScheduleMonth
from shared.month import Month
from shared.outlook.event import Event
from shared.state.personmonths import PersonMonthTable
from shared.state.tables import AzureTable
from shared.sync.ports import RowKey, Specification
from shared.sync.records import Desired, DesiredSlot, Head, Status
from tests.contract.accounts import Account

NOVEMBER = Month(2026, 11)
MONTH = ScheduleMonth("5", NOVEMBER)
HEAD = Head(etag="", view=50, read_number=3, filter="abc", unmapped=2)
NOW = datetime(2026, 11, 1, 8, tzinfo=UTC)
LARGE = pytest.mark.filterwarnings("ignore:Sending a large body directly:ResourceWarning")
"""aiohttp's word on bodies of more than 1 MiB."""


def _slot(number: int, note: str = "") -> DesiredSlot:
    start = NOW + timedelta(hours=number)
    end = start + timedelta(hours=8)
    event = Event(
        subject=f"Nachtdienst {number} é😀",
        body=note,
        start=start.replace(tzinfo=None).isoformat(),
        end=end.replace(tzinfo=None).isoformat(),
        zone="UTC",
        all_day=False,
        start_utc=start,
        end_utc=end,
    )
    return DesiredSlot(str(48_000 + number), "301", date(2026, 11, 1), event)


def _specification(person: str, *slots: DesiredSlot, version: int = 1) -> Specification:
    desired = Desired(f"{person}@example.org", "Byrne, Zoë 😀", slots)
    return Specification(person, version, desired, "publish", NOW, NOW)


async def _store(
    table: PersonMonthTable, head: Head, specifications: Sequence[Specification], month: ScheduleMonth = MONTH
) -> list[int]:
    """How many rows each transaction had."""
    return [len(people) async for people in table.store(month, head, specifications)]


async def _person_months(account: Account, *people: str) -> PersonMonthTable:
    """With a head, and a row per person."""
    table = PersonMonthTable(await account.table())
    head = await table.put_head(MONTH, HEAD)
    await _store(table, head, [_specification(person, _slot(1)) for person in people])
    return table


async def _head(table: PersonMonthTable) -> Head:
    head = (await table.rows(MONTH)).head
    assert head is not None
    return head


async def test_a_specification_is_read_as_it_was_stored(account: Account) -> None:
    table = PersonMonthTable(await account.table())
    assert (await table.rows(MONTH)).head is None
    head = await table.put_head(MONTH, HEAD)
    specification = _specification("2101", _slot(1, "notes: é😀\n'\"\\"), _slot(2))
    assert await _store(table, head, [specification]) == [1]
    light, heavy = await table.rows(MONTH), await table.rows(MONTH, slots=True)
    assert light.head == heavy.head == replace(HEAD, etag=(await _head(table)).etag)
    assert light.head is not None and light.head.etag != head.etag  # each store renews it
    assert light.rows["2101"].slots is None
    row = heavy.rows["2101"]
    assert row.slots == specification.desired.slots
    assert (row.version, row.digest, row.count) == (1, specification.desired.digest, 2)
    assert (row.mailbox, row.name, row.published_at) == ("2101@example.org", "Byrne, Zoë 😀", NOW)
    assert row.status == Status()
    assert replace(row, slots=None) == light.rows["2101"]
    assert await table.of_person("2101", [MONTH, ScheduleMonth("5", NOVEMBER.plus(1))]) == {MONTH: row}


async def test_a_second_head_is_refused(account: Account) -> None:
    table = await _person_months(account)
    with pytest.raises(PreconditionError):
        await table.put_head(MONTH, replace(HEAD, view=51))
    assert (await _head(table)).view == 50


async def test_a_late_reader_is_refused_after_somebody_elses_store(account: Account) -> None:
    table = await _person_months(account, "2101")
    late = await _head(table)
    await _store(table, replace(late, view=51, read_number=4), [])  # changes no row, and fences all the same
    with pytest.raises(PreconditionError):
        await _store(table, late, [_specification("2101", version=9), _specification("2102", version=9)])
    stands = await table.rows(MONTH)
    assert {person: row.version for person, row in stands.rows.items()} == {"2101": 1}
    assert stands.head is not None and (stands.head.view, stands.head.read_number) == (51, 4)


async def test_a_reader_that_is_overtaken_between_transactions_stores_no_more(account: Account) -> None:
    table = await _person_months(account)
    people = [f"{number:04}" for number in range(150)]
    storing = table.store(MONTH, await _head(table), [_specification(person) for person in people])
    first = await anext(aiter(storing))
    await _store(table, replace(await _head(table), read_number=4), [])
    with pytest.raises(PreconditionError):
        await anext(aiter(storing))
    assert sorted((await table.rows(MONTH)).rows) == sorted(first) == people[:16]


async def test_a_head_that_was_lost_refuses_a_store(account: Account) -> None:
    table = PersonMonthTable(await account.table())
    head = await table.put_head(ScheduleMonth("5", NOVEMBER.plus(1)), HEAD)
    with pytest.raises(PreconditionError):
        await _store(table, head, [_specification("2101")])
    assert (await table.rows(MONTH)).rows == {}


async def test_a_status_is_refused_once_the_specification_has_changed(account: Account) -> None:
    table = await _person_months(account, "2101")
    row = (await table.rows(MONTH)).rows["2101"]
    await _store(table, await _head(table), [_specification("2101", _slot(2), version=2)])
    with pytest.raises(PreconditionError):
        await table.store_status(row, Status(applied_version=1))
    assert (await table.rows(MONTH)).rows["2101"].status == Status()


async def test_a_status_and_a_specification_leave_each_other_alone(account: Account) -> None:
    table = await _person_months(account, "2101")
    status = Status(1, 1, NOW, 1, NOW + timedelta(minutes=5), 2, "refused", "é😀")
    await table.store_status((await table.rows(MONTH)).rows["2101"], status)
    row = (await table.rows(MONTH, slots=True)).rows["2101"]
    assert row.status == status and row.slots == (_slot(1),) and row.version == 1
    await _store(table, await _head(table), [_specification("2101", _slot(2), version=2)])
    row = (await table.rows(MONTH, slots=True)).rows["2101"]
    assert row.status == status and row.slots == (_slot(2),) and row.version == 2
    await table.store_status(row, Status())
    assert (await table.rows(MONTH)).rows["2101"].status == Status()


async def test_of_two_statuses_by_one_reading_the_second_is_refused(account: Account) -> None:
    table = await _person_months(account, "2101")
    row = (await table.rows(MONTH)).rows["2101"]
    await table.store_status(row, Status(attempts=1))
    with pytest.raises(PreconditionError):
        await table.store_status(row, Status(attempts=2))
    assert (await table.rows(MONTH)).rows["2101"].status.attempts == 1


async def test_250_people_are_stored_in_four_transactions_of_which_the_first_is_small(account: Account) -> None:
    table = await _person_months(account)
    people = [f"{number:04}" for number in range(250)]
    counts = await _store(table, await _head(table), [_specification(person, _slot(1)) for person in people])
    assert counts == [16, 99, 99, 36]
    assert sorted((await table.rows(MONTH)).rows) == people


@LARGE
@pytest.mark.parametrize("note", ["x" * 3_000, "é😀" * 150], ids=["letters", "emoji"])
async def test_transactions_are_cut_by_bytes(account: Account, note: str) -> None:
    """Sixty slots with long notes take more than 64 KiB; thirty such people take more than one transaction's 4 MiB."""
    table = await _person_months(account)
    slots = [_slot(number, note) for number in range(60)]
    specifications = [_specification(str(person), *slots) for person in range(30)]
    counts = await _store(table, await _head(table), specifications)
    assert sum(counts) == 30 and len(counts) > 1 and max(counts) > 1
    rows = (await table.rows(MONTH, slots=True)).rows
    assert all(rows[str(person)].slots == tuple(slots) for person in range(30))


@LARGE
async def test_a_row_that_shrinks_and_grows_is_read_as_last_stored(account: Account) -> None:
    """Parts that are no longer used stay in the row, since a merge takes nothing away."""
    table = await _person_months(account)
    for count in (60, 1, 0, 30):
        slots = [_slot(number, "😀 note " * 300) for number in range(count)]
        await _store(table, await _head(table), [_specification("2101", *slots, version=count + 1)])
        row = (await table.rows(MONTH, slots=True)).rows["2101"]
        assert (row.slots, row.version) == (tuple(slots), count + 1)


@LARGE
async def test_a_row_that_does_not_fit_is_that_persons_problem_only(account: Account) -> None:
    table = await _person_months(account)
    huge = _specification("2102", *(_slot(number, "x" * 20_000) for number in range(60)))
    specifications = [_specification("2101", _slot(1)), huge, _specification("2103", _slot(1))]
    stored = [person async for people in table.store(MONTH, await _head(table), specifications) for person in people]
    assert stored == ["2101", "2103"] == sorted((await table.rows(MONTH)).rows)
    head = replace(await _head(table), unmapped=7)
    assert (await _store(table, head, [huge]), (await _head(table)).unmapped) == ([0], 7)


async def test_every_row_is_found_by_a_scan(account: Account) -> None:
    table = await _person_months(account, "2101", "2102")
    later = ScheduleMonth("5", NOVEMBER.plus(1))
    head = await table.put_head(later, HEAD)
    gone = replace(_specification("2101"), desired=Desired(None, "Byrne", ()))
    await _store(table, head, [gone], later)
    found = table.keys()
    assert {key async for key in found} == {
        RowKey(MONTH, "!", None, in_step=True),
        RowKey(MONTH, "2101", "2101@example.org", in_step=False),
        RowKey(MONTH, "2102", "2102@example.org", in_step=False),
        RowKey(later, "!", None, in_step=True),
        RowKey(later, "2101", None, in_step=False),
    }


async def test_rows_are_forgotten_with_their_head(account: Account) -> None:
    people = [str(number) for number in range(250)]
    table = await _person_months(account, *people)
    await table.forget(MONTH, [*people[1:], "!"])
    stored = await table.rows(MONTH)
    assert (stored.head, list(stored.rows)) == (None, ["0"])


class _NullsForWhatIsMissing:
    """A client whose answers have null for a selected property that a row does not have, as Azure's have.

    Azurite leaves it out: https://github.com/Azure/Azurite/issues/2535.
    """

    async def list_entities(self, select: Sequence[str]) -> AsyncIterator[TableEntity]:
        """A head row, which has no mailbox."""
        entity = TableEntity(dict.fromkeys(select) | {"PartitionKey": str(MONTH), "RowKey": "!"})
        entity._metadata = {"etag": 'W/"1"', "timestamp": cast(Any, NOW)}
        yield entity


async def test_a_property_that_azure_answers_with_null_is_one_that_is_not_there() -> None:
    table = AzureTable(cast(TableClient, _NullsForWhatIsMissing()))
    assert [row.values async for row in table.scan(["mailbox"])] == [{}]
    found = PersonMonthTable(table).keys()
    assert [key async for key in found] == [RowKey(MONTH, "!", None, in_step=True)]
