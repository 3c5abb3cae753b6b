"""Table `personmonths`: PartitionKey `<schedule>|<yyyy-mm>`, RowKey `<person>`, and a head row `!` per partition."""

import asyncio
from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import replace
from datetime import date, datetime
from itertools import batched
from typing import Any

from shared.messages import ScheduleMonth
from shared.outlook.event import from_json, to_json
from shared.state.entities import HEAD, MOST_WRITES, fits, join, split, time_of, time_text, transactions
from shared.state.table import Row, Table, Value, Write
from shared.sync.announce import AT_ONCE
from shared.sync.ports import RowKey, Specification
from shared.sync.records import DesiredSlot, Head, Hold, PersonMonthRow, ScheduleMonthRows, Status, Written

SCHEMA = 1

_LIGHT = (
    "version", "digest", "held", "count", "mailbox", "display_name", "published_at", "read_at",
    "applied_version", "applied_count", "applied_at", "tried_version", "next_attempt_at", "attempts", "outcome",
    "problem", "written", "tried_since", "view", "read_number", "filter", "unmapped", "holds_parts", "holds_0",
)  # fmt: skip
"""All columns but the desired slots, which are most of a row."""


class PersonMonthTable:
    """See `sync.ports.PersonMonths`."""

    def __init__(self, table: Table) -> None:
        self._table = table

    async def rows(self, month: ScheduleMonth, *, slots: bool = False) -> ScheduleMonthRows:
        """See PersonMonths."""
        now, rows = await self._table.rows(str(month), None if slots else _LIGHT)
        head = next((_head(row) for row in rows if row.row == HEAD), None)
        people = [_person_month(row, month, slots=slots) for row in rows if row.row != HEAD]
        return ScheduleMonthRows(now, head, {row.person: row for row in people})

    async def of_person(self, person: str, months: Sequence[ScheduleMonth]) -> dict[ScheduleMonth, PersonMonthRow]:
        """See PersonMonths."""
        answers = await asyncio.gather(*(self._table.get(str(month), person) for month in months))
        return {
            month: _person_month(row, month, slots=True)
            for month, (_, row) in zip(months, answers, strict=True)
            if row is not None
        }

    async def put_head(self, month: ScheduleMonth, head: Head) -> Head:
        """See PersonMonths."""
        values = _head_values(head)
        write = Write("merge", HEAD, values, head.etag) if head.etag else Write("insert", HEAD, values)
        _, (etag,) = await self._table.write(str(month), [write])
        return replace(head, etag=etag)

    async def store(
        self, month: ScheduleMonth, head: Head, specifications: Sequence[Specification]
    ) -> AsyncIterator[tuple[str, ...]]:
        """See PersonMonths. The first transaction is small: as soon as it is stored, the first pointers are sent."""
        rows = (Write("merge", specification.person, _specification(specification)) for specification in specifications)
        values = _head_values(head)
        for batch in transactions(filter(fits, rows), Write("merge", HEAD, values), begin=AT_ONCE):
            _, etags = await self._table.write(str(month), [Write("merge", HEAD, values, head.etag), *batch])
            head = replace(head, etag=etags[0])
            yield tuple(row.row for row in batch)

    async def store_status(self, row: PersonMonthRow, status: Status) -> None:
        """See PersonMonths."""
        values: dict[str, Value] = {
            "applied_version": status.applied_version,
            "applied_count": status.applied_count,
            "applied_at": time_text(status.applied_at),
            "tried_version": status.tried_version,
            "next_attempt_at": time_text(status.next_attempt_at),
            "attempts": status.attempts,
            "outcome": status.outcome,
            "problem": status.problem,
            "written": " ".join(map(str, status.written)),
            "tried_since": time_text(status.tried_since),
        }
        await self._table.write(str(row.month), [Write("merge", row.person, values, row.etag)])

    async def keys(self) -> AsyncIterator[RowKey]:
        """See PersonMonths."""
        async for row in self._table.scan(["mailbox", "version", "applied_version"]):
            version, applied = int(row.values.get("version", 0)), int(row.values.get("applied_version", 0))
            mailbox = str(row.values.get("mailbox", "")) or None
            yield RowKey(ScheduleMonth.parse(row.partition), row.row, mailbox, version == applied)

    async def forget(self, month: ScheduleMonth, people: Collection[str]) -> None:
        """See PersonMonths."""
        for some in batched(sorted(people), MOST_WRITES, strict=False):
            await self._table.write(str(month), [Write("delete", person) for person in some])


def _head(row: Row) -> Head:
    values = row.values
    return Head(
        etag=row.etag,
        view=int(values["view"]),
        read_number=int(values["read_number"]),
        filter=str(values["filter"]),
        unmapped=int(values["unmapped"]),
        holds={
            hold: Hold(cause, datetime.fromisoformat(since), count)
            for hold, (cause, since, count) in (join("holds", values) or {}).items()
        },
        stored_at=row.stored_at,
    )


def _head_values(head: Head) -> dict[str, Value]:
    return {
        "schema": SCHEMA,
        "view": head.view,
        "read_number": head.read_number,
        "filter": head.filter,
        "unmapped": head.unmapped,
        **split("holds", {key: [hold.cause, time_text(hold.since), hold.count] for key, hold in head.holds.items()}),
    }


def _specification(specification: Specification) -> dict[str, Value]:
    desired = specification.desired
    return {
        "schema": SCHEMA,
        "version": specification.version,
        "digest": desired.digest,
        "held": desired.held,
        "count": desired.count,
        "mailbox": desired.mailbox or "",
        "display_name": desired.name,
        "publish_id": specification.publish_id or "",
        "published_at": time_text(specification.published_at),
        "read_at": time_text(specification.read_at),
        **split("desired", [_slot_json(slot) for slot in desired.slots]),
    }


def _slot_json(slot: DesiredSlot) -> dict[str, Any]:
    return {
        "slot": slot.slot,
        "assignment": slot.assignment,
        "day": slot.day.isoformat(),
        "event": to_json(slot.event),
        **({"hold": slot.hold} if slot.hold else {}),
    }


def _slot(line: dict[str, Any]) -> DesiredSlot:
    event, day = from_json(line["event"]), date.fromisoformat(line["day"])
    return DesiredSlot(line["slot"], line["assignment"], day, event, line.get("hold"))


def _person_month(row: Row, month: ScheduleMonth, *, slots: bool) -> PersonMonthRow:
    values = row.values
    return PersonMonthRow(
        person=row.row,
        month=month,
        etag=row.etag,
        stored_at=row.stored_at,
        version=int(values["version"]),
        digest=str(values["digest"]),
        held=str(values.get("held", "")),
        count=int(values["count"]),
        mailbox=str(values["mailbox"]) or None,
        name=str(values["display_name"]),
        published_at=time_of(values.get("published_at")),
        status=Status(
            applied_version=int(values.get("applied_version", 0)),
            applied_count=int(values.get("applied_count", 0)),
            applied_at=time_of(values.get("applied_at")),
            tried_version=int(values.get("tried_version", 0)),
            next_attempt_at=time_of(values.get("next_attempt_at")),
            attempts=int(values.get("attempts", 0)),
            outcome=str(values.get("outcome", "")),
            problem=str(values.get("problem", "")),
            written=Written(*map(int, str(values.get("written", "")).split())),
            tried_since=time_of(values.get("tried_since")),
        ),
        slots=tuple(_slot(line) for line in join("desired", values) or ()) if slots else None,
        read_at=time_of(values.get("read_at")),
    )
