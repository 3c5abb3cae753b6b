"""Puts the hospital's people into Outlook, with calendars that are not empty."""

from datetime import timedelta
from typing import Any

from tests.local.graph.control import GraphControl
from tests.local.hospital import Hospital
from tests.local.hospital.people import Mail
from tests.local.lightning_bolt.model import Slot

_MARK = "String {702382a2-6180-43cb-9056-6accc03ab134} Name LightningBoltShift"


async def make_mailboxes(graph: GraphControl, hospital: Hospital) -> None:
    """A mailbox for everybody who has one; every third holds private events, and another installation's.

    The private ones look like shifts: same times, same words. Nobody may touch them.
    """
    shifts: dict[int, Slot] = {}
    for slot in hospital.setup.slots:
        shifts.setdefault(slot.emp_id, slot)
    names = {kind.assign_structure_id: kind.display_name for kind in hospital.setup.assignments}
    for number, plan in enumerate(hospital.mailboxes):
        if plan.mail is Mail.ABSENT:
            continue
        state = "out_of_scope" if plan.mail is Mail.OUT_OF_SCOPE else "open"
        await graph.put_mailbox(plan.address, mailbox_id=plan.object_id, name=plan.name, state=state)
        shift = shifts.get(plan.emp_id)
        if number % 3 == 0 and shift is not None:
            subject = names[shift.assign_structure_id]
            await graph.add_event(plan.address, _event(subject, shift))
            mark = f"other-hospital:{plan.object_id}:{shift.emp_id}:{shift.template_id}:{shift.day:%Y-%m}:0123456789ab"
            marked = {"singleValueExtendedProperties": [{"id": _MARK, "value": mark}]}
            await graph.add_event(plan.address, {**_event(subject, shift), **marked})
            await graph.add_event(plan.address, {**_event("Dentist", shift), "sensitivity": "private"})


def _event(subject: str, shift: Slot) -> dict[str, Any]:
    end = max(shift.stop, shift.start + timedelta(minutes=30))
    return {
        "subject": subject,
        "start": {"dateTime": f"{shift.start:%Y-%m-%dT%H:%M:%S}", "timeZone": "Central Standard Time"},
        "end": {"dateTime": f"{end:%Y-%m-%dT%H:%M:%S}", "timeZone": "Central Standard Time"},
    }
