"""What a finished read changes: desired per person-month, under the head row that fences late readers (rule 3)."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from shared.messages import ScheduleChange, ScheduleMonth
from shared.month import Month
from shared.outlook.event import EventOptions
from shared.schedule.model import MonthRead, Problem
from shared.settings import Settings, View
from shared.sync.account import Stored
from shared.sync.desired import changed, desired_of, unmapped_people
from shared.sync.guard import Limits, Verdict, judge
from shared.sync.holds import holds_of, nothing_to_judge, with_kept
from shared.sync.ports import Ledger, PersonMonths, Specification
from shared.sync.reader import ReaderLease
from shared.sync.reads import ScheduleOwner
from shared.sync.records import Desired, Head, Hold, PersonMonthRow, ScheduleMonthRows


@dataclass(frozen=True, slots=True)
class Planned:
    """What a read makes of one schedule-month."""

    stored: ScheduleMonthRows
    wanted: Mapping[str, Desired]
    """By person."""
    holds: Mapping[str, Hold]
    """By id."""


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
        new_hold: Callable[[], str],
        owners: dict[str, ScheduleOwner],
    ) -> None:
        self._change = change
        self._view = view
        self._order = [each.view_id for each in settings.lightning_bolt_views]
        self._limits = Limits(settings.shrink_limit, settings.shrink_minimum)
        self._person_months = person_months
        self._ledger = ledger
        self._options = options
        self._new_hold = new_hold
        self._owners = owners
        self.too_large: list[Problem] = []
        """People whose desired fits no row, of the read that was stored last."""
        self.holds: list[str] = []
        """In words, the holds of the read that was stored last."""
        self.others: set[int] = set()
        """Views that should read the month, too: they answer for what this one shows, or may from now on."""

    async def peek(self, month: Month) -> dict[str, ScheduleMonthRows]:
        """The view's partitions of a month as they stand."""
        return await self._peek(self.owned(), month)

    async def _peek(self, schedules: Collection[str], month: Month) -> dict[str, ScheduleMonthRows]:
        stored = await asyncio.gather(*(self._person_months.rows(ScheduleMonth(each, month)) for each in schedules))
        return dict(zip(schedules, stored, strict=True))

    async def rows(
        self, month: Month, lease: ReaderLease, peeked: Mapping[str, ScheduleMonthRows]
    ) -> dict[str, ScheduleMonthRows]:
        """The view's partitions of a month before Lightning Bolt is asked, their heads brought to this reader's number.

        `peeked`: those that this reader has looked at since it claimed the view; only a reader changes them. So a
        reader that is late, with a lower number, is refused whatever this one changes. Raises PreconditionError where
        somebody else has taken the view over.
        """
        partitions = {**peeked, **await self._peek([each for each in self.owned() if each not in peeked], month)}
        view = self._view.view_id
        heads = [stored.head for stored in partitions.values() if stored.head and stored.head.view == view]
        await lease.be_above(max((head.read_number for head in heads), default=0))
        for schedule, stored in partitions.items():
            head = stored.head
            if head is None or (head.view, head.read_number) == (view, lease.number):
                continue
            brought = replace(head, view=view, read_number=lease.number)
            brought = await self._person_months.put_head(ScheduleMonth(schedule, month), brought)
            partitions[schedule] = replace(stored, head=brought)
        return partitions

    def owned(self) -> list[str]:
        """The schedules that this view answers for, as far as is known."""
        return [schedule for schedule, owner in self._owners.items() if owner.view == self._view.view_id]

    async def store(
        self, read: MonthRead, rows: Mapping[str, ScheduleMonthRows], started: datetime, lease: ReaderLease
    ) -> AsyncIterator[tuple[str, ScheduleMonth, bool]]:
        """Stores what changed of desired; tells which person-months, as soon as each is stored, and whether it is the
        person's last one of this read.

        `rows`: the view's partitions as they stood before Lightning Bolt was asked, at `started`. Raises
        PreconditionError where somebody else has stored since.
        """
        self.too_large, self.holds, self.others = [], [], set()
        listed = [schedule for schedule in read.schedules if await self._owns(read, schedule)]
        owned = [*listed, *(schedule for schedule in self.owned() if schedule not in read.schedules)]
        plans = await self.plan(read, rows, owned, started)
        changes = {schedule: changed(plan.wanted, plan.stored) for schedule, plan in plans.items()}
        left = Counter(person for people in changes.values() for person in people)
        for schedule, plan in plans.items():
            self.holds += [f"schedule {schedule}: {hold.count} slots ({hold.cause})" for hold in plan.holds.values()]
            head = Head("", self._view.view_id, lease.number, read.filter, unmapped_people(read, schedule), plan.holds)
            month = ScheduleMonth(schedule, read.month)
            async for people in self._store_schedule(month, plan.stored, changes[schedule], head, started, lease):
                for person in people:
                    left[person] -= 1
                    yield person, month, not left[person]
        await self._pass_on(read, owned)

    async def plan(
        self, read: MonthRead, rows: Mapping[str, ScheduleMonthRows], owned: Collection[str], started: datetime
    ) -> dict[str, Planned]:
        """What a read makes of schedules that the view answers for. Stores nothing."""
        empty = ScheduleMonthRows(started, None, {})
        stored = {schedule: rows.get(schedule, empty) for schedule in owned}
        desired = {schedule: desired_of(read, schedule, stored[schedule].rows, self._options) for schedule in owned}
        verdict = Verdict() if nothing_to_judge(read, stored, desired) else await self._judge(read, stored)
        planned = {}
        for schedule in owned:
            wanted = with_kept(desired[schedule], verdict, schedule, stored[schedule].rows)
            holds = holds_of(wanted, verdict.causes[schedule], stored[schedule].head, started)
            planned[schedule] = Planned(stored[schedule], wanted, holds)
        return planned

    async def _judge(self, read: MonthRead, owned: Mapping[str, ScheduleMonthRows]) -> Verdict:
        """Judges by stored desired of every schedule that the read shows, or that the view answers for."""
        months = [ScheduleMonth(schedule, read.month) for schedule in {**dict.fromkeys(read.schedules), **owned}]
        partitions = await asyncio.gather(*(self._person_months.rows(month, slots=True) for month in months))
        heads = [partition.head for partition in partitions if partition.head]
        slots = [
            Stored(row.month.schedule, row.person, slot)
            for partition in partitions
            for row in partition.rows.values()
            for slot in row.slots or ()
        ]
        return judge(
            read,
            slots,
            {schedule: rows.head.filter if rows.head else None for schedule, rows in owned.items()},
            {hold: each.cause for head in heads for hold, each in head.holds.items()},
            self._limits,
            self._new_hold,
        )

    def answers_for(self, schedule: str) -> bool:
        """Whether this view should answer for a schedule that its answer lists: the first in settings' order does."""
        owner, order = self._owners.get(schedule), self._order
        if owner is None or owner.view not in order or not owner.listed:
            return True
        return order.index(owner.view) >= order.index(self._view.view_id)

    async def _owns(self, read: MonthRead, schedule: str) -> bool:
        """Whether this view answers for a schedule that its answer lists; makes it so where it should."""
        owner, view = self._owners.get(schedule), self._view.view_id
        if not self.answers_for(schedule):
            return False
        if owner and owner.view == view and owner.listed:
            return True
        name = read.schedules[schedule].name
        await self._ledger.own(schedule, name, view, listed=True, instead_of=owner)
        self._owners = (await self._ledger.reads(view)).owners
        return True

    async def _pass_on(self, read: MonthRead, owned: Collection[str]) -> None:
        """Lets others take over what this answer no longer lists, and tells owners what it shows of theirs."""
        for schedule in owned:
            owner = self._owners[schedule]
            if schedule in read.schedules or not owner.listed:
                continue
            await self._ledger.own(schedule, owner.name, self._view.view_id, listed=False, instead_of=owner)
            self._owners = (await self._ledger.reads(self._view.view_id)).owners
            self.others |= set(self._order) - {self._view.view_id}
        if self._change.reason == "sweep":
            return
        for schedule in read.schedules:
            if schedule in owned:
                continue
            stored = await self._person_months.rows(ScheduleMonth(schedule, read.month))
            if changed(desired_of(read, schedule, stored.rows, self._options), stored):
                self.others.add(self._owners[schedule].view)

    async def _store_schedule(
        self,
        month: ScheduleMonth,
        stored: ScheduleMonthRows,
        changes: Mapping[str, Desired],
        head: Head,
        started: datetime,
        lease: ReaderLease,
    ) -> AsyncIterator[tuple[str, ...]]:
        if stored.head is None:  # also where nothing is to be stored: tidying must know that the month was read
            head = await self._person_months.put_head(month, head)
            await lease.renew()  # between head and rows: who was overtaken must learn it before anything is stored
        else:
            head = replace(head, etag=stored.head.etag)
            if not changes and head == stored.head:
                return
        specifications = [
            Specification(
                person=person,
                version=version_after(stored.rows.get(person), desired),
                desired=desired,
                publish_id=self._change.publish_id,
                published_at=self._change.published_at,
                read_at=started,
            )
            for person, desired in sorted(changes.items())
        ]
        left = set(changes)
        async for people in self._person_months.store(month, head, specifications):
            left -= set(people)
            yield people
        self.too_large += [Problem(f"person {person}", "note", TOO_LARGE) for person in sorted(left)]


def version_after(row: PersonMonthRow | None, desired: Desired) -> int:
    """Each stored change of desired raises it; that a slot is held, or no longer, is none."""
    if row is None:
        return 1
    return row.version + (row.digest != desired.digest)
