"""A crash, and a lost request or answer, at each await of each handler in turn: then all must be well again."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import date

import pytest

from shared.messages import CALENDAR_CHANGES, SCHEDULE_CHANGES
from shared.ops.removal import Scope
from tests.local.graph.mailboxes import Mailbox
from tests.property.actors import Actor
from tests.property.hospital import Hospital
from tests.property.office import begin_audit, begin_removal, remove_all, rows_of
from tests.property.place import DAY, DAYS, NIGHT, PEOPLE
from tests.property.truth import agree

ADA, BEN, _ = PEOPLE
LEAVING = Scope("person", str(ADA))


def _changed() -> Hospital:
    """A hospital in step, and then one shift added, one edited, one taken away and one moved to another month."""
    hospital = Hospital()
    kept, edited, removed, moved = (hospital.slots.add_slot(5, ADA, DAY, day) for day in DAYS[:4])
    hospital.publish()
    hospital.drain()
    hospital.advance(1000)
    hospital.slots.add_slot(5, ADA, NIGHT, DAYS[5])
    hospital.slots.set_notes(edited, note="Bring keys")
    hospital.slots.remove(removed)
    hospital.slots.move(moved, DAYS[6])
    hospital.slots.swap(kept, BEN)
    hospital.publish()
    return hospital


def _reader() -> tuple[Hospital, Actor]:
    hospital = _changed()
    return hospital, _take(hospital, SCHEDULE_CHANGES)


def _writer() -> tuple[Hospital, Actor]:
    hospital, reader = _reader()
    hospital.run(reader)
    return hospital, _take(hospital, CALENDAR_CHANGES)


def _observer() -> tuple[Hospital, Actor]:
    """A writer that finds months open, because the one before it died once Graph had taken its batch."""
    hospital, writer = _writer()
    while writer.where != "graph.write.answer":
        hospital.run(writer, 1)
    hospital.actors.crash(writer)
    hospital.advance(1000)
    hospital.run(hospital.timer())
    hospital.run(_take(hospital, SCHEDULE_CHANGES))
    return hospital, _take(hospital, CALENDAR_CHANGES)


def _sweeper() -> tuple[Hospital, Actor]:
    """The nightly timer, with links to tidy up whose rows were lost."""
    hospital = _changed()
    for slot in hospital.world.drafts().slots:
        if slot.emp_id == BEN:
            hospital.slots.swap(slot.slot_id, ADA)
    hospital.publish(tell=False)
    hospital.drain()
    hospital.tables["personmonths"]._partitions.clear()
    hospital.slots.add_slot(5, BEN, DAY, DAYS[0])
    for slot in list(hospital.world.drafts().slots):
        if slot.emp_id == ADA and slot.day.month == DAYS[0].month:
            hospital.slots.remove(slot.slot_id)
    hospital.publish(tell=False)
    for _ in range(2):
        hospital.advance(1000)
        hospital.run(hospital.timer(whole=False))
        hospital.drain()
    hospital.advance(1000)
    return hospital, hospital.timer()


def _in_step(days: Sequence[date]) -> tuple[Hospital, Mailbox]:
    """Somebody has a shift on each of these days, and her mailbox shows them."""
    hospital = Hospital()
    for day in days:
        hospital.slots.add_slot(5, ADA, DAY, day)
    hospital.publish()
    hospital.drain()
    hospital.advance(1000)
    box = hospital.graph.directory.find("ada@example.org")
    assert box
    return hospital, box


def _auditor() -> tuple[Hospital, Actor]:
    """The audit's writer, of somebody who has deleted an event, renamed one and copied one."""
    hospital, box = _in_step(DAYS[:3])
    deleted, renamed, copied = (event.immutable_id for event in box.present)
    hospital.graph.owner.delete(box.id, deleted)
    hospital.graph.owner.edit(box.id, renamed, {"subject": "Mine"})
    hospital.graph.owner.copy(box.id, copied)
    hospital.run(begin_audit(hospital))
    return hospital, _take(hospital, CALENDAR_CHANGES)


def _remover() -> tuple[Hospital, Actor]:
    """The removal's writer, of somebody who has just opted out: the events are still there, and one of them twice."""
    hospital, box = _in_step(DAYS[:5])
    hospital.graph.owner.copy(box.id, box.present[0].immutable_id)
    hospital.records.set_person_field(ADA, "unique_id", "")
    hospital.publish()
    hospital.run(_take(hospital, SCHEDULE_CHANGES))
    for message in hospital.queues.messages():
        hospital.queues.lose(message)
    hospital.run(begin_removal(hospital, LEAVING, "all"))
    return hospital, _take(hospital, CALENDAR_CHANGES)


def _take(hospital: Hospital, queue: str) -> Actor:
    actor = hospital.deliver(hospital.queues.visible(queue)[0])
    assert actor
    return actor


HANDLERS: dict[str, tuple[Callable[[], tuple[Hospital, Actor]], set[str]]] = {
    "plan_schedule": (
        _reader,
        {
            *("schedules.rows", "schedules.write", "personmonths.rows", "personmonths.write"),
            *("lightning_bolt", "lightning_bolt.answer", "schedule-changes.send", "calendar-changes.send"),
        },
    ),
    "write_calendar": (
        _writer,
        {"shiftevents.rows", "shiftevents.write", "personmonths.write", "graph.write", "graph.write.answer"},
    ),
    "write_calendar, open": (_observer, {"shiftevents.write", "graph.read", "graph.read.answer"}),
    "write_calendar, audit": (
        _auditor,
        {
            *("shiftevents.rows", "shiftevents.write", "personmonths.get", "personmonths.write"),
            *("graph.read", "graph.read.answer", "calendar-changes.send"),
        },
    ),
    "write_calendar, removal": (
        _remover,
        {
            *("shiftevents.rows", "shiftevents.write", "personmonths.get", "personmonths.write"),
            *("graph.read", "graph.write", "graph.write.answer"),
        },
    ),
    "sweep_window": (
        _sweeper,
        {
            *("schedules.rows", "schedule-changes.send", "personmonths.scan", "shiftevents.scan"),
            *("personmonths.rows", "personmonths.write", "calendar-changes.send"),
        },
    ),
}
"""Each with awaits that it must come to."""


def _gates(handler: str) -> Iterator[str]:
    hospital, actor = HANDLERS[handler][0]()
    while not actor.done:
        yield actor.where
        hospital.run(actor, 1)
    hospital.close()


def _broken_at(handler: str, number: int, how: str) -> None:
    hospital, actor = HANDLERS[handler][0]()
    hospital.run(actor, number)
    if how == "crash":
        hospital.actors.crash(actor)
    else:
        hospital.actors.fail(actor)
        hospital.run(actor)
    hospital.settle()
    if hospital.person(ADA).fields["unique_id"]:
        hospital.run(begin_audit(hospital))
        hospital.drain()
    else:
        remove_all(hospital, LEAVING, "all")
        assert not rows_of(hospital, LEAVING)
    agree(hospital, Counter())
    hospital.close()


@pytest.mark.parametrize("handler", HANDLERS)
def test_every_await_is_a_gate(handler: str) -> None:
    """The handler waits at gates only, and comes to those that it must."""
    gates = list(_gates(handler))
    assert all(gates)
    assert HANDLERS[handler][1] <= set(gates)


@pytest.mark.slow
@pytest.mark.parametrize("how", ["crash", "fail"])
@pytest.mark.parametrize("handler", HANDLERS)
def test_broken_at_every_await(handler: str, how: str) -> None:
    """Whatever the await, what follows puts it right."""
    for number, gate in enumerate(list(_gates(handler))):
        if how == "crash" or not gate.startswith(("graph", "lightning_bolt")):
            _broken_at(handler, number, how)
