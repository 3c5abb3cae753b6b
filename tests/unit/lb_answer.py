"""A small answer of `POST /viewerapi`, in which each test changes what it is about."""

from copy import deepcopy
from datetime import UTC, datetime
from typing import Any

from shared.month import Month
from shared.schedule.mapping import FieldKeys
from shared.schedule.model import MonthRead
from shared.schedule.parse import parse_month

type Json = Any

NOVEMBER = Month(2026, 11)
CHICAGO = "America/Chicago"


def local(text: str) -> datetime:
    """A naive wall clock."""
    return datetime.fromisoformat(text)


def utc(text: str) -> datetime:
    """An instant."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def slot(slot_id: int = 48201, **changes: Json) -> Json:
    """A day shift of Tessa Marlow's on 2 November 2026."""
    return {
        "slot_id": slot_id,
        "emp_id": 2101,
        "display_name": "Marlow, Tessa MD",
        "compact_name": "T Marlow",
        "last_name": "Marlow",
        "template": "HM MD",
        "template_id": 5,
        "slot_date": "2026-11-02",
        "start_time": "2026-11-02T07:00:00",
        "stop_time": "2026-11-02T17:00:00",
        "start_time_utc": "2026-11-02T13:00:00",
        "stop_time_utc": "2026-11-02T23:00:00",
        "assign_id": 20301,
        "assign_structure_id": 301,
        "condensed_structure_id": 301,
        "is_pending": False,
        "note": None,
        "request_note": "my own reasons",
        "decision_note": "granted",
    } | changes


def person(emp_id: int, name: str, unique_id: Json, **changes: Json) -> Json:
    """A personnel record."""
    return {
        "emp_id": emp_id,
        "first_name": name.split()[0],
        "last_name": name.split()[-1],
        "display_name": name,
        "compact_name": name,
        "unique_id": unique_id,
        "custom1": None,
    } | changes


def assignment(structure: Json, name: str, **changes: Json) -> Json:
    """An assignment that is sent."""
    return {
        "assign_structure_id": structure,
        "display_name": name,
        "compact_name": name[:2].upper(),
        "structures": [structure],
        "template_to_assign_id_map": {"5": 20000 + structure} if isinstance(structure, int) else {},
        "send_to_outlook": True,
        "include_schedule_notes": True,
        "include_assignment_information": False,
        "send_as_free": None,
    } | changes


def template(template_id: int, name: Json, last_published_date: Json = "2026-12-31T00:00:00", **changes: Json) -> Json:
    """A template."""
    return {"template_id": template_id, "name": name, "last_published_date": last_published_date} | changes


def answer(*slots: Json, **changes: Json) -> Json:
    """An answer of view 50 with these slots."""
    return deepcopy(
        {
            "schedule_data": {"data": list(slots)},
            "personnel": [
                person(4, "EMPTY", None),
                person(2001, "OPEN 1", None, last_name="z.Administrative"),
                person(2101, "Tessa Marlow", " Tessa.Marlow@Riverside.example "),
                person(2102, "Jonas Quill", "8D1C5F0E-6A2B-4C39-9B7E-2F40D1A6C853"),
                person(2103, "Ines Brandt", None),
            ],
            "assignments": [assignment(301, "Day Rounds"), assignment(302, "Night")],
            "departments": [{"department_id": 10, "templates": [template(5, "HM MD"), template(6, "HM APP")]}],
            "permissions": {"is_admin": False, "is_super_admin": False},
            "view_context": {"view_id": 50, "filter": {"on_templates": [5, 6]}},
        }
        | changes
    )


def parsed(whole: Json, *, zone: str = CHICAGO, month: Month = NOVEMBER, keys: FieldKeys | None = None) -> MonthRead:
    """The answer as a month of view 50."""
    return parse_month(whole, view=50, zone=zone, month=month, keys=keys or FieldKeys())


def reported(read: MonthRead) -> list[tuple[str, str]]:
    """Row and field of every problem."""
    return [(problem.row, problem.field) for problem in read.problems]
