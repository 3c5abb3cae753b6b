"""`plan_schedule`: announces what is due, reads a view month by month, stores changes of desired and points at them.

A publish is a hint, the tables are the truth: a lost, late, doubled or reordered message does no harm here. A month
that Lightning Bolt cannot give, or that must not be used, changes nothing and keeps no other month from being read.
"""

import hashlib
import json
import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from shared.errors import PreconditionError, ScheduleRefusedError, ScheduleUnavailableError
from shared.messages import ScheduleChange, ScheduleMonth
from shared.month import Month
from shared.outlook.event import EventOptions
from shared.schedule.model import MonthRead, Problem
from shared.settings import Settings, View
from shared.sync.announce import AT_ONCE, announce
from shared.sync.backlog import Backlog
from shared.sync.coalesce import months_to_read, repeats_owed, too_close
from shared.sync.mapping_report import report_mapping
from shared.sync.mappings import digest_of, fingerprints, merged
from shared.sync.ports import Chance, ChangeQueue, Ledger, PersonMonths, Schedules
from shared.sync.reader import ReaderLease
from shared.sync.reads import MonthReads, ViewReads
from shared.sync.records import ScheduleMonthRows
from shared.sync.release import release
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


async def plan_schedule(change: ScheduleChange, enqueued_at: datetime | None, ports: PlannerPorts) -> None:
    """Brings desired of the named months to what Lightning Bolt shows now. A read that fails changes nothing.

    `enqueued_at`: when the message was put on its queue, by storage's clock.
    """
    view = ports.settings.view(change.view)
    if view is None:
        log.warning("schedule_left view=%s reason=not_in_settings", change.view)
        return
    if change.first is None and enqueued_at is not None:
        change = replace(change, first=enqueued_at)
    planner = _Planner(change, view, await ports.ledger.reads(view.view_id), ports)
    try:
        waits = await planner.run()
    except PreconditionError:
        log.info("plan_refused view=%s", view.view_id)
        waits = True
    if waits:
        again = replace(change, months=tuple(planner.unread))
        await ports.queue.hint(again, timedelta(seconds=ports.chance.between(0.1, 2)))


class _Planner:
    """One message's work."""

    def __init__(self, change: ScheduleChange, view: View, reads: ViewReads, ports: PlannerPorts) -> None:
        self._change = change
        self._view = view
        self._ports = ports
        self._reads = reads
        self._store = ReadStore(
            change,
            view,
            ports.settings,
            ports.person_months,
            ports.ledger,
            ports.options,
            ports.chance.link_id,
            reads.owners,
        )
        self._peeked: dict[Month, dict[str, ScheduleMonthRows]] = {}
        self._read_again = timedelta(seconds=ports.settings.read_again_seconds)
        self._failed: list[Month] = []
        self._retry_after = 0.0
        self._left = list(change.months)

    @property
    def unread(self) -> list[Month]:
        """The months that have not been read yet, or could not be."""
        return [*self._failed, *self._left]

    async def run(self) -> bool:
        """Does the message's work; True where it must wait because the view is being read.

        Raises PreconditionError where another reader came between.
        """
        reads = self._reads
        months = window(self._ports.settings, self._view, reads.now, reads.months)
        wanted = [month for month in self._change.months if month in months]
        lease = ReaderLease(self._ports.ledger, reads, self._ports.settings, self._ports.monotonic)
        if lease.is_held() or too_close(self._change, reads):
            return True
        due = months if self._change.reason == "sweep" else wanted
        if self._change.reason != "release":
            wanted = [month for month in months_to_read(self._change, reads) if month in months]
            await self._repeat(*repeats_owed(self._change, reads, self._read_again), reads.now)
        if not wanted:
            return False
        await lease.claim(self._ports.chance.link_id())
        try:
            await self._announce_due(due)
            if self._change.reason == "sweep" and set(wanted) == set(months):
                await self._report_mapping()
            if self._change.hold is not None:
                await self._release(self._change.hold, wanted)
            else:
                await self._read_months(wanted, lease, months)
        except BaseException:
            with suppress(PreconditionError):
                await lease.release()
            raise
        await lease.release()
        return False

    async def _read_months(self, wanted: list[Month], lease: ReaderLease, months: list[Month]) -> None:
        in_a_row = 0
        for month in wanted:
            await self._read(month, lease, months, last=month == wanted[-1])
            self._left.remove(month)
            in_a_row = in_a_row + 1 if month in self._failed else 0
            if in_a_row == DOWN:
                self._failed += self._left
                self._left = []
                break
        await self._try_again()

    async def _read(self, month: Month, lease: ReaderLease, months: Sequence[Month], *, last: bool) -> None:
        """Reads and stores one month. `months`: the window. `last`: the lease is given back with it."""
        known = self._reads.of(month)
        began = self._ports.monotonic()
        started = lease.whole_second()
        rows = await self._store.rows(month, lease, self._peeked.pop(month, {}))
        try:
            read = await self._ports.schedules.read_month(self._view, month)
        except (ScheduleRefusedError, ScheduleUnavailableError) as error:
            await self._refused(month, started, error)
            return
        stored = await self._store_and_point(read, rows, started, lease)
        problems = [*read.problems, *self._store.too_large]
        await self._report(month, problems)
        at = lease.whole_second() + self._read_again if self._change.reason == "callback" and self._read_again else None
        if at:
            await self._repeat([month], at, lease.now())
        again_at = max([moment for moment in (at, known.again_at) if moment], default=None)
        mappings = fingerprints(read)
        if digest_of(mappings) != known.mappings:
            await self._follow_mappings(month, mappings, months)
        done = MonthReads(
            asked=started,
            finished=min(started, read.mapped_at or started),
            unreadable=len(read.unreadable),
            holds=tuple(self._store.holds),
            problems=_digest(problems),
            mappings=digest_of(mappings),
            again_at=again_at,
        )
        await lease.finish(month, done, release=last)
        log.info(
            "schedule_planned view=%s month=%s slots=%d unreadable=%d changed=%d holds=%d ms=%d",
            self._view.view_id, month, len(read.slots), len(read.unreadable), stored, len(self._store.holds),
            (self._ports.monotonic() - began) * 1000,
        )  # fmt: skip

    async def _store_and_point(
        self, read: MonthRead, rows: dict[str, ScheduleMonthRows], started: datetime, lease: ReaderLease
    ) -> int:
        """Points at a person once the last change of theirs is stored, while others' are still to be. How many were."""
        stored = defaultdict[str, list[ScheduleMonth]](list)
        ready: list[tuple[str, ScheduleMonth]] = []
        count = 0
        try:
            async for person, month, last in self._store.store(read, rows, started, lease):
                count += 1
                stored[person].append(month)
                if last:
                    ready += [(person, each) for each in stored.pop(person)]
                if len(ready) >= AT_ONCE:
                    await self._point(ready)
                    ready = []
        finally:  # also what was stored before a refusal: nobody else would soon
            await self._point([*ready, *((person, each) for person, months in stored.items() for each in months)])
        for view in sorted(self._store.others):
            await self._ports.queue.hint(ScheduleChange(view, (read.month,), "sweep", first=self._change.first))
        return count

    async def _refused(
        self, month: Month, asked: datetime, error: ScheduleRefusedError | ScheduleUnavailableError
    ) -> None:
        problems: Sequence[Problem] = ()
        digest = self._reads.of(month).problems
        if isinstance(error, ScheduleRefusedError):
            log.error("schedule_refused view=%s month=%s reason=%s", self._view.view_id, month, error)
            problems, digest = error.problems, _digest(error.problems)
            await self._report(month, problems)
        else:
            log.warning("schedule_unavailable view=%s month=%s reason=%s", self._view.view_id, month, error)
            self._failed.append(month)
            self._retry_after = max(self._retry_after, error.retry_after or 0)
        await self._ports.ledger.refused(self._view.view_id, month, asked, str(error), digest)

    async def _release(self, hold: str, months: Iterable[Month]) -> None:
        for month in months:
            for schedule in self._store.owned():
                person_months = release(hold, ScheduleMonth(schedule, month), self._ports.person_months)
                await self._point([person_month async for person_month in person_months])
        log.info("hold_released view=%s", self._view.view_id)
        await self._ports.queue.hint(ScheduleChange(self._view.view_id, self._change.months, "sweep"))

    async def _announce_due(self, months: Iterable[Month]) -> None:
        """Points at what is due, so that repairs never wait for Lightning Bolt."""
        lease, backlog = self._ports.settings.lease, Backlog(self._view.view_id, self._ports.settings)
        for month in sorted(months):
            partitions = self._peeked[month] = await self._store.peek(month)
            backlog.add(month, partitions)
            await self._point(
                (row.person, row.month)
                for stored in partitions.values()
                for row in stored.rows.values()
                if row.unannounced(stored.now, lease)
            )
        if self._change.reason == "sweep":
            backlog.tell()
            count, oldest = backlog.due()
            known = self._reads.due
            if count or (known and known.count):  # a sweep that finds nothing, as the one before, stores nothing
                await self._ports.ledger.note_due(self._view.view_id, count, oldest)

    async def _report_mapping(self) -> None:
        """Who can be reached, by what is known by now."""
        found = [(month, stored) for month, partitions in self._peeked.items() for stored in partitions.values()]
        await report_mapping(self._view, self._ports.settings, self._ports.ledger, found)

    async def _point(self, person_months: Iterable[tuple[str, ScheduleMonth]]) -> None:
        await announce(person_months, self._ports.settings, self._ports.queue)

    async def _repeat(self, months: Sequence[Month], at: datetime | None, now: datetime) -> None:
        """Has months read once more at that time, in case Lightning Bolt's answer lagged behind the publish."""
        if months and at:
            repeat = replace(self._change, months=tuple(months), reason="repeat", attempts=0, not_before=at)
            await self._ports.queue.hint(repeat, max(at - now, timedelta(0)))

    async def _report(self, month: Month, problems: Sequence[Problem]) -> None:
        """Replaces what is reported of a month's read, if that changed."""
        if _digest(problems) != (self._reads.of(month).problems or _digest(())):
            await self._ports.ledger.report(self._view.view_id, month, problems)

    async def _follow_mappings(self, month: Month, seen: dict[str, str], months: Sequence[Month]) -> None:
        """A mapping that changed concerns every month: those of the window that are not read after this one, too."""
        known = await self._ports.ledger.mappings(self._view.view_id)
        now = merged(known, seen)
        if known == now:
            return
        rest = tuple(each for each in months if each != month and each not in self._left)
        if rest and not self._change.follows and any(known[key] != now[key] for key in known.keys() & now.keys()):
            log.info("mapping_changed view=%s months=%d", self._view.view_id, len(rest))
            follow = replace(self._change, months=rest, reason="sweep", attempts=0, follows=True, first=None)
            await self._ports.queue.hint(follow, FOLLOW_AFTER)
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
