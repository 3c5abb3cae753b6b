"""Rule 2, the reader's part: which months of a message must still be read. Pure.

A message is dropped when a finished read that started after it was first enqueued covers its months: a burst of
publishes costs one or two reads. Strictly after, because storage tells the time in whole seconds.
"""

from datetime import datetime, timedelta

from shared.messages import ScheduleChange
from shared.month import Month
from shared.sync.reads import ViewReads


def months_to_read(change: ScheduleChange, reads: ViewReads) -> list[Month]:
    """The months that no finished read covers. A repeat also yields to a later repeat."""
    return [
        month for month in change.months if not _covered(change, reads, month) and not _overtaken(change, reads, month)
    ]


def too_close(change: ScheduleChange, reads: ViewReads) -> bool:
    """Whether it is still the second in which the message was enqueued, and a read of its months began in it, too.

    Nobody can tell which was first. Such a message waits for the next second: of a burst, one read then covers all.
    """
    if change.reason not in ("callback", "sweep") or change.first is None or reads.now > change.first:
        return False
    return any(reads.of(month).finished == change.first for month in change.months)


def repeats_owed(
    change: ScheduleChange, reads: ViewReads, read_again: timedelta
) -> tuple[list[Month], datetime | None]:
    """Of a callback: the months that need no read, but whose second read nobody has asked for yet; and its time."""
    if change.reason != "callback" or change.first is None or not read_again:
        return [], None
    at = change.first + read_again
    owed = [
        month
        for month in change.months
        if _covered(change, reads, month)
        and not _at_least(reads.of(month).again_at, at)
        and not _later(reads.of(month).finished, at)
    ]
    return owed, at


def _covered(change: ScheduleChange, reads: ViewReads, month: Month) -> bool:
    finished = reads.of(month).finished
    if change.reason == "repeat":
        return _at_least(finished, change.not_before)
    return _later(finished, change.first)


def _overtaken(change: ScheduleChange, reads: ViewReads, month: Month) -> bool:
    return change.reason == "repeat" and _later(reads.of(month).again_at, change.not_before)


def _later(moment: datetime | None, than: datetime | None) -> bool:
    return moment is not None and than is not None and moment > than


def _at_least(moment: datetime | None, than: datetime | None) -> bool:
    return moment is not None and than is not None and moment >= than
