"""What the property found, shrunk; and the scenarios by which mutations are caught that the machine seldom meets."""

from collections import Counter
from collections.abc import Iterator

import pytest

from shared.messages import CALENDAR_CHANGES, SCHEDULE_CHANGES
from tests.property.directed import SCENARIOS
from tests.property.hospital import Hospital
from tests.property.office import begin_audit
from tests.property.place import DAY, DAYS, PEOPLE, VIEW
from tests.property.truth import agree, is_ours, mark_of, shown

ADA, BEN = PEOPLE[:2]
SCHEDULE = 5


@pytest.fixture
def hospital() -> Iterator[Hospital]:
    """A new one."""
    opened = Hospital()
    yield opened
    opened.close()


@pytest.mark.parametrize("variant", range(2))
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_directed(scenario: str, variant: int) -> None:
    """Each scenario requires its own invariants; `read_and_swept_in_one_second` was a livelock once."""
    SCENARIOS[scenario](variant)


def test_what_another_filter_hid_was_not_given_to_anybody(hospital: Hospital) -> None:
    """The filter goes from Ada to Ben, who has had the same shift all along."""
    hospital.records.set_filter(VIEW, people=(ADA,))
    for person in (ADA, BEN):
        hospital.slots.add_slot(SCHEDULE, person, DAY, DAYS[0])
    hospital.publish()
    hospital.drain()
    hospital.advance(1000)
    before = shown(hospital)
    hospital.records.set_filter(VIEW, people=(BEN,))
    hospital.sweep()
    assert shown(hospital).items() >= before.items()
    assert len(hospital.holds()) == 1


def test_rows_that_are_lost_while_their_month_becomes_empty_leave_no_event_behind(hospital: Hospital) -> None:
    slot = hospital.slots.add_slot(SCHEDULE, ADA, DAY, DAYS[0])
    hospital.slots.add_slot(SCHEDULE, ADA, DAY, DAYS[4])
    hospital.publish()
    hospital.drain()
    hospital.advance(1000)
    hospital.tables["personmonths"]._partitions.clear()
    hospital.slots.remove(slot)
    hospital.publish()
    hospital.drain()
    hospital.settle()
    agree(hospital, Counter())


@pytest.mark.parametrize("dies_at", ["personmonths.write", "graph.write"])
def test_a_renamed_event_is_put_right_though_whoever_found_it_died(hospital: Hospital, dies_at: str) -> None:
    """Found twice with the same subject, it was taken for one that Outlook shows so: nobody had put it right."""
    hospital.slots.add_slot(SCHEDULE, ADA, DAY, DAYS[0])
    hospital.publish()
    hospital.drain()
    hospital.advance(1000)
    mailbox, event = _event_of(hospital, ADA)
    hospital.graph.owner.edit(mailbox, event, {"subject": "Mine"})
    hospital.run(begin_audit(hospital))
    actor = hospital.deliver(hospital.queues.visible(CALENDAR_CHANGES)[0])
    assert actor
    if dies_at == "graph.write":
        hospital.run(actor)
        actor = hospital.deliver(hospital.queues.visible(CALENDAR_CHANGES)[0])
        assert actor
    while actor.where != dies_at:
        hospital.run(actor, 1)
    hospital.actors.crash(actor)
    hospital.settle()
    hospital.run(begin_audit(hospital))
    hospital.drain()
    agree(hospital, Counter())


def test_a_copy_is_removed_after_every_shift_is_gone(hospital: Hospital) -> None:
    """No link and no wanted shift led the audit to the mailbox any more."""
    slot = hospital.slots.add_slot(SCHEDULE, ADA, DAY, DAYS[0])
    hospital.publish()
    hospital.drain()
    hospital.advance(1000)
    hospital.graph.owner.copy(*_event_of(hospital, ADA))
    hospital.slots.remove(slot)
    hospital.publish()
    hospital.settle()
    hospital.run(begin_audit(hospital))
    hospital.drain()
    agree(hospital, Counter())


def _event_of(hospital: Hospital, person: int) -> tuple[str, str]:
    """Somebody's only event: mailbox and id."""
    ((mailbox, event),) = [
        (mailbox.id, event.immutable_id)
        for mailbox in hospital.graph.directory
        for event in mailbox.present
        if is_ours(event) and mark_of(event)[2] == str(person)
    ]
    return mailbox, event


def test_a_view_whose_row_was_lost_is_read_again(hospital: Hospital) -> None:
    """A reader was taken over once, so heads bear a number above the one that the new row begins with."""
    slot = hospital.slots.add_slot(SCHEDULE, ADA, DAY, DAYS[0])
    hospital.publish()
    reader = hospital.deliver(hospital.queues.visible(SCHEDULE_CHANGES)[0])
    assert reader
    while reader.where != "lightning_bolt":
        hospital.run(reader, 1)
    hospital.actors.crash(reader)
    hospital.advance(1000)
    hospital.sweep()
    agree(hospital, Counter())
    hospital.tables["schedules"]._partitions.clear()
    hospital.slots.set_notes(slot, note="New")
    hospital.publish()
    hospital.drain()
    hospital.settle()
    agree(hospital, Counter())
