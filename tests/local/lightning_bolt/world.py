"""Everything that the stand-in knows, and where to find it."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from tests.local.lightning_bolt.model import (
    Account,
    Assignment,
    Department,
    Options,
    Person,
    Setup,
    Slot,
    Template,
    View,
)
from tests.local.lightning_bolt.schedules import Schedule

FIRST_SLOT_ID = 48201
FIRST_SCHED_ID = 701
END_OF_TIME = datetime.max.replace(tzinfo=UTC)


class Unknown(LookupError):  # noqa: N818 - reads as what it says
    """Something was asked for that is not there."""


class World:
    """The state of the stand-in. `revision` moves with every change, `records` with every change but slots'."""

    def __init__(self, time_zone: str = "America/Chicago", now: Callable[[], datetime] | None = None) -> None:
        self.now = now or (lambda: datetime.now(UTC))
        self.account = Account()
        self.options = Options()
        self.renames: dict[str, dict[str, str]] = {}
        """Section (`slot`, `personnel`, `assignment`, `template`) to its renamed keys."""
        self.revision = 0
        self.records = 0
        self._next_sched = FIRST_SCHED_ID
        self._next_slot = FIRST_SLOT_ID
        self._clear(time_zone)

    def _clear(self, time_zone: str) -> None:
        self.time_zone = time_zone
        self.departments: dict[int, Department] = {}
        self.templates: dict[int, Template] = {}
        self.people: dict[int, Person] = {}
        self.assignments: dict[int, Assignment] = {}
        self.views: dict[int, View] = {}
        self.schedules: dict[int, Schedule] = {}
        self._of_template: dict[int, list[Schedule]] = {}
        self._of_slot: dict[int, Schedule] = {}
        self.touch_records()

    def load(self, setup: Setup) -> None:
        """Replaces everything; all slots are drafts afterwards."""
        self._clear(setup.time_zone)
        self.departments = {item.department_id: item for item in setup.departments}
        self.templates = {item.template_id: item for item in setup.templates}
        self.people = {item.emp_id: item for item in setup.people}
        self.assignments = {item.assign_structure_id: item for item in setup.assignments}
        self.views = {item.view_id: item for item in setup.views}
        for slot in setup.slots:
            self.put(slot)

    def touch(self) -> None:
        """Something changed."""
        self.revision += 1

    def touch_records(self) -> None:
        """Something changed that rows of many slots may show."""
        self.records += 1
        self.revision += 1

    def local_now(self) -> datetime:
        """The organisation's wall clock, naive."""
        return self.now().astimezone(ZoneInfo(self.time_zone)).replace(tzinfo=None)

    def today(self) -> date:
        """The organisation's date, or the one that a test has set."""
        return self.options.today or self.local_now().date()

    def zone_of(self, template_id: int) -> str:
        """The zone of a template's wall clock."""
        template = self.templates.get(template_id)
        return (template.time_zone if template else None) or self.time_zone

    # Slots and the schedules that hold them

    def new_slot_id(self) -> int:
        """An id that no slot has had."""
        self._next_slot += 1
        return self._next_slot - 1

    def put(self, slot: Slot) -> None:
        """Adds a slot to the draft of its date's schedule, or replaces the one with its id, wherever it was."""
        before = self._of_slot.pop(slot.slot_id, None)
        after = self.schedule_on(slot.template_id, slot.day)
        if before is not None and before is not after:
            del before.draft[slot.slot_id]
        after.draft[slot.slot_id] = slot
        self._of_slot[slot.slot_id] = after
        self._next_slot = max(self._next_slot, slot.slot_id + 1)
        self.touch()

    def drop(self, slot_id: int) -> None:
        """Takes a slot out of its draft."""
        del self.schedule_of(slot_id).draft[slot_id]
        del self._of_slot[slot_id]
        self.touch()

    def schedule_of(self, slot_id: int) -> Schedule:
        """The schedule in whose draft a slot is."""
        if slot_id not in self._of_slot:
            raise Unknown(f"no slot {slot_id} in any draft")
        return self._of_slot[slot_id]

    def slot(self, slot_id: int) -> Slot:
        """A slot of a draft."""
        return self.schedule_of(slot_id).draft[slot_id]

    def schedule_on(self, template_id: int, day: date) -> Schedule:
        """The schedule of a template that holds a day; made for that month where there is none."""
        if template_id not in self.templates:
            raise Unknown(f"no template {template_id}")
        siblings = self._of_template.get(template_id, [])
        for schedule in siblings:
            if schedule.first <= day <= schedule.last:
                return schedule
        first = day.replace(day=1)
        last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        for other in siblings:  # an odd piece next to it leaves only the rest of the month
            first = max(first, other.last + timedelta(days=1)) if other.last < day else first
            last = min(last, other.first - timedelta(days=1)) if other.first > day else last
        return self.add_schedule(template_id, first, last)

    def add_schedule(self, template_id: int, first: date, last: date) -> Schedule:
        """A new, empty draft. Raises ValueError where another schedule of the template has any of its days."""
        siblings = self._of_template.setdefault(template_id, [])
        if last < first or any(schedule.touches(first, last) for schedule in siblings):
            raise ValueError(f"template {template_id} has a schedule between {first} and {last} already")
        schedule = Schedule(self._next_sched, template_id, first, last)
        self._next_sched += 1
        self.schedules[schedule.sched_id] = schedule
        siblings.append(schedule)
        self.touch()
        return schedule

    def schedules_of(
        self, templates: Iterable[int] | None = None, first: date | None = None, last: date | None = None
    ) -> Iterator[Schedule]:
        """Schedules of some templates (or all) that touch a range."""
        wanted = None if templates is None else set(templates)
        for schedule in self.schedules.values():
            if (wanted is None or schedule.template_id in wanted) and schedule.touches(first, last):
                yield schedule

    # What is published

    def horizon(self, template_id: int, at: datetime | None = None) -> date | None:
        """`last_published_date`: the last day of what everyone sees, holes below it or not."""
        template = self.templates[template_id]
        if template.horizon != "auto":
            return template.horizon
        return max((s.last for s in self._for_everyone(template_id, at)), default=None)

    def first_published(self, template_id: int) -> date | None:
        """`first_published_date`."""
        return min((s.first for s in self._for_everyone(template_id)), default=None)

    def _for_everyone(self, template_id: int, at: datetime | None = None) -> Iterator[Schedule]:
        at = at or self.now()
        return (s for s in self._of_template.get(template_id, []) if s.for_everyone(at) is not None)

    def settling(self) -> bool:
        """Whether answers lag behind some publish."""
        now = self.now()
        return any(s.copies and s.copies[-1].visible_from > now for s in self.schedules.values())

    def published(self, *, settled: bool = True) -> Setup:
        """What everyone may know: the truth that calendars are held against. Horizons are dates here.

        `settled`: the newest publish, also where answers lag behind it.
        """
        at = END_OF_TIME if settled else self.now()
        slots = (slot for s in self.schedules.values() for slot in (s.for_everyone(at) or {}).values())
        return self._setup(slots, at)

    def drafts(self) -> Setup:
        """Everything as the schedulers see it."""
        return self._setup((slot for s in self.schedules.values() for slot in s.draft.values()), self.now())

    def _setup(self, slots: Iterable[Slot], at: datetime) -> Setup:
        return Setup(
            time_zone=self.time_zone,
            departments=tuple(self.departments.values()),
            templates=tuple(replace(t, horizon=self.horizon(t.template_id, at)) for t in self.templates.values()),
            people=tuple(self.people.values()),
            assignments=tuple(self.assignments.values()),
            views=tuple(self.views.values()),
            slots=tuple(slots),
        )
