"""What hosts, networks and clocks do: anything, at any await."""

from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from shared.messages import SCHEDULE_CHANGES
from tests.local.graph.faults import Fault
from tests.local.lightning_bolt.model import Options
from tests.property.actors import Actor
from tests.property.draws import End, ends, faults, gates, late, numbers, seconds
from tests.property.office import begin_audit
from tests.property.place import LAST_PEACE
from tests.property.scene import Scene

MOST_LIVING = 3


class Hosts(Scene):
    """Machines and lines that fail."""

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

    def begin_and_end(self, actor: Actor, count: int, end: End) -> None:
        """It goes on so far, and then this."""
        self.hospital.run(actor, count)
        self._end(actor, end)

    @rule(which=numbers, count=gates, end=ends)
    def deliver(self, which: int, count: int, end: End) -> None:
        """A message's function runs so far, and then this."""
        hospital = self.hospital
        if len(hospital.actors.living) >= MOST_LIVING:
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

    @rule(whole=st.booleans(), count=gates, end=ends)
    def broken_sweep(self, whole: bool, count: int, end: End) -> None:
        """A timer's function that does not get far."""
        if len(self.hospital.actors.living) < MOST_LIVING:
            actor = self.hospital.timer(whole=whole)
            self.hospital.run(actor, count)
            self._end(actor, end)

    @rule(spread=st.sampled_from((0, 0, 30)), count=gates, end=ends)
    def broken_audit(self, spread: int, count: int, end: End) -> None:
        """The nightly timer that has every calendar looked at; it may not get far."""
        if len(self.hospital.actors.living) < MOST_LIVING:
            self.begin_and_end(begin_audit(self.hospital, spread), count, end)

    @rule(passed=seconds)
    def tick(self, passed: int) -> None:
        """Time passes."""
        if self.hospital.clock.now() < LAST_PEACE:
            self.hospital.advance(passed)

    @rule(which=numbers, what=st.sampled_from(("lost", "doubled", "delayed")), hidden=st.sampled_from((30, 600)))
    def message(self, which: int, what: str, hidden: int) -> None:
        """A message is lost, comes twice, or much later: after others that were sent after it."""
        queues = self.hospital.queues
        messages = queues.messages()
        if not messages:
            return
        one = messages[which % len(messages)]
        match what:
            case "lost":
                queues.lose(one)
            case "doubled":
                queues.double(one)
            case _:
                queues.take(one, timedelta(seconds=hidden))

    @rule(fault=faults, skip=st.integers(0, 3), times=st.sampled_from((1, 1, 2, 3)))
    def graph_fails(self, fault: Fault, skip: int, times: int) -> None:
        """Some of the next requests to Graph go wrong."""
        self.hospital.graph.fault(Fault(**{**fault.as_json(), "times": times, "skip": skip, "struck": 0}))

    @rule(seconds=st.one_of(st.none(), late))
    def limbo(self, seconds: float | None) -> None:
        """Whether requests that nobody waits for any more still take effect, and how late."""
        self.hospital.net.late = seconds

    @rule(times=st.integers(1, 2))
    def lightning_bolt_fails(self, times: int) -> None:
        """The next reads give nothing."""
        self.hospital.lightning_bolt.unavailable = times

    @rule(lag=st.sampled_from((0, 5, 60, 200)))
    def lightning_bolt_lags(self, lag: int) -> None:
        """Its answers show a publish only so many seconds later."""
        self.hospital.records.set_options(Options(lag_seconds=lag))
