"""Nightly tidying (rule 1): events whose person-month is in no table any more, because its rows were lost.

A person-month that has links, or is open, but has no row gets an empty desired, so that the writer removes what it has
left. Not before a read of its schedule-month has finished that began after its rows were lost: the head row, made anew
by the first store after a loss, must be older than the last finished read; and not while that read had rows that could
not be read (rule 7): one of them may be what the calendar shows.
"""

import logging
from collections import defaultdict
from datetime import datetime

from shared.errors import PreconditionError
from shared.messages import Pointer, ScheduleMonth
from shared.sync.ports import ChangeQueue, Ledger, PersonMonths, ShiftEvents, Specification
from shared.sync.records import Desired, Head

log = logging.getLogger(__name__)


async def tidy(person_months: PersonMonths, shift_events: ShiftEvents, ledger: Ledger, queue: ChangeQueue) -> None:
    """Finds such person-months and stores an empty desired for each. Reads both tables' keys, once."""
    rows: set[tuple[ScheduleMonth, str]] = set()
    mailboxes: dict[str, str | None] = {}
    async for month, person, mailbox in person_months.keys():
        rows.add((month, person))
        mailboxes[person] = mailbox
    orphans = defaultdict[ScheduleMonth, set[str]](set)
    async for person, month in shift_events.keys():
        if (month, person) not in rows:
            orphans[month].add(person)
    for month, people in orphans.items():
        await _empty(month, people, mailboxes, person_months, ledger, queue)


async def _empty(
    month: ScheduleMonth,
    people: set[str],
    mailboxes: dict[str, str | None],
    person_months: PersonMonths,
    ledger: Ledger,
    queue: ChangeQueue,
) -> None:
    stored = await person_months.rows(month)
    missing = sorted(people - stored.rows.keys())
    if not missing or stored.head is None or not await _read_since(month, stored.head, ledger):
        return
    specifications = [_nothing(person, mailboxes.get(person), stored.now) for person in missing]
    try:
        async for people_stored in person_months.store(month, stored.head, specifications):
            for person in people_stored:
                await queue.announce(Pointer(person, (month,)))
    except PreconditionError:
        log.info("tidying_refused month=%s", month)  # a read has just stored here: the next night will do
        return
    log.info("tidied month=%s people=%d", month, len(missing))


async def _read_since(month: ScheduleMonth, head: Head, ledger: Ledger) -> bool:
    reads = (await ledger.reads(head.view)).of(month.month)
    if reads.finished is None or head.stored_at is None or reads.unreadable:
        return False
    return reads.finished > head.stored_at


def _nothing(person: str, mailbox: str | None, now: datetime) -> Specification:
    return Specification(person, 1, Desired(mailbox, "", ()), None, now, now)
