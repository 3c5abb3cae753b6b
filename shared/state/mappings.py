"""Table `mappings`: people's IDs and assignments' fields as imported (`MAPPING_SOURCE=table`).

what | PartitionKey | RowKey
--- | --- | ---
which imports are in force | `!` | `!`
a person | `people|<import>` | `<emp_id>`
an assignment | `assignments|<import>` | `<assign_structure_id>`

An import may need many transactions, and a reader several pages. So an import never changes a row that is in force: it
writes all rows of its kind anew, in a partition of its own, and then brings it into force by changing the one row `!`.
Whatever happens before that change is never seen. What was in force before stays until the import after the next has
begun, so that nobody's read is cut off; `leftover` names what may go. An import first notes itself as `next`: two at a
time cannot both come into force, because each asserts the etag of `!` as its own note left it.
"""

from collections.abc import Mapping
from contextlib import suppress

from shared.errors import PreconditionError
from shared.schedule.own_mappings import Fields, Kind
from shared.state.entities import HEAD, join, split, transactions
from shared.state.table import Row, Table, Value, Write
from shared.sync.mapped import BrokenMappingsError, StoredMappings

SCHEMA = 1
KINDS: tuple[Kind, Kind] = ("people", "assignments")


class StoredMappingTable:
    """See `sync.mapped.MappingTable`. What was read of an import is kept: it never changes."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._kept: dict[str, Mapping[str, Fields]] = {}
        """By partition."""

    async def load(self) -> StoredMappings:
        """See MappingTable."""
        before: Row | None = None
        while True:
            now, head = await self._table.get(HEAD, HEAD)
            if head is None:
                return StoredMappings(None, None, now, None)
            if head.values["schema"] != SCHEMA:
                raise BrokenMappingsError(f"the table of mappings has schema {head.values['schema']}, not {SCHEMA}")
            wanted = {kind: str(head.values[kind]) for kind in KINDS}
            found = {kind: await self._rows(partition) for kind, partition in wanted.items() if partition}
            if all(len(rows) == head.values[f"{kind}_count"] for kind, rows in found.items()):
                self._kept = {wanted[kind]: rows for kind, rows in found.items()}
                return StoredMappings(found.get("people"), found.get("assignments"), now, head.etag)
            self._kept = {}
            if before is not None and before.etag == head.etag:
                raise BrokenMappingsError(
                    "the table of mappings has not the rows that were imported: empty it and import both files again"
                )
            before = head

    async def replace(self, kind: Kind, rows: Mapping[str, Fields], *, instead_of: StoredMappings, name: str) -> None:
        """See MappingTable."""
        partition = f"{kind}|{name}"
        head, doomed = await self._begin(partition, instead_of)
        for leftover in doomed:
            await self._remove(leftover)
        writes = [Write("insert", row, {"schema": SCHEMA, **fields}) for row, fields in sorted(rows.items())]
        for some in transactions(writes):
            await self._table.write(partition, some)
        superseded = [str(head.values[kind])] if head.values[kind] else []
        values: dict[str, Value] = {
            kind: partition,
            f"{kind}_count": len(rows),
            "next": "",
            **split("leftover", [each for each in join("leftover", head.values) if each not in doomed] + superseded),
        }
        await self._come_into_force(kind, partition, Write("merge", HEAD, values, head.etag))

    async def _begin(self, partition: str, instead_of: StoredMappings) -> tuple[Row, list[str]]:
        """Notes this import as the next one. Returns `!` as it stands then, and what nobody reads any longer."""
        now, head = await self._table.get(HEAD, HEAD)
        if (head.etag if head else None) != instead_of.etag:
            raise PreconditionError("another import came between")
        values: dict[str, Value] = dict(head.values) if head else {"schema": SCHEMA, **_NOTHING}
        doomed = list(join("leftover", values) or ())
        overtaken = [str(values["next"])] if values["next"] else []
        values |= {"next": partition, **split("leftover", doomed + overtaken)}
        write = Write("replace", HEAD, values, head.etag) if head else Write("insert", HEAD, values)
        _, (etag,) = await self._table.write(HEAD, [write])
        return Row(HEAD, HEAD, values, etag, now), doomed

    async def _come_into_force(self, kind: Kind, partition: str, write: Write) -> None:
        try:
            await self._table.write(HEAD, [write])
        except PreconditionError:
            _, head = await self._table.get(HEAD, HEAD)
            if head is None or head.values[kind] != partition:  # else it was done, and the answer lost
                raise

    async def _rows(self, partition: str) -> Mapping[str, Fields]:
        if partition in self._kept:
            return self._kept[partition]
        _, rows = await self._table.rows(partition)
        return {row.row: {name: value for name, value in row.values.items() if name != "schema"} for row in rows}

    async def _remove(self, partition: str) -> None:
        _, rows = await self._table.rows(partition, [])
        if rows:
            for some in transactions([Write("delete", row.row) for row in rows]):
                with suppress(PreconditionError):  # another import has removed them
                    await self._table.write(partition, some)


_NOTHING: dict[str, Value] = {
    "people": "", "people_count": 0, "assignments": "", "assignments_count": 0, "next": "", **split("leftover", []),
}  # fmt: skip
