"""One row of partition `p`, written and read back; an etag that no storage gave."""

from shared.state.table import Table, Value, Write

STALE = "W/\"datetime'2020-01-01T00%3A00%3A00.0000000Z'\""


async def put(table: Table, row: str = "r", **values: Value) -> str:
    """Its etag."""
    _, (etag,) = await table.write("p", [Write("replace", row, values)])
    return etag


async def values_of(table: Table, row: str = "r") -> dict[str, Value] | None:
    """None where it is not there."""
    _, found = await table.get("p", row)
    return dict(found.values) if found else None
