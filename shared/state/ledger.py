"""Tables `schedules` and `problems`: who reads what, when it was read, and what could not be understood or sent.

`schedules` | PartitionKey | RowKey
--- | --- | ---
owner of a schedule | `schedule` | `<template_id>`
reads of a view | `view` | `<view_id>`
fingerprints of a view's mappings | `mappings` | `<view_id>`

`problems`: PartitionKey `view|<view_id>`, RowKey the month; or `person|<emp_id>`, `<schedule>|<yyyy-mm>` or `mailbox`.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from shared.month import Month
from shared.schedule.model import Problem
from shared.state.entities import join, split, time_of, time_text
from shared.state.table import Table, Value, Write
from shared.sync.records import ScheduleOwner, ViewReads

SCHEMA = 1
LONGEST_REASON = 500


class TableLedger:
    """See `sync.ports.Ledger`."""

    def __init__(self, schedules: Table, problems: Table) -> None:
        self._schedules = schedules
        self._problems = problems

    async def owners(self) -> tuple[datetime, dict[str, ScheduleOwner]]:
        """See Ledger."""
        now, rows = await self._schedules.rows("schedule")
        owners = [ScheduleOwner(row.row, str(row.values["name"]), int(row.values["view"]), row.etag) for row in rows]
        return now, {owner.schedule: owner for owner in owners}

    async def own(self, schedule: str, name: str, view: int, *, instead_of: ScheduleOwner | None) -> None:
        """See Ledger."""
        values: dict[str, Value] = {"schema": SCHEMA, "name": name, "view": view}
        write = Write("replace", schedule, values, instead_of.etag) if instead_of else Write("insert", schedule, values)
        await self._schedules.write("schedule", [write])

    async def reads(self, view: int) -> ViewReads:
        """See Ledger."""
        now, row = await self._schedules.get("view", str(view))
        values: Mapping[str, Value] = row.values if row else {}
        finished: dict[Month, datetime] = {}
        problems: dict[Month, str] = {}
        for name, value in values.items():
            kind, _, month = name.partition("_")
            if kind == "started" and (moment := time_of(value)):
                finished[_month(month)] = moment
            elif kind == "problems":
                problems[_month(month)] = str(value)
        return ViewReads(now, finished, problems, str(values.get("refusal", "")))

    async def finished(self, view: int, month: Month, started: datetime) -> None:
        """See Ledger."""
        await self._note(view, {f"started_{_name(month)}": time_text(started), "refusal": ""})

    async def refused(self, view: int, why: str) -> None:
        """See Ledger."""
        await self._note(view, {"refusal": why[:LONGEST_REASON]})

    async def report(self, view: int, month: Month, problems: Sequence[Problem], digest: str) -> None:
        """See Ledger."""
        await self._report(f"view|{view}", str(month), problems)
        await self._note(view, {f"problems_{_name(month)}": digest})

    async def _note(self, view: int, values: Mapping[str, Value]) -> None:
        await self._schedules.write("view", [Write("merge", str(view), {"schema": SCHEMA, **values})])

    async def report_person(self, person: str, key: str, problems: Sequence[Problem]) -> None:
        """See Ledger."""
        await self._report(f"person|{person}", key, problems)

    async def _report(self, partition: str, row: str, problems: Sequence[Problem]) -> None:
        lines = [[problem.row, problem.field, problem.reason] for problem in problems]
        write = Write("replace", row, {"schema": SCHEMA, "count": len(lines), **split("problems", lines)})
        await self._problems.write(partition, [write])

    async def problems(self, partition: str) -> dict[str, list[Problem]]:
        """What is reported of `view|<view_id>` or `person|<emp_id>`, by row key."""
        _, rows = await self._problems.rows(partition)
        return {row.row: [Problem(*line) for line in join("problems", row.values) or ()] for row in rows}

    async def mappings(self, view: int) -> dict[str, str]:
        """See Ledger."""
        _, row = await self._schedules.get("mappings", str(view))
        return dict(join("mappings", row.values) or {}) if row else {}

    async def store_mappings(self, view: int, mappings: Mapping[str, str]) -> None:
        """See Ledger."""
        write = Write("replace", str(view), {"schema": SCHEMA, **split("mappings", dict(sorted(mappings.items())))})
        await self._schedules.write("mappings", [write])


def _name(month: Month) -> str:
    return str(month).replace("-", "")


def _month(name: str) -> Month:
    return Month.parse(f"{name[:4]}-{name[4:]}")
