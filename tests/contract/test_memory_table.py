"""The table in memory alone: its clock, its seam, its copies."""

import itertools
from datetime import UTC, datetime, timedelta, timezone

import pytest

from shared.state.memory import MemoryTable
from shared.state.table import Value, Write
from tests.contract.accounts import Clock
from tests.contract.rows import put, values_of


async def test_memory_tells_the_time_of_its_clock() -> None:
    clock = Clock(datetime(2026, 11, 1, 3, 0, 0, 987654, tzinfo=timezone(timedelta(hours=-5))))
    table = MemoryTable("table", clock)
    now, _ = await table.write("p", [Write("insert", "r", {})])
    assert now == datetime(2026, 11, 1, 8, tzinfo=UTC) and now.tzinfo is UTC
    clock.pass_by(1)
    now, row = await table.get("p", "r")
    assert row is not None
    assert now == datetime(2026, 11, 1, 8, 0, 1, tzinfo=UTC)
    assert row.stored_at == datetime(2026, 11, 1, 8, 0, 0, 987654, tzinfo=UTC)
    with pytest.raises(ValueError, match="aware"):
        await MemoryTable("table", lambda: datetime(2026, 11, 1)).get("p", "r")  # noqa: DTZ001 - what is refused


async def test_memory_gives_and_takes_copies() -> None:
    table = MemoryTable("table", Clock())
    values: dict[str, Value] = {"a": 1}
    await table.write("p", [Write("insert", "r", values)])
    values["a"] = 2
    _, row = await table.get("p", "r")
    assert row is not None and isinstance(row.values, dict)
    row.values["a"] = 3
    assert await values_of(table) == {"a": 1}


async def test_a_crash_before_an_operation_does_nothing_and_one_after_it_loses_the_answer() -> None:
    seen: list[str] = []
    fail_at = ""

    async def before(operation: str) -> None:
        await hear(f"before {operation}")

    async def after(operation: str) -> None:
        await hear(f"after {operation}")

    async def hear(moment: str) -> None:
        seen.append(moment)
        if moment == fail_at:
            raise ConnectionError(moment)

    table = MemoryTable("people", Clock(), before=before, after=after)
    fail_at = "before people.write"
    with pytest.raises(ConnectionError):
        await put(table, a=1)
    fail_at = "after people.write"
    with pytest.raises(ConnectionError):
        await put(table, "s", a=1)
    fail_at = ""
    assert [row.row async for row in table.scan([])] == ["s"]
    assert (await table.rows("p"))[1] and await values_of(table) is None
    assert seen == [
        *("before people.write", "before people.write", "after people.write"),
        *(f"{when} people.{operation}" for operation in ("scan", "rows", "get") for when in ("before", "after")),
    ]


async def test_others_write_between_the_pages_of_a_read() -> None:
    async def before(operation: str) -> None:
        if operation == "table.scan":
            await table.write("p", [Write("merge", "zz", {"seen": next(pages)})])

    pages = itertools.count(1)
    table = MemoryTable("table", Clock(), before=before)
    for start in range(0, 1_100, 100):
        await table.write("p", [Write("insert", f"{start + number:04}", {}) for number in range(100)])
    assert [row.values async for row in table.scan(["seen"])][-1] == {"seen": 2}
