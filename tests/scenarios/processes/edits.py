"""Edits of published shifts, as schedulers make them, many at once."""

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from tests.local.hospital.kinds import LEAVE
from tests.local.lightning_bolt.model import Setup, Slot
from tests.scenarios.processes.site import Site

AHEAD = timedelta(days=1)
"""So far from now are the shifts that are edited, so that none begins meanwhile."""


SHARED = 8
"""The schedule that both views show."""


async def edit(site: Site, source: random.Random, *, retimed: int = 0, removed: int = 0, swapped: int = 0) -> int:
    """Edits so many drafts of each kind; nothing is published yet. How many edits it was.

    What both views show is left alone: until the first of them has been read, the other owns it, and what disappears
    meanwhile is held, because the schedule-month was judged by another filter (rule 5).
    """
    slots = [slot for slot in editable(await site.lightning_bolt.published(), site) if slot.template_id != SHARED]
    slots = source.sample(slots, retimed + removed + swapped)
    hour = timedelta(hours=1)
    for slot in slots[:retimed]:
        await site.lightning_bolt.retime(slot.slot_id, slot.start + hour, slot.stop + hour)
    for slot in slots[retimed : retimed + removed]:
        await site.lightning_bolt.remove(slot.slot_id)
    for slot in slots[retimed + removed :]:
        await site.lightning_bolt.swap(slot.slot_id, source.choice(colleagues(site, slot)))
    return len(slots)


def colleagues(site: Site, slot: Slot) -> Sequence[int]:
    """Others of the same department, who have a mailbox and an ID."""
    of = {member.person.emp_id: member.person.departments for member in site.hospital.staff}
    return [
        member.person.emp_id
        for member in site.hospital.staff
        if member.person.emp_id != slot.emp_id
        and member.person.departments == of[slot.emp_id]
        and member.mailbox.mail == "open"
        and not member.opted_out
    ]


def editable(truth: Setup, site: Site) -> Sequence[Slot]:
    """Shifts to come that calendars show, of people who have a mailbox and an ID."""
    sent = {kind.assign_structure_id for kind in truth.assignments if kind.mapping.get("send_to_outlook") is True}
    people = {
        member.person.emp_id for member in site.hospital.staff if member.mailbox.mail == "open" and not member.opted_out
    }
    soon = (datetime.now(UTC) + AHEAD).replace(tzinfo=None)
    return [
        slot
        for slot in truth.slots
        if slot.emp_id in people
        and slot.assign_structure_id in sent - {LEAVE}
        and slot.start > soon
        and not (slot.start_fold or slot.stop_fold)
    ]
