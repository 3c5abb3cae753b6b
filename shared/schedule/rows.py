"""One slot row: a shift, a bad row, or nothing of ours.

the row                                                   becomes
slot_date is outside the month                            nothing (the answer holds such rows)
of a placeholder, by its own names or its person's        nothing
its schedule is listed and slot_date beyond the horizon   nothing (not published)
anything in it, or that it refers to, cannot be read      bad: reported, and it protects what is stored (rule 7)
else (also a pending one: it is its holder's)             a slot
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime

from shared.month import Month
from shared.schedule.cells import Row, UnreadableError, day_or_none, described, id_or_none, text_of, texts_of, time_of
from shared.schedule.directory import NOT_AN_OBJECT, Assignments, People, Schedules, shows_placeholder
from shared.schedule.model import Assignment, Problem, Schedule, Slot, Unreadable
from shared.schedule.wall_clock import agrees, instants, is_plain


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that cannot be understood: what is known of it, and why."""

    unreadable: Unreadable
    problem: Problem
    contradicts: bool = False
    """Whether its times could be read but the UTC columns say something else."""


class ContradictionError(UnreadableError):
    """A wall clock and its UTC column that cannot be the same instant in the view's zone."""


@dataclass(frozen=True, slots=True)
class RowReader:
    """Reads the rows of one answer. Pure: the same row gives the same result."""

    month: Month
    zone: str
    schedules: Schedules
    people: People
    assignments: Assignments

    def read(self, row: object, row_number: int) -> Slot | BadRow | None:
        """One row; `row_number` names it where its own id cannot be read. None: nothing of ours. Never raises."""
        if not isinstance(row, dict):
            return BadRow(
                Unreadable(None, None, None, dated=False), Problem(f"row {row_number}", "slot_id", NOT_AN_OBJECT)
            )
        day = day_or_none(row.get("slot_date"))
        if day is not None and (day.year, day.month) != (self.month.year, self.month.number):
            return None
        person = id_or_none(row.get("emp_id"))
        if person in self.people.placeholders or shows_placeholder(row):
            return None
        schedule = id_or_none(row.get("template_id"))
        if day is not None and schedule is not None and self._unpublished(schedule, day):
            return None
        slot = id_or_none(row.get("slot_id"))
        try:
            return self._slot(row, slot, day, person, schedule)
        except UnreadableError as error:
            return BadRow(
                Unreadable(slot, schedule, person, dated=day is not None),
                Problem(f"row {row_number}" if slot is None else f"slot {slot}", error.field, error.reason),
                contradicts=isinstance(error, ContradictionError),
            )

    def _unpublished(self, schedule: str, day: date) -> bool:
        found = self.schedules.listed.get(schedule)
        if found is None or schedule in self.schedules.unreadable:
            return False
        return found.horizon is None or day > found.horizon

    def _slot(self, row: Row, slot: str | None, day: date | None, person: str | None, schedule: str | None) -> Slot:
        if slot is None:
            raise UnreadableError("slot_id", f"{described(row.get('slot_id'))} is no id")
        if day is None:
            raise UnreadableError("slot_date", f"{described(row.get('slot_date'))} is no date of the form 2026-05-09")
        template = self._schedule(row, schedule)
        self._check_person(row, person)
        assert person is not None  # _check_person has seen to it
        assignment = self._assignment(row, template.schedule)
        start, end, start_utc, end_utc = self._times(row)
        return Slot(
            slot=slot,
            schedule=template.schedule,
            person=person,
            assignment=assignment.assignment,
            day=day,
            start=start,
            end=end,
            start_utc=start_utc,
            end_utc=end_utc,
            note=text_of(row, "note"),
            locations=texts_of(row, "location_names"),
        )

    def _schedule(self, row: Row, schedule: str | None) -> Schedule:
        if schedule is None:
            raise UnreadableError("template_id", f"{described(row.get('template_id'))} is no id")
        found = self.schedules.listed.get(schedule)
        if found is None:
            raise UnreadableError("template_id", f"the answer lists no template {schedule}")
        if schedule in self.schedules.unreadable:
            raise UnreadableError(self.schedules.unreadable[schedule], f"template {schedule} cannot be read")
        return found

    def _check_person(self, row: Row, person: str | None) -> None:
        if person is None:
            raise UnreadableError("emp_id", f"{described(row.get('emp_id'))} is no id")
        if person in self.people.unreadable:
            raise UnreadableError(self.people.unreadable[person], f"personnel record {person} cannot be read")
        if person not in self.people.listed:
            raise UnreadableError("emp_id", f"the answer has no personnel record {person}")

    def _assignment(self, row: Row, schedule: str) -> Assignment:
        found = self.assignments.of(row, schedule)
        if found is None:
            raise UnreadableError("assign_structure_id", "the answer has no such assignment, or two that claim the row")
        if found.unreadable is not None:
            raise UnreadableError(found.unreadable, "its assignment cannot be read")
        return found

    def _times(self, row: Row) -> tuple[datetime, datetime, datetime, datetime]:
        """Start and end by the wall clock, and both in UTC. They agree; the end is after the start.

        Across the hour that repeats in autumn, a shift can end at an earlier wall clock than it starts: there only
        the UTC columns tell.
        """
        start, end = time_of(row, "start_time"), time_of(row, "stop_time")
        if end <= start and is_plain(start, self.zone) and is_plain(end, self.zone):
            raise UnreadableError("stop_time", f"{end.isoformat()} is not after start_time {start.isoformat()}")
        start_utc, end_utc = _utc_of(row, "start_time_utc"), _utc_of(row, "stop_time_utc")
        self._check_agreement("start_time", start, start_utc)
        self._check_agreement("stop_time", end, end_utc)
        if end_utc <= start_utc:
            raise UnreadableError("stop_time_utc", f"{_text(end_utc)} is not after start_time_utc {_text(start_utc)}")
        return start, end, start_utc, end_utc

    def _check_agreement(self, field: str, local: datetime, utc: datetime) -> None:
        if not agrees(local, utc, self.zone):
            meant = " or ".join(_text(instant) for instant in instants(local, self.zone)) or "no time"
            raise ContradictionError(
                f"{field}_utc",
                f"{field} {local.isoformat()} in {self.zone} is {meant} in UTC, but {field}_utc says {_text(utc)}",
            )


def _utc_of(row: Row, field: str) -> datetime:
    return time_of(row, field).replace(tzinfo=UTC)


def _text(instant: datetime) -> str:
    return instant.replace(tzinfo=None).isoformat()
