"""What the property found, shrunk; and the scenarios by which mutations are caught that the machine seldom meets."""

from collections import Counter
from collections.abc import Iterator

import pytest

from shared.messages import SCHEDULE_CHANGES
from tests.property.directed import SCENARIOS
from tests.property.hospital import Hospital
from tests.property.place import DAY, DAYS, PEOPLE, VIEW
from tests.property.truth import agree, shown

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
