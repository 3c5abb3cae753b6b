"""A small hospital on one process and one clock: memory stores, the real handlers, the stand-ins' models."""

import asyncio
import json
from collections.abc import Coroutine, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from azure.core.exceptions import ServiceRequestError

from shared.messages import SCHEDULE_CHANGES, Pointer, Removed, ScheduleChange
from shared.month import Month
from shared.ops.mappings import MappingPorts
from shared.ops.removal import RemovalPorts
from shared.outlook.event import EventOptions
from shared.settings import Settings, read_settings
from shared.state.ledger import TableLedger
from shared.state.limits import TIME_TO_LIVE
from shared.state.mappings import StoredMappingTable
from shared.state.memory import MemoryQueues, MemoryTable, Message
from shared.state.personmonths import PersonMonthTable
from shared.state.shiftevents import ShiftEventTable
from shared.sync.audit import AuditPorts
from shared.sync.mapped import MappedSchedules
from shared.sync.plan_schedule import PlannerPorts, plan_schedule
from shared.sync.publish_callback import receive
from shared.sync.sweep import SweepPorts, sweep, sweep_window
from shared.sync.witness import Witnessed
from shared.sync.write_calendar import write_calendar
from shared.sync.writer_ports import WriterPorts
from tests.local.graph.behaviour import Behaviour
from tests.local.graph.mailboxes import MailboxState
from tests.local.graph.simulator import GraphSimulator
from tests.local.lightning_bolt import model
from tests.local.lightning_bolt.callback import Caller
from tests.local.lightning_bolt.model import Options
from tests.local.lightning_bolt.publishing import Publishing
from tests.local.lightning_bolt.record_edits import RecordEdits
from tests.local.lightning_bolt.slot_edits import SlotEdits
from tests.local.lightning_bolt.world import World
from tests.property.actors import Actor, Actors, ClosedError
from tests.property.clock import SimulatedClock, SimulatedLoop
from tests.property.invariants import Broken, require
from tests.property.known import Known, at_once
from tests.property.outside import Chance, InProcess, NoPoison, client
from tests.property.place import ADDRESSES, BOUND, LEASE, LOOK_AGAIN, PEOPLE, READ_AGAIN, START, VIEW, setup
from tests.property.watch import Watch
from tests.property.wire import URL, Net
from tests.town import ZONE, app_settings

HIDDEN = timedelta(minutes=10)
MOST_DEQUEUES = 5


class Hospital(Known):
    """Everything, and what a test may do with it."""

    def __init__(
        self,
        seed: int = 0,
        behaviour: Behaviour | None = None,
        *,
        start: datetime = START,
        views: Sequence[int] = (VIEW,),
        **settings: str,
    ) -> None:
        self.clock = SimulatedClock(start)
        self.loop = SimulatedLoop(self.clock)
        self.actors = Actors(self.loop)
        gate = self.actors.gate
        self.queues = MemoryQueues(self.clock.now, gate, self._after)
        self.tables = {
            name: MemoryTable(name, self.clock.now, before=gate, after=self._after)
            for name in ("personmonths", "shiftevents", "schedules", "problems", "mappings")
        }
        self.graph = GraphSimulator(seed=seed, clock=self.clock.now, behaviour=behaviour)
        self.watch = Watch(self.graph.directory, self.tables["shiftevents"])
        self.net = Net(self.graph, self.actors, self.loop, self._see)
        self.world = World(ZONE, self.clock.now)
        self.world.load(setup())
        self.lightning_bolt = InProcess(self.world, gate)
        self.slots = SlotEdits(self.world)
        self.records = RecordEdits(self.world)
        self.publishing = Publishing(self.world, Caller())
        self.views = tuple(views)
        self.left_behind: set[tuple[str, str]] = set()
        """Mailbox ids and people: what a move leaves while links are lost, or an address is gone: known limits."""
        self.renamed: set[str] = set()
        """Ids of mailboxes whose address has changed."""
        self.strayed: set[str] = set()
        """Ids of events that no link named when their owner moved them, or whose links were lost since: see `truth`."""
        self.dragged: set[str] = set()
        """Ids of events that were moved in time by hand."""
        self.removals: dict[str, Removed] = {}
        """Ids of events that operators wanted to be removed, and how much of them."""
        self._environment = {
            **app_settings("UseDevelopmentStorage=true", "http://127.0.0.1:2", URL),
            "LEASE_SECONDS": str(LEASE),
            "LOOK_AGAIN_SECONDS": str(LOOK_AGAIN),
            "READ_AGAIN_SECONDS": str(READ_AGAIN),
            "MONTHS_BACK": "0",
            "MONTHS_AHEAD": "1",
            "SHRINK_MINIMUM": "1000",
            "LIGHTNING_BOLT_VIEWS": json.dumps([{"view_id": view, "time_zone": ZONE} for view in self.views]),
            **settings,
        }
        self._chance = Chance(seed)
        self._wire, self._graph = client()
        self._wire.net = self.net
        self.configure()
        self.graph.add_mailboxes(ADDRESSES[0], ADDRESSES[1], ADDRESSES[3])
        self.graph.directory.put(ADDRESSES[1], addresses=[ADDRESSES[1], ADDRESSES[2]])

    def configure(self, **settings: str) -> None:
        """A new process with changed settings."""
        self._environment |= settings
        self.settings: Settings = read_settings(self._environment)
        self.lightning_bolt.settings = self.settings
        person_months = PersonMonthTable(self.tables["personmonths"])
        shift_events = ShiftEventTable(self.tables["shiftevents"])
        self.ledger = TableLedger(self.tables["schedules"], self.tables["problems"])
        self.person_months, self.shift_events = person_months, shift_events
        chance, options = self._chance, EventOptions(self.settings.event_subject)
        monotonic = self.clock.monotonic
        mapping_table = StoredMappingTable(self.tables["mappings"])
        schedules = MappedSchedules(self.lightning_bolt, mapping_table) if self.maps else self.lightning_bolt
        self.planner = PlannerPorts(
            self.settings, schedules, person_months, self.ledger, self.queues, chance, options, monotonic
        )
        calendars = Witnessed(self._graph, self.ledger, monotonic)
        self.writer = WriterPorts(
            self.settings, person_months, shift_events, calendars, self.ledger, self.queues, chance, monotonic
        )
        self.sweeper = SweepPorts(self.settings, person_months, shift_events, self.ledger, self.queues, NoPoison())
        self.auditor = AuditPorts(self.settings, person_months, self.ledger, self.queues, chance)
        self.remover = RemovalPorts(self.settings, person_months, shift_events, self.ledger, self.queues)
        self.importer = MappingPorts(self.settings, mapping_table, person_months, self.ledger, self.queues, chance)

    @property
    def maps(self) -> bool:
        """Whether IDs and flags come from our own table."""
        return self.settings.mapping_source == "table"

    async def _after(self, name: str) -> None:
        await self.actors.gate(f"{name}.answer")

    def _see(self, batch: bytes) -> None:
        self.watch.see(self.actors.current, batch, self.clock.now())

    # What the host does

    def deliver(self, message: Message) -> Actor | None:
        """Takes a message and starts its function, which waits at its first gate."""
        taken = self.queues.take(message, HIDDEN)
        if taken is None:
            return None
        work: Coroutine[Any, Any, None]
        if taken.queue == SCHEDULE_CHANGES:
            enqueued_at = (taken.expires_at - TIME_TO_LIVE).replace(microsecond=0)
            planner, schedules = self.planner, self.planner.schedules
            if isinstance(schedules, MappedSchedules):
                planner = replace(planner, schedules=schedules.for_one_message())
            work = plan_schedule(ScheduleChange.decode(taken.body), enqueued_at, planner)
        else:
            work = write_calendar(Pointer.decode(taken.body), self.writer)
        return self.actors.start(taken.queue, work, taken)

    def timer(self, *, whole: bool = True) -> Actor:
        """A timer's function."""
        work = sweep_window(self.sweeper) if whole else sweep(self.sweeper)
        return self.actors.start("sweep", work, None)

    def run(self, actor: Actor, gates: int = 1_000_000) -> None:
        """Lets an actor go on; its message is dealt with when it ends."""
        self.actors.run(actor, gates)
        self.reap()

    def reap(self) -> None:
        """Deals with the messages of those that have ended. No handler fails by itself."""
        for actor in [actor for actor in self.actors.living if actor.done]:
            self.actors.living.remove(actor)
            error = actor.error
            if isinstance(error, Broken):
                raise error
            if error is not None and not isinstance(error, ServiceRequestError | ClosedError):
                raise Broken("no handler fails by itself", f"{actor.name}: {error!r}") from error
            message = actor.message
            if message is None:
                continue
            if error is None:
                self.queues.delete(message)
            elif message.dequeued >= MOST_DEQUEUES:
                self.queues.lose(message)
            else:
                self.queues.put_back(message)

    def run_all(self) -> None:
        """Ends every living actor, one after the other."""
        for _ in range(1000):
            self.reap()
            if not self.actors.living:
                return
            self.run(self.actors.living[0])
        raise Broken("every drain ends", f"an actor does not end: {self.actors.living[0].where}")

    def work(self) -> int:
        """Handles what is visible now."""
        count = 0
        while visible := self.queues.visible():
            actor = self.deliver(visible[0])
            if actor:
                self.run(actor)
            count += 1
            if count > 400:
                raise Broken("every drain ends", f"400 messages handled, still {len(self.queues.messages())}")
        return count

    def advance(self, seconds: float) -> None:
        """Lets time pass."""
        self.loop.advance(seconds)
        self.reap()

    def drain(self) -> None:
        """Handles everything, what is delayed or hidden as well: time passes as it must."""
        for _ in range(300):
            self.run_all()
            self.work()
            waiting = self.queues.messages()
            if not waiting:
                return
            self.advance(max((waiting[0].visible_at - self.clock.now()).total_seconds(), 0.0))
        raise Broken("every drain ends", f"waiting: {[message.text for message in self.queues.messages()]}")

    def sweep(self) -> None:
        """The timer that covers the whole window, and all that follows."""
        self.run(self.timer())
        self.drain()

    # What schedulers and administrators do

    def publish(self, *, tell: bool = True, template: int | None = None, state: model.State | None = None) -> None:
        """Publishes all drafts; `tell`: calls the publish callback, too."""
        templates = None if template is None else (template,)
        first, last = date(2026, 11, 1), date(2026, 12, 31)
        at_once(self.publishing.publish(templates, first, last, state or model.State.EVERYONE, callback=False))
        if tell:
            for view in self.views:
                self.callback(view=view)

    def callback(self, month: Month | None = None, view: int = VIEW) -> None:
        """The publish callback; without a month it names no dates."""
        body: dict[str, object] = {"view_id": view}
        if month:
            body |= {"start_date": str(month.first), "end_date": str(month.last)}
        answer = receive(json.dumps(body).encode(), {}, self.settings, self.clock.now())
        if answer.change:
            at_once(self.queues.hint(answer.change))

    def release(self, hold: str, month: Month) -> None:
        """An operator releases a hold."""
        for view in self.views:
            at_once(self.queues.hint(ScheduleChange(view, (month,), "release", hold=hold)))

    def person(self, emp_id: int) -> model.Person:
        """A personnel record."""
        return self.world.people[emp_id]

    def rename(self, address: str, to: str) -> None:
        """A UPN changes, in Entra and in Lightning Bolt."""
        mailbox = self.graph.directory.find(address)
        if mailbox is None or self.graph.directory.find(to):
            return
        left = [each for each in mailbox.addresses if each != address]
        self.graph.directory.put(address, addresses=[*left, to])
        self.renamed.add(mailbox.id)
        for person in PEOPLE:
            if self.person(person).fields["unique_id"] == address:
                self.records.set_person_field(person, "unique_id", to)

    # The end of faults

    def calm(self) -> None:
        """Faults stop: typos are mended, mailboxes answer, rows are whole again."""
        self.graph.faults.put(())
        self.lightning_bolt.unavailable = 0
        self.records.set_options(Options())
        for mailbox in self.graph.directory:
            mailbox.state = MailboxState.OPEN
        for person in PEOPLE:
            address = str(self.person(person).fields["unique_id"] or "").strip()
            if address and self.graph.directory.find(address) is None:
                mended = next(iter(self.graph.directory)).address
                self.records.set_person_field(person, "unique_id", mended)

    def settle(self) -> None:
        """Time passes and sweeps come, until nothing can be under way any more; operators release what is held."""
        self.run_all()
        self.advance(HIDDEN.total_seconds() + 5)  # past the leases of the dead: nobody waits for them
        self.drain()
        for wait in (LEASE + 5, BOUND + LEASE, 86_500.0, LEASE + 5):
            self.advance(wait)
            self.sweep()
            for hold, month in self.holds():
                self.release(hold, month)
                self.drain()
        require("no slot is left held", not self.holds(), self.holds())

    def close(self) -> None:
        """The end of the example."""
        self.actors.close()
        self.graph.runner.late.forget()
        self.loop.close()
        asyncio.set_event_loop(None)
