"""Both mappings kept by ourselves (`MAPPING_SOURCE=table`), laid over an answer in place of Lightning Bolt's. Pure.

Customers whose Lightning Bolt does not return the fields keep them in our own table. Everything else, spellings and bad
values too, is as if the fields had come with the answer: a person or an assignment that the table does not name is like
one without the fields.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from shared.schedule.cells import Row, id_or_none, structure_or_none
from shared.schedule.mapping import FieldKeys

type Kind = Literal["people", "assignments"]
type Fields = Mapping[str, str | int | bool]
"""A row's mapping fields by name, as they are stored."""

MICROSOFT_ID = "microsoft_id"
"""A person's Entra object id or user principal name; empty: opted out."""
FLAGS = ("send_to_outlook", "include_schedule_notes", "include_assignment_information", "send_as_free")
OWN_KEYS = FieldKeys(MICROSOFT_ID, *FLAGS)


@dataclass(frozen=True, slots=True)
class Mappings:
    """Both mappings, whole."""

    people: Mapping[str, Fields]
    """By `emp_id`."""
    assignments: Mapping[str, Fields]
    """By `assign_structure_id`."""
    as_of: datetime
    """They stood so at this moment, by storage's clock."""


def lay_over(
    rows: list[object], key: Literal["emp_id", "assign_structure_id"], own: Mapping[str, Fields]
) -> list[object]:
    """The records of an answer with our fields in place of theirs. What is no record stays as it is."""
    id_of = id_or_none if key == "emp_id" else structure_or_none
    return [_laid_over(row, own.get(id_of(row.get(key)) or "", {})) if isinstance(row, dict) else row for row in rows]


def _laid_over(row: Row, fields: Fields) -> Row:
    return {name: value for name, value in row.items() if name != MICROSOFT_ID and name not in FLAGS} | dict(fields)
