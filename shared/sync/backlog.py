"""What a sweep finds still to be done in a view's window, told as log events and metrics: what is due, what is held."""

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta

from shared import telemetry
from shared.month import Month
from shared.settings import Settings
from shared.sync.records import LONGEST_DELAY, Hold, PersonMonthRow, ScheduleMonthRows

log = logging.getLogger(__name__)


class Backlog:
    """Of one view, gathered month by month from the rows that a sweep reads anyway.

    People whom the go-live settings leave alone are nobody's work and do not count.
    """

    def __init__(self, view: int, settings: Settings) -> None:
        self._view = view
        self._settings = settings
        self._waits: list[timedelta] = []
        self._failing = 0
        self._holds: list[tuple[str, Month, str, Hold]] = []

    def add(self, month: Month, partitions: Mapping[str, ScheduleMonthRows]) -> None:
        """One month's rows, by schedule."""
        for schedule, stored in partitions.items():
            holds = stored.head.holds if stored.head else {}
            self._holds += [(schedule, month, number, hold) for number, hold in holds.items()]
            for row in stored.rows.values():
                if not self._settings.may_write_to(row.person):
                    continue
                self._failing += not row.in_step and row.status.attempts > 0
                if row.due(stored.now):
                    self._waits.append(max(stored.now - _due_since(row, stored.now), timedelta(0)))

    def due(self) -> tuple[int, timedelta | None]:
        """How many person-months are due, and how long the oldest of them has been."""
        return len(self._waits), max(self._waits, default=None)

    def tell(self) -> None:
        """Logs and measures it."""
        oldest = max(self._waits, default=timedelta(0)).total_seconds()
        log.info(
            "backlog view=%s due=%d oldest_seconds=%d failing=%d", self._view, len(self._waits), oldest, self._failing
        )
        for schedule, month, number, hold in self._holds:
            log.warning(
                "held view=%s schedule=%s month=%s hold=%s cause=%s slots=%d",
                *(self._view, schedule, month, number, hold.cause, hold.count),
            )
        of_view = {"view": self._view}
        telemetry.DUE.set(len(self._waits), of_view)
        telemetry.OLDEST_DUE.set(oldest, of_view)
        telemetry.HOLDS.set(len(self._holds), of_view)


def _due_since(row: PersonMonthRow, now: datetime) -> datetime:
    """When its next attempt came; for one that has not been tried, or has no believable time for it, when it was
    last stored."""
    at = row.status.next_attempt_at
    if row.tried and at is not None and at <= now + LONGEST_DELAY:
        return at
    return row.stored_at
