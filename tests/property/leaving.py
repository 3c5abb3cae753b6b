"""Removal: people, schedules and whole installations leave, under every fault, and come back."""

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from shared.messages import CALENDAR_CHANGES, Removed
from shared.ops.removal import Scope
from tests.local.graph.faults import Fault
from tests.property.draws import End, ends, faults, gates, people
from tests.property.hospital import HIDDEN
from tests.property.hosts import MOST_LIVING, Hosts
from tests.property.invariants import require
from tests.property.office import begin_removal, is_allowed, remove_all
from tests.property.place import PEOPLE, VIEW
from tests.property.truth import is_listed, is_ours, mark_of, shown, still_tells

EVERYTHING = Scope("all")
how_much = st.sampled_from(("future", "all"))
templates = st.sampled_from((6, 6, 5))


class Leaving(Hosts):
    """What operators have taken away."""

    @rule(who=st.one_of(people, templates), what=how_much, reads=st.booleans(), count=gates, end=ends)
    def remove(self, who: int, what: Removed, reads: bool, count: int, end: End) -> None:
        """A person without an ID, or a schedule that no view shows; refused as long as the tables tell otherwise.

        A schedule that is shown no more already comes back.
        """
        scope = Scope("person" if who in PEOPLE else "schedule", str(who))
        if scope.kind == "person":
            self.set_id(who, "")
        elif not is_listed(self.hospital, who):
            self.relist(who)
            return
        else:
            self._unlist(who)
        if reads:
            self.read_all()
        self._ask(scope, what, count, end)

    def relist(self, template: int) -> None:
        """The first view shows a schedule again, whether it was removed or not."""
        if not is_listed(self.hospital, template):
            self.hospital.records.add_template_to_view(VIEW, template)

    @precondition(lambda self: self.may_settle)
    @rule(
        kind=st.sampled_from(("person", "schedule", "all")),
        person=people,
        template=templates,
        what=how_much,
        fault=st.one_of(st.none(), faults),
        count=gates,
        end=ends,
        swept=st.booleans(),
    )
    def leave_and_return(
        self,
        kind: str,
        person: int,
        template: int,
        what: Removed,
        fault: Fault | None,
        count: int,
        end: End,
        swept: bool,
    ) -> None:
        """In peace but for one fault and one writer's end: nothing is left; then all comes back as it was published."""
        self.settle()
        hospital, address = self.hospital, self.hospital.person(person).fields["unique_id"]
        scope = EVERYTHING
        match kind:
            case "person":
                scope = Scope("person", str(person))
                self.set_id(person, "")
                hospital.sweep()
                if still_tells(hospital, str(person)):
                    require("nobody is removed whose ID still stands", not is_allowed(hospital, scope, what), scope)
                    self.set_id(person, address)
                    return
            case "schedule":
                scope = Scope("schedule", str(template))
                self._unlist(template)
                hospital.sweep()
            case _:
                hospital.configure(PAUSED="true")
        self._let_lie(scope, what)
        if fault:
            hospital.graph.fault(Fault(**{**fault.as_json(), "times": 1, "struck": 0}))
        require("a removal is not refused", is_allowed(hospital, scope, what), scope)
        if visible := hospital.queues.visible(CALENDAR_CHANGES):
            actor = hospital.deliver(visible[0])
            if actor:
                self.begin_and_end(actor, count, end)
        hospital.graph.faults.put(())
        hospital.run_all()
        hospital.advance(HIDDEN.total_seconds() + 5)
        hospital.drain()
        remove_all(hospital, scope, what)
        self.has_left(scope, what)
        if swept:
            have, written = shown(hospital), hospital.net.writes
            hospital.sweep()
            self.audit()
            require("nothing is written of what was removed", (shown(hospital), hospital.net.writes) == (have, written))
        match kind:
            case "person":
                self.set_id(person, address)
            case "schedule":
                self.relist(template)
            case _:
                hospital.configure(PAUSED="false")
        self.settle()

    def read_all(self) -> None:
        """Every view's window is read; the pointers wait."""
        self.hospital.run(self.hospital.timer())
        self.read()

    def _unlist(self, template: int) -> None:
        """No view shows it any more. Not where nobody knows yet who answers for it: nobody would miss it."""
        if str(template) not in self.hospital.owners():
            return
        for view in self.hospital.views:
            if template in self.hospital.world.views[view].templates:
                self.hospital.records.remove_template_from_view(view, template)

    def _ask(self, scope: Scope, what: Removed, count: int, end: End) -> None:
        if len(self.hospital.actors.living) < MOST_LIVING:
            self._let_lie(scope, what)
            self.begin_and_end(begin_removal(self.hospital, scope, what), count, end)
            if self.may_leave(scope):
                self.leaving[scope] = what

    def _let_lie(self, scope: Scope, what: Removed) -> None:
        """What a removal may leave, without a link: see `truth`."""
        for mailbox in self.hospital.graph.directory:
            for event in mailbox.present:
                if is_ours(event) and self.covers(scope, mark_of(event)):
                    self.hospital.removals[event.immutable_id] = what
