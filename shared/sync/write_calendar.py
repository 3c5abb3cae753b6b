"""`write_calendar`: takes one pointer and makes one person's calendar what is desired of those months.

claim and open → observe where rule 1 says so → compare → batches → links and release in one transaction → status.
The steps and their order are the scars of simpler protocols (DESIGN.md, "Rules that keep it right").
"""

import logging
from dataclasses import replace
from datetime import datetime, timedelta

from shared import telemetry
from shared.errors import PreconditionError
from shared.messages import Pointer, ScheduleMonth
from shared.outlook.outcome import Kind, Outcome
from shared.sync import refusals
from shared.sync.audit import Audit
from shared.sync.clock import CLOCK_STEP, next_whole_second
from shared.sync.diff import Decision, decide
from shared.sync.installation import adopt
from shared.sync.lease import Lease, LeaseLostError
from shared.sync.observe import looks, observe
from shared.sync.records import PersonMonthRow, PersonState, has_come, published
from shared.sync.remove import Removal
from shared.sync.sending import Results, Sender
from shared.sync.status import Ending, report_person, status_after
from shared.sync.writer_ports import WriterPorts

log = logging.getLogger(__name__)

WAKE_WITHIN = timedelta(minutes=15)
"""A pointer is put back for a next attempt so near; what waits longer is announced by a sweep."""


async def write_calendar(pointer: Pointer, ports: WriterPorts) -> None:
    """Does what is missing for the pointer's person-months. Puts back at most one pointer, and never sleeps."""
    if not (ports.settings.may_write_to(pointer.person) or pointer.remove):
        log.info("calendar_left person=%s reason=paused_or_no_pilot", pointer.person)
        return
    installation = ports.settings.installation_id
    if await ports.ledger.written_under(installation) != installation:
        await _leave(pointer, ports)
        return
    read_at, state = await ports.shift_events.person(pointer.person)
    lease = Lease(ports.shift_events, state, read_at, ports.settings, ports.monotonic)
    if lease.is_held():
        await _put_back(pointer, ports)
        return
    rows = await ports.person_months.of_person(pointer.person, pointer.months)
    if pointer.observe or pointer.remove or pointer.adopt:
        await _beside(pointer, rows, lease, state, ports)
        return
    work = {
        month: row
        for month, row in sorted(rows.items(), key=lambda item: item[0].month)
        if row.due(lease.now()) or (row.in_step and month in state.open)
    }
    later = {
        month: row.status.next_attempt_at
        for month, row in rows.items()
        if month not in work and not row.in_step and row.status.next_attempt_at
    }
    if not work:
        await _nothing_due(pointer, later, lease.now(), ports)
        return
    try:
        await _Run(ports, lease, state, work, later).run()
    except LeaseLostError:
        log.info("lease_lost person=%s", pointer.person)
        await _put_back(pointer, ports)


async def _nothing_due(
    pointer: Pointer, later: dict[ScheduleMonth, datetime], now: datetime, ports: WriterPorts
) -> None:
    """Months that wait have a pointer of their own; drops this one, unless it may be that.

    It is, where another of its months has been done meanwhile. It may be, where others of its months wait longer, and
    where it is a moment early: the queue's clock need not be the table's. Then it is put back, but once only: else, of
    waits of a second, no pointer would ever be dropped.
    """
    if not later or min(later.values()) - now > WAKE_WITHIN:
        return
    delay = max(next_whole_second(min(later.values())) - now, CLOCK_STEP)
    if later.keys() < set(pointer.months):
        await ports.queue.announce(Pointer(pointer.person, tuple(later)), delay)
    elif not pointer.early and (len(later) > 1 or delay == CLOCK_STEP):
        await ports.queue.announce(replace(pointer, early=True), delay)


async def _leave(pointer: Pointer, ports: WriterPorts) -> None:
    """Another installation's tables: what is due stays so, and sweeps point at it. What operators asked for waits."""
    log.info("calendar_left person=%s reason=installation_id_changed", pointer.person)
    if pointer.remove or pointer.adopt:
        await ports.queue.announce(pointer, WAKE_WITHIN)


async def _beside(
    pointer: Pointer,
    rows: dict[ScheduleMonth, PersonMonthRow],
    lease: Lease,
    state: PersonState,
    ports: WriterPorts,
) -> None:
    """What else a writer is asked for: to adopt, to audit, or to remove."""
    try:
        if pointer.adopt:
            await adopt(rows, lease, state, ports.person_months, ports.queue)
        elif pointer.remove:
            await Removal(pointer, ports, lease, state).run(rows)
        else:
            await Audit(ports, lease, state).run(rows)
    except LeaseLostError:
        log.info("lease_lost person=%s", pointer.person)
        await _put_back(pointer, ports)


async def _put_back(pointer: Pointer, ports: WriterPorts) -> None:
    await ports.queue.announce(pointer, timedelta(seconds=ports.chance.between(0.1, 2)))


class _Run:
    """One writer's work on one person, under the lease."""

    def __init__(
        self,
        ports: WriterPorts,
        lease: Lease,
        state: PersonState,
        work: dict[ScheduleMonth, PersonMonthRow],
        later: dict[ScheduleMonth, datetime],
    ) -> None:
        self._ports = ports
        self._lease = lease
        self._state = state
        self._work = work
        self._later = later
        self._refusals_before = dict(state.refusals)
        self._open_before = {month: set(state.open[month]) for month in work if month in state.open}
        self._blind: set[str] = set()
        self._freed: list[str] = []
        self._second_look = True

    async def run(self) -> None:
        """The protocol, step by step."""
        began = self._ports.monotonic()
        refusing = self._refusing()
        mapped = {month: row.mailbox for month, row in self._work.items()}
        taken_over = await self._lease.claim_and_open(self._ports.chance.link_id(), mapped, refusing)
        if taken_over:
            log.info("lease_taken_over person=%s open=%d", self._state.person, taken_over)
        failure = await self._observe(refusing)
        if failure:
            await self._give_up(failure)
            return
        decisions = self._compare(refusing)
        sender = Sender(self._state, self._lease, self._ports)
        results = await sender.send([(month, decisions[month].actions) for month in self._work], refusing)
        self._freed += refusals.let_go(self._state, refusing, self._lease.now())
        endings = self._close(decisions, results)
        await self._report(endings)
        await self._lease.release()
        log.info(
            "calendar_written person=%s months=%d created=%d updated=%d deleted=%d batches=%d open=%d ms=%d",
            self._state.person, len(self._work), results.created, results.updated, results.deleted, results.batches,
            len(self._state.open), (self._ports.monotonic() - began) * 1000,
        )  # fmt: skip
        await self._record_status(endings)

    def _refusing(self) -> set[str]:
        """Mailboxes not to be asked now: a day has not passed, and neither desired nor the mapping changed since."""
        if any(not row.tried for row in self._work.values()):
            return set()
        return refusals.refusing(self._state, self._lease.now())

    async def _observe(self, refusing: set[str]) -> Outcome | None:
        """Observes where rule 1 says so. Returns what kept it from doing so, if it must wait and try again."""
        state = self._state
        for look in looks(state, self._work, self._open_before, refusing, self._lease.now()):
            if look.mailbox in refusing:
                self._blind.add(look.mailbox)
                continue
            if not has_come(state.look_again_at, self._lease.now()):
                self._second_look = False
            outcome = await observe(look, [*state.links, *state.open], state, self._lease, self._ports, self._work)
            if outcome is None:
                if look.months is None or look.months & self._open_before.keys():
                    state.refusals.pop(look.mailbox, None)
                state.observed.add(look.mailbox)
            elif outcome.mailbox_refuses:
                refusing.add(look.mailbox)
                self._blind.add(look.mailbox)
            else:
                return outcome
        self._freed += refusals.let_go(state, refusing, self._lease.now())
        return None

    async def _give_up(self, failure: Outcome) -> None:
        """A mailbox could not be read: nothing was written, so what this claim opened is closed again."""
        for month in self._work:
            if month not in self._open_before:
                del self._state.open[month]
        results = Results(waiting=set(self._work), retry_after=failure.retry_after, failure=failure)
        results.installation = failure.kind is Kind.INSTALLATION_REFUSED
        endings = {month: Ending.of(month, results) for month in self._work}
        await self._report(endings)
        await self._lease.release()
        telemetry.FAILURES.add(1, {"kind": failure.kind.value})
        log.info(
            "calendar_unread person=%s kind=%s status=%s code=%s",
            self._state.person, failure.kind.value, failure.status, failure.code,
        )  # fmt: skip
        await self._record_status(endings)

    def _compare(self, refusing: set[str]) -> dict[ScheduleMonth, Decision]:
        decisions = {}
        for month, row in self._work.items():
            decisions[month] = decide(
                row.mailbox, row.slots or (), self._state.links.get(month, []), refusing, self._lease.now()
            )
            if month in self._state.links or decisions[month].links:  # a month that nobody has looked at stays unknown
                self._state.links[month] = decisions[month].links
        return decisions

    def _close(self, decisions: dict[ScheduleMonth, Decision], results: Results) -> dict[ScheduleMonth, Ending]:
        """Closes the months whose every outcome is known; an unknown one, or a first look, leaves them open."""
        state = self._state
        if results.unknown:
            state.look_not_before(self._lease.latest_effect())
        if any(state.refusals[mailbox].gone for mailbox in self._freed if mailbox in state.refusals):
            results.waiting |= set(self._work)
        results.hindered |= {month for month in self._work if decisions[month].hindered}
        endings = {}
        for month in self._work:
            unsettled = month in results.unknown or month in results.drifted
            unproved = month in self._open_before and (not self._second_look or bool(state.open[month] & self._blind))
            if not unsettled and not unproved:
                del state.open[month]
            blind = unproved and self._second_look
            endings[month] = Ending.of(month, results, stays_open=unproved and not unsettled, blind=blind)
        if not state.open:
            state.look_again_at = None
        return endings

    async def _report(self, endings: dict[ScheduleMonth, Ending]) -> None:
        """Before links and status are stored: a crash in between has it reported once more, never not at all."""
        await report_person(self._ports.ledger, self._state, self._refusals_before, self._work, endings, self._freed)

    async def _record_status(self, endings: dict[ScheduleMonth, Ending]) -> None:
        """Status with If-Match on the row that was read; refused, or still missing something: pointer back.

        The one pointer takes along the months that it named and that were not due yet: nobody else would wake them.
        """
        now = self._lease.now()
        drawn = self._ports.chance.between(0, 1)
        wake = dict(self._later)
        for month, row in self._work.items():
            status = status_after(endings[month], row, self._state, now, lambda low, high: low + drawn * (high - low))
            try:
                await self._ports.person_months.store_status(row, status)
            except PreconditionError:
                log.info("status_refused person=%s month=%s", self._state.person, month)
                wake[month] = now
                continue
            if status.applied_version != row.version:
                wake[month] = status.next_attempt_at or now
            elif at := published(row):
                self._tell_arrival(month, (now - at).total_seconds())
        soon = {month: moment for month, moment in wake.items() if moment - now <= WAKE_WITHIN}
        if soon:
            # A pointer that came a moment early would be dropped as not due.
            delay = max(next_whole_second(min(soon.values())) - now, timedelta(0))
            await self._ports.queue.announce(Pointer(self._state.person, tuple(soon)), delay)

    def _tell_arrival(self, month: ScheduleMonth, seconds: float) -> None:
        """A publish has reached this calendar. A sender's clock may be ahead of storage's: never less than 0 s."""
        seconds = max(seconds, 0.0)
        telemetry.PUBLISH_TO_CALENDAR.record(seconds, {"schedule": month.schedule})
        log.info(
            "publish_to_calendar person=%s schedule=%s month=%s seconds=%.1f",
            *(self._state.person, month.schedule, month.month, seconds),
        )
