"""What administrators do to people, assignments, templates, views and the account. All of it shows at once."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any, Literal

from tests.local.lightning_bolt.model import (
    Assignment,
    Department,
    Options,
    Person,
    Template,
    View,
)
from tests.local.lightning_bolt.world import Unknown, World

type Section = Literal["slot", "personnel", "assignment", "template"]


class RecordEdits:
    """Edits of everything but slots. Each raises Unknown for what is not there."""

    def __init__(self, world: World) -> None:
        self._world = world

    def put_department(self, department: Department) -> None:
        """Adds or replaces a department."""
        self._world.departments[department.department_id] = department
        self._world.touch_records()

    def put_template(self, template: Template) -> None:
        """Adds or replaces a template."""
        self._world.templates[template.template_id] = template
        self._world.touch_records()

    def put_person(self, person: Person) -> None:
        """Adds or replaces a personnel record."""
        self._world.people[person.emp_id] = person
        self._world.touch_records()

    def put_assignment(self, assignment: Assignment) -> None:
        """Adds or replaces an assignment."""
        self._world.assignments[assignment.assign_structure_id] = assignment
        self._world.touch_records()

    def put_view(self, view: View) -> None:
        """Adds or replaces a view."""
        self._world.views[view.view_id] = view
        self._world.touch_records()

    def set_person_field(self, emp_id: int, field: str, value: Any = None, absent: bool = False) -> None:
        """One of `unique_id`, `custom1` ... `custom4` (or any other key): a value, or the key gone."""
        person = self._person(emp_id)
        self.put_person(replace(person, fields=_with(person.fields, field, value, absent)))

    def set_person(
        self,
        emp_id: int,
        display_name: str | None = None,
        last_name: str | None = None,
        expired: bool | None = None,
        missing: bool | None = None,
    ) -> None:
        """What is given of a personnel record; `missing` takes it out of `personnel[]`."""
        given = {"display_name": display_name, "last_name": last_name, "expired": expired, "missing": missing}
        changes: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
        self.put_person(replace(self._person(emp_id), **changes))

    def set_assignment_field(
        self, assign_structure_id: int, field: str, value: Any = None, absent: bool = False
    ) -> None:
        """One of the four Outlook fields (or any other key): any JSON value, or the key gone."""
        assignment = self._assignment(assign_structure_id)
        self.put_assignment(replace(assignment, mapping=_with(assignment.mapping, field, value, absent)))

    def set_assignment(
        self,
        assign_structure_id: int,
        display_name: str | None = None,
        compact_name: str | None = None,
        expired: bool | None = None,
    ) -> None:
        """What is given of an assignment."""
        given = {"display_name": display_name, "compact_name": compact_name, "expired": expired}
        changes: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
        self.put_assignment(replace(self._assignment(assign_structure_id), **changes))

    def rename_field(self, section: Section, field: str, to: str | None) -> None:
        """A JSON key is called otherwise in every row of a section. None: as before."""
        renames = self._world.renames.setdefault(section, {})
        if to is None:
            renames.pop(field, None)
        else:
            renames[field] = to
        self._world.touch_records()

    def add_template_to_view(self, view_id: int, template_id: int) -> None:
        """The view shows one schedule more."""
        view = self._view(view_id)
        if template_id not in self._world.templates:
            raise Unknown(f"no template {template_id}")
        if template_id not in view.templates:
            self.put_view(replace(view, templates=(*view.templates, template_id)))

    def remove_template_from_view(self, view_id: int, template_id: int) -> None:
        """The view shows one schedule less."""
        view = self._view(view_id)
        self.put_view(replace(view, templates=tuple(item for item in view.templates if item != template_id)))

    def set_filter(
        self, view_id: int, people: tuple[int, ...] | None = None, assignments: tuple[int, ...] | None = None
    ) -> None:
        """Whom (`emp_id`) and what (`assign_structure_id`) the view lets through. None: all."""
        self.put_view(replace(self._view(view_id), people=people, assignments=assignments))

    def set_horizon(self, template_id: int, last_published: date | Literal["auto"] | None) -> None:
        """`last_published_date`: a date (0001-01-01: never), null, or by what is published."""
        if template_id not in self._world.templates:
            raise Unknown(f"no template {template_id}")
        self.put_template(replace(self._world.templates[template_id], horizon=last_published))

    def set_account(self, client_id: str | None = None, client_secret: str | None = None, is_admin: Any = None) -> None:
        """What is given of the account. `is_admin`: any JSON value; "absent" leaves the key out."""
        given = {"client_id": client_id, "client_secret": client_secret, "is_admin": is_admin}
        changes: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
        self._world.account = replace(self._world.account, **changes)
        self._world.touch_records()

    def set_options(self, options: Options) -> None:
        """All options; what is left out goes back to its default."""
        self._world.options = options
        self._world.touch_records()

    def _person(self, emp_id: int) -> Person:
        if emp_id not in self._world.people:
            raise Unknown(f"no person {emp_id}")
        return self._world.people[emp_id]

    def _assignment(self, assign_structure_id: int) -> Assignment:
        if assign_structure_id not in self._world.assignments:
            raise Unknown(f"no assignment {assign_structure_id}")
        return self._world.assignments[assign_structure_id]

    def _view(self, view_id: int) -> View:
        if view_id not in self._world.views:
            raise Unknown(f"no view {view_id}")
        return self._world.views[view_id]


def _with(fields: Mapping[str, Any], field: str, value: Any, absent: bool) -> dict[str, Any]:
    rest = {name: other for name, other in fields.items() if name != field}
    return rest if absent else {**rest, field: value}
