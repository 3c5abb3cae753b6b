"""`plan_schedule`: announces what is due, reads a view month by month, stores changes of desired and points at them.

A publish is a hint, the tables are the truth: a lost, late, doubled or reordered message does no harm here. A month
that Lightning Bolt cannot give, or that must not be used, changes nothing and keeps no other month from being read.
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
from shared.sync.mappings import fingerprints, merged
from shared.sync.ports import Chance, ChangeQueue, Ledger, PersonMonths, Schedules
from shared.sync.records import PersonMonthRow, ScheduleMonthRows, ViewReads
from shared.sync.store_read import ReadStore
from shared.sync.window import window

log = logging.getLogger(__name__)

MOST_ATTEMPTS = 8
"""So often a publish is read again by itself when Lightning Bolt gives no whole answer; then the sweeps go on."""
LONGEST_WAIT = 3600.0
"""Seconds until such another try, whatever Lightning Bolt asks for."""
DOWN = 2
"""So many months in a row without a whole answer: Lightning Bolt is down, the rest is not asked for."""
FOLLOW_AFTER = timedelta(seconds=5)
"""A mapping that changed may have changed in an answer that lags: the rest of the window is read a little later."""
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
        await ports.queue.hint(replace(change, months=planner.left), timedelta(seconds=ports.chance.between(1, 2)))


class _Planner:
    """One message's work."""

    def __init__(self, change: ScheduleChange, view: View, ports: PlannerPorts) -> None:
        self._change = change
        self._view = view
        self._ports = ports
        self._store = ReadStore(change, view, ports.settings, ports.person_months, ports.ledger, ports.options)
        self._failed: list[Month] = []
        self._retry_after = 0.0
        self.left = change.months
        """The months that have not been read yet, or failed."""

    async def run(self) -> None:
        """Announces, then reads and stores month by month. Raises PreconditionError where another read came between."""
        now = await self._store.load_owners()
        reads = await self._ports.ledger.reads(self._view.view_id)
        months = window(self._ports.settings, self._view, now, reads.months)
        wanted = [month for month in self._change.months if month in months]
        rows = await self._announce_due(months if self._change.reason == "sweep" else wanted, keep=wanted[:1])
        known = await self._ports.ledger.mappings(self._view.view_id)
        mappings, in_a_row = known, 0
        for month in wanted:
            if month != wanted[0]:
                rows = await self._rows(month)
            read = await self._read(month, next((stored.now for stored in rows.values()), now), rows, reads)
            mappings = merged(mappings, fingerprints(read)) if read else mappings
            in_a_row = in_a_row + 1 if month in self._failed else 0
            self.left = tuple(each for each in self.left if each != month or month in self._failed)
            if in_a_row == DOWN:
                self._failed = list(self.left)
                break
        await self._follow_mappings(known, mappings, months)
        await self._try_again()

    async def _read(
        self, month: Month, started: datetime, rows: dict[str, ScheduleMonthRows], reads: ViewReads
    ) -> MonthRead | None:
        """Reads and stores one month; None where Lightning Bolt gave nothing to use."""
        began = self._ports.monotonic()
        try:
            read = await self._ports.schedules.read_month(self._view, month)
        except ScheduleRefusedError as error:
            log.error("schedule_refused view=%s month=%s reason=%s", self._view.view_id, month, error)
            await self._report(month, error.problems, reads)
            await self._ports.ledger.refused(self._view.view_id, month, started, str(error))
            return None
        except ScheduleUnavailableError as error:
            log.warning("schedule_unavailable view=%s month=%s reason=%s", self._view.view_id, month, error)
            await self._ports.ledger.refused(self._view.view_id, month, started, str(error))
            self._failed.append(month)
            self._retry_after = max(self._retry_after, error.retry_after or 0)
            return None
        stored: list[tuple[str, ScheduleMonth]] = []
        try:
            async for person_month in self._store.store(read, rows, started):
                stored.append(person_month)
        finally:
            await self._point(stored)  # also what was stored before a refusal: nobody else would soon
        await self._report(month, [*read.problems, *self._store.too_large], reads)
        await self._ports.ledger.finished(self._view.view_id, month, started, len(read.unreadable))
        log.info(
            "schedule_planned view=%s month=%s slots=%d unreadable=%d changed=%d ms=%d",
            self._view.view_id, month, len(read.slots), len(read.unreadable), len(stored),
            (self._ports.monotonic() - began) * 1000,
        )  # fmt: skip
        return read

    async def _rows(self, month: Month) -> dict[str, ScheduleMonthRows]:
        """The view's partitions of a month, as they stand before Lightning Bolt is asked."""
        return await self._store.rows(ScheduleMonth(schedule, month) for schedule in self._store.owned())

    async def _announce_due(self, months: Iterable[Month], keep: Sequence[Month]) -> dict[str, ScheduleMonthRows]:
        """Points at what is due, so that repairs never wait for Lightning Bolt. Returns the rows of month `keep`."""
        kept: dict[str, ScheduleMonthRows] = {}
        due: list[PersonMonthRow] = []
        for month in sorted({*months, *keep}):
            rows = await self._rows(month)
            for stored in rows.values():
                due += [row for row in stored.rows.values() if row.unannounced(stored.now, self._ports.settings.lease)]
            if month in keep:
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

    async def _report(self, month: Month, problems: Sequence[Problem], reads: ViewReads) -> None:
        """Replaces what is reported of a month's read, if that changed."""
        digest = _digest(problems)
        if digest != (reads.of(month).problems or _digest(())):
            await self._ports.ledger.report(self._view.view_id, month, problems, digest)

    async def _follow_mappings(self, known: dict[str, str], now: dict[str, str], months: Sequence[Month]) -> None:
        """A mapping that changed concerns every month: the rest of the window is read, too."""
        if known == now:
            return
        rest = tuple(month for month in months if month not in self._change.months)
        if rest and not self._change.follows and any(known[key] != now[key] for key in known.keys() & now.keys()):
            log.info("mapping_changed view=%s months=%d", self._view.view_id, len(rest))
            await self._ports.queue.hint(replace(self._change, months=rest, attempts=0, follows=True), FOLLOW_AFTER)
        await self._ports.ledger.store_mappings(self._view.view_id, now)

    async def _try_again(self) -> None:
        """A publish whose months Lightning Bolt could not give is read again by itself; a sweep comes again anyway."""
        attempts = self._change.attempts
        if not self._failed or self._change.reason == "sweep" or attempts >= MOST_ATTEMPTS:
            return
        wait = min(600, 5 * 2.0**attempts) * self._ports.chance.between(0.75, 1.25)
        again = replace(self._change, months=tuple(self._failed), attempts=attempts + 1)
        await self._ports.queue.hint(again, timedelta(seconds=min(max(wait, self._retry_after), LONGEST_WAIT)))


def _digest(problems: Sequence[Problem]) -> str:
    lines = sorted([problem.row, problem.field, problem.reason] for problem in problems)
    return hashlib.sha256(json.dumps(lines).encode()).hexdigest()[:20]
