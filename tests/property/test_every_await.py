"""A crash, and a lost request or answer, at each await of each handler in turn: then all must be well again."""

from collections import Counter
from collections.abc import Callable, Iterator

import pytest

from shared.messages import CALENDAR_CHANGES, SCHEDULE_CHANGES
from tests.property.actors import Actor
from tests.property.hospital import Hospital
from tests.property.place import DAY, DAYS, NIGHT, PEOPLE
from tests.property.truth import agree

ADA, BEN, _ = PEOPLE


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
