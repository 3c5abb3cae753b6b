"""The part of the control client that edits people, assignments, templates, views and the account."""

from datetime import date
from typing import Any, Literal

from tests.local.lightning_bolt.model import Assignment, Department, Person, Template, View
from tests.local.lightning_bolt.record_edits import Section
from tests.local.lightning_bolt.wire import Wire


class RecordsControl:
    """See RecordEdits, whose methods these are."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    async def _call(self, verb: str, /, **arguments: Any) -> Any:
        return await self._wire.call(verb, arguments)

    async def put_department(self, department: Department) -> None:
        """Adds or replaces a department."""
        await self._call("put_department", department=department)

    async def put_template(self, template: Template) -> None:
        """Adds or replaces a template."""
        await self._call("put_template", template=template)

    async def put_person(self, person: Person) -> None:
        """Adds or replaces a personnel record."""
        await self._call("put_person", person=person)

    async def put_assignment(self, assignment: Assignment) -> None:
        """Adds or replaces an assignment."""
        await self._call("put_assignment", assignment=assignment)

    async def put_view(self, view: View) -> None:
        """Adds or replaces a view."""
        await self._call("put_view", view=view)

    async def set_person_field(self, emp_id: int, field: str, value: Any = None, *, absent: bool = False) -> None:
        """One of `unique_id`, `custom1` ... `custom4` (or any other key): a value, or the key gone."""
        await self._call("set_person_field", emp_id=emp_id, field=field, value=value, absent=absent)

    async def set_person(
        self,
        emp_id: int,
        *,
        display_name: str | None = None,
        last_name: str | None = None,
        expired: bool | None = None,
        missing: bool | None = None,
    ) -> None:
        """What is given of a personnel record; `missing` takes it out of `personnel[]`."""
        await self._call(
            "set_person",
            emp_id=emp_id,
            display_name=display_name,
            last_name=last_name,
            expired=expired,
            missing=missing,
        )

    async def set_assignment_field(
        self, assign_structure_id: int, field: str, value: Any = None, *, absent: bool = False
    ) -> None:
        """One of the four Outlook fields (or any other key): any JSON value, or the key gone."""
        await self._call(
            "set_assignment_field", assign_structure_id=assign_structure_id, field=field, value=value, absent=absent
        )

    async def set_assignment(
        self,
        assign_structure_id: int,
        *,
        display_name: str | None = None,
        compact_name: str | None = None,
        expired: bool | None = None,
    ) -> None:
        """What is given of an assignment."""
        await self._call(
            "set_assignment",
            assign_structure_id=assign_structure_id,
            display_name=display_name,
            compact_name=compact_name,
            expired=expired,
        )

    async def rename_field(self, section: Section, field: str, to: str | None) -> None:
        """A JSON key is called otherwise in every row of a section. None: as before."""
        await self._call("rename_field", section=section, field=field, to=to)

    async def add_template_to_view(self, view_id: int, template_id: int) -> None:
        """The view shows one schedule more."""
        await self._call("add_template_to_view", view_id=view_id, template_id=template_id)

    async def remove_template_from_view(self, view_id: int, template_id: int) -> None:
        """The view shows one schedule less."""
        await self._call("remove_template_from_view", view_id=view_id, template_id=template_id)

    async def set_filter(
        self, view_id: int, *, people: tuple[int, ...] | None = None, assignments: tuple[int, ...] | None = None
    ) -> None:
        """Whom (`emp_id`) and what (`assign_structure_id`) the view lets through. None: all."""
        await self._call("set_filter", view_id=view_id, people=people, assignments=assignments)

    async def set_horizon(self, template_id: int, last_published: date | Literal["auto"] | None) -> None:
        """`last_published_date`: a date (0001-01-01: never), null, or by what is published."""
        await self._call("set_horizon", template_id=template_id, last_published=last_published)

    async def set_account(
        self, *, client_id: str | None = None, client_secret: str | None = None, is_admin: Any = None
    ) -> None:
        """What is given of the account. `is_admin`: any JSON value; "absent" leaves the key out."""
        await self._call("set_account", client_id=client_id, client_secret=client_secret, is_admin=is_admin)
