"""The contract of the table of mappings, over either store: whole imports, crashes, two at a time, many people."""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import pytest

from shared.errors import PreconditionError
from shared.schedule.own_mappings import Fields, Kind
from shared.state.mappings import StoredMappingTable
from shared.state.table import Row, Table, Write
from shared.sync.mapped import BrokenMappingsError, StoredMappings
from tests.contract.accounts import Account

DAY = {
    "send_to_outlook": True,
    "include_schedule_notes": False,
    "include_assignment_information": True,
    "send_as_free": False,
}


def _people(count: int, domain: str = "example.org") -> dict[str, Fields]:
    return {str(person): {"microsoft_id": f"p{person}@{domain}"} for person in range(1, count + 1)}


class LostError(Exception):
    """The request, or its answer, is lost."""


@dataclass(slots=True)
class Seam:
    """A table that counts requests and loses them."""

    table: Table
    requests: list[str] = field(default_factory=list)
    lose: Callable[[int], bool] = lambda number: False
    """Whether that write (from 1) is lost before it is done."""
    lose_answer: Callable[[int], bool] = lambda number: False
    writes: int = 0

    async def get(self, partition: str, row: str) -> tuple[datetime, Row | None]:
        """See Table."""
        self.requests.append("get")
        return await self.table.get(partition, row)

    async def rows(self, partition: str, select: Sequence[str] | None = None) -> tuple[datetime, list[Row]]:
        """See Table."""
        self.requests.append("rows")
        return await self.table.rows(partition, select)

    def scan(self, select: Sequence[str]) -> AsyncIterator[Row]:
        """See Table."""
        return self.table.scan(select)

    async def write(self, partition: str, writes: Sequence[Write]) -> tuple[datetime, list[str]]:
        """See Table."""
        self.writes += 1
        self.requests.append("write")
        number = self.writes
        if self.lose(number):
            raise LostError
        done = await self.table.write(partition, writes)
        if self.lose_answer(number):
            raise LostError
        return done


async def _import(
    table: StoredMappingTable, kind: Kind, rows: dict[str, Fields], name: str, stored: StoredMappings | None = None
) -> None:
    await table.replace(kind, rows, instead_of=stored or await table.load(), name=name)


async def _partitions(table: Table) -> dict[str, int]:
    counts: dict[str, int] = {}
    async for row in table.scan([]):
        counts[row.partition] = counts.get(row.partition, 0) + 1
    return counts


async def test_nothing_was_imported_yet(account: Account) -> None:
    stored = await StoredMappingTable(await account.table()).load()
    assert (stored.people, stored.assignments, stored.etag) == (None, None, None)
    assert stored.read_at.tzinfo is not None


async def test_what_is_imported_is_read_by_others(account: Account) -> None:
    rows = await account.table()
    people: dict[str, Fields] = {"2101": {"microsoft_id": "zoë@example.org"}, "2102": {"microsoft_id": ""}}
    await _import(StoredMappingTable(rows), "people", people, "a")
    stored = await StoredMappingTable(rows).load()
    assert (stored.people, stored.assignments) == (people, None)
    await _import(StoredMappingTable(rows), "assignments", {"301": DAY, "A label": DAY}, "b")
    stored = await StoredMappingTable(rows).load()
    assert (stored.people, stored.assignments) == (people, {"301": DAY, "A label": DAY})


async def test_an_import_is_the_whole_of_its_kind(account: Account) -> None:
    table = StoredMappingTable(await account.table())
    await _import(table, "assignments", {"301": DAY}, "a")
    await _import(table, "people", _people(3), "b")
    await _import(table, "people", _people(1, "example.com"), "c")
    stored = await table.load()
    assert (stored.people, stored.assignments) == (_people(1, "example.com"), {"301": DAY})


async def test_five_thousand_people_are_read_whole_and_asked_for_once(account: Account) -> None:
    seam = Seam(await account.table())
    table = StoredMappingTable(seam)
    await _import(table, "people", _people(5_000), "a")
    assert seam.writes == 52, "a note, fifty transactions, and the one that brings it into force"
    reader = StoredMappingTable(seam)
    assert (await reader.load()).people == _people(5_000)
    seam.requests.clear()
    assert (await reader.load()).people == _people(5_000)
    assert seam.requests == ["get"], "what is in force never changes: it is asked for once in a process"


@pytest.mark.parametrize("number", range(1, 7))
async def test_a_crash_at_any_write_leaves_the_old_whole_or_the_new(account: Account, number: int) -> None:
    rows = await account.table()
    old, new = _people(250), _people(250, "example.com")
    await _import(StoredMappingTable(rows), "people", old, "a")
    crashing = Seam(rows, lose=lambda write: write == number)
    if number < 6:
        with pytest.raises(LostError):
            await _import(StoredMappingTable(crashing), "people", new, "b")
        assert (await StoredMappingTable(rows).load()).people == old
    await _import(StoredMappingTable(rows), "people", new, "c")
    assert (await StoredMappingTable(rows).load()).people == new
    for name in "de":
        await _import(StoredMappingTable(rows), "people", new, name)
    assert await _partitions(rows) == {"!": 1, "people|d": 250, "people|e": 250}, "the rest has been removed"


async def test_a_lost_answer_of_the_last_write_is_no_half_import(account: Account) -> None:
    rows = await account.table()
    table = StoredMappingTable(Seam(rows, lose_answer=lambda write: write == 3))
    with pytest.raises(LostError):
        await _import(table, "people", _people(2), "a")
    assert (await StoredMappingTable(rows).load()).people == _people(2)


async def test_the_last_write_tried_twice_is_done(account: Account) -> None:
    """As the SDK does after a lost answer: the second try finds that the etag no longer stands."""

    class Twice(Seam):
        async def write(self, partition: str, writes: Sequence[Write]) -> tuple[datetime, list[str]]:
            done = await super().write(partition, writes)
            return await super().write(partition, writes) if self.writes == 3 else done

    rows = await account.table()
    await _import(StoredMappingTable(Twice(rows)), "people", _people(2), "a")
    assert (await StoredMappingTable(rows).load()).people == _people(2)


async def test_of_two_imports_at_a_time_the_later_one_stands(account: Account) -> None:
    rows = await account.table()
    await _import(StoredMappingTable(rows), "people", _people(2), "a")

    class Overtaken(Seam):
        async def write(self, partition: str, writes: Sequence[Write]) -> tuple[datetime, list[str]]:
            if self.writes == 1:
                await _import(StoredMappingTable(rows), "people", _people(3), "c")
            return await super().write(partition, writes)

    with pytest.raises(PreconditionError):
        await _import(StoredMappingTable(Overtaken(rows)), "people", _people(1), "b")
    assert (await StoredMappingTable(rows).load()).people == _people(3)
    for name in "de":
        await _import(StoredMappingTable(rows), "people", _people(3), name)
    assert (await _partitions(rows)).keys() == {"!", "people|d", "people|e"}


async def test_an_import_by_what_was_read_before_another_is_refused(account: Account) -> None:
    table = StoredMappingTable(await account.table())
    before = await table.load()
    await _import(table, "assignments", {"301": DAY}, "a")
    with pytest.raises(PreconditionError):
        await _import(table, "people", _people(1), "b", before)
    assert (await table.load()).people is None


async def test_who_reads_while_imports_go_on_sees_a_whole(account: Account) -> None:
    rows = await account.table()
    await _import(StoredMappingTable(rows), "people", _people(3), "a")

    class Slow(Seam):
        async def rows(self, partition: str, select: Sequence[str] | None = None) -> tuple[datetime, list[Row]]:
            if partition == "people|a":
                for name in "bc":
                    await _import(StoredMappingTable(rows), "people", _people(5), name)
            return await super().rows(partition, select)

    assert (await StoredMappingTable(Slow(rows)).load()).people == _people(5)


async def test_rows_taken_out_by_hand_are_noticed(account: Account) -> None:
    rows = await account.table()
    await _import(StoredMappingTable(rows), "people", _people(3), "a")
    await rows.write("people|a", [Write("delete", "2")])
    with pytest.raises(BrokenMappingsError, match="empty it and import both files again"):
        await StoredMappingTable(rows).load()


async def test_a_schema_that_is_not_understood_is_not_read(account: Account) -> None:
    rows = await account.table()
    await _import(StoredMappingTable(rows), "people", _people(1), "a")
    await rows.write("!", [Write("merge", "!", {"schema": 2})])
    with pytest.raises(BrokenMappingsError, match="schema 2"):
        await StoredMappingTable(rows).load()
