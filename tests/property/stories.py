"""What chance alone would seldom do in that order. Each story begins in peace."""

from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from shared.messages import CALENDAR_CHANGES, SCHEDULE_CHANGES
from tests.local.graph.faults import Fault
from tests.local.graph.mailboxes import MailboxState
from tests.local.lightning_bolt.model import Options, Slot
from tests.property.actors import Actor
from tests.property.draws import duplicates, late, numbers, refusals, unknowns
from tests.property.place import DAY, DAYS, LEASE, PEOPLE, READ_AGAIN, VIEW
from tests.property.scene import Scene
from tests.property.truth import agree, home_of, published, view_of

PAST_THE_SECOND = 3
"""Seconds after which storage tells another time than that of the last read."""


class Stories(Scene):
    """What the simpler protocols failed at, with everything about it drawn."""

    # Parts

    def _begin(self) -> None:
        """Peace; and somebody whose shifts can be seen, if a view's filter hides them all."""
        if self.pick_future(0) is None:
            self.hospital.records.set_filter(VIEW)
        self.settle()
        self.hospital.advance(PAST_THE_SECOND)

    def _new_shift(self, number: int) -> bool:
        """Somebody who has a mailbox gets a shift well ahead. False where nobody would see it."""
        soon = self.hospital.clock.now().date()
        ahead = [day for day in DAYS if (day - soon).days > 1]
        person = PEOPLE[number % len(PEOPLE)]
        if len(self.slots()) >= 12 or home_of(self.hospital, str(person)) is None:
            return False
        slot = self.hospital.slots.add_slot(5, person, DAY, ahead[number % len(ahead)])
        self.before.append((slot, None))
        self.hospital.publish(tell=False)
        return any(each.slot_id == slot for _, each in published(self.hospital))

    def _edit(self, slot: Slot, number: int) -> None:
        """Its note or its times become such as they never were."""
        self.note_before(slot.slot_id)
        if number % 2 and slot.start.hour:
            by = timedelta(minutes=1 + number)
            self.hospital.slots.retime(slot.slot_id, slot.start + by, slot.stop + by)
        else:
            self.hospital.slots.set_notes(slot.slot_id, note=f"{slot.note or ''}{number}")

    def _read(self, template: int = 5) -> None:
        """The schedule's owner is told, and reads at once."""
        self.hospital.publish(tell=False)
        self.hospital.callback(view=view_of(self.hospital, template))
        reader = self.take(SCHEDULE_CHANGES)
        if reader:
            self.hospital.run(reader)

    def _writer_at(self, gate: str) -> Actor | None:
        """The writer of the oldest pointer, stopped there."""
        writer = self.take(CALENDAR_CHANGES)
        return writer if writer and self.run_to(writer, gate) else None

    # Writers

    @precondition(lambda self: self.may_settle)
    @rule(number=numbers, how=st.sampled_from(("crash", "cut", "refused")), lose=st.booleans())
    def undone_after_crash(self, number: int, how: str, lose: bool) -> None:
        """An edit has reached Graph, but nobody knows; then it is undone, and the pointers may be lost."""
        self._begin()
        hospital = self.hospital
        slot = self.pick_future(number)
        if slot is None:
            return
        self._edit(slot, number)
        self._read(slot.template_id)
        if how == "cut":
            hospital.graph.fault(Fault("cut_after", path="$batch", times=1))
        writer = self._writer_at("graph.write.answer" if how != "cut" else "graph.write")
        if writer is None:
            return
        match how:
            case "crash":
                hospital.actors.crash(writer)
            case "cut":
                hospital.run(writer)
            case _:
                hospital.run(writer, 1)
                hospital.actors.fail(writer)
                hospital.run(writer)
        if lose:
            self.lose_messages()
        hospital.advance(PAST_THE_SECOND)
        self.before.pop()
        hospital.world.put(slot)
        self._read(slot.template_id)
        if lose:
            self.lose_messages()
        self.settle()

    @precondition(lambda self: self.may_settle)
    @rule(number=numbers, seconds=late, crash=st.booleans())
    def late_create(self, number: int, seconds: float, crash: bool) -> None:
        """A create lands long after its sender has given up waiting, or died."""
        self._begin()
        hospital = self.hospital
        if not self._new_shift(number):
            return
        self._read()
        writer = self._writer_at("graph.write")
        if writer is None:
            return
        hospital.net.late = seconds
        if crash:
            hospital.actors.crash(writer)
        hospital.advance(LEASE * 3 / 8 + 1)
        if not crash:
            hospital.run(writer)
        hospital.drain()
        hospital.net.late = None
        hospital.advance(seconds)
        self.settle()

    @precondition(lambda self: self.may_settle)
    @rule(
        number=numbers,
        gate=st.sampled_from(("shiftevents.write.answer", "shiftevents.write", "graph.write", "graph.write.answer")),
        create=st.booleans(),
        minutes=st.sampled_from((1, 3, 20, 40)),
    )
    def stalled_writer(self, number: int, gate: str, create: bool, minutes: int) -> None:
        """A writer stands still with its work in hand while others take over, and then goes on."""
        self._begin()
        hospital = self.hospital
        slot = self.pick_future(number)
        if create or slot is None:
            if not self._new_shift(number):
                return
            template = 5
        else:
            self._edit(slot, number)
            template = slot.template_id
        self._read(template)
        writer = self._writer_at(gate)
        if writer is None:
            return
        hospital.advance(LEASE + 1)
        hospital.run(hospital.timer())
        for _ in range(minutes):
            hospital.advance(60)
            hospital.work()
        hospital.run(writer)
        self.settle()

    @precondition(lambda self: self.may_settle)
    @rule(fault=unknowns, number=numbers)
    def unknown_answer(self, fault: Fault, number: int) -> None:
        """A create's answer does not tell whether there is an event now, or will be."""
        self._in_the_dark(fault, number)

    @precondition(lambda self: self.may_settle)
    @rule(fault=duplicates, number=numbers)
    def duplicate_answer(self, fault: Fault, number: int) -> None:
        """Graph makes an event, and answers that its transactionId was used before."""
        self._in_the_dark(fault, number)

    def _in_the_dark(self, fault: Fault, number: int) -> None:
        self._begin()
        hospital = self.hospital
        if not self._new_shift(number):
            return
        hospital.graph.fault(Fault(**{**fault.as_json(), "times": 1, "struck": 0}))
        self._read()
        hospital.drain()
        agree(hospital, self.touched)
        self.settle()

    @precondition(lambda self: self.may_settle)
    @rule(number=numbers, refusal=refusals, minutes=st.sampled_from((1, 15, 120)), whole=st.booleans())
    def refused_for_a_while(self, number: int, refusal: Fault | MailboxState, minutes: int, whole: bool) -> None:
        """A mailbox, or Graph as a whole, takes nothing for a while, in which its owner's shifts change."""
        self._begin()
        hospital = self.hospital
        slot = self.pick_future(number)
        if slot is None:
            return
        self._edit(slot, number)
        self._new_shift(number)
        box = home_of(hospital, str(slot.emp_id))
        if isinstance(refusal, MailboxState):
            for mailbox in hospital.graph.directory:
                if whole or mailbox.id == box:
                    self.set_state(mailbox, refusal)
        else:
            hospital.graph.fault(Fault(**{**refusal.as_json(), "mailbox": None if whole else box}))
        self._read(slot.template_id)
        for _ in range(5):
            hospital.advance(60 * minutes / 5)
            hospital.work()
        if number % 2:
            self._edit(hospital.world.slot(slot.slot_id), number + 1)
            self._read(slot.template_id)
            hospital.work()
        self.settle()

    @precondition(lambda self: self.may_settle)
    @rule(number=numbers, edits=st.integers(1, 3))
    def gone_by_hand(self, number: int, edits: int) -> None:
        """Somebody deletes an event of ours; its shift is edited: it must come back, and follow further edits."""
        self._begin()
        hospital = self.hospital
        slot = self.pick_future(number)
        if slot is None or self.touched[str(slot.emp_id)]:
            return
        for mailbox, event in self.events_of(slot):
            hospital.graph.owner.delete(mailbox, event)
        for each in range(edits):
            self._edit(hospital.world.slot(slot.slot_id), number + each)
            self._read(slot.template_id)
            hospital.drain()
            agree(hospital, self.touched)

    # Readers

    @precondition(lambda self: self.may_settle)
    @rule(number=numbers, lag=st.integers(1, READ_AGAIN - 20), wait=st.integers(0, 10), swept=st.booleans())
    def lagging_answer(self, number: int, lag: int, wait: int, swept: bool) -> None:
        """Lightning Bolt's answers lag behind a publish: the repeat read finds it, before any sweep."""
        self._begin()
        hospital = self.hospital
        slot = self.pick_future(number)
        if slot is None:
            return
        hospital.records.set_options(Options(lag_seconds=lag))
        self._edit(slot, number)
        hospital.publish()
        hospital.advance(wait)
        hospital.work()
        if swept:
            hospital.run(hospital.timer())
            hospital.work()
        hospital.advance(READ_AGAIN + PAST_THE_SECOND)
        hospital.drain()
        agree(hospital, self.touched)
        hospital.records.set_options(Options())

    @precondition(lambda self: self.may_settle)
    @rule(number=numbers, further=st.integers(0, 6))
    def late_reader(self, number: int, further: int) -> None:
        """A reader with an old answer in hand stands still; another takes over and finishes; then the first goes on."""
        self._begin()
        hospital = self.hospital
        slot = self.pick_future(number)
        if slot is None:
            return
        view = view_of(hospital, slot.template_id)
        self._edit(slot, number)
        hospital.publish(tell=False)
        hospital.callback(view=view)
        old = self.take(SCHEDULE_CHANGES)
        if old is None:
            return
        for _ in range(slot.day.month - 10):  # November's answer, then December's
            hospital.run(old, 1)
            if not self.run_to(old, "lightning_bolt.answer"):
                return
        hospital.run(old, further)
        self._edit(hospital.world.slot(slot.slot_id), number + 1)
        hospital.publish(tell=False)
        hospital.callback(view=view)
        hospital.advance(LEASE + 1)
        self._let_read(view)
        self.lose_messages(SCHEDULE_CHANGES)
        hospital.run(old)
        self.lose_messages(SCHEDULE_CHANGES)
        hospital.drain()
        agree(hospital, self.touched)

    def _let_read(self, view: int) -> None:
        """The reader of the newest publish does its work, but for the repeats."""
        reader = self.take(SCHEDULE_CHANGES)
        if reader:
            self.hospital.run(reader)
