"""Which stored slots a read accounts for, and which its unreadable rows protect."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from shared.month import Month
from shared.outlook.event import EventOptions
from shared.schedule.model import Assignment, MonthRead, Person, Schedule, Sending, Slot, Unreadable
from shared.sync.account import Stored, account
from shared.sync.desired import desired_slot


def test_a_row_of_another_schedule_accounts_for_its_own_slot_not_for_a_protected_one() -> None:
    """One person has two shifts at the same times, on schedules 5 and 6. The row on 5 cannot be read: its slot stays.

    So the slots of every schedule that the answer shows are accounted for together, whoever answers for them: alone,
    the slot on 5 would take the row on 6 for its own, moved to another schedule.
    """
    start = datetime(2026, 12, 4, 13, tzinfo=UTC)
    local = datetime.fromisoformat("2026-12-04T07:00")
    ten_hours = timedelta(hours=10)
    shown = Slot("2", "6", "1", "9", start.date(), local, local + ten_hours, start, start + ten_hours, "")
    read = MonthRead(
        view=50,
        zone="America/Chicago",
        month=Month(2026, 12),
        schedules={id_: Schedule(id_, id_, start.date() + timedelta(days=60)) for id_ in ("5", "6")},
        people={"1": Person("1", "", "ada@example.org")},
        assignments={"9": Assignment("9", "Call", "C", Sending(send=True))},
        slots=(shown,),
        unreadable=(Unreadable("77", "5", "1", dated=True),),
    )
    on_5 = Stored("5", "1", desired_slot(read, replace(shown, slot="1", schedule="5"), EventOptions()))
    on_6 = Stored("6", "1", desired_slot(read, shown, EventOptions()))
    found = account(read, [on_5, on_6])
    assert (found.rows, found.protected, found.new) == ({1: shown}, frozenset({0}), ())
