"""What schedulers, administrators and users do."""

from datetime import date, timedelta

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from shared.month import Month
from tests.local.graph.mailboxes import MailboxState
from tests.local.lightning_bolt.model import State
from tests.local.lightning_bolt.slot_edits import default_times
from tests.property.draws import addresses, days, kinds, notes, numbers, people, states
from tests.property.place import ADDRESSES, DAY, LEAVE, MEETING, NIGHT, SECOND_VIEW, VIEW
from tests.property.scene import Scene


class Everyday(Scene):
    """People at work."""

    # Schedulers

    @rule(person=people, kind=kinds, day=days, note=notes, template=st.sampled_from((5, 5, 6)), tell=st.booleans())
    def add(self, person: int, kind: int, day: date, note: str | None, template: int, tell: bool) -> None:
        """A new shift."""
        if len(self.slots()) < 12:
            slot = self.hospital.slots.add_slot(template, person, kind, day, note=note)
            self.before.append((slot, None))
            self.hospital.publish(tell=tell)

    @rule(
        number=numbers,
        how=st.sampled_from(("retime", "note", "kind", "swap", "move", "template", "remove", "renumber", "exchange")),
        other=numbers,
        person=people,
        day=days,
        tell=st.booleans(),
        quiet=st.sampled_from((False, False, True)),
    )
    def edit(self, number: int, how: str, other: int, person: int, day: date, tell: bool, quiet: bool) -> None:
        """What schedulers do to a shift."""
        slot = self.pick(number)
        if slot is None:
            return
        hospital = self.hospital
        edits, present = hospital.slots, hospital.world.slot(slot)
        second = self.pick(other)
        if how != "renumber":
            self.note_before(slot)
        match how:
            case "retime":
                by = timedelta(hours=1 + other % 2)
                if present.start.hour:
                    edits.retime(slot, present.start + by, present.stop + by)
            case "note":
                edits.set_notes(slot, note=("Bring keys", None, "Third floor")[other % 3])
            case "kind":
                kind = (DAY, NIGHT, LEAVE, MEETING)[other % 4]
                start, stop = default_times(hospital.world, kind, present.day)
                edits.reassign(slot, kind)
                edits.retime(slot, start, stop)
            case "swap":
                edits.swap(slot, person)
            case "move":
                edits.move(slot, day)
            case "template":
                edits.move(slot, present.day, 11 - present.template_id)
            case "remove":
                edits.remove(slot)
            case "renumber":
                edits.renumber(self.slots()[: 1 + other])
                self.before.clear()
            case "exchange" if second is not None and second != slot:
                self.note_before(second)
                edits.exchange_ids(slot, second)
        if not quiet:
            hospital.publish(tell=tell)

    @precondition(lambda self: self.before)
    @rule(tell=st.booleans())
    def undo(self, tell: bool) -> None:
        """The last edit is taken back."""
        slot, before = self.before.pop()
        if before is not None:
            self.hospital.world.put(before)
        elif slot in self.slots():
            self.hospital.slots.remove(slot)
        self.hospital.publish(tell=tell)

    @rule(tell=st.booleans(), template=st.sampled_from((5, 6)))
    def unpublish(self, tell: bool, template: int) -> None:
        """A schedule is taken back."""
        self.hospital.publish(tell=tell, template=template, state=State.DRAFT)

    @rule(month=st.sampled_from((None, Month(2026, 11), Month(2026, 12))), view=st.sampled_from((VIEW, SECOND_VIEW)))
    def callback(self, month: Month | None, view: int) -> None:
        """The callback comes (again)."""
        if view in self.hospital.views:
            self.hospital.callback(month, view)

    # Administrators

    @rule(person=people, address=addresses, tell=st.booleans())
    def change_id(self, person: int, address: str, tell: bool) -> None:
        """Opt-out, opt-in, another mailbox, a typo."""
        self.set_id(person, address, tell=tell)

    @rule(
        kind=st.sampled_from((NIGHT, LEAVE, MEETING)),
        flag=st.sampled_from(("send_to_outlook", "send_as_free")),
        on=st.booleans(),
        tell=st.booleans(),
    )
    def change_flag(self, kind: int, flag: str, on: bool, tell: bool) -> None:
        """Another assignment is sent, or is sent otherwise."""
        self.hospital.records.set_assignment_field(kind, flag, on)
        if tell:
            self.tell_mappings("assignments")

    @rule(number=st.integers(0, 3))
    def rename(self, number: int) -> None:
        """A UPN changes; the mailbox stays."""
        if len(self.hospital.renamed) < 2:
            mailbox = self.hospital.graph.directory.find(ADDRESSES[number])
            self.hospital.rename(ADDRESSES[number], f"new-{ADDRESSES[number]}")
            if mailbox:
                self.lose_sight_of(mailbox)
            self.tell_mappings("people")

    @rule(subject=st.sampled_from(("{assignment}", "{assignment_short} ({schedule})")))
    def change_settings(self, subject: str) -> None:
        """A new subject for every event."""
        self.hospital.configure(EVENT_SUBJECT=subject)

    @rule(number=numbers, state=states)
    def change_mailbox(self, number: int, state: MailboxState) -> None:
        """A mailbox takes nothing, cannot be found, or is as before."""
        boxes = list(self.hospital.graph.directory)
        self.set_state(boxes[number % len(boxes)], state)

    @precondition(lambda self: len(self.hospital.views) > 1)
    @rule(shows=st.booleans())
    def change_view(self, shows: bool) -> None:
        """The first view shows the schedule that both share no longer, or again."""
        if shows:
            self.hospital.records.add_template_to_view(VIEW, 6)
        else:
            self.hospital.records.remove_template_from_view(VIEW, 6)

    @rule()
    def open_filter(self) -> None:
        """Everybody is shown again."""
        self.hospital.records.set_filter(VIEW)
