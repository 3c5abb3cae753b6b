"""Puts the hospital together."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from tests.local.hospital.calendar import Months
from tests.local.hospital.kinds import KINDS
from tests.local.hospital.people import MailboxPlan, Staff, make_staff, placeholders
from tests.local.hospital.shifts import Post, make_slots
from tests.local.lightning_bolt.model import Department, Setup, Template, View

_DEPARTMENTS = (
    (10, "Emergency Medicine", "EM", ((5, "EM MD", "Emergency Physicians"),)),
    (20, "Hospital Medicine", "HM", ((6, "HM MD", "Hospitalists"), (8, "HM APP", "Hospital Medicine APPs"))),
    (30, "Anesthesiology", "AN", ((7, "AN MD", "Anesthesiologists"),)),
)  # fmt: skip
_VIEWS = ((50, "Medicine", (5, 6, 8)), (60, "Surgery and APPs", (7, 8)))


@dataclass(frozen=True, slots=True)
class Hospital:
    """A hospital before anything is published."""

    setup: Setup
    """What Lightning Bolt is loaded with."""
    staff: tuple[Staff, ...]
    months: Months

    @property
    def mailboxes(self) -> tuple[MailboxPlan, ...]:
        """Everybody's, in the order of `staff`."""
        return tuple(member.mailbox for member in self.staff)

    @property
    def view_ids(self) -> tuple[int, ...]:
        """Views in the order in which settings name them."""
        return tuple(view.view_id for view in self.setup.views)


def make_hospital(
    months: Months | Sequence[date],
    *,
    people: int = 40,
    shifts_per_month: int = 12,
    sites: int = 1,
    seed: int = 9,
    time_zone: str = "America/Chicago",
    person_id_field: str = "unique_id",
) -> Hospital:
    """A hospital of so many people, each with so many shifts a month (open shifts come on top).

    `sites`: each has its own departments, templates (4) and views (2), and its part of the people. Site n's ids are
    those of the first one and `100 n` (templates: `10 n`). The first ids are: departments 10, 20, 30; templates 5, 6,
    7, 8; views 50 (5, 6, 8) and 60 (7, 8); people from 2101; assignments 301 to 311.
    """
    months = months if isinstance(months, Months) else Months(tuple(month.replace(day=1) for month in months))
    source = random.Random(seed)
    departments, templates, views, homes = [], [], [], []
    for site in range(sites):
        suffix = f" {site + 1}" if site else ""
        for department, name, short, pieces in _DEPARTMENTS:
            departments.append(Department(department + 100 * site, name + suffix, short + suffix))
            ids = tuple(template + 10 * site for template, _, _ in pieces)
            homes.append((department + 100 * site, ids))
            templates += [
                Template(template + 10 * site, piece + suffix, full + suffix, department + 100 * site)
                for template, piece, full in pieces
            ]
        views += [
            View(view + 100 * site, name + suffix, tuple(template + 10 * site for template in shown))
            for view, name, shown in _VIEWS
        ]
    department_ids = tuple(item.department_id for item in departments)
    staff = make_staff(people, department_ids, person_id_field, source)
    fake = placeholders(department_ids)
    template_ids = tuple(item.template_id for item in templates)
    works_on = dict(homes)
    posts = [Post(member.person, works_on[member.person.departments[0]]) for member in staff]
    every_month = sorted({*months.published, *months.draft})
    slots = make_slots(posts, fake, every_month, shifts_per_month, time_zone, source, 48201)
    setup = Setup(
        time_zone=time_zone,
        departments=tuple(departments),
        templates=tuple(templates),
        people=(*fake, *(member.person for member in staff)),
        assignments=tuple(kind.assignment(template_ids) for kind in KINDS),
        views=tuple(views),
        slots=tuple(slots),
    )
    return Hospital(setup, tuple(staff), months)
