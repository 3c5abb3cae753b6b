"""One hospital and what is known of it: what every part of the adversary needs, and what must hold at every step."""

from collections import Counter

from hypothesis.stateful import RuleBasedStateMachine, invariant

from tests.local.graph.mailboxes import Mailbox, MailboxState
from tests.local.lightning_bolt.model import Slot
from tests.property.actors import Actor
from tests.property.hospital import Hospital
from tests.property.invariants import Broken, require
from tests.property.place import LAST_PEACE, PEOPLE
from tests.property.truth import Calendars, agree, is_ours, looks, mark_of, published, seen, shown

MOST_SETTLES = 5
"""Of one example: each takes longer than all its other steps."""


class Scene(RuleBasedStateMachine):
    """A hospital in the hands of the adversary."""

    def __init__(self) -> None:
        super().__init__()
        self.hospital = Hospital()
        self.touched = Counter[str]()
        """How many events of each person users have changed by hand."""
        self.before: list[tuple[int, Slot | None]] = []
        """Slots as they were before the latest edits, for undoing them."""
        self.foreign: dict[tuple[str, str], object] = {}
        self.settles = 0

    # At every step

    def foreign_events(self) -> dict[tuple[str, str], object]:
        """Events that are none of ours, as they stand."""
        return {
            (mailbox.id, event.immutable_id): (event.changes, event.deleted, event.times, dict(event.values))
            for mailbox in self.hospital.graph.directory
            for event in mailbox.events.values()
            if not is_ours(event)
        }

    @invariant()
    def no_foreign_event_is_touched(self) -> None:
        """Whatever happens."""
        require("no foreign event is touched", self.foreign_events() == self.foreign)

    @invariant()
    def no_request_is_wrong(self) -> None:
        """What the watch saw leave for Graph."""
        for name, detail in self.hospital.watch.wrong:
            raise Broken(name, detail)

    @invariant()
    def whoever_waits_waits_at_a_gate(self) -> None:
        """So that a crash at every gate is a crash at every await."""
        astray = [actor.name for actor in self.hospital.actors.living if not actor.done and not actor.gates]
        require("every await is a gate", not astray, astray)

    # Slots

    def slots(self) -> list[int]:
        """Ids of all slots, published or not."""
        return sorted(slot.slot_id for slot in self.hospital.world.drafts().slots)

    def pick(self, number: int) -> int | None:
        """One of them."""
        slots = self.slots()
        return slots[number % len(slots)] if slots else None

    def pick_future(self, number: int) -> Slot | None:
        """A published slot that somebody should see, and that lies well ahead: what is done to it shows."""
        soon = self.hospital.clock.now().date()
        ahead = [slot for _, slot in published(self.hospital) if (slot.day - soon).days > 1 and not slot.raw]
        ahead = [slot for slot in ahead if slot.slot_id in self.slots()]
        return ahead[number % len(ahead)] if ahead else None

    def note_before(self, *slots: int) -> None:
        """Remembers slots as they are."""
        self.before += [(slot, self.hospital.world.slot(slot)) for slot in slots]

    def event_of_ours(self, number: int, person: str | None = None) -> tuple[str, str, str] | None:
        """One of our events: mailbox, id and person."""
        ours = [
            (mailbox.id, event.immutable_id, mark_of(event)[2])
            for mailbox in self.hospital.graph.directory
            for event in mailbox.present
            if is_ours(event) and person in (None, mark_of(event)[2])
        ]
        return ours[number % len(ours)] if ours else None

    def events_of(self, slot: Slot) -> list[tuple[str, str]]:
        """The events that show a slot in its person's calendars: mailbox and id."""
        sight = looks(self.hospital, slot)
        return [
            (mailbox.id, event.immutable_id)
            for mailbox in self.hospital.graph.directory
            for event in mailbox.present
            if is_ours(event) and mark_of(event)[2] == str(slot.emp_id) and seen(event) == sight
        ]

    def set_state(self, mailbox: Mailbox, state: MailboxState) -> None:
        """What a mailbox lets us do. Events in one that cannot be found are let go of: a known limit."""
        mailbox.state = state
        if state is MailboxState.NOT_ENABLED:
            self.hospital.renamed.add(mailbox.id)

    # Handlers

    def take(self, queue: str) -> Actor | None:
        """Starts the function of the message of a queue that has been visible longest."""
        visible = self.hospital.queues.visible(queue)
        return self.hospital.deliver(visible[0]) if visible else None

    def run_to(self, actor: Actor, gate: str) -> bool:
        """Lets a function go on until it waits there; False where it never does."""
        while actor.where != gate:
            if actor.done:
                return False
            self.hospital.run(actor, 1)
        return True

    def lose_messages(self, queue: str | None = None) -> None:
        """All of them."""
        for message in self.hospital.queues.messages(queue):
            self.hospital.queues.lose(message)

    # Peace

    @property
    def may_settle(self) -> bool:
        """Whether there is time left for another peace."""
        return self.settles < MOST_SETTLES and self.hospital.clock.now() < LAST_PEACE

    def settle(self) -> None:
        """Faults stop, sweeps come; then every mailbox is as published, and one more sweep does nothing."""
        hospital = self.hospital
        self.settles += 1
        hospital.calm()
        for slot in hospital.world.drafts().slots:
            if slot.raw:
                hospital.slots.set_raw(slot.slot_id)
        hospital.publish(tell=False)
        hospital.settle()
        self._forgive_what_nothing_tells()
        self.no_foreign_event_is_touched()
        self.no_request_is_wrong()
        agree(hospital, self.touched)
        before, asked = hospital.stored(), hospital.net.requests
        hospital.sweep()
        require("one more sweep asks Graph nothing", hospital.net.requests == asked, hospital.net.requests - asked)
        changed = {key for key, etag in hospital.stored().items() if before.get(key) != etag}
        require("one more sweep stores nothing", not changed, changed)

    def _forgive_what_nothing_tells(self) -> None:
        """Both tables lost: of somebody who has no shift any more, nothing tells that there ever was one."""
        rows = self.hospital.tables["personmonths"]._partitions.values()
        told = {where.person for where, _ in published(self.hospital)} | {person for row in rows for person in row}
        for person in map(str, PEOPLE):
            if person not in told and not self.hospital.knows(person):
                self.hospital.left_behind |= {(box.id, person) for box in self.hospital.graph.directory}

    def gone_since(self, before: Calendars) -> Calendars:
        """Events that were there, and are not; of people whose events nobody has touched."""
        have = shown(self.hospital)
        gone = {where: events - have.get(where, Counter()) for where, events in before.items()}
        return {where: events for where, events in gone.items() if events and not self.touched[where.person]}
