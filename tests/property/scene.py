"""One hospital and what is known of it: what every part of the adversary needs, and what must hold at every step."""

from collections import Counter
from collections.abc import Sequence

from hypothesis.stateful import RuleBasedStateMachine, invariant

from shared.messages import Removed, ScheduleMonth
from shared.month import Month
from shared.ops.removal import Scope
from shared.schedule.own_mappings import Kind
from tests.local.graph.mailboxes import Mailbox, MailboxState
from tests.local.lightning_bolt.model import Slot
from tests.property.actors import Actor
from tests.property.hospital import Hospital
from tests.property.invariants import Broken, require
from tests.property.office import begin_audit, begin_import, mend_mappings, remove_all, rows_of
from tests.property.place import LAST_PEACE, PEOPLE, TEMPLATES
from tests.property.truth import (
    Calendars,
    Where,
    agree,
    home_of,
    is_listed,
    is_opted_out,
    is_ours,
    is_out_of_sight,
    looks,
    mark_of,
    pardoned,
    published,
    seen,
    shown,
)

MOST_SETTLES = 5
"""Of one example: each takes longer than all its other steps."""


class Scene(RuleBasedStateMachine):
    """A hospital in the hands of the adversary."""

    def __init__(self) -> None:
        super().__init__()
        self.hospital = Hospital()
        self.touched = Counter[str]()
        """How many events of each person users have changed by hand."""
        self.hands = Counter[str]()
        """The same, since the last audit in peace; tables that were lost count here as nothing."""
        self.renames = 0
        self.before: list[tuple[int, Slot | None]] = []
        """Slots as they were before the latest edits, for undoing them."""
        self.foreign: dict[tuple[str, str], object] = {}
        self.copied: set[tuple[str, str]] = set()
        """Mailboxes and people of whose events there are copies that no audit has seen yet."""
        self.leaving: dict[Scope, Removed] = {}
        """What operators have asked to be removed, and how much of it."""
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
            self.lose_sight_of(mailbox)

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

    # Administrators

    def set_id(self, person: int, address: str | None, *, tell: bool = True) -> None:
        """A person's ID becomes another; `tell`: where it comes from a file of ours, the file is imported at once.

        Who moves while the links are lost leaves events behind, and where a mailbox is gone, and copies: known limits.
        """
        hospital = self.hospital
        present = hospital.graph.directory.find(str(hospital.person(person).fields["unique_id"]))
        if present and (not hospital.knows(str(person)) or present.state is MailboxState.NOT_ENABLED):
            hospital.left_behind.add((present.id, str(person)))
        hospital.left_behind |= {where for where in self.copied if where[1] == str(person)}
        hospital.records.set_person_field(person, "unique_id", address)
        if tell:
            self.tell_mappings("people")

    def tell_mappings(self, kind: Kind) -> None:
        """The administrators' file is imported, if that is where mappings come from."""
        if self.hospital.maps:
            self.hospital.run(begin_import(self.hospital, kind))

    def lose(self, *tables: str) -> None:
        """Tables are emptied. What lies in a mailbox left behind stays there, and what is out of sight.

        Not `schedules` while a schedule is shown no more: who answered for it is not told anew, and its events stay.
        """
        hospital = self.hospital
        if not all(is_listed(hospital, template) for template in TEMPLATES):
            tables = tuple(table for table in tables if table != "schedules")
        for table in tables:
            hospital.tables[table]._partitions.clear()
        if "shiftevents" in tables:
            for where in shown(hospital):
                if where.mailbox != home_of(hospital, where.person):
                    hospital.left_behind.add((where.mailbox, where.person))
            for mailbox in hospital.graph.directory:
                self.lose_sight_of(mailbox)

    def lose_sight_of(self, mailbox: Mailbox) -> None:
        """Of its events that only their links lead to: they may be let go of."""
        out = {event.immutable_id for event in mailbox.present if is_ours(event) and is_out_of_sight(mailbox, event)}
        self.hospital.strayed |= out

    # Peace

    @property
    def may_settle(self) -> bool:
        """Whether there is time left for another peace."""
        return self.settles < MOST_SETTLES and self.hospital.clock.now() < LAST_PEACE

    def settle(self) -> None:
        """Faults stop; sweeps and an audit come; then every mailbox is as published, and nothing more is done."""
        hospital = self.hospital
        self.settles += 1
        hospital.calm()
        for slot in hospital.world.drafts().slots:
            if slot.raw:
                hospital.slots.set_raw(slot.slot_id)
        hospital.run_all()
        mend_mappings(hospital)
        hospital.publish(tell=False)
        hospital.settle()
        self._forgive_what_nothing_tells()
        self.no_foreign_event_is_touched()
        self.no_request_is_wrong()
        agree(hospital, self.touched)
        self.let_leave()
        self.audit()
        self.no_foreign_event_is_touched()
        self.touched.clear()
        self.hands.clear()
        self.copied.clear()
        hospital.dragged = {key for key in hospital.dragged if key in self._of_the_opted_out()}
        agree(hospital, self.touched)
        before, asked = hospital.stored(), hospital.net.requests
        hospital.sweep()
        require("one more sweep asks Graph nothing", hospital.net.requests == asked, hospital.net.requests - asked)
        changed = {key for key, etag in hospital.stored().items() if before.get(key) != etag}
        require("one more sweep stores nothing", not changed, changed)

    def audit(self) -> None:
        """A night's, and all that follows."""
        self.hospital.run(begin_audit(self.hospital))
        self.hospital.drain()

    def let_leave(self) -> None:
        """Operators see to it that what they asked to be removed is. What has come back since is none of it."""
        hospital = self.hospital
        self.leaving = {scope: what for scope, what in self.leaving.items() if self.may_leave(scope)}
        for scope, what in self.leaving.items():
            remove_all(hospital, scope, what)
        for scope, what in self.leaving.items():
            self.has_left(scope, what)
        if self.leaving:  # a view goes on reading what it answered for: the heads come back, and nothing else
            hospital.sweep()

    def may_leave(self, scope: Scope) -> bool:
        """Whether nothing wants what is to be removed."""
        match scope.kind:
            case "person":
                return is_opted_out(self.hospital, scope.id) and not self.hospital.tells_id(scope.id)
            case "schedule":
                return not is_listed(self.hospital, int(scope.id))
        return self.hospital.settings.paused

    @staticmethod
    def covers(scope: Scope, mark: Sequence[str]) -> bool:
        """Whether the event of a mark belongs to what is to be removed."""
        return scope.covers(mark[2], ScheduleMonth(mark[3], Month.parse(mark[4])))

    def has_left(self, scope: Scope, what: Removed) -> None:
        """No row, and no event that a removal takes away."""
        hospital = self.hospital
        require("a removal leaves no row", not rows_of(hospital, scope), rows_of(hospital, scope))
        spare, now, left = pardoned(hospital), hospital.clock.now(), []
        for mailbox in hospital.graph.directory:
            for event in mailbox.present:
                if not is_ours(event) or not self.covers(scope, mark_of(event)):
                    continue
                person = mark_of(event)[2]
                stays = what == "future" and (seen(event).start <= now or event.immutable_id in hospital.dragged)
                known_limit = (mailbox.id, person) in hospital.left_behind
                if not stays and not known_limit and not spare.get(Where(mailbox.id, person), Counter())[seen(event)]:
                    left.append((mailbox.address, seen(event)))
        require("a removal leaves no event", not left, left)

    def _of_the_opted_out(self) -> set[str]:
        return {
            event.immutable_id
            for mailbox in self.hospital.graph.directory
            for event in mailbox.present
            if is_ours(event) and is_opted_out(self.hospital, mark_of(event)[2])
        }

    def audit_once_more(self) -> None:
        """In peace: it writes nothing, and finds every link as it is."""
        hospital = self.hospital
        before, written = hospital.stored(), hospital.net.writes
        links = [hospital.links(str(person)) for person in PEOPLE]
        self.audit()
        require("one more audit writes to no calendar", hospital.net.writes == written, hospital.net.writes - written)
        require("one more audit changes no link", [hospital.links(str(person)) for person in PEOPLE] == links)
        changed = {key for key, etag in hospital.stored().items() if before.get(key) != etag}
        changed = {key for key in changed if not key.startswith("shiftevents")}
        require("one more audit stores nothing but links", not changed, changed)

    def _forgive_what_nothing_tells(self) -> None:
        """Both tables lost: of somebody who has no shift any more, nothing tells that there ever was one."""
        rows = self.hospital.tables["personmonths"]._partitions.values()
        told = {where.person for where, _ in published(self.hospital)} | {person for row in rows for person in row}
        for person in map(str, PEOPLE):
            if person not in told and not self.hospital.knows(person):
                self.hospital.left_behind |= {(box.id, person) for box in self.hospital.graph.directory}

    def gone_since(self, before: Calendars) -> Calendars:
        """Events that were there, and are not; of people whose events nobody has touched.

        Not in a mailbox whose address was gone: what was let go of there is found again, and brought up to date.
        """
        have = shown(self.hospital)
        gone = {where: events - have.get(where, Counter()) for where, events in before.items()}
        kept = {where for where in gone if where.mailbox in self.hospital.renamed or self.touched[where.person]}
        return {where: events for where, events in gone.items() if events and where not in kept}
