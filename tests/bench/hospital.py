"""A plain hospital of any size: everybody has a mailbox and the same number of shifts in a month."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from shared.month import Month
from tests.local.lightning_bolt.model import Assignment, Department, Person, Setup, Slot, Template, View

ZONE = "America/Chicago"
INSTALLATION = "bench"
FIRST_PERSON, FIRST_VIEW, FIRST_TEMPLATE, FIRST_SLOT = 100_001, 50, 5, 1_000_001
DAY = 301
PEOPLE_PER_VIEW = 1_000
"""A read has an upper limit: larger hospitals have several views, each with a schedule of its own."""
NOTE = "Covers 4 West until noon, then the ED."


@dataclass(frozen=True, slots=True)
class Hospital:
    """What Lightning Bolt is loaded with, and the same as plain numbers."""

    setup: Setup
    people: int
    shifts: int
    """Of each person, each month."""
    months: tuple[Month, ...]
    schedules: int = 1
    """Of each view."""

    @property
    def mailboxes(self) -> list[str]:
        """Addresses of all people."""
        return [mailbox(person.emp_id) for person in self.setup.people]

    @property
    def views(self) -> tuple[int, ...]:
        """Ids of the views."""
        return tuple(view.view_id for view in self.setup.views)

    @property
    def events(self) -> int:
        """What the calendars hold once all is published."""
        return self.people * self.shifts * len(self.months)

    def callbacks(self, months: Sequence[Month] = ()) -> list[dict[str, object]]:
        """What Lightning Bolt says when these months (its own, if none) are published: one body per view."""
        months = months or self.months
        first, last = months[0].first, months[-1].last
        return [{"view_id": view, "start_date": str(first), "end_date": str(last)} for view in self.views]


def mailbox(person: int) -> str:
    """A person's address."""
    return f"p{person}@bench.example"


def coming_months(count: int) -> tuple[Month, ...]:
    """Months that are wholly in the future."""
    present = Month.of(datetime.now(UTC).date())
    return tuple(present.plus(number) for number in range(1, count + 1))


def make(people: int, shifts: int, months: Sequence[Month], *, schedules: int = 1) -> Hospital:
    """So many people with so many shifts in each month; every fourth shift has a note."""
    views = range(-(-people // PEOPLE_PER_VIEW))
    templates = [
        Template(FIRST_TEMPLATE + number, f"T{number}", f"Template {number}", 10 + number // schedules)
        for number in range(len(views) * schedules)
    ]
    return Hospital(
        Setup(
            time_zone=ZONE,
            departments=tuple(Department(10 + number, f"Department {number}", f"D{number}") for number in views),
            templates=tuple(templates),
            people=tuple(_person(number) for number in range(people)),
            assignments=(_assignment(tuple(template.template_id for template in templates)),),
            views=tuple(
                View(
                    FIRST_VIEW + number,
                    f"View {number}",
                    tuple(each.template_id for each in templates[number * schedules : (number + 1) * schedules]),
                )
                for number in views
            ),
            slots=tuple(_slots(people, shifts, months, schedules)),
        ),
        people,
        shifts,
        tuple(months),
        schedules,
    )


def _person(number: int) -> Person:
    emp_id = FIRST_PERSON + number
    fields = {"unique_id": mailbox(emp_id), "custom1": None, "custom2": None, "custom3": None, "custom4": None}
    department = 10 + number // PEOPLE_PER_VIEW
    return Person(emp_id, f"P{number}", "Bench", f"Bench, P{number} MD", f"P{number}", (department,), fields=fields)


def _assignment(templates: tuple[int, ...]) -> Assignment:
    sent = {
        "send_to_outlook": True,
        "include_schedule_notes": True,
        "include_assignment_information": False,
        "send_as_free": False,
    }
    return Assignment(DAY, "Day Rounds", "D", templates, "07:00:00~17:00:00", sent)


def _slots(people: int, shifts: int, months: Sequence[Month], schedules: int) -> list[Slot]:
    slots: list[Slot] = []
    for month in months:
        days = (month.last - month.first).days + 1
        for person in range(people):
            template = FIRST_TEMPLATE + person // PEOPLE_PER_VIEW * schedules + person % schedules
            for number in range(shifts):
                day = month.first + timedelta(days=(number + person) % days)
                slot_id = FIRST_SLOT + len(slots)
                slots.append(_slot(slot_id, template, FIRST_PERSON + person, day, number // days, number % 4 == 0))
    return slots


def _slot(slot_id: int, template: int, person: int, day: date, lap: int, noted: bool) -> Slot:
    start = datetime.combine(day, time(7)) + timedelta(minutes=lap)
    return Slot(slot_id, template, person, DAY, day, start, start + timedelta(hours=10), note=NOTE if noted else None)
