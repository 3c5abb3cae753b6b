"""The adversary: everything that schedulers, users, networks, hosts and clocks may do, in any order, at any await."""

from collections import Counter
from datetime import date, timedelta
from typing import Literal

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from shared.messages import SCHEDULE_CHANGES
from shared.month import Month
from shared.outlook.mark import MARK_ID
from tests.local.graph.behaviour import Behaviour
from tests.local.graph.faults import Fault
from tests.local.graph.mailboxes import MailboxState
from tests.local.lightning_bolt.model import Slot, State
from tests.local.lightning_bolt.slot_edits import Spoilt, default_times
from tests.property.actors import Actor
from tests.property.hospital import ADDRESSES, BOUND, DAY, DAYS, LEAVE, MEETING, NIGHT, PEOPLE, TYPO, VIEW, Hospital
from tests.property.invariants import require
from tests.property.truth import Calendars, agree, is_ours, lacking, mark_of, shown

MOST_SETTLES = 8
"""Each lets a bit more than a day pass; the first shift is 17 days ahead."""

End = Literal["finish", "stall", "crash", "fail"]

numbers = st.integers(0, 11)
people = st.sampled_from(PEOPLE)
days = st.sampled_from(DAYS)
kinds = st.sampled_from((DAY, NIGHT, LEAVE, MEETING))
ends: st.SearchStrategy[End] = st.sampled_from(("crash", "stall", "finish", "fail"))
gates = st.integers(0, 24)
seconds = st.sampled_from((1, 2, 30, 46, 121, 130, 300, 725, 850, 3600))
notes = st.sampled_from((None, "Bring keys", "Second floor"))
addresses = st.sampled_from((*ADDRESSES, *ADDRESSES, "", "  ", TYPO))
behaviours = st.builds(
    Behaviour,
    transaction_memory=st.sampled_from(("mailbox", "event", "none")),
    repeat_of_deleted=st.sampled_from(("duplicate", "deleted_event")),
    duplicate_status=st.sampled_from((400, 409)),
    duplicate_names_existing=st.booleans(),
    second_delete=st.sampled_from(("not_found", "cannot_delete")),
)
late = st.sampled_from((1.0, 60.0, 200.0, BOUND))
writes = st.sampled_from(("POST", "PATCH", "DELETE"))
faults = st.one_of(
    st.builds(Fault, st.just("cut_after"), path=st.just("$batch"), items=st.sampled_from((None, 1, 2))),
    st.builds(Fault, st.just("cut_before")),
    st.builds(Fault, st.just("late"), path=st.just("$batch"), seconds=late),
    st.builds(Fault, st.just("garbage")),
    st.builds(Fault, st.just("throttled"), where=st.sampled_from(("item", "request")), retry_after=st.just(20)),
    st.builds(
        Fault,
        st.just("unavailable"),
        method=writes,
        done=st.sampled_from(("no", "yes", "late")),
        seconds=late,
    ),
    st.builds(Fault, st.just("error"), method=writes, status=st.sampled_from((409, 412, 424))),
    st.builds(Fault, st.just("error"), method=st.just("PATCH"), status=st.just(404)),
    st.builds(
        Fault,
        st.just("error"),
        method=st.just("POST"),
        status=st.just(409),
        code=st.just("ErrorDuplicateTransactionId"),
        done=st.just("yes"),
    ),
)


class Faulty(RuleBasedStateMachine):
    """One hospital and its adversary."""

    def __init__(self) -> None:
        super().__init__()
        self.hospital = Hospital()
        self.touched = Counter[str]()
        self.before: list[tuple[int, Slot | None]] = []
        self.settles = 0
        self.foreign: dict[tuple[str, str], object] = {}

    @initialize(seed=st.integers(0, 3), behaviour=behaviours, shifts=st.integers(1, 6), applied=st.booleans())
    def begin(self, seed: int, behaviour: Behaviour, shifts: int, applied: bool) -> None:
        """A published schedule, applied already or not; others' events lie about."""
        self.hospital.close()
        self.hospital = Hospital(seed, behaviour)
        self._strangers()
        for number in range(shifts):
            self.hospital.slots.add_slot(
                5, PEOPLE[number % 3], (DAY, NIGHT)[number // 3 % 2], DAYS[number * 2 % len(DAYS)]
            )
        self.hospital.publish()
        if applied:
            self.hospital.drain()

    def _strangers(self) -> None:
        owner = self.hospital.graph.owner
        for mailbox in self.hospital.graph.directory:
            for mark in (
                None,
                "other:5b0d6f7e-31c5-4a49-9f0a-6a1f0cfb1f4a:2101:5:2026-11:0123456789abcdef0123",
                "town:5b0d6f7e-31c5-4a49-9f0a-6a1f0cfb1f4b:9999:5:2026-11:0123456789abcdef0123",
            ):
                body: dict[str, object] = {
                    "subject": "Day Rounds",
                    "start": {"dateTime": "2026-11-20T07:00:00", "timeZone": "Central Standard Time"},
                    "end": {"dateTime": "2026-11-20T17:00:00", "timeZone": "Central Standard Time"},
                }
                if mark:
                    body["singleValueExtendedProperties"] = [{"id": MARK_ID, "value": mark}]
                owner.add(mailbox.address, body)
        self.foreign = self._foreign()

    def _foreign(self) -> dict[tuple[str, str], object]:
        return {
            (mailbox.id, event.immutable_id): (event.changes, event.deleted, event.times, dict(event.values))
            for mailbox in self.hospital.graph.directory
            for event in mailbox.events.values()
            if not is_ours(event)
        }

    @invariant()
    def no_foreign_event_is_touched(self) -> None:
        """Whatever happens."""
        require("no foreign event is touched", self._foreign() == self.foreign)

    # Schedulers

    def _slots(self) -> list[int]:
        return sorted(slot.slot_id for slot in self.hospital.world.drafts().slots)

    def _pick(self, number: int) -> int | None:
        slots = self._slots()
        return slots[number % len(slots)] if slots else None

    def _note_before(self, *slots: int) -> None:
        self.before += [(slot, self.hospital.world.slot(slot)) for slot in slots]

    def _published(self, tell: bool, quiet: bool = False) -> None:
        if not quiet:
            self.hospital.publish(tell=tell)

    @rule(person=people, kind=kinds, day=days, note=notes, template=st.sampled_from((5, 5, 6)), tell=st.booleans())
    def add(self, person: int, kind: int, day: date, note: str | None, template: int, tell: bool) -> None:
        """A new shift."""
        if len(self._slots()) < 12:
            slot = self.hospital.slots.add_slot(template, person, kind, day, note=note)
            self.before.append((slot, None))
            self._published(tell)

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
        slot = self._pick(number)
        if slot is None:
            return
        hospital = self.hospital
        edits, present = hospital.slots, hospital.world.slot(slot)
        second = self._pick(other)
        match how:
            case "retime":
                self._note_before(slot)
                by = timedelta(hours=1 + other % 2)
                if present.start.hour:
                    edits.retime(slot, present.start + by, present.stop + by)
            case "note":
                self._note_before(slot)
                edits.set_notes(slot, note=("Bring keys", None, "Third floor")[other % 3])
            case "kind":
                self._note_before(slot)
                kind = (DAY, NIGHT, LEAVE, MEETING)[other % 4]
                start, stop = default_times(hospital.world, kind, present.day)
                edits.reassign(slot, kind)
                edits.retime(slot, start, stop)
            case "swap":
                self._note_before(slot)
                edits.swap(slot, person)
            case "move":
                self._note_before(slot)
                edits.move(slot, day)
            case "template":
                self._note_before(slot)
                edits.move(slot, present.day, 11 - present.template_id)
            case "remove":
                self._note_before(slot)
                edits.remove(slot)
            case "renumber":
                edits.renumber(self._slots()[: 1 + other])
                self.before.clear()
            case "exchange" if second is not None and second != slot:
                self._note_before(slot, second)
                edits.exchange_ids(slot, second)
        self._published(tell, quiet)

    @precondition(lambda self: self.before)
    @rule(tell=st.booleans())
    def undo(self, tell: bool) -> None:
        """The last edit is taken back."""
        slot, before = self.before.pop()
        if before is not None:
            self.hospital.world.put(before)
        elif slot in self._slots():
            self.hospital.slots.remove(slot)
        self._published(tell)

    @rule(tell=st.booleans(), template=st.sampled_from((5, 6)))
    def unpublish(self, tell: bool, template: int) -> None:
        """A schedule is taken back."""
        self.hospital.publish(tell=tell, template=template, state=State.DRAFT)

    @rule(month=st.sampled_from((None, Month(2026, 11), Month(2026, 12))))
    def callback(self, month: Month | None) -> None:
        """The callback comes (again)."""
        self.hospital.callback(month)

    # Administrators

    @rule(person=people, address=addresses)
    def change_id(self, person: int, address: str) -> None:
        """Opt-out, opt-in, another mailbox, a typo."""
        self.hospital.records.set_person_field(person, "unique_id", address)

    @rule(number=st.integers(0, 3))
    def rename(self, number: int) -> None:
        """A UPN changes; the mailbox stays."""
        if len(self.hospital.renamed) < 2:
            self.hospital.rename(ADDRESSES[number], f"new-{ADDRESSES[number]}")

    @rule(subject=st.sampled_from(("{assignment}", "{assignment_short} ({schedule})")))
    def change_settings(self, subject: str) -> None:
        """A new subject for every event."""
        self.hospital.configure(EVENT_SUBJECT=subject)

    @rule(number=numbers, state=st.sampled_from((MailboxState.OUT_OF_SCOPE, MailboxState.FULL, MailboxState.OPEN)))
    def change_mailbox(self, number: int, state: MailboxState) -> None:
        """A mailbox takes nothing, or again."""
        boxes = list(self.hospital.graph.directory)
        boxes[number % len(boxes)].state = state

    # Users

    def _event(self, number: int) -> tuple[str, str, str] | None:
        ours = [
            (mailbox.id, event.immutable_id, mark_of(event)[2])
            for mailbox in self.hospital.graph.directory
            for event in mailbox.present
            if is_ours(event)
        ]
        return ours[number % len(ours)] if ours else None

    @rule(number=numbers, how=st.sampled_from(("delete", "edit", "copy")))
    def user(self, number: int, how: str) -> None:
        """Somebody's hand."""
        found = self._event(number)
        if found is None:
            return
        mailbox, event, person = found
        owner = self.hospital.graph.owner
        self.touched[person] += 1
        match how:
            case "delete":
                owner.delete(mailbox, event)
            case "edit":
                owner.edit(mailbox, event, {"subject": "Mine"})
            case _:
                owner.copy(mailbox, event)

    # Hosts, networks, clocks

    def _end(self, actor: Actor, end: End) -> None:
        hospital = self.hospital
        if actor.done:
            return
        match end:
            case "finish":
                hospital.run(actor)
            case "crash":
                hospital.actors.crash(actor)
            case "fail" if not actor.where.startswith(("graph", "lightning_bolt")):
                hospital.actors.fail(actor)
                hospital.run(actor)
            case _:
                pass

    @rule(which=numbers, count=gates, end=ends)
    def deliver(self, which: int, count: int, end: End) -> None:
        """A message's function runs so far, and then this."""
        hospital = self.hospital
        if len(hospital.actors.living) >= 3:
            return
        visible = hospital.queues.visible()
        if not visible and (waiting := hospital.queues.messages()):
            hospital.advance(max((waiting[0].visible_at - hospital.clock.now()).total_seconds(), 0.0))
            visible = hospital.queues.visible()
        if visible and (actor := hospital.deliver(visible[which % len(visible)])):
            hospital.run(actor, count)
            self._end(actor, end)

    @precondition(lambda self: self.hospital.actors.living)
    @rule(which=numbers, count=gates, end=ends)
    def resume(self, which: int, count: int, end: End) -> None:
        """A stalled function goes on so far, and then this."""
        living = self.hospital.actors.living
        actor = living[which % len(living)]
        self.hospital.run(actor, count)
        self._end(actor, end)

    @rule()
    def read(self) -> None:
        """Lightning Bolt is read: what was published becomes desired, the pointers wait."""
        hospital = self.hospital
        while hints := hospital.queues.visible(SCHEDULE_CHANGES):
            actor = hospital.deliver(hints[0])
            if actor:
                hospital.run(actor)

    @rule()
    def work(self) -> None:
        """Whatever is visible is handled."""
        self.hospital.work()

    @rule(whole=st.booleans())
    def sweep(self, whole: bool) -> None:
        """A timer."""
        self.hospital.run(self.hospital.timer(whole=whole))

    @rule(passed=seconds)
    def tick(self, passed: int) -> None:
        """Time passes."""
        self.hospital.advance(passed)

    @rule(which=numbers, lose=st.booleans())
    def message(self, which: int, lose: bool) -> None:
        """A message is lost, or comes twice."""
        messages = self.hospital.queues.messages()
        if messages:
            one = messages[which % len(messages)]
            if lose:
                self.hospital.queues.lose(one)
            else:
                self.hospital.queues.double(one)

    @rule(fault=faults, skip=st.integers(0, 3))
    def graph_fails(self, fault: Fault, skip: int) -> None:
        """One of the next requests to Graph goes wrong."""
        fault = Fault(**{**fault.as_json(), "times": 1, "skip": skip, "struck": 0})
        self.hospital.graph.fault(fault)

    @rule(is_late=st.booleans())
    def limbo(self, is_late: bool) -> None:
        """Whether requests that nobody waits for any more still take effect."""
        self.hospital.net.late = is_late

    @rule(times=st.integers(1, 2))
    def lightning_bolt_fails(self, times: int) -> None:
        """The next reads give nothing."""
        self.hospital.unavailable = times

    # What must hold once faults stop

    def settle(self, *, whole: bool = True) -> None:
        """Faults stop, sweeps come; then every mailbox is as published, and one more sweep does nothing."""
        hospital = self.hospital
        self.settles += 1
        hospital.calm()
        if whole:
            for slot in hospital.world.drafts().slots:
                if slot.raw:
                    hospital.slots.set_raw(slot.slot_id)
            hospital.publish(tell=False)
        hospital.settle()
        self.no_foreign_event_is_touched()
        agree(hospital, self.touched)
        before, asked = hospital.stored(), hospital.net.requests
        hospital.sweep()
        require("one more sweep asks Graph nothing", hospital.net.requests == asked, hospital.net.requests - asked)
        changed = {key for key, etag in hospital.stored().items() if before.get(key) != etag}
        require("one more sweep stores nothing", not changed, changed)

    @precondition(lambda self: self.settles < MOST_SETTLES)
    @rule(
        what=st.sampled_from(("nothing", "spoil", "filter", "renumber", "exchange")),
        number=numbers,
        how=st.sampled_from(("bad_start", "end_at_start", "wrong_utc", "no_person", "bad_date")),
        who=st.sets(people, min_size=1, max_size=2),
    )
    def in_peace(self, what: str, number: int, how: Spoilt, who: set[int]) -> None:
        """In the middle of it all: all is well; and one thing is done whose effect can be told at once."""
        self.settle()
        slot = self._pick(number)
        if slot is None:
            return
        match what:
            case "spoil":
                self._spoil(slot, how)
            case "filter":
                self._edit_filter(who)
            case "renumber" | "exchange":
                self._renumber(what)
            case _:
                pass

    def _spoil(self, slot: int, how: Spoilt) -> None:
        """A row becomes unreadable."""
        want = shown(self.hospital)
        self.hospital.slots.spoil(slot, how, live=True)
        self.hospital.sweep()
        require("an unreadable row protects its event", not self._lost(want), self._lost(want))

    def _edit_filter(self, who: set[int]) -> None:
        """A view's filter is edited: what it hides is held; what it still shows is edited all the same."""
        hospital = self.hospital
        want = shown(hospital)
        hospital.records.set_filter(VIEW, people=tuple(sorted(who)))
        hospital.sweep()
        require("an edited filter removes nothing by itself", not self._lost(want), self._lost(want))
        for slot in hospital.world.drafts().slots:
            hospital.slots.set_notes(slot.slot_id, note=f"{slot.note or ''}!")
        hospital.publish()
        hospital.drain()
        missing = Counter({where.person: events.total() for where, events in lacking(hospital).items()})
        require("a hold withholds no edit", not missing - self.touched, missing)

    def _renumber(self, what: str) -> None:
        """All slots get other ids: no event is concerned."""
        hospital = self.hospital
        of_person = sorted(hospital.world.drafts().slots, key=lambda slot: (slot.emp_id, slot.template_id, slot.day))
        slots = [slot.slot_id for slot in of_person]
        if what == "renumber":
            hospital.slots.renumber(slots, live=True)
            self.before.clear()
        else:
            for one, other in zip(slots[::2], slots[1::2], strict=False):
                hospital.slots.exchange_ids(one, other, live=True)
                self.before.clear()
        asked = hospital.net.requests
        hospital.sweep()
        require("renumbering costs no request", hospital.net.requests == asked, hospital.net.requests - asked)

    def _lost(self, before: Calendars) -> Calendars:
        have = shown(self.hospital)
        lost = {where: events - have.get(where, Counter()) for where, events in before.items()}
        return {where: events for where, events in lost.items() if events and not self.touched[where.person]}

    @rule()
    def open_filter(self) -> None:
        """Everybody is shown again."""
        self.hospital.records.set_filter(VIEW)

    def teardown(self) -> None:
        """The end: all must be well."""
        try:
            self.settle()
        finally:
            self.hospital.close()
