"""Which of our fields an answer of Lightning Bolt's holds at all, by its own keys. Pure.

No such field has been seen in any public recording (FACTS.md, section 1): whether a customer's answer holds them is
the first thing to know.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from shared.schedule.cells import structure_or_none
from shared.schedule.directory import shows_placeholder
from shared.schedule.own_mappings import FLAGS, MICROSOFT_ID
from shared.settings import FIELD_NAMES, PERSON_ID_FIELDS, Settings


@dataclass(frozen=True, slots=True)
class FieldsFound:
    """Of one answer."""

    people: int
    """Personnel records, placeholders left out."""
    ids: Mapping[str, tuple[int, int]]
    """By key: in how many personnel records it is there, and in how many filled in."""
    assignments: int
    flags: Mapping[str, int]
    """By key: in how many assignments it is there."""
    never_configured: tuple[tuple[str, str], ...]
    """Assignments (id, name) of whose four fields none holds anything."""


def mapping_keys(settings: Settings) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """By which keys problems name a person's ID, and an assignment's four fields: theirs, or our own table's."""
    if settings.mapping_source == "table":
        return (MICROSOFT_ID,), FLAGS
    flags = tuple(settings.key_of(name) for name in FIELD_NAMES if name not in PERSON_ID_FIELDS)
    return (settings.key_of(settings.lightning_bolt_person_id_field),), flags


def fields_found(answer: object, settings: Settings) -> FieldsFound:
    """Of a decoded answer of whatever form."""
    people = [row for row in _rows(answer, "personnel") if not shows_placeholder(row)]
    assignments = _rows(answer, "assignments")
    ids = [settings.key_of(name) for name in PERSON_ID_FIELDS]
    flags = [settings.key_of(name) for name in FIELD_NAMES if name not in PERSON_ID_FIELDS]
    return FieldsFound(
        people=len(people),
        ids={key: (sum(key in row for row in people), sum(_filled(row.get(key)) for row in people)) for key in ids},
        assignments=len(assignments),
        flags={key: sum(key in row for row in assignments) for key in flags},
        never_configured=tuple(
            (structure_or_none(row.get("assign_structure_id")) or "?", str(row.get("display_name") or ""))
            for row in assignments
            if not any(_filled(row.get(key)) for key in flags)
        ),
    )


def _rows(answer: object, key: str) -> list[dict[str, object]]:
    rows = answer.get(key) if isinstance(answer, dict) else None
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def _filled(value: object) -> bool:
    return value is not None and (not isinstance(value, str) or bool(value.strip()))
