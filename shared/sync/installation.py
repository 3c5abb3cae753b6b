"""A change of `INSTALLATION_ID`: until an operator has said that it is meant, nothing is written to any calendar.

The id stands in every mark (rule 6), so events of another one are strangers: written under a new id, every shift would
be in its calendar twice. Table `schedules` knows the id that calendars were last written under.
"""

from collections.abc import Mapping
from dataclasses import replace

from shared.messages import Pointer, ScheduleMonth
from shared.settings import Settings
from shared.sync.lease import Lease
from shared.sync.ports import ChangeQueue, PersonMonths
from shared.sync.records import PersonMonthRow, PersonState
from shared.sync.status import make_due

NAME = "INSTALLATION_ID"


def changed(settings: Settings, written_under: str | None) -> str | None:
    """What is wrong and what to do, in words that follow the setting's name. None: nothing is."""
    if written_under in (None, settings.installation_id):
        return None
    known = written_under in settings.earlier_installation_ids
    first = "" if known else f"put {written_under} into EARLIER_INSTALLATION_IDS and "
    return (
        f"changed from {written_under} to {settings.installation_id}: put it back, or, if the change is meant, "
        f"{first}run `adopt`. Until then no calendar is written to."
    )


async def adopt(
    rows: Mapping[ScheduleMonth, PersonMonthRow],
    lease: Lease,
    state: PersonState,
    person_months: PersonMonths,
    queue: ChangeQueue,
) -> None:
    """The writer's part for one person whose lease is free: the ordinary run is to look, and to write all of it anew.

    Mailboxes count as never met, so that they are observed before anything is written, and what is known to have been
    sent as not sent. That is stored before a month is made due: a crash in between has the pointer come again. Months
    that are due already get the same by their own next run. Raises LeaseLostError.
    """
    if state.etag is not None:
        lease.note_take_over()
        state.observed.clear()
        state.links = {month: [replace(link, digest="") for link in links] for month, links in state.links.items()}
        await lease.release()
    in_step = [row for row in rows.values() if row.in_step and (row.slots or state.links.get(row.month))]
    await make_due(in_step, person_months)
    await queue.announce(Pointer(state.person, tuple(rows)))
