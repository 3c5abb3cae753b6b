"""The files that an operator imports where Lightning Bolt returns no mappings: what the hospital's records hold."""

import csv
import io
from collections.abc import Iterable, Sequence

from tests.local.lightning_bolt.model import Setup

FLAGS = ("send_to_outlook", "include_schedule_notes", "include_assignment_information", "send_as_free")


def people_file(setup: Setup) -> str:
    """Everybody's ID, opted-out people's being empty."""
    people = [person for person in setup.people if not person.is_placeholder]
    rows = [(person.emp_id, person.display_name, person.fields.get("unique_id") or "") for person in people]
    return _csv(("emp_id", "name", "microsoft_id"), rows)


def assignments_file(setup: Setup) -> str:
    """The four fields of every kind of assignment."""
    rows = [
        (kind.assign_structure_id, kind.display_name, *(_word(kind.mapping.get(flag)) for flag in FLAGS))
        for kind in setup.assignments
    ]
    return _csv(("assign_structure_id", "name", *FLAGS), rows)


def opt_out_file(emp_id: int) -> str:
    """Says of one person that there is no ID any more."""
    return _csv(("emp_id", "microsoft_id"), [(emp_id, "")])


def _word(value: object) -> str:
    return "" if value is None else "TRUE" if value else "FALSE"


def _csv(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """As a spreadsheet writes it."""
    text = io.StringIO()
    csv.writer(text).writerows((header, *rows))
    return text.getvalue()
