"""A verdict of the guard → desired and the head row; and when there is nothing for the guard to judge. Pure."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from shared.schedule.model import MonthRead
from shared.sync.guard import Verdict
from shared.sync.records import Cause, Desired, Head, Hold, PersonMonthRow, ScheduleMonthRows


def nothing_to_judge(
    read: MonthRead, stored: Mapping[str, ScheduleMonthRows], desired: Mapping[str, Mapping[str, Desired]]
) -> bool:
    """Whether counts, IDs, horizon and filter tell that nothing is lost: most reads need no stored slots.

    `stored`, `desired`: of the schedules that the view answers for.
    """
    return not read.unreadable and all(
        _is_sound(read, schedule, stored[schedule], desired[schedule]) for schedule in stored
    )


def _is_sound(read: MonthRead, schedule: str, stored: ScheduleMonthRows, desired: Mapping[str, Desired]) -> bool:
    mapped = [row for row in stored.rows.values() if row.mailbox is not None and row.count]
    if stored.head is None or not (mapped or stored.head.holds):
        return True
    listed = read.schedules.get(schedule)
    return (
        listed is not None
        and listed.horizon is not None
        and listed.horizon >= read.month.last
        and stored.head.filter == read.filter
        and not stored.head.holds
        and all(desired[row.person].mailbox is not None for row in mapped)
        and sum(row.count for row in mapped) <= sum(wanted.count for wanted in desired.values())
    )


def with_kept(
    desired: Mapping[str, Desired], verdict: Verdict, schedule: str, rows: Mapping[str, PersonMonthRow]
) -> dict[str, Desired]:
    """Desired of a schedule with the slots that stay, and the mailboxes of people whose lost IDs are held."""
    wanted = dict(desired)
    for (of, person), slots in verdict.kept.items():
        if of != schedule or person not in wanted:
            continue
        together = sorted((*wanted[person].slots, *slots), key=lambda slot: (slot.event.start_utc, slot.slot or ""))
        mailbox = rows[person].mailbox if person in verdict.keep_mailbox else wanted[person].mailbox
        wanted[person] = replace(wanted[person], slots=tuple(together), mailbox=mailbox)
    return wanted


def holds_of(
    desired: Mapping[str, Desired], new: Mapping[str, Cause], head: Head | None, now: datetime
) -> dict[str, Hold]:
    """The holds that slots wait under; one without slots has ended."""
    known = head.holds if head else {}
    counts = Counter(slot.hold for wanted in desired.values() for slot in wanted.slots if slot.hold is not None)
    return {
        hold: Hold(known[hold].cause, known[hold].since, count) if hold in known else Hold(new[hold], now, count)
        for hold, count in sorted(counts.items())
    }
