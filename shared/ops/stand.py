"""How things stand: what the tables say of every view's window, read once, for whatever is shown of it."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import batched
from typing import Literal

from shared.messages import ScheduleMonth
from shared.month import Month
from shared.ops.ports import OpsPorts
from shared.settings import Settings, View
from shared.sync.reads import ScheduleOwner, ViewReads
from shared.sync.records import PersonMonthRow, ScheduleMonthRows
from shared.sync.window import window

AT_ONCE = 32
"""Partitions, or rows, that are asked for side by side."""
STUBBORN = 3
"""So many attempts that ended without success are a failure, not a passing trouble."""
REFUSED = ("mailbox refuses", "event refused", "installation refused")

State = Literal["in step", "due", "failed", "opted out", "left alone", "expired"]
"""Of a person-month, for an operator."""


@dataclass(frozen=True, slots=True)
class Stand:
    """Of some views, without the desired slots."""

    now: datetime
    """Storage's clock."""
    reads: dict[int, ViewReads]
    partitions: dict[ScheduleMonth, ScheduleMonthRows]
    owners: dict[str, ScheduleOwner]
    """Of every schedule that is known, of other views as well."""

    def name(self, schedule: str) -> str:
        """The schedule's own, or its id where it has none."""
        owner = self.owners.get(schedule)
        return owner.name if owner and owner.name else f"schedule {schedule}"

    def rows(self) -> Iterable[PersonMonthRow]:
        """Of everybody, by schedule and month."""
        return (row for stored in self.partitions.values() for row in stored.rows.values())


def months_of(settings: Settings, view: View, reads: ViewReads) -> list[Month]:
    """The view's window."""
    return window(settings, view, reads.now, reads.months)


async def look(ports: OpsPorts, views: Iterable[View], schedule: str | None = None) -> Stand:
    """Reads each partition of the views' windows once, side by side; of one schedule where it is named."""
    views = list(views)
    reads = {view.view_id: await ports.ledger.reads(view.view_id) for view in views}
    owners = next(iter(reads.values())).owners
    wanted = [
        ScheduleMonth(owner.schedule, month)
        for view in views
        for owner in sorted(owners.values(), key=lambda owner: (owner.name, owner.schedule))
        if owner.view == view.view_id and schedule in (None, owner.schedule)
        for month in months_of(ports.settings, view, reads[view.view_id])
    ]
    partitions: dict[ScheduleMonth, ScheduleMonthRows] = {}
    for some in batched(wanted, AT_ONCE, strict=False):
        found = await asyncio.gather(*(ports.person_months.rows(month) for month in some))
        partitions |= zip(some, found, strict=True)
    return Stand(next(iter(reads.values())).now, reads, partitions, owners)


def state_of(row: PersonMonthRow, settings: Settings) -> State:
    """What an operator wants to know of a person-month first."""
    status = row.status
    if status.outcome == "expired":
        return "expired"
    if row.in_step:
        return "opted out" if row.mailbox is None else "in step"
    if not settings.may_write_to(row.person):
        return "left alone"
    stubborn = status.attempts >= STUBBORN and status.outcome != "second look"
    return "failed" if row.tried and (status.outcome in REFUSED or stubborn) else "due"
