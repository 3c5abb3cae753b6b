"""Scenarios told step by step, for what sweeps would soon put right again: what must hold before the next one comes."""

from collections import Counter
from collections.abc import Callable

from shared.messages import CALENDAR_CHANGES, SCHEDULE_CHANGES
from tests.local.graph.behaviour import Behaviour
from tests.local.graph.faults import Fault
from tests.local.lightning_bolt.model import Options
from tests.property.actors import Actor
from tests.property.hospital import Hospital
from tests.property.invariants import require
from tests.property.office import begin_audit
from tests.property.place import BOUND, DAY, DAYS, LEASE, PEOPLE, READ_AGAIN
from tests.property.truth import agree, is_ours, shown

ADA = PEOPLE[0]


def _begin(seed: int, **behaviour: object) -> tuple[Hospital, int]:
    hospital = Hospital(seed, Behaviour(**behaviour))  # type: ignore[arg-type]
    slot = hospital.slots.add_slot(5, ADA, DAY, DAYS[0])
    hospital.publish()
    hospital.drain()
    agree(hospital, Counter())
    hospital.advance(1000)
    return hospital, slot


def _take(hospital: Hospital, queue: str) -> Actor:
    actor = hospital.deliver(hospital.queues.visible(queue)[0])
    assert actor
    return actor


def _run_to(hospital: Hospital, actor: Actor, gate: str) -> None:
    while actor.where != gate:
        assert not actor.done, f"never came to {gate}"
        hospital.run(actor, 1)


def _retime(hospital: Hospital, slot: int, hour: int) -> None:
    present = hospital.world.slot(slot)
    hospital.slots.retime(slot, present.start.replace(hour=hour), present.stop.replace(hour=hour + 8))


def late_reader(seed: int) -> None:
    """A reader with an old answer in hand stalls; another takes over and finishes; then the first goes on."""
    hospital, slot = _begin(seed)
    _retime(hospital, slot, 9)
    hospital.publish()
    old = _take(hospital, SCHEDULE_CHANGES)
    _run_to(hospital, old, "lightning_bolt.answer")
    _retime(hospital, slot, 7 + seed % 2)
    hospital.publish()
    hospital.advance(LEASE + 1)
    hospital.run(_take(hospital, SCHEDULE_CHANGES))
    hospital.configure(READ_AGAIN_SECONDS="0")
    for message in hospital.queues.messages(SCHEDULE_CHANGES):
        hospital.queues.lose(message)
    hospital.run(old)
    for message in hospital.queues.messages(SCHEDULE_CHANGES):
        hospital.queues.lose(message)
    hospital.drain()
    agree(hospital, Counter())
    hospital.close()


def lagging_answer(seed: int) -> None:
    """Lightning Bolt's answers lag behind a publish: the repeat read finds it, before any sweep."""
    hospital, slot = _begin(seed)
    hospital.records.set_options(Options(lag_seconds=10 + seed % 50))
    _retime(hospital, slot, 9)
    hospital.publish()
    hospital.advance(3)
    hospital.work()
    hospital.advance(READ_AGAIN + 3)
    hospital.drain()
    agree(hospital, Counter())
    hospital.close()


def undone_after_crash(seed: int) -> None:
    """A writer dies once Graph has taken an edit; the edit is undone, and the pointer to it is lost."""
    hospital, slot = _begin(seed)
    hospital.slots.set_notes(slot, note="Bring keys")
    hospital.publish()
    hospital.run(_take(hospital, SCHEDULE_CHANGES))
    writer = _take(hospital, CALENDAR_CHANGES)
    _run_to(hospital, writer, "graph.write.answer")
    hospital.actors.crash(writer)
    for message in hospital.queues.messages():
        hospital.queues.lose(message)
    hospital.advance(5)
    hospital.slots.set_notes(slot, note=None)
    hospital.publish()
    hospital.run(_take(hospital, SCHEDULE_CHANGES))
    for message in hospital.queues.messages():
        hospital.queues.lose(message)
    hospital.settle()
    agree(hospital, Counter())
    hospital.close()


def stalled_writer(seed: int) -> None:
    """A writer stalls with its creates in hand until another has done the work, second look and all."""
    hospital, _ = _begin(seed)
    hospital.slots.add_slot(5, ADA, DAY, DAYS[1])
    hospital.publish()
    hospital.run(_take(hospital, SCHEDULE_CHANGES))
    writer = _take(hospital, CALENDAR_CHANGES)
    _run_to(hospital, writer, "shiftevents.write.answer")
    hospital.advance(LEASE + 1)
    other = hospital.timer()
    hospital.run(other)
    for _ in range(40):
        hospital.advance(60)
        hospital.work()
    hospital.run(writer)
    hospital.settle()
    agree(hospital, Counter())
    hospital.close()


def gone_by_hand(seed: int) -> None:
    """Somebody deletes an event of ours; the scheduler edits that shift: it must come back."""
    hospital, slot = _begin(seed, repeat_of_deleted=("duplicate", "deleted_event")[seed % 2])
    box = hospital.graph.directory.find("ada@example.org")
    assert box
    hospital.graph.owner.delete(box.id, box.present[0].immutable_id)
    _retime(hospital, slot, 9)
    hospital.publish()
    hospital.drain()
    _retime(hospital, slot, 7)
    hospital.publish()
    hospital.drain()
    agree(hospital, Counter())
    hospital.close()


def shrunk_answer(seed: int) -> None:
    """Lightning Bolt suddenly shows next to nothing: nothing is removed before an operator says so."""
    hospital = Hospital(seed, SHRINK_MINIMUM="2")
    for day in DAYS[:4]:
        for person in PEOPLE:
            hospital.slots.add_slot(5, person, DAY, day)
    hospital.publish()
    hospital.drain()
    want = shown(hospital)
    for slot in list(hospital.world.drafts().slots)[1 + seed % 2 :]:
        hospital.slots.remove(slot.slot_id)
    hospital.publish()
    hospital.drain()
    require("a sudden loss is held", shown(hospital) == want, "events went")
    hospital.settle()
    agree(hospital, Counter())
    hospital.close()


def late_create(seed: int) -> None:
    """A create lands just before nothing can land any more, long after its connection broke."""
    hospital, _ = _begin(seed)
    hospital.slots.add_slot(5, ADA, DAY, DAYS[1])
    hospital.publish()
    hospital.run(_take(hospital, SCHEDULE_CHANGES))
    writer = _take(hospital, CALENDAR_CHANGES)
    hospital.net.late = BOUND
    _run_to(hospital, writer, "graph.write")
    hospital.advance(LEASE * 3 / 8 + 1)  # the request times out, and lands
    hospital.run(writer)
    hospital.drain()
    hospital.advance(BOUND)
    hospital.settle()
    agree(hospital, Counter())
    hospital.close()


def exchanged_ids(seed: int) -> None:
    """Two slots of one person take each other's id."""
    hospital, slot = _begin(seed)
    other = hospital.slots.add_slot(5, ADA, DAY, DAYS[1 + seed % 2])
    hospital.publish()
    hospital.drain()
    hospital.advance(1000)
    hospital.slots.exchange_ids(slot, other)
    asked = hospital.net.requests
    hospital.publish()
    hospital.drain()
    require("renumbering costs no request", hospital.net.requests == asked, hospital.net.requests - asked)
    agree(hospital, Counter())
    hospital.close()


def duplicate_answer(seed: int) -> None:
    """Graph takes a create and answers that its transactionId was used before."""
    hospital, _ = _begin(seed)
    status = (400, 409)[seed % 2]
    duplicate = Fault("error", method="POST", status=status, code="ErrorDuplicateTransactionId", done="yes", times=1)
    hospital.graph.fault(duplicate)
    hospital.slots.add_slot(5, ADA, DAY, DAYS[1])
    hospital.publish()
    hospital.drain()
    agree(hospital, Counter())
    hospital.settle()
    agree(hospital, Counter())
    hospital.close()


def read_and_swept_in_one_second(seed: int) -> None:
    """A sweep is enqueued in the very second in which the read before it began."""
    hospital, _ = _begin(seed)
    hospital.sweep()
    hospital.sweep()
    hospital.close()


def told_in_the_second_of_a_read(seed: int) -> None:
    """A callback comes in the very second in which a read began whose answer does not show its publish any more.

    Storage tells whole seconds: nobody can say which was first. No repeat and no sweep comes to help.
    """
    hospital, slot = _begin(seed)
    hospital.configure(READ_AGAIN_SECONDS="0")
    began = hospital.clock.now().replace(microsecond=0)
    _retime(hospital, slot, 9)
    hospital.publish()
    first = _take(hospital, SCHEDULE_CHANGES)
    _run_to(hospital, first, "lightning_bolt.answer")
    hospital.advance(0.5 * (seed % 2))
    _retime(hospital, slot, 7)
    hospital.publish()
    hospital.run(first)
    second = _take(hospital, SCHEDULE_CHANGES)
    require("all of it is one second", hospital.clock.now().replace(microsecond=0) == began, hospital.clock.now())
    hospital.run(second)
    require("a message of a read's own second waits", hospital.queues.messages(SCHEDULE_CHANGES))
    hospital.drain()
    agree(hospital, Counter())
    hospital.close()


def burst_in_one_second(seed: int) -> None:
    """Many callbacks in one second, before and after a read of that second: one more read covers them all."""
    hospital, slot = _begin(seed)
    hospital.configure(READ_AGAIN_SECONDS="0")
    asked = hospital.lightning_bolt.reads
    for number in range(6):
        hospital.slots.set_notes(slot, note=f"Version {number}")
        hospital.publish()
        if number == 1 + seed % 2:
            hospital.run(_take(hospital, SCHEDULE_CHANGES))
    hospital.drain()
    reads = hospital.lightning_bolt.reads - asked
    require("a burst costs two reads of each month", reads == 4, reads)
    agree(hospital, Counter())
    hospital.close()


def deleted_by_hand(seed: int) -> None:
    """Somebody deletes an event of ours, into Deleted Items or for good: the next audit brings it back."""
    hospital, _ = _begin(seed)
    box = hospital.graph.directory.find("ada@example.org")
    assert box
    (event,) = (event for event in box.present if is_ours(event))
    (hospital.graph.owner.delete, hospital.graph.owner.purge)[seed % 2](box.id, event.immutable_id)
    hospital.run(begin_audit(hospital))
    hospital.drain()
    agree(hospital, Counter())
    hospital.close()


def shared_mailbox(seed: int) -> None:
    """Two people with one mailbox: the audit of one leaves the other's events as they are."""
    hospital, _ = _begin(seed)
    hospital.records.set_person_field(PEOPLE[1], "unique_id", "ada@example.org")
    hospital.slots.add_slot(5, PEOPLE[1], DAY, DAYS[seed % 2])
    hospital.publish()
    hospital.drain()
    agree(hospital, Counter())
    writes = hospital.net.writes
    hospital.run(begin_audit(hospital))
    hospital.drain()
    require("one more audit writes to no calendar", hospital.net.writes == writes, hospital.net.writes - writes)
    agree(hospital, Counter())
    hospital.close()


SCENARIOS: dict[str, Callable[[int], None]] = {
    scenario.__name__: scenario
    for scenario in (
        late_reader,
        lagging_answer,
        undone_after_crash,
        stalled_writer,
        gone_by_hand,
        shrunk_answer,
        late_create,
        exchanged_ids,
        duplicate_answer,
        read_and_swept_in_one_second,
        told_in_the_second_of_a_read,
        burst_in_one_second,
        deleted_by_hand,
        shared_mailbox,
    )
}
