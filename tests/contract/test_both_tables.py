"""The same random operations on a table in memory and on one on Azurite."""

import itertools
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.errors import PreconditionError
from shared.state.memory import MemoryTable
from shared.state.table import Row, Table, Value, Write
from tests.contract.accounts import AzuriteAccount, Clock
from tests.contract.rows import STALE

_ROWS = ["a", "b", "é😀"]
_VALUES = st.dictionaries(
    st.sampled_from(["x", "y", "z"]),
    st.booleans() | st.integers(-(2**31), 2**31 - 1) | st.text(max_size=8).filter(lambda text: text.isprintable()),
    max_size=3,
)
_WRITES = st.builds(
    lambda kind, row, values, etag: (kind, row, {} if kind == "delete" else values, None if kind == "insert" else etag),
    st.sampled_from(["insert", "merge", "merge", "replace", "replace", "delete"]),
    st.sampled_from(_ROWS),
    _VALUES,
    st.none() | st.sampled_from(["stands", "stands", "stale"]),
)
_TRANSACTIONS = st.lists(st.lists(_WRITES, min_size=1, max_size=3, unique_by=lambda write: write[1]), max_size=8)
_PARTITIONS = itertools.count()


class _Both:
    """A table in memory and one on Azurite, with each row's etags on either, the present one last."""

    def __init__(self, real: Table) -> None:
        self.partition = f"5|{next(_PARTITIONS)}"
        self.tables: tuple[Table, Table] = (MemoryTable("memory", Clock()), real)
        self._etags: tuple[dict[str, list[str]], dict[str, list[str]]] = ({}, {})

    async def write(self, writes: list[Any]) -> None:
        first, second = [await self._write(side, writes) for side in (0, 1)]
        assert first == second

    async def _write(self, side: int, writes: list[Any]) -> object:
        known = self._etags[side]
        made = [
            Write(kind, row, values, etag and _etag(known.get(row, []), stands=etag == "stands"))
            for kind, row, values, etag in writes
        ]
        try:
            now, etags = await self.tables[side].write(self.partition, made)
        except PreconditionError:
            return "refused"
        assert now.microsecond == 0
        for write, etag in zip(made, etags, strict=True):
            assert etag not in known.get(write.row, [])
            if etag:
                known.setdefault(write.row, []).append(etag)
        return [bool(etag) for etag in etags]

    async def compare(self) -> None:
        first, second = [await self._seen(side) for side in (0, 1)]
        assert first == second

    async def _seen(self, side: int) -> object:
        table, known = self.tables[side], self._etags[side]
        _, rows = await table.rows(self.partition)
        _, light = await table.rows(self.partition, ["x"])
        for row in rows:
            assert row.etag == known[row.row][-1]
            assert (await table.get(self.partition, row.row))[1] == row
        return [(row.row, _typed(row)) for row in rows], [(row.row, _typed(row)) for row in light]


def _etag(known: list[str], *, stands: bool) -> str:
    return [STALE, *known][-1] if stands else [*known[:-1], STALE][0]


def _typed(row: Row) -> dict[str, tuple[type, Value]]:
    return {name: (type(value), value) for name, value in row.values.items()}


@pytest.fixture
async def azurite_table(azurite_account: AzuriteAccount) -> Table:
    """A table on Azurite that all examples share, each in a partition of its own."""
    return await azurite_account.table()


@given(transactions=_TRANSACTIONS)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_the_same_operations_have_the_same_answers_and_refusals(
    azurite_table: Table, transactions: list[list[Any]]
) -> None:
    both = _Both(azurite_table)
    for writes in transactions:
        await both.write(writes)
        await both.compare()
