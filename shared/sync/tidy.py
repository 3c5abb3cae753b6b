"""Nightly tidying: events whose rows were lost (rule 1), and months that have left the window.

A person-month that has links, or is open, but has no row gets an empty desired, so that the writer removes what it has
left. Not before a read of its schedule-month has finished that began after its rows were lost: the head row, made anew
by the first store after a loss, must be older than the last finished read; and not while that read had rows that could
not be read (rule 7): one of them may be what the calendar shows.

A person-month that is not in step when its month leaves the window is closed as expired: nobody reads that month any
more, and its calendar stays as it is.
"""

import logging
from collections import defaultdict
from datetime import datetime

from shared.errors import PreconditionError
from shared.messages import Pointer, ScheduleMonth
from shared.month import Month
from shared.sync.ports import ChangeQueue, Ledger, PersonMonths, RowKey, ShiftEvents, Specification
from shared.sync.records import Desired, Head
from shared.sync.retention import purge
from shared.sync.status import expired

log = logging.getLogger(__name__)


async def tidy(
    person_months: PersonMonths,
    shift_events: ShiftEvents,
    ledger: Ledger,
    queue: ChangeQueue,
    *,
    oldest: Month,
    retained: Month,
) -> None:
    """Finds such person-months: stores an empty desired, or a status. Reads both tables' keys, once.

    `oldest`: the first month of the window. `retained`: the first month whose rows are kept (`retention.py`).
    """
    old_rows = defaultdict[ScheduleMonth, set[str]](set)
    old_links = defaultdict[str, set[ScheduleMonth]](set)
    rows: set[tuple[ScheduleMonth, str]] = set()
    mailboxes: dict[str, str | None] = {}
    late = []
    async for key in person_months.keys():
        rows.add((key.month, key.person))
        mailboxes[key.person] = key.mailbox
        if key.month.month < retained:
            old_rows[key.month].add(key.person)
        elif not key.in_step and key.month.month < oldest:
            late.append(key)
    for key in late:
        await _expire(key, person_months)
    orphans = defaultdict[ScheduleMonth, set[str]](set)
    async for link in shift_events.keys():
        if link.month.month < retained:
            old_links[link.person].add(link.month)
        elif link.tied and (link.month, link.person) not in rows:
            orphans[link.month].add(link.person)
    for month, people in orphans.items():
        await _empty(month, people, mailboxes, person_months, ledger, queue)
    await purge(old_rows, old_links, retained, person_months, shift_events, ledger)


async def _expire(key: RowKey, person_months: PersonMonths) -> None:
    rows = await person_months.of_person(key.person, [key.month])
    try:
        for row in rows.values():
            if row.in_step:  # by now
                continue
            await person_months.store_status(row, expired(row))
            log.warning("person_month_expired person=%s month=%s outcome=%s", row.person, row.month, row.status.outcome)
    except PreconditionError:
        log.info("tidying_refused month=%s", key.month)


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
