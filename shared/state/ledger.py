"""Tables `schedules` and `problems`: who reads what, when it was read, and what could not be understood or sent.

`schedules` | PartitionKey | RowKey
--- | --- | ---
owner of a schedule | `reads` | `schedule|<template_id>`
the reader's lease on a view | `reads` | `view|<view_id>|!`
reads of a view's month | `reads` | `view|<view_id>|<yyyy-mm>`
fingerprints of a view's mappings | `mappings` | `<view_id>`
what a view's last sweep found due | `reads` | `due|<view_id>`
the installation id that calendars are written under | `reads` | `installation`
our access to Graph | `graph` | `!`
what operators did last | `operations` | `!`

`problems`: PartitionKey `view|<view_id>`, RowKey the month; or `person|<emp_id>`, `<schedule>|<yyyy-mm>` or `mailbox`;
or `queue`, the queue's name.

Owners and reads share a partition, so that a reader learns all that it needs by one request.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import batched
from typing import Literal

from shared.errors import PreconditionError
from shared.month import Month
from shared.schedule.model import Problem
from shared.state.entities import HEAD, MOST_WRITES, fits, join, split, time_of, time_text
from shared.state.table import Row, Table, Value, Write
from shared.sync.reads import (
    DueWork,
    GraphAccess,
    MonthReads,
    Operation,
    ReaderState,
    ScheduleOwner,
    ViewReads,
)

SCHEMA = 1
READS = "reads"
OWNER = "schedule|"
DUE = "due|"
INSTALLATION = "installation"
LONGEST_REASON = 500
"""Characters that are kept of why a read was refused."""
MOST_PROBLEMS = 500
"""That are kept of one read; the number of all stands beside them."""
MOST_OPERATIONS = 50
TRIES = 5
"""To add one where several operators are at work."""


class TableLedger:
    """See `sync.ports.Ledger`."""

    def __init__(self, schedules: Table, problems: Table) -> None:
        self._schedules = schedules
        self._problems = problems
        self._written_under: str | None = None

    async def own(self, schedule: str, name: str, view: int, *, listed: bool, instead_of: ScheduleOwner | None) -> None:
        """See Ledger."""
        row = f"{OWNER}{schedule}"
        values: dict[str, Value] = {"schema": SCHEMA, "name": name, "view": view, "listed": listed}
        await self._schedules.write(
            READS, [Write("replace", row, values, instead_of.etag) if instead_of else Write("insert", row, values)]
        )

    async def reads(self, view: int) -> ViewReads:
        """See Ledger."""
        now, rows = await self._schedules.rows(READS)
        reads = ViewReads(now, ReaderState(view), {}, {})
        for row in rows:
            if row.row.startswith(OWNER):
                owner = _owner(row)
                reads.owners[owner.schedule] = owner
            elif row.row == f"{DUE}{view}":
                waited = timedelta(seconds=int(row.values["oldest_seconds"]))
                reads.due = DueWork(int(row.values["count"]), row.stored_at - waited, row.stored_at)
            elif row.row == INSTALLATION:
                reads.installation = str(row.values["id"])
            elif row.row == _of_view(view):
                reads.reader = _reader(view, row)
            elif row.row.startswith(_of_view(view, "")):
                month = Month.parse(row.row.removeprefix(_of_view(view, "")))
                reads.months[month] = _month_reads(row.values)
        return reads

    async def store_reader(
        self, reader: ReaderState, *, owner: str | None, month: Month | None = None, read: MonthReads | None = None
    ) -> datetime:
        """See Ledger."""
        values: dict[str, Value] = {"schema": SCHEMA, "owner": owner or "", "number": reader.number}
        kind: Literal["insert", "merge"] = "insert" if reader.etag is None else "merge"
        writes = [Write(kind, _of_view(reader.view), values, reader.etag)]
        if month and read:
            writes.append(Write("merge", _of_view(reader.view, month), _read_values(read)))
        now, etags = await self._schedules.write(READS, writes)
        reader.etag, reader.owner, reader.leased_at = etags[0], owner, now
        return now

    async def written_under(self, installation: str) -> str:
        """See Ledger."""
        if self._written_under != installation:
            _, row = await self._schedules.get(READS, INSTALLATION)
            if row is None:
                try:
                    await self._schedules.write(READS, [Write("insert", INSTALLATION, _installation(installation))])
                except PreconditionError:  # somebody else was quicker, and may have another id
                    _, row = await self._schedules.get(READS, INSTALLATION)
            self._written_under = str(row.values["id"]) if row else installation
        return self._written_under

    async def write_under(self, installation: str) -> None:
        """From now on calendars are written under this id, whichever it was before."""
        await self._schedules.write(READS, [Write("replace", INSTALLATION, _installation(installation))])
        self._written_under = installation

    async def note_due(self, view: int, count: int, oldest: timedelta | None) -> None:
        """See Ledger."""
        seconds = int(oldest.total_seconds()) if oldest else 0
        values: dict[str, Value] = {"schema": SCHEMA, "count": count, "oldest_seconds": seconds}
        await self._schedules.write(READS, [Write("replace", f"{DUE}{view}", values)])

    async def refused(self, view: int, month: Month, asked: datetime, why: str, problems: str) -> None:
        """See Ledger."""
        values: dict[str, Value] = {"asked": time_text(asked), "refusal": why[:LONGEST_REASON], "problems": problems}
        await self._note(view, month, values)

    async def report(self, view: int, month: Month, problems: Sequence[Problem]) -> None:
        """See Ledger."""
        await self._report(f"view|{view}", str(month), problems)

    async def reported(self, view: int) -> list[Problem]:
        """See Ledger."""
        return [problem for problems in (await self.problems(f"view|{view}")).values() for problem in problems]

    async def _note(self, view: int, month: Month, values: Mapping[str, Value]) -> None:
        await self._schedules.write(READS, [Write("merge", _of_view(view, month), {"schema": SCHEMA, **values})])

    async def report_person(self, person: str, key: str, problems: Sequence[Problem]) -> None:
        """See Ledger."""
        await self._report(f"person|{person}", key, problems)

    async def report_queue(self, queue: str, problems: Sequence[Problem]) -> None:
        """See Ledger."""
        if (await self.problems("queue")).get(queue, []) != list(problems):
            await self._report("queue", queue, problems)

    async def fallen(self) -> dict[str, int]:
        """See Ledger."""
        return {queue: len(problems) for queue, problems in (await self.problems("queue")).items() if problems}

    async def _report(self, partition: str, row: str, problems: Sequence[Problem]) -> None:
        lines = [[problem.row, problem.field, problem.reason[:LONGEST_REASON]] for problem in problems[:MOST_PROBLEMS]]
        write = Write("replace", row, {"schema": SCHEMA, "count": len(problems), **split("problems", lines)})
        while not fits(write):
            lines = lines[: len(lines) // 2]
            write = Write("replace", row, {"schema": SCHEMA, "count": len(problems), **split("problems", lines)})
        await self._problems.write(partition, [write])

    async def problems(self, partition: str) -> dict[str, list[Problem]]:
        """What is reported of `view|<view_id>`, `person|<emp_id>` or `queue`, by row key."""
        _, rows = await self._problems.rows(partition)
        return {row.row: [Problem(*line) for line in join("problems", row.values) or ()] for row in rows}

    async def graph_access(self) -> GraphAccess:
        """See Ledger."""
        _, row = await self._schedules.get("graph", HEAD)
        if row is None:
            return GraphAccess()
        return GraphAccess(
            witnesses=tuple(join("witnesses", row.values) or ()),
            refusal=str(row.values["refusal"]),
            trouble=str(row.values.get("trouble", "")),
            noted_at=row.stored_at,
        )

    async def store_graph_access(self, access: GraphAccess) -> None:
        """See Ledger."""
        values: dict[str, Value] = {
            "schema": SCHEMA,
            "refusal": access.refusal,
            "trouble": access.trouble,
            **split("witnesses", list(access.witnesses)),
        }
        await self._schedules.write("graph", [Write("replace", HEAD, values)])

    async def forget(self, before: Month) -> int:
        """See Ledger."""
        count = 0
        for table in (self._schedules, self._problems):
            old: dict[str, list[str]] = {}
            async for row in table.scan(["schema"]):
                if (month := _month_of(row.row)) and month < before:
                    old.setdefault(row.partition, []).append(row.row)
            for partition, rows in old.items():
                count += len(rows)
                for some in batched(rows, MOST_WRITES, strict=False):
                    await table.write(partition, [Write("delete", row) for row in some])
        return count

    async def operations(self) -> list[Operation]:
        """What operators did, the latest first."""
        _, row = await self._schedules.get("operations", HEAD)
        return _operations(row)

    async def note_operation(self, operation: Operation) -> None:
        """Adds one; the oldest of more than MOST_OPERATIONS goes. Raises PreconditionError where others are quicker."""
        for attempt in range(1, TRIES + 1):
            _, row = await self._schedules.get("operations", HEAD)
            known = [operation, *_operations(row)][:MOST_OPERATIONS]
            lines = [[time_text(each.at), each.who, each.verb, dict(each.about)] for each in known]
            values: dict[str, Value] = {"schema": SCHEMA, **split("operations", lines)}
            write = Write("replace", HEAD, values, row.etag) if row else Write("insert", HEAD, values)
            try:
                await self._schedules.write("operations", [write])
            except PreconditionError:
                if attempt == TRIES:
                    raise
            else:
                return

    async def mappings(self, view: int) -> dict[str, str]:
        """See Ledger."""
        _, row = await self._schedules.get("mappings", str(view))
        return dict(join("mappings", row.values) or {}) if row else {}

    async def store_mappings(self, view: int, mappings: Mapping[str, str]) -> None:
        """See Ledger."""
        write = Write("replace", str(view), {"schema": SCHEMA, **split("mappings", dict(sorted(mappings.items())))})
        await self._schedules.write("mappings", [write])


def _installation(installation: str) -> dict[str, Value]:
    return {"schema": SCHEMA, "id": installation}


def _operations(row: Row | None) -> list[Operation]:
    lines = join("operations", row.values) if row else None
    return [Operation(datetime.fromisoformat(at), who, verb, about) for at, who, verb, about in lines or ()]


def _of_view(view: int, what: Month | str = HEAD) -> str:
    return f"view|{view}|{what}"


def _month_of(row: str) -> Month | None:
    """The month that a row's key ends with, if it does."""
    try:
        return Month.parse(row.rpartition("|")[2])
    except ValueError:
        return None


def _owner(row: Row) -> ScheduleOwner:
    values = row.values
    return ScheduleOwner(
        row.row.removeprefix(OWNER), str(values["name"]), int(values["view"]), bool(values["listed"]), row.etag
    )


def _reader(view: int, row: Row) -> ReaderState:
    return ReaderState(view, row.etag, str(row.values["owner"]) or None, row.stored_at, int(row.values["number"]))


def _read_values(read: MonthReads) -> dict[str, Value]:
    return {
        "schema": SCHEMA,
        "asked": time_text(read.asked),
        "finished": time_text(read.finished),
        "unreadable": read.unreadable,
        "problems": read.problems,
        "mappings": read.mappings,
        "refusal": "",
        "again_at": time_text(read.again_at),
        **split("holds", list(read.holds)),
    }


def _month_reads(values: Mapping[str, Value]) -> MonthReads:
    return MonthReads(
        asked=time_of(values.get("asked")),
        finished=time_of(values.get("finished")),
        unreadable=int(values.get("unreadable", 0)),
        holds=tuple(join("holds", values) or ()),
        problems=str(values.get("problems", "")),
        mappings=str(values.get("mappings", "")),
        refusal=str(values.get("refusal", "")),
        again_at=time_of(values.get("again_at")),
    )
