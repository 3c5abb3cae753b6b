"""Retention: rows of months older than `RETENTION_MONTHS` are purged by the nightly sweep. Events stay in calendars."""

import logging
from collections.abc import Collection, Mapping
from contextlib import suppress

from shared.errors import PreconditionError
from shared.messages import ScheduleMonth
from shared.month import Month
from shared.sync.ports import Ledger, PersonMonths, ShiftEvents
from shared.sync.records import LONGEST_DELAY

log = logging.getLogger(__name__)


async def purge(
    rows: Mapping[ScheduleMonth, Collection[str]],
    links: Mapping[str, Collection[ScheduleMonth]],
    before: Month,
    person_months: PersonMonths,
    shift_events: ShiftEvents,
    ledger: Ledger,
) -> None:
    """Takes rows away: `rows` of personmonths, heads included; `links` of shiftevents; what is noted of such months.

    Whoever is being written to at the moment keeps the links until the next night.
    """
    for month, people in sorted(rows.items()):
        with suppress(PreconditionError):  # another night's sweep is at it, too
            await person_months.forget(month, people)
    kept = 0
    for person, months in sorted(links.items()):
        now, state = await shift_events.person(person)
        if state.owner and state.leased_at and now - state.leased_at < LONGEST_DELAY:
            kept += 1
            continue
        try:
            await shift_events.forget(state, months)
        except PreconditionError:
            kept += 1
            continue
        if not (state.links or state.open):
            await ledger.report_person(person, "mailbox", ())
    noted = 0
    with suppress(PreconditionError):
        noted = await ledger.forget(before)
    if rows or links or noted:
        log.info(
            "purged before=%s schedule_months=%d people=%d notes=%d kept=%d",
            before, len(rows), len(links) - kept, noted, kept,
        )  # fmt: skip
