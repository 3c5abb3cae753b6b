"""Retention: rows of months older than `RETENTION_MONTHS` are purged by the nightly sweep. Events stay in calendars."""

import logging
from collections.abc import Collection, Mapping

from shared.errors import PreconditionError
from shared.messages import ScheduleMonth
from shared.month import Month
from shared.sync.ports import Ledger, PersonMonths, ShiftEvents

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
        await person_months.forget(month, people)
    kept = 0
    for person, months in sorted(links.items()):
        _, state = await shift_events.person(person)
        try:
            if state.owner is None:
                await shift_events.forget(state, months)
            else:
                kept += 1
        except PreconditionError:
            kept += 1
    noted = await ledger.forget(before)
    if rows or links or noted:
        log.info(
            "purged before=%s schedule_months=%d people=%d notes=%d kept=%d",
            before, len(rows), len(links) - kept, noted, kept,
        )  # fmt: skip
