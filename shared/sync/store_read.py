"""What a finished read changes: desired per person-month, under the head row that fences late readers (rule 3)."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from shared.messages import ScheduleChange, ScheduleMonth
from shared.outlook.event import EventOptions
from shared.schedule.model import MonthRead, Problem
from shared.settings import Settings, View
from shared.sync.desired import changed, desired_of, unmapped_people
from shared.sync.ports import Ledger, PersonMonths, Specification
from shared.sync.records import Desired, Head, ScheduleMonthRows, ScheduleOwner
from shared.sync.unreadable import Stored, keep_unreadable

TOO_LARGE = "the person's shifts of the month fit no row: shorten their notes"


class ReadStore:
    """Stores reads of one view, for one message."""

    def __init__(
        self,
        change: ScheduleChange,
        view: View,
        settings: Settings,
        person_months: PersonMonths,
        ledger: Ledger,
        options: EventOptions,
    ) -> None:
        self._change = change
        self._view = view
        self._order = [each.view_id for each in settings.lightning_bolt_views]
        self._person_months = person_months
        self._ledger = ledger
        self._options = options
        self._owners: dict[str, ScheduleOwner] = {}
        self.too_large: list[Problem] = []
        """People whose desired fits no row, of the read that was stored last."""

    async def load_owners(self) -> datetime:
        """Learns who answers for which schedule; returns storage's time."""
        now, self._owners = await self._ledger.owners()
        return now

    async def rows(self, month_of: Iterable[ScheduleMonth]) -> dict[str, ScheduleMonthRows]:
        """Partitions as they stand, side by side."""
        months = list(month_of)
        stored = await asyncio.gather(*(self._person_months.rows(month) for month in months))
        return {month.schedule: rows for month, rows in zip(months, stored, strict=True)}

    def owned(self) -> list[str]:
        """The schedules that this view answers for, as far as is known."""
        return [schedule for schedule, owner in self._owners.items() if owner.view == self._view.view_id]

    async def store(
        self, read: MonthRead, rows: Mapping[str, ScheduleMonthRows], started: datetime
    ) -> AsyncIterator[tuple[str, ScheduleMonth]]:
        """Stores what changed of desired; tells which person-months, as soon as each is stored.

        `rows`: the view's partitions as they stood before Lightning Bolt was asked, at `started`. Raises
        PreconditionError where somebody else has stored since.
        """
        self.too_large = []
        owned = [schedule for schedule in read.schedules if await self._owns(read, schedule)]
        empty = ScheduleMonthRows(started, None, {})
        stored = {schedule: rows.get(schedule, empty) for schedule in owned}
        desired = {schedule: desired_of(read, schedule, stored[schedule].rows, self._options) for schedule in owned}
        if read.unreadable:
            desired = keep_unreadable(read, desired, await self._stored_slots(read))
        for schedule in owned:
            changes = changed(desired[schedule], stored[schedule])
            async for people in self._store_schedule(read, schedule, stored[schedule], changes, started):
                for person in people:
                    yield person, ScheduleMonth(schedule, read.month)

    async def _owns(self, read: MonthRead, schedule: str) -> bool:
        """Whether this view answers for the schedule: it is the first in settings' order that lists it."""
        owner = self._owners.get(schedule)
        if owner and owner.view == self._view.view_id:
            return True
        if (
            owner
            and owner.view in self._order
            and self._order.index(owner.view) < self._order.index(self._view.view_id)
        ):
            return False
        await self._ledger.own(schedule, read.schedules[schedule].name, self._view.view_id, instead_of=owner)
        await self.load_owners()
        return True

    async def _stored_slots(self, read: MonthRead) -> list[Stored]:
        """Stored desired of every schedule that the read shows, slot by slot: needed only where rows are unreadable."""
        months = [ScheduleMonth(schedule, read.month) for schedule in read.schedules]
        partitions = await asyncio.gather(*(self._person_months.rows(month, slots=True) for month in months))
        return [
            Stored(row.month.schedule, row.person, slot)
            for partition in partitions
            for row in partition.rows.values()
            for slot in row.slots or ()
        ]

    async def _store_schedule(
        self,
        read: MonthRead,
        schedule: str,
        stored: ScheduleMonthRows,
        changes: Mapping[str, Desired],
        started: datetime,
    ) -> AsyncIterator[tuple[str, ...]]:
        month = ScheduleMonth(schedule, read.month)
        head = Head("", self._view.view_id, 0, read.filter, unmapped_people(read, schedule))
        if stored.head is None:
            if not changes:
                return
            head = await self._person_months.insert_head(month, head)
        else:
            head = replace(head, etag=stored.head.etag)
            if not changes and head == stored.head:
                return
        specifications = [
            Specification(
                person=person,
                version=stored.rows[person].version + 1 if person in stored.rows else 1,
                desired=desired,
                publish_id=self._change.publish_id,
                published_at=self._change.published_at or started,
                read_at=started,
            )
            for person, desired in sorted(changes.items())
        ]
        left = set(changes)
        async for people in self._person_months.store(month, head, specifications):
            left -= set(people)
            yield people
        self.too_large += [Problem(f"person {person}", "note", TOO_LARGE) for person in sorted(left)]
