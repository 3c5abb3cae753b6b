"""`remove`: takes our events out of one person's calendars, and the rows about them out of the tables.

For leaving the product: an operator asks for it, also while `PAUSED` is on. It keeps rule 1: months are due before
they are open, and open before anything is written; a crash leaves the pointer on its queue, and the next run goes on.
What a mailbox refuses to give up stays in the tables, too.
"""

import logging
from collections.abc import Collection, Mapping
from datetime import timedelta

from shared.errors import PreconditionError
from shared.messages import Pointer, ScheduleMonth
from shared.sync import refusals
from shared.sync.diff import Remove
from shared.sync.lease import Lease
from shared.sync.match import begun
from shared.sync.observe import Look, observe
from shared.sync.records import Link, PersonMonthRow, PersonState, has_come
from shared.sync.sending import Results, Sender
from shared.sync.status import made_due
from shared.sync.writer_ports import WriterPorts

log = logging.getLogger(__name__)

AGAIN_AFTER = 30.0
"""Seconds until the next run, where Graph names none."""


class Removal:
    """The writer's part, for one person: the lease is free, and nothing has been claimed yet."""

    def __init__(self, pointer: Pointer, ports: WriterPorts, lease: Lease, state: PersonState) -> None:
        self._pointer = pointer
        self._months = frozenset(pointer.months)
        self._ports = ports
        self._lease = lease
        self._state = state
        self._open_before = {month for month in self._months if month in state.open}

    async def run(self, rows: Mapping[ScheduleMonth, PersonMonthRow]) -> None:
        """Removes what can be removed now; asks for another run where something is left. Raises LeaseLostError."""
        try:
            for row in rows.values():
                if row.in_step:
                    await self._ports.person_months.store_status(row, made_due(row.status))
        except PreconditionError:
            await self._again(timedelta(seconds=1))
            return
        state = self._state
        refusing = refusals.refusing(state, self._lease.now())
        mapped = {month: rows[month].mailbox if month in rows else None for month in self._months}
        await self._lease.claim_and_open(self._ports.chance.link_id(), mapped, refusing)
        second_look = has_come(state.look_again_at, self._lease.now())
        results = Results()
        if await self._observe(refusing, results):
            sender = Sender(state, self._lease, self._ports)
            actions = [(month, [Remove(link) for link in self._removable(month)]) for month in sorted(self._months)]
            results = await sender.send(actions, refusing)
        done = self._close(results, refusing, second_look=second_look)
        await self._lease.release()
        await self._forget(done, rows)
        left = self._months - done
        log.info(
            "calendar_removed person=%s months=%d deleted=%d left=%d",
            state.person, len(done), results.deleted, len(left),
        )  # fmt: skip
        if any(not state.mailboxes(month) & refusing for month in left):
            asked = timedelta(seconds=results.retry_after or AGAIN_AFTER)
            await self._again(max(asked, (state.look_again_at or self._lease.now()) - self._lease.now()))

    async def _observe(self, refusing: set[str], results: Results) -> bool:
        """Files what every mailbox holds, copies too. False where one could not be read now."""
        state = self._state
        for mailbox in sorted({mailbox for month in self._months for mailbox in state.open[month]} - refusing):
            days_of = [*state.links, *state.open]
            outcome = await observe(Look(mailbox, self._months), days_of, state, self._lease, self._ports, {})
            if outcome is None:
                continue
            if not outcome.mailbox_refuses:
                results.waiting |= self._months
                results.retry_after = outcome.retry_after
                return False
            refusing.add(mailbox)
        refusals.let_go(state, refusing, self._lease.now())
        return True

    def _removable(self, month: ScheduleMonth) -> list[Link]:
        now = self._lease.now()
        links = self._state.links.get(month, [])
        return [link for link in links if self._pointer.remove == "all" or not begun(link.start, now)]

    def _close(self, results: Results, refusing: Collection[str], *, second_look: bool) -> set[ScheduleMonth]:
        """Closes the months whose every outcome is known; returns those of which nothing is left to remove."""
        state = self._state
        if results.unknown:
            state.look_not_before(self._lease.latest_effect())
        done = set()
        for month in self._months:
            blind = bool(state.open[month] & set(refusing))
            if month in results.unknown or (month in self._open_before and (not second_look or blind)):
                continue
            del state.open[month]
            if month not in results.waiting and not self._removable(month):
                done.add(month)
        if not state.open:
            state.look_again_at = None
        return done

    async def _forget(self, done: set[ScheduleMonth], rows: Mapping[ScheduleMonth, PersonMonthRow]) -> None:
        """The rows first: links without a row are tidied away, a row without links would be written again."""
        for month in done & rows.keys():
            await self._ports.person_months.forget(month, [self._state.person])
        try:
            await self._ports.shift_events.forget(self._state, done)
        except PreconditionError:
            await self._again(timedelta(seconds=1))

    async def _again(self, delay: timedelta) -> None:
        await self._ports.queue.announce(self._pointer, delay)
