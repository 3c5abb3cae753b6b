"""The answer of a read, put together from encoded rows that are kept, so that a month of thousands of slots is fast."""

import json
from collections.abc import Iterator
from datetime import date
from typing import Any

from tests.local.lightning_bolt.model import Person, Slot, View
from tests.local.lightning_bolt.question import Question, visible
from tests.local.lightning_bolt.rows import (
    assignment_row,
    department_row,
    midnight,
    person_row,
    slot_row,
)
from tests.local.lightning_bolt.world import World

type Parts = dict[str, bytes]
"""Top-level key to its encoded value."""

_KEPT_ANSWERS = 64


def encode(value: object) -> bytes:
    """JSON without spaces."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def join(parts: Parts) -> bytes:
    """The whole answer."""
    return b"{" + b",".join(encode(key) + b":" + value for key, value in parts.items()) + b"}"


class Answers:
    """Answers reads of a world, for its account."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._rows: dict[int, tuple[Slot, int, bytes]] = {}
        self._rows_of = -1
        self._kept: dict[tuple[int, date, date], Parts] = {}
        self._kept_of = -1

    def parts(self, question: Question) -> Parts | None:
        """The answer, or None where there is no such view."""
        world = self._world
        view = world.views.get(question.view_id) if isinstance(question.view_id, int) else None
        if view is None:
            return None
        settling = world.settling()
        if self._kept_of != world.revision or settling or len(self._kept) > _KEPT_ANSWERS:
            self._kept.clear()
            self._kept_of = -1 if settling else world.revision
        first, last = visible(question, view.week_starts_on)
        key = (view.view_id, first, last)
        if key not in self._kept:
            self._kept[key] = self._build(view, first, last)
        return dict(self._kept[key])

    def _build(self, view: View, first: date, last: date) -> Parts:
        world = self._world
        if self._rows_of != world.records:
            self._rows.clear()
            self._rows_of = world.records
        slots = list(self._slots(view, first, last))
        people = list(self._people(view, {slot.emp_id for slot, _ in slots}))
        kinds = [
            kind
            for kind in world.assignments.values()
            if set(kind.templates) & set(view.templates)
            and (view.assignments is None or kind.assign_structure_id in view.assignments)
        ]
        templates = [world.templates[item] for item in view.templates if item in world.templates]
        departments = [
            department_row(world, department, mine)
            for department in world.departments.values()
            if (mine := [item for item in templates if item.department_id == department.department_id])
        ]
        views = [{"view_id": 0, "name": "Me"}]
        views += [{"view_id": item.view_id, "name": item.name} for item in world.views.values()]
        return {
            "view_context": encode(self._context(view, people)),
            "views": encode(views),
            "departments": encode(departments),
            "personnel": encode([person_row(world, person) for person in people if not person.missing]),
            "assignments": encode([assignment_row(world, kind, order) for order, kind in enumerate(kinds)]),
            "holidays": encode(_holidays(departments, first, last)),
            "permissions": encode(self._permissions()),
            "user_settings": encode({"settings": {"default_template": None, "default_view": "me"}, "settings_id": 161}),
            "schedule_data": b'{"data":[' + b",".join(self._encoded(slot, sched) for slot, sched in slots) + b"]}",
        }

    def _encoded(self, slot: Slot, sched_id: int) -> bytes:
        kept = self._rows.get(slot.slot_id)
        if kept is not None and kept[0] is slot and kept[1] == sched_id:
            return kept[2]
        row = encode(slot_row(self._world, slot, sched_id))
        self._rows[slot.slot_id] = (slot, sched_id, row)
        return row

    def _slots(self, view: View, first: date, last: date) -> Iterator[tuple[Slot, int]]:
        """Slots that the account may see, within range, horizon and filter."""
        world = self._world
        now = world.now()
        people = None if view.people is None else set(view.people)
        kinds = None if view.assignments is None else set(view.assignments)
        for schedule in world.schedules_of(view.templates, first, last):
            horizon = world.horizon(schedule.template_id)
            if world.account.is_admin is True:
                shown, end = schedule.draft, last
            else:
                shown = schedule.for_everyone(now) or {}
                end = last if not world.options.cap_at_horizon else min(last, horizon or date.min)
            for slot in shown.values():
                if (
                    first <= slot.day <= end
                    and (people is None or slot.emp_id in people)
                    and (kinds is None or slot.assign_structure_id in kinds)
                ):
                    yield slot, schedule.sched_id

    def _people(self, view: View, holders: set[int]) -> Iterator[Person]:
        world = self._world
        departments = {world.templates[item].department_id for item in view.templates if item in world.templates}
        for person in world.people.values():
            if view.people is None:
                if person.emp_id in holders or departments & set(person.departments):
                    yield person
            elif person.emp_id in view.people:
                yield person

    def _context(self, view: View, people: list[Person]) -> dict[str, Any]:
        """`view_context`: `people` are listed in the filter, as those that joined by themselves are."""
        world = self._world
        kinds = [
            kind.assign_id(template)
            for kind in world.assignments.values()
            for template in kind.templates
            if template in view.templates and (view.assignments is None or kind.assign_structure_id in view.assignments)
        ]
        departments = sorted(
            {world.templates[item].department_id for item in view.templates if item in world.templates}
        )
        colours = {"color": None, "colorText": None}
        stamps = {"created_at": "2025-03-04T10:12:30", "created_by": 2190, "updated_at": "0001-01-01T00:00:00"}
        return {
            "view_id": view.view_id,
            "name": view.name,
            "accessible_by": [world.account.emp_id],
            **stamps,
            "filter_id": 1000 + view.view_id,
            "filter": {
                "filter_id": 1000 + view.view_id,
                "name": view.name,
                "auto_add_assignments": view.assignments is None,
                "auto_add_personnel": view.people is None,
                "assignment_expression": None,
                "personnel_expression": None,
                "on_assignments": [{"id": item, **colours, "assignmentStructure": None} for item in kinds],
                "on_departments": departments,
                "on_personnel": [{"id": person.emp_id, **colours} for person in people],
                "on_tallies": [],
                "on_templates": list(view.templates),
                "sort_assignments_by": "custom order",
                "sort_personnel_by": "last name",
                **stamps,
            },
            "theme_id": 12,
            "theme": {
                "theme_id": 12,
                "name": view.name,
                **stamps,
                "data": {"layout": "hybrid", "range": "month", "startOnDay": view.week_starts_on, "hidePending": "no"},
            },
        }

    def _permissions(self) -> dict[str, Any]:
        account = self._world.account
        rights = {
            "customer_id": 900,
            "emp_id": account.emp_id,
            "user_id": 3301,
            "is_super_admin": False,
            "is_lbs_user": False,
        }
        return rights if account.is_admin == "absent" else {**rights, "is_admin": account.is_admin}


def _holidays(departments: list[dict[str, Any]], first: date, last: date) -> list[dict[str, Any]]:
    """New Year's Day, so that the list is not always empty."""
    return [
        {
            "holiday_id": 20000 + year,
            "holiday_name": "New Year's Day",
            "holiday_date": midnight(date(year, 1, 1)),
            "dept_id": department["department_id"],
            "dept_name": department["name"],
        }
        for year in range(first.year, last.year + 1)
        for department in departments
        if first <= date(year, 1, 1) <= last
    ]
