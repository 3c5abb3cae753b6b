"""The single changes of the second step, and what each must cost in Graph."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from tests.local.demo.expectation import Expectation
from tests.local.demo.expected import mailbox_name
from tests.local.demo.found import Mailbox
from tests.local.graph.journal import Record
from tests.local.hospital.kinds import LEAVE
from tests.local.lightning_bolt.clock import to_utc
from tests.local.lightning_bolt.control import LightningBoltControl
from tests.local.lightning_bolt.model import Setup, Slot

NOTE = "Ask for the blue folder at the desk."
AHEAD = timedelta(days=2)
"""So far from now are the shifts that are changed, so that none begins meanwhile."""


@dataclass(frozen=True, slots=True)
class Changes:
    """Whose shift is changed, and how. All people are different ones."""

    swapped: Slot
    swapped_to: int
    moved: Slot
    removed: Slot
    noted: Slot
    opted_out: int
    future: int
    """Events of the one who opts out that have not begun."""
    past: int
    """Those that have."""
    addresses: Mapping[int, str]
    """Of everybody whose mailbox is open, by `emp_id`."""

    @property
    def table(self) -> list[tuple[str, str, str, int]]:
        """What Graph must be asked: what for, mailbox, method, how often. Nothing else."""
        of = self.addresses
        return [
            ("swap: leaves", of[self.swapped.emp_id], "DELETE", 1),
            ("swap: enters", of[self.swapped_to], "POST", 1),
            ("moved time", of[self.moved.emp_id], "PATCH", 1),
            ("removed shift", of[self.removed.emp_id], "DELETE", 1),
            ("new note", of[self.noted.emp_id], "PATCH", 1),
            ("opt-out", of[self.opted_out], "DELETE", self.future),
        ]

    async def make(self, lightning_bolt: LightningBoltControl) -> None:
        """Edits the drafts and the personnel record; nothing is published yet."""
        hour = timedelta(hours=1)
        await lightning_bolt.swap(self.swapped.slot_id, self.swapped_to)
        await lightning_bolt.retime(self.moved.slot_id, self.moved.start + hour, self.moved.stop + hour)
        await lightning_bolt.remove(self.removed.slot_id)
        await lightning_bolt.set_notes(self.noted.slot_id, NOTE)
        await lightning_bolt.set_person_field(self.opted_out, "unique_id", "")


def choose(truth: Setup, expectation: Expectation, mailboxes: Iterable[Mailbox], now: datetime) -> Changes:
    """The first shifts that fit. Raises LookupError where the hospital is too small."""
    open_names = {name: mailbox.address for mailbox in mailboxes if mailbox.open for name in mailbox.names}
    addresses = {
        person.emp_id: open_names[name]
        for person in truth.people
        if (name := mailbox_name(person, expectation.rules)) in open_names and name is not None
    }
    kinds = {kind.assign_structure_id: kind.mapping for kind in truth.assignments}
    department = {person.emp_id: person.departments for person in truth.people}
    taken: set[int] = set()

    def begins(slot: Slot) -> datetime:
        return to_utc(slot.start, truth.time_zone).replace(tzinfo=now.tzinfo)

    def take(*, notes: bool = False, timed: bool = False) -> Slot:
        slot = _first(
            slot
            for slot in sorted(truth.slots, key=lambda slot: (slot.start, slot.slot_id))
            if slot.emp_id in addresses
            and slot.emp_id not in taken
            and begins(slot) > now + AHEAD
            and kinds[slot.assign_structure_id].get("send_to_outlook") is True
            and (not notes or (kinds[slot.assign_structure_id].get("include_schedule_notes") and not slot.note))
            and not (timed and slot.assign_structure_id == LEAVE)
        )
        taken.add(slot.emp_id)
        return slot

    opted_out, past, future = _who_opts_out(addresses, expectation, now)
    taken.add(opted_out)
    swapped, moved, removed, noted = take(), take(timed=True), take(), take(notes=True)
    swapped_to = _first(
        person for person in addresses if person not in taken and department[person] == department[swapped.emp_id]
    )
    return Changes(swapped, swapped_to, moved, removed, noted, opted_out, future, past, addresses)


def _who_opts_out(addresses: Iterable[int], expectation: Expectation, now: datetime) -> tuple[int, int, int]:
    """Somebody with begun and future events, and none that begins just now."""
    for person in addresses:
        begins = [event.begins for event in expectation.events_of(person) if event.begins]
        past = sum(at <= now for at in begins)
        future = sum(at > now for at in begins)
        if past and future >= 3 and all(abs(at - now) > timedelta(hours=1) for at in begins):
            return person, past, future
    raise LookupError("nobody has past and future shifts")


def _first[T](some: Iterable[T]) -> T:
    for one in some:
        return one
    raise LookupError("no shift or person fits")


def compare(
    table: Iterable[tuple[str, str, str, int]], operations: Iterable[Record], met_before: set[str | None]
) -> list[str]:
    """Where the journal's operations are not the table's. Reads of mailboxes met for the first time do not count."""
    must: Counter[tuple[str | None, str]] = Counter()
    for _, address, method, count in table:
        must[address, method] += count
    was = Counter(
        (record.mailbox, record.method)
        for record in operations
        if not (record.method == "GET" and record.mailbox not in met_before)
    )
    return [
        f"{mailbox}: {was[mailbox, method]} {method}, must be {must[mailbox, method]}"
        for mailbox, method in sorted({*must, *was}, key=str)
        if was[mailbox, method] != must[mailbox, method]
    ]
