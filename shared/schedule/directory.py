"""What the slots of an answer refer to: its templates, people and assignments, looked up by id.

A record that cannot be understood is remembered as unreadable, with the field, so that slots that refer to it are
unreadable, too, and are never taken for slots of nobody (rule 7).
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from shared.schedule.cells import Row, UnreadableError, horizon_of, id_or_none, name_of, structure_or_none
from shared.schedule.mapping import FieldKeys, read_mailbox, read_sending
from shared.schedule.model import Assignment, Person, Problem, Schedule, Unreadable

SYSTEM_PERSON = "4"
"""`emp_id` of Lightning Bolt's own EMPTY."""
_PLACEHOLDER_NAME = re.compile(r"\s*(OPEN \d+|EMPTY)\s*", re.ASCII | re.IGNORECASE)
NOT_AN_OBJECT = "the row is no object"
TWICE = "stands there twice with different content"


@dataclass(frozen=True, slots=True)
class Schedules:
    """The templates of an answer."""

    listed: Mapping[str, Schedule]
    unreadable: Mapping[str, str]
    """Schedule to the field that cannot be understood. They are listed, too, with no horizon."""
    protect: tuple[Unreadable, ...]
    """What unreadable templates protect, apart from any slot: their schedule-month; everything if even the id is
    unreadable."""
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class People:
    """The personnel records of an answer."""

    listed: Mapping[str, Person]
    unreadable: Mapping[str, str]
    """Person to the field that cannot be understood. They are not listed."""
    placeholders: frozenset[str]
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Assignments:
    """The assignments of an answer, and the three ways in which a slot names its own."""

    listed: Mapping[str, Assignment]
    by_assign_id: Mapping[tuple[str, str], str | None]
    """Template and `assign_id` (`template_to_assign_id_map`) to assignment; None where two claim it."""
    by_structure: Mapping[str, str | None]
    """`structures[]` to assignment; None where two claim it."""
    problems: tuple[Problem, ...]

    def of(self, row: Row, schedule: str) -> Assignment | None:
        """The assignment of a slot's row: by `assign_structure_id`, else by `assign_id` within its template, else by
        the structures that an assignment is made of. None where none of them tells."""
        structure = structure_or_none(row.get("assign_structure_id"))
        if structure is not None and structure in self.listed:
            return self.listed[structure]
        assign_id = id_or_none(row.get("assign_id"))
        found = self.by_assign_id.get((schedule, assign_id)) if assign_id is not None else None
        if found is None and structure is not None:
            found = self.by_structure.get(structure)
        return self.listed.get(found) if found is not None else None


def shows_placeholder(row: Row) -> bool:
    """Whether a slot's or a personnel row is of a placeholder, by its names: nobody's shift, to be filled."""
    last_name, display_name = row.get("last_name"), row.get("display_name")
    return (isinstance(last_name, str) and last_name.strip().lower() == "z.administrative") or (
        isinstance(display_name, str) and _PLACEHOLDER_NAME.fullmatch(display_name) is not None
    )


def read_schedules(departments: Iterable[object]) -> Schedules:
    """All templates of all departments."""
    listed: dict[str, Schedule] = {}
    unreadable: dict[str, str] = {}
    problems: list[Problem] = []
    nameless = 0
    for row_number, template in enumerate(_templates(departments), start=1):
        schedule = id_or_none(template.get("template_id")) if isinstance(template, dict) else None
        if not isinstance(template, dict) or schedule is None:
            nameless += 1
            problems.append(_no_id("template", row_number, template, "template_id"))
            continue
        found = Schedule(schedule, "", None)
        try:
            found = Schedule(
                schedule,
                name_of(template, "name", "name_full"),
                horizon_of(template.get("last_published_date"), "last_published_date"),
            )
        except UnreadableError as error:
            unreadable.setdefault(schedule, error.field)
            problems.append(Problem(f"schedule {schedule}", error.field, error.reason))
        if listed.setdefault(schedule, found) != found and schedule not in unreadable:
            unreadable[schedule] = "template_id"
            problems.append(Problem(f"schedule {schedule}", "template_id", TWICE))
    for schedule in unreadable:
        listed[schedule] = Schedule(schedule, listed[schedule].name, None)
    protect = [Unreadable(None, schedule, None, dated=True) for schedule in unreadable]
    if nameless:
        protect.append(Unreadable(None, None, None, dated=False))
    return Schedules(listed, unreadable, tuple(protect), tuple(problems))


def read_people(personnel: Iterable[object], keys: FieldKeys) -> People:
    """All personnel records, placeholders told apart."""
    listed: dict[str, Person] = {}
    unreadable: dict[str, str] = {}
    placeholders = {SYSTEM_PERSON}
    problems: list[Problem] = []
    for row_number, row in enumerate(personnel, start=1):
        person = id_or_none(row.get("emp_id")) if isinstance(row, dict) else None
        if not isinstance(row, dict) or person is None:
            problems.append(_no_id("personnel", row_number, row, "emp_id"))
            continue
        if person == SYSTEM_PERSON or shows_placeholder(row):
            placeholders.add(person)
            continue
        try:
            mailbox = read_mailbox(row.get(keys.person_id), keys.person_id)
        except UnreadableError as error:
            unreadable.setdefault(person, error.field)
            problems.append(Problem(f"person {person}", error.field, error.reason))
            continue
        if mailbox.doubt:
            problems.append(Problem(f"person {person}", keys.person_id, mailbox.doubt))
        found = Person(person, _name_for_show(row), mailbox.address)
        if listed.setdefault(person, found).mailbox != mailbox.address and person not in unreadable:
            unreadable[person] = keys.person_id
            problems.append(Problem(f"person {person}", keys.person_id, TWICE))
    for person in placeholders & (listed.keys() | unreadable.keys()):
        placeholders.remove(person)
        unreadable[person] = "emp_id"
        problems.append(Problem(f"person {person}", "emp_id", TWICE))
    for person in unreadable:
        listed.pop(person, None)
    return People(listed, unreadable, frozenset(placeholders), tuple(problems))


def read_assignments(assignments: Iterable[object], keys: FieldKeys) -> Assignments:
    """All assignments, expired ones included: slots of theirs may still be shown."""
    listed: dict[str, Assignment] = {}
    by_assign_id: dict[tuple[str, str], str | None] = {}
    by_structure: dict[str, str | None] = {}
    problems: list[Problem] = []
    for row_number, row in enumerate(assignments, start=1):
        assignment = structure_or_none(row.get("assign_structure_id")) if isinstance(row, dict) else None
        if isinstance(row, dict):
            _claim(by_assign_id, _assign_ids(row), assignment)
            _claim(by_structure, _structures(row), assignment)
        if not isinstance(row, dict) or assignment is None:
            problems.append(_no_id("assignments", row_number, row, "assign_structure_id"))
            continue
        # A label in place of an id (the sanitised answer has such) could be the shift's name: it is not shown.
        label = f"assignment {assignment}" if assignment.isdigit() else f"assignments row {row_number}"
        found, errors = _read_assignment(assignment, row, keys)
        problems += [Problem(label, error.field, error.reason) for error in errors]
        if listed.setdefault(assignment, found) != found:
            listed[assignment] = replace(found, unreadable=found.unreadable or "assign_structure_id")
            problems.append(Problem(label, "assign_structure_id", TWICE))
    return Assignments(listed, by_assign_id, by_structure, tuple(problems))


def _read_assignment(assignment: str, row: Row, keys: FieldKeys) -> tuple[Assignment, tuple[UnreadableError, ...]]:
    sending, errors = read_sending(row, keys)
    name = short_name = ""
    try:
        name = name_of(row, "display_name", "compact_name")
        short_name = name_of(row, "compact_name", "display_name")
    except UnreadableError as error:
        errors = (*errors, error)
    return Assignment(assignment, name, short_name, sending, errors[0].field if errors else None), errors


def _templates(departments: Iterable[object]) -> Iterable[object]:
    """The templates of all departments; in place of a department without a list of them, one that is no object."""
    for department in departments:
        templates = department.get("templates") if isinstance(department, dict) else None
        yield from templates if isinstance(templates, list) else [None]


def _name_for_show(row: Row) -> str:
    """A person's name for the status page; empty where there is none, since nothing depends on it."""
    try:
        return name_of(row, "display_name", "compact_name")
    except UnreadableError:
        return ""


def _no_id(kind: str, row_number: int, row: object, field: str) -> Problem:
    return Problem(f"{kind} row {row_number}", field, "no id stands there" if isinstance(row, dict) else NOT_AN_OBJECT)


def _claim[K](index: dict[K, str | None], claimed: Iterable[K], assignment: str | None) -> None:
    for key in claimed:
        index[key] = assignment if index.get(key, assignment) == assignment else None


def _assign_ids(row: Row) -> list[tuple[str, str]]:
    ids = row.get("template_to_assign_id_map")
    if not isinstance(ids, dict):
        return []
    return [(str(key), assign_id) for key, value in ids.items() if (assign_id := id_or_none(value)) is not None]


def _structures(row: Row) -> list[str]:
    structures = row.get("structures")
    if not isinstance(structures, list):
        return []
    return [structure for value in structures if (structure := structure_or_none(value)) is not None]
