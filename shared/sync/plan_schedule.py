"""`plan_schedule`: announces what is due, reads a view month by month, stores changes of desired and points at them.

A publish is a hint, the tables are the truth: a lost, late, doubled or reordered message does no harm here.
"""

import asyncio
import hashlib
import json
import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import batched

from shared.errors import PreconditionError, ScheduleRefusedError, ScheduleUnavailableError
from shared.messages import Pointer, ScheduleChange, ScheduleMonth
from shared.month import Month
from shared.outlook.event import EventOptions
from shared.schedule.model import MonthRead, Problem
from shared.settings import Settings, View
from shared.sync.desired import changed, desired_of, unmapped_people
from shared.sync.mappings import fingerprints, merged
from shared.sync.ports import Chance, ChangeQueue, Ledger, PersonMonths, Schedules, Specification
from shared.sync.records import Desired, Head, PersonMonthRow, ScheduleMonthRows, ScheduleOwner
from shared.sync.unreadable import Stored, keep_unreadable
from shared.sync.window import window

log = logging.getLogger(__name__)

MOST_ATTEMPTS = 8
"""So often a publish is read again by itself when Lightning Bolt gives no whole answer; then the sweeps go on."""

AT_ONCE = 16
"""Pointers that are sent side by side."""


@dataclass(frozen=True, slots=True)
class PlannerPorts:
    """What the planner needs from outside."""

    settings: Settings
    schedules: Schedules
    person_months: PersonMonths
    ledger: Ledger
    queue: ChangeQueue
    chance: Chance
    options: EventOptions
    monotonic: Callable[[], float]


async def plan_schedule(change: ScheduleChange, ports: PlannerPorts) -> None:
    """Brings desired of the named months to what Lightning Bolt shows now. A read that fails changes nothing."""
    view = ports.settings.view(change.view)
    if view is None:
        log.warning("schedule_left view=%s reason=not_in_settings", change.view)
        return
    planner = _Planner(change, view, ports)
    try:
        await planner.run()
    except PreconditionError:
        log.info("plan_refused view=%s", view.view_id)
        await ports.queue.hint(change, timedelta(seconds=ports.chance.between(1, 2)))
    except ScheduleRefusedError as error:
        log.error("schedule_refused view=%s reason=%s", view.view_id, error)
        await ports.ledger.refused(view.view_id, str(error))
        await planner.report(planner.left[0], error.problems)
    except ScheduleUnavailableError as error:
        log.warning("schedule_unavailable view=%s attempts=%d reason=%s", view.view_id, change.attempts, error)
        await ports.ledger.refused(view.view_id, str(error))
        if change.reason == "callback" and change.attempts < MOST_ATTEMPTS:
            wait = max(error.retry_after or 0, min(600, 5 * 2.0**change.attempts) * ports.chance.between(0.75, 1.25))
            again = replace(change, months=planner.left, attempts=change.attempts + 1)
            await ports.queue.hint(again, timedelta(seconds=wait))


class _Planner:
    """One message's work."""

    def __init__(self, change: ScheduleChange, view: View, ports: PlannerPorts) -> None:
        self._change = change
        self._view = view
        self._ports = ports
        self._owners: dict[str, ScheduleOwner] = {}
        self._reported: dict[Month, str] = {}
        self.left = change.months
        """The months that have not been read yet."""

    async def run(self) -> None:
        """Announces, then reads and stores month by month."""
        now, self._owners = await self._ports.ledger.owners()
        reads = await self._ports.ledger.reads(self._view.view_id)
        self._reported = reads.problems
        months = window(self._ports.settings, self._view, now, reads.finished)
        first = self._change.months[0] if self._change.months else None
        rows = await self._announce_due(months if self._change.reason == "sweep" else self._change.months, keep=first)
        known = await self._ports.ledger.mappings(self._view.view_id)
        mappings = known
        for month in self._change.months:
            began = self._ports.monotonic()
            if month != first:
                rows = await self._rows(month)
            started = next((stored.now for stored in rows.values()), now)
            read = await self._ports.schedules.read_month(self._view, month)
            stored = await self._store(read, rows, started)
            await self.report(month, read.problems)
            await self._ports.ledger.finished(self._view.view_id, month, started)
            mappings = merged(mappings, fingerprints(read))
            self.left = self.left[1:]
            log.info(
                "schedule_planned view=%s month=%s slots=%d unreadable=%d changed=%d ms=%d",
                self._view.view_id, month, len(read.slots), len(read.unreadable), stored,
                (self._ports.monotonic() - began) * 1000,
            )  # fmt: skip
        await self._follow_mappings(known, mappings, months)

    def _owned(self) -> list[str]:
        return [schedule for schedule, owner in self._owners.items() if owner.view == self._view.view_id]

    async def _rows(self, month: Month) -> dict[str, ScheduleMonthRows]:
        """The view's partitions of a month, as they stand before Lightning Bolt is asked."""
        owned = self._owned()
        stored = await asyncio.gather(
            *(self._ports.person_months.rows(ScheduleMonth(schedule, month)) for schedule in owned)
        )
        return dict(zip(owned, stored, strict=True))

    async def _announce_due(self, months: Iterable[Month], keep: Month | None) -> dict[str, ScheduleMonthRows]:
        """Points at what is due, so that repairs never wait for Lightning Bolt. Returns the rows of month `keep`."""
        kept: dict[str, ScheduleMonthRows] = {}
        due: list[PersonMonthRow] = []
        for month in sorted({*months} | ({keep} if keep else set())):
            rows = await self._rows(month)
            for stored in rows.values():
                due += [row for row in stored.rows.values() if row.unannounced(stored.now, self._ports.settings.lease)]
            if month == keep:
                kept = rows
        await self._point((row.person, row.month) for row in due)
        return kept

    async def _point(self, person_months: Iterable[tuple[str, ScheduleMonth]]) -> None:
        """One pointer per person, unless the go-live settings leave that person's calendar alone."""
        by_person = defaultdict[str, list[ScheduleMonth]](list)
        for person, month in person_months:
            if self._ports.settings.may_write_to(person):
                by_person[person].append(month)
        pointers = [Pointer(person, tuple(months)) for person, months in by_person.items()]
        for some in batched(pointers, AT_ONCE, strict=False):
            await asyncio.gather(*(self._ports.queue.announce(pointer) for pointer in some))

    async def _store(self, read: MonthRead, rows: dict[str, ScheduleMonthRows], started: datetime) -> int:
        """Stores what changed of desired, and points at it. Returns how many person-months that were."""
        owned = [schedule for schedule in read.schedules if await self._owns(read, schedule)]
        empty = ScheduleMonthRows(started, None, {})
        stored = {schedule: rows.get(schedule, empty) for schedule in owned}
        desired = {
            schedule: desired_of(read, schedule, stored[schedule].rows, self._ports.options) for schedule in owned
        }
        if read.unreadable:
            desired = keep_unreadable(read, desired, await self._stored_slots(stored, read.month))
        pointed: list[tuple[str, ScheduleMonth]] = []
        try:
            for schedule in owned:
                changes = changed(desired[schedule], stored[schedule])
                await self._store_schedule(read, schedule, stored[schedule], changes, started)
                pointed += [(person, ScheduleMonth(schedule, read.month)) for person in changes]
        finally:
            await self._point(pointed)  # also what was stored before a refusal: nobody else would soon
        return len(pointed)

    async def _owns(self, read: MonthRead, schedule: str) -> bool:
        """Whether this view answers for the schedule: it is the first in settings' order that lists it."""
        owner = self._owners.get(schedule)
        order = [view.view_id for view in self._ports.settings.lightning_bolt_views]
        if owner and owner.view == self._view.view_id:
            return True
        if owner and owner.view in order and order.index(owner.view) < order.index(self._view.view_id):
            return False
        await self._ports.ledger.own(schedule, read.schedules[schedule].name, self._view.view_id, instead_of=owner)
        _, self._owners = await self._ports.ledger.owners()
        return True

    async def _stored_slots(self, stored: dict[str, ScheduleMonthRows], month: Month) -> list[Stored]:
        """Stored desired of the month, slot by slot: needed only where something could not be read."""
        slots = []
        for schedule, rows in stored.items():
            if rows.rows:
                full = await self._ports.person_months.rows(ScheduleMonth(schedule, month), slots=True)
                slots += [Stored(schedule, row.person, slot) for row in full.rows.values() for slot in row.slots or ()]
        return slots

    async def _store_schedule(
        self,
        read: MonthRead,
        schedule: str,
        stored: ScheduleMonthRows,
        changes: dict[str, Desired],
        started: datetime,
    ) -> None:
        month = ScheduleMonth(schedule, read.month)
        head = Head("", self._view.view_id, 0, read.filter, unmapped_people(read, schedule))
        if stored.head is None and not changes:
            return
        if stored.head is None:
            head = await self._ports.person_months.insert_head(month, head)
        elif changes or replace(head, etag=stored.head.etag) != stored.head:
            head = replace(head, etag=stored.head.etag)
        else:
            return
        await self._ports.person_months.store(
            month,
            head,
            [
                Specification(
                    person=person,
                    version=stored.rows[person].version + 1 if person in stored.rows else 1,
                    desired=desired,
                    publish_id=self._change.publish_id,
                    published_at=self._change.published_at or started,
                    read_at=started,
                )
                for person, desired in sorted(changes.items())
            ],
        )

    async def report(self, month: Month, problems: Sequence[Problem]) -> None:
        """Replaces what is reported of a month's read, if that changed."""
        digest = _digest(problems)
        if digest != self._reported.get(month, _digest(())):
            await self._ports.ledger.report(self._view.view_id, month, problems, digest)

    async def _follow_mappings(self, known: dict[str, str], now: dict[str, str], months: Sequence[Month]) -> None:
        """A mapping that changed concerns every month: the rest of the window is read, too."""
        if known == now:
            return
        await self._ports.ledger.store_mappings(self._view.view_id, now)
        rest = tuple(month for month in months if month not in self._change.months)
        if rest and any(known[key] != now[key] for key in known.keys() & now.keys()):
            log.info("mapping_changed view=%s months=%d", self._view.view_id, len(rest))
            await self._ports.queue.hint(replace(self._change, months=rest, attempts=0))


def _digest(problems: Sequence[Problem]) -> str:
    lines = sorted([problem.row, problem.field, problem.reason] for problem in problems)
    return hashlib.sha256(json.dumps(lines).encode()).hexdigest()[:20]
