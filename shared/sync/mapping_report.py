"""`mapping_report`: how many people of a view can be reached, from the rows that a sweep of the whole window finds.

| count | of whom |
| --- | --- |
| people | all of the below, and everybody with an ID who has rows in the window |
| unmapped | who have shifts but no ID: the largest number of one month, because head rows hold counts, not people |
| unusable | whose ID is reported as one that Graph will not know, or that cannot be read |
| unreachable | of the others, whose mailbox takes nothing |

A schedule's month in which nobody has an ID has no rows, so nobody of it is counted.
"""

import logging
from collections import Counter
from collections.abc import Iterable

from shared.month import Month
from shared.schedule.own_mappings import MICROSOFT_ID
from shared.settings import Settings, View
from shared.sync.ports import Ledger
from shared.sync.records import ScheduleMonthRows

log = logging.getLogger(__name__)

REFUSES = "mailbox refuses"
"""The outcome (`sync.status`) of whom no mailbox takes."""


async def report_mapping(
    view: View,
    settings: Settings,
    ledger: Ledger,
    partitions: Iterable[tuple[Month, ScheduleMonthRows]],
) -> None:
    """Logs a view's counts, of the partitions of its whole window. Reads what is reported of the view."""
    unmapped = Counter[Month]()
    mapped, refusing = set[str](), set[str]()
    for month, stored in partitions:
        unmapped[month] += stored.head.unmapped if stored.head else 0
        mapped |= {row.person for row in stored.rows.values() if row.mailbox}
        refusing |= {row.person for row in stored.rows.values() if row.mailbox and row.status.outcome == REFUSES}
    own = settings.mapping_source == "table"
    field = MICROSOFT_ID if own else settings.key_of(settings.lightning_bolt_person_id_field)
    unusable = {
        problem.row.removeprefix("person ")
        for problem in await ledger.reported(view.view_id)
        if problem.field == field and problem.row.startswith("person ")
    }
    without = max(unmapped.values(), default=0)
    log.info(
        "mapping_report view=%s people=%d unmapped=%d unusable=%d unreachable=%d",
        *(view.view_id, len(mapped | unusable) + without, without, len(unusable), len(refusing - unusable)),
    )
