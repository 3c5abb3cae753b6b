"""What is done in peace, when all is well: one thing at a time, whose effect can be told at once."""

from collections import Counter, defaultdict
from datetime import date

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tests.local.lightning_bolt.slot_edits import Spoilt
from tests.property.draws import days, numbers, people
from tests.property.invariants import require
from tests.property.place import ADDRESSES, DAY, DAYS, PEOPLE, VIEW
from tests.property.scene import Scene
from tests.property.truth import home_of, lacking, published, shown

REMOVED = "no sudden loss removes anything by itself"


TABLES = ("personmonths", "shiftevents", "schedules")


class Peace(Scene):
    """Single disturbances."""

    @precondition(lambda self: self.may_settle)
    @rule()
    def peace(self) -> None:
        """In the middle of it all: all is well."""
        self.settle()
        self.audit_once_more()

    @precondition(lambda self: self.may_settle)
    @rule(number=numbers, how=st.sampled_from(("bad_start", "end_at_start", "wrong_utc", "no_person", "bad_date")))
    def spoil(self, number: int, how: Spoilt) -> None:
        """A row becomes unreadable."""
        self.settle()
        slot = self.pick(number)
        if slot is None:
            return
        want = shown(self.hospital)
        self.hospital.slots.spoil(slot, how, live=True)
        self.hospital.sweep()
        require("an unreadable row protects its event", not self.gone_since(want), self.gone_since(want))

    @precondition(lambda self: self.may_settle)
    @rule(who=st.sets(people, min_size=1, max_size=2))
    def edit_filter(self, who: set[int]) -> None:
        """A view's filter is edited: what it hides is held; what it still shows is edited all the same."""
        hospital = self.hospital
        self.settle()
        want, elsewhere = shown(hospital), self._missing()
        hospital.records.set_filter(VIEW, people=tuple(sorted(who)))
        hospital.sweep()
        gone = self.gone_since(want)
        require("an edited filter removes nothing by itself", not gone, gone)
        for slot in hospital.world.drafts().slots:
            hospital.slots.set_notes(slot.slot_id, note=f"{slot.note or ''}!")
        hospital.publish()
        hospital.drain()
        missing = self._missing() - elsewhere
        require("a hold withholds no edit", not missing - self.touched, missing)

    def _missing(self) -> Counter[str]:
        """How many events people lack in their mailboxes. What has begun may lie in one that they left."""
        return Counter({where.person: events.total() for where, events in lacking(self.hospital).items()})

    @precondition(lambda self: self.may_settle)
    @rule(exchange=st.booleans())
    def renumber_all(self, exchange: bool) -> None:
        """All slots get other ids, of their own or each other's: no event is concerned."""
        self.settle()
        hospital = self.hospital
        alike = defaultdict[tuple[int, int, int], list[int]](list)
        for slot in hospital.world.drafts().slots:
            alike[slot.emp_id, slot.template_id, slot.day.month].append(slot.slot_id)
        if not exchange:
            hospital.slots.renumber(self.slots(), live=True)
        for slots in alike.values() if exchange else ():
            for one, other in zip(slots[::2], slots[1::2], strict=False):
                hospital.slots.exchange_ids(one, other, live=True)
        self.before.clear()
        asked = hospital.net.requests
        hospital.sweep()
        if all(hospital.knows(where.person) for where, _ in published(hospital)):  # else it costs the first look
            require("renumbering costs no request", hospital.net.requests == asked, hospital.net.requests - asked)

    @precondition(lambda self: self.may_settle)
    @rule(back=st.booleans())
    def lose_everything(self, back: bool) -> None:
        """Lightning Bolt suddenly shows no slot at all."""
        self.settle()
        hospital = self.hospital
        want = shown(hospital)
        taken = [(slot, hospital.world.slot(slot)) for slot in self.slots()]
        for slot, _ in taken:
            hospital.slots.remove(slot, live=True)
        hospital.configure(SHRINK_MINIMUM="1")
        hospital.sweep()
        require(REMOVED, not self.gone_since(want), self.gone_since(want))
        if back:
            for _, before in taken:
                hospital.world.put(before)
            hospital.publish()
            hospital.drain()
            require("a hold ends when its slots are back", not hospital.holds(), hospital.holds())
        else:
            self.before += taken
        hospital.configure(SHRINK_MINIMUM="1000")

    @precondition(lambda self: self.may_settle)
    @rule()
    def lose_ids(self) -> None:
        """Everybody's ID disappears at once. It counts where three people or more have shifts in a month."""
        hospital = self.hospital
        hospital.records.set_filter(VIEW)
        for person, address in zip(PEOPLE, (ADDRESSES[0], ADDRESSES[1], ADDRESSES[3]), strict=True):
            if home_of(hospital, str(person)) is None and hospital.graph.directory.find(address):
                self.set_id(person, address)
            months = {slot.day.month for slot in hospital.world.drafts().slots if slot.emp_id == person}
            for day in (DAYS[3], DAYS[6]):
                if day.month not in months:
                    hospital.slots.add_slot(5, person, DAY, day)
        self.settle()
        people = defaultdict[int, set[int]](set)
        for _, slot in published(hospital):
            people[slot.day.month].add(slot.emp_id)
        if any(len(some) < len(PEOPLE) for some in people.values()):
            return
        want, ids = shown(hospital), {person: hospital.person(person).fields["unique_id"] for person in PEOPLE}
        for person in PEOPLE:
            self.set_id(person, None)
        hospital.sweep()
        require(REMOVED, not self.gone_since(want), self.gone_since(want))
        for person in PEOPLE:
            self.set_id(person, ids[person])

    @precondition(lambda self: self.may_settle)
    @rule(template=st.sampled_from((5, 6)), listed=st.booleans(), back=st.booleans())
    def lose_schedule(self, template: int, listed: bool, back: bool) -> None:
        """A schedule's horizon moves back, or its view shows it no longer."""
        self.settle()
        hospital = self.hospital
        want = shown(hospital)
        if listed:
            hospital.records.set_horizon(template, date(2026, 11, 1))
        else:
            hospital.records.remove_template_from_view(VIEW, template)
        hospital.sweep()
        require(REMOVED, not self.gone_since(want), self.gone_since(want))
        if back:
            hospital.records.set_horizon(template, "auto")
            hospital.records.add_template_to_view(VIEW, template)

    @precondition(lambda self: self.may_settle)
    @rule(
        tables=st.sampled_from((("personmonths",), ("shiftevents",), ("schedules",), TABLES)),
        meanwhile=st.sampled_from(("nothing", "remove", "move")),
        number=numbers,
        day=days,
    )
    def lose_tables(self, tables: tuple[str, ...], meanwhile: str, number: int, day: date) -> None:
        """Tables are lost: nothing is doubled for it. What lies in a mailbox left behind stays there."""
        self.settle()
        hospital = self.hospital
        self.lose(*tables)
        slot = self.pick(number)
        if slot is not None and meanwhile != "nothing":
            self.note_before(slot)
            if meanwhile == "remove":
                hospital.slots.remove(slot, live=True)
            else:
                hospital.slots.move(slot, day, live=True)
        if "personmonths" in tables:
            hospital.sweep()

    @precondition(lambda self: self.may_settle)
    @rule(hours=st.sampled_from((-1, 1)))
    def step_clock(self, hours: int) -> None:
        """All wall clocks are set by an hour."""
        self.settle()
        self.hospital.clock.step(3600 * hours)
