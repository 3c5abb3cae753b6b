"""`audit`: every calendar is held against what is desired, though nothing is due. People delete, drag and edit events.

The timer points at everybody who has rows in the window, spread over `AUDIT_SPREAD_MINUTES`. The writer's part observes
(rule 1's one look at the whole window), files the links by what is there, and makes due what differs: the ordinary run
then writes it. The audit itself writes to no calendar. Months that are due or open are left to the ordinary run.

| in the calendar | what follows |
| --- | --- |
| a wanted event is missing | created again, with a new link id |
| its time, subject, showAs or all-day was changed by hand | updated |
| our mark without a wanted slot, or a copy | removed, past or not |
| moved to another calendar of the mailbox | stays linked |
| an opted-out person's begun events | stay |
| the mark of a person-month that was never planned, of another person or installation; no mark | never touched |
"""

import logging
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from shared.messages import Pointer, ScheduleMonth
from shared.settings import Settings
from shared.sync import refusals
from shared.sync.announce import send
from shared.sync.diff import Change, Make, Remove, decide
from shared.sync.lease import Lease
from shared.sync.observe import Look, observe
from shared.sync.ports import Chance, ChangeQueue, Ledger, PersonMonths
from shared.sync.records import PersonMonthRow, PersonState
from shared.sync.status import make_due, report_person
from shared.sync.window import oldest_month
from shared.sync.writer_ports import WriterPorts

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class AuditPorts:
    """What the timer needs from outside."""

    settings: Settings
    person_months: PersonMonths
    ledger: Ledger
    queue: ChangeQueue
    chance: Chance


async def audit(ports: AuditPorts, person: str | None = None, spread_minutes: int | None = None) -> int:
    """Points at everybody who has rows in the window (or at one), and asks to observe; how many people that are.

    Reads the keys of all rows, once. `spread_minutes`: another spread than the settings'.
    """
    settings = ports.settings
    months = await everybody(settings, ports.person_months, ports.ledger)
    minutes = settings.audit_spread_minutes if spread_minutes is None else spread_minutes
    pointers = [Pointer(each, some, observe=True) for each, some in months.items() if person in (None, each)]
    await send(pointers, ports.queue, lambda: timedelta(seconds=int(ports.chance.between(0, minutes * 60))))
    log.info("audit_enqueued people=%d spread_minutes=%d", len(pointers), minutes)
    return len(pointers)


async def everybody(
    settings: Settings, person_months: PersonMonths, ledger: Ledger
) -> dict[str, tuple[ScheduleMonth, ...]]:
    """The months in the window of all people who have rows there, and may be written to. Reads all rows' keys, once."""
    oldest = await oldest_month(settings, ledger)
    months = defaultdict[str, list[ScheduleMonth]](list)
    async for key in person_months.keys():
        if not key.is_head and key.month.month >= oldest and settings.may_write_to(key.person):
            months[key.person].append(key.month)
    return {person: tuple(some) for person, some in months.items()}


class Audit:
    """The writer's part, for one person: the lease is free, and nothing has been claimed yet."""

    def __init__(self, ports: WriterPorts, lease: Lease, state: PersonState) -> None:
        self._ports = ports
        self._lease = lease
        self._state = state
        self._refusals_before = dict(state.refusals)

    async def run(self, rows: Mapping[ScheduleMonth, PersonMonthRow]) -> None:
        """Observes the months that are in step and closed; makes due what differs, or what is open though in step.

        Raises LeaseLostError.
        """
        open_in_step = [row for row in rows.values() if row.in_step and row.month in self._state.open]
        settled = {month: row for month, row in rows.items() if row.in_step and month not in self._state.open}
        drifted = []
        if settled:
            self._lease.note_take_over()
            await self._lease.claim(self._ports.chance.link_id())
            drifted = await self._observe(settled)
            await report_person(self._ports.ledger, self._state, self._refusals_before, {}, {}, ())
            await self._lease.release()
        await self._make_due([*open_in_step, *drifted])

    async def _observe(self, settled: dict[ScheduleMonth, PersonMonthRow]) -> list[PersonMonthRow]:
        """Looks into every mailbox of these months, and files the links. The rows whose calendars differ."""
        state, now = self._state, self._lease.now()
        refusing = refusals.refusing(state, now)
        before, observed = {month: list(links) for month, links in state.links.items()}, set(state.observed)
        mailboxes = {row.mailbox for row in settled.values() if row.mailbox and row.slots}
        mailboxes |= {mailbox for month in settled for mailbox in state.mailboxes(month)}
        if not mailboxes:  # every shift is gone: a copy of one may be left
            mailboxes = {row.mailbox for row in settled.values() if row.mailbox}
        for mailbox in sorted(mailboxes - refusing):
            if not await self._look(mailbox, settled, refusing):
                state.links, state.observed = before, observed
                return []
        counts = Counter[type]()
        drifted = []
        for month, row in settled.items():
            if row.mailbox in refusing:
                state.links[month] = before.get(month, [])
                continue
            decision = decide(row.mailbox, row.slots or (), state.links.get(month, []), refusing, now)
            counts.update(type(action) for action in decision.actions)
            if decision.actions:
                drifted.append(row)
        log.info(
            "calendar_audited person=%s months=%d missing=%d changed=%d surplus=%d drift=%s",
            state.person, len(settled), counts[Make], counts[Change], counts[Remove], self._ports.settings.drift,
        )  # fmt: skip
        if self._ports.settings.drift == "report":
            state.links, state.observed = before, observed
            return []
        return drifted

    async def _look(self, mailbox: str, settled: dict[ScheduleMonth, PersonMonthRow], refusing: set[str]) -> bool:
        """Observes one mailbox. False where it could not be read now: the next night will do."""
        state = self._state
        look = Look(mailbox, frozenset(settled) if mailbox in state.observed else None)
        outcome = await observe(look, look.months or [*state.links, *settled], state, self._lease, self._ports, settled)
        if outcome is None:
            state.observed.add(mailbox)
            return True
        log.info(
            "calendar_unread person=%s kind=%s status=%s code=%s",
            state.person, outcome.kind.value, outcome.status, outcome.code,
        )  # fmt: skip
        if outcome.mailbox_refuses:
            refusing.add(mailbox)
        return outcome.mailbox_refuses

    async def _make_due(self, rows: list[PersonMonthRow]) -> None:
        """The ordinary run is to look at them."""
        await make_due(rows, self._ports.person_months)
        if rows:
            await self._ports.queue.announce(Pointer(self._state.person, tuple(row.month for row in rows)))
