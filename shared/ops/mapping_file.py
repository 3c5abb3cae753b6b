"""CSV files of mappings: people's IDs, or the four fields of assignments. Pure; a file is good as a whole or refused.

kind | header
--- | ---
people | `emp_id,microsoft_id`
assignments | `assign_structure_id,send_to_outlook,include_schedule_notes,include_assignment_information,send_as_free`

Columns may stand in any order; one named `name` is for human eyes and is ignored. Accepted as spreadsheets write it: a
byte order mark, UTF-16, any line ends, quoted cells, semicolons or tabs in place of commas, blank rows.
"""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from shared.schedule.cells import UnreadableError, structure_or_none
from shared.schedule.mapping import read_flag, read_mailbox
from shared.schedule.own_mappings import FLAGS, MICROSOFT_ID, Fields, Kind

KEYS: Mapping[Kind, str] = {"people": "emp_id", "assignments": "assign_structure_id"}
COLUMNS: Mapping[Kind, tuple[str, ...]] = {"people": (MICROSOFT_ID,), "assignments": FLAGS}
IGNORED = "name"
MOST_SHOWN = 50
"""Problems that are shown; the rest are counted."""

_EMP_ID = re.compile(r"0|[1-9]\d{0,18}", re.ASCII)
_NO_ROW_KEY = re.compile("[/\\\\#?\x00-\x1f\x7f-\x9f]")
_DELIMITERS = (",", ";", "\t")
_MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}


@dataclass(frozen=True, slots=True)
class RowProblem:
    """What is wrong with a row of a file. Holds no value: it may be an address."""

    row: int
    """As a spreadsheet counts: the header is row 1. 0: the file as a whole."""
    field: str
    reason: str

    def __str__(self) -> str:
        where = f"row {self.row}" if self.row else "the file"
        return f"{where}, {self.field}: {self.reason}" if self.field else f"{where}: {self.reason}"


class BadMappingFileError(ValueError):
    """A file that is not imported. `problems` are all of them, in order of rows."""

    def __init__(self, problems: Sequence[RowProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.lines()))

    def lines(self) -> list[str]:
        """To be printed."""
        count = len(self.problems)
        more = [f"  … and {count - MOST_SHOWN} more"] if count > MOST_SHOWN else []
        return [
            f"nothing was changed: {count} problem{'s' if count > 1 else ''} in the file",
            *(f"  {problem}" for problem in self.problems[:MOST_SHOWN]),
            *more,
        ]


@dataclass(frozen=True, slots=True)
class MappingFile:
    """A file that is good."""

    kind: Kind
    rows: Mapping[str, Fields]
    """By `emp_id` or `assign_structure_id`, in the file's order."""
    duplicates: tuple[str, ...]
    """Ids that stand there more than once, each time with the same fields."""


def read_file(content: bytes | str) -> MappingFile:
    """A file's rows. Raises BadMappingFileError with every problem."""
    text = content if isinstance(content, str) else _decoded(content)
    table = _cells(text.removeprefix("\ufeff"))
    header = next(table, None)
    if header is None:
        raise BadMappingFileError([RowProblem(0, "", "is empty")])
    kind, columns = _header(*header)
    problems: list[RowProblem] = []
    rows: dict[str, Fields] = {}
    first: dict[str, int] = {}
    duplicates: dict[str, None] = {}
    for number, cells in table:
        row_id, fields, wrong = _row(kind, columns, number, cells)
        problems += wrong
        if row_id is None or wrong:
            continue
        if row_id not in rows:
            rows[row_id], first[row_id] = fields, number
        elif rows[row_id] == fields:
            duplicates[row_id] = None
        else:
            problems.append(RowProblem(number, KEYS[kind], f"stands in row {first[row_id]} already, with other values"))
    if not rows and not problems:
        problems.append(RowProblem(0, "", "has no rows below its header; an empty file is never imported"))
    if problems:
        raise BadMappingFileError(problems)
    return MappingFile(kind, rows, tuple(duplicates))


def write_file(kind: Kind, rows: Mapping[str, Fields]) -> str:
    """The file of these rows, in order of their ids, as `read_file` reads it and a spreadsheet opens it."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow((KEYS[kind], *COLUMNS[kind]))
    for row_id, fields in sorted(rows.items(), key=lambda item: (not item[0].isdigit(), len(item[0]), item[0])):
        writer.writerow((row_id, *(_shown(fields.get(column, "")) for column in COLUMNS[kind])))
    return text.getvalue()


def _decoded(content: bytes) -> str:
    encoding = next((name for mark, name in _MARKS.items() if content.startswith(mark)), "utf-8")
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        reason = "is not UTF-8; save it as CSV UTF-8"
        raise BadMappingFileError([RowProblem(0, "", reason)]) from None


def _cells(text: str) -> Iterator[tuple[int, list[str]]]:
    """The rows that are not blank, with their numbers; cells trimmed. Raises BadMappingFileError."""
    head = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(_DELIMITERS, key=head.count)
    number = 0
    try:
        for number, cells in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True), 1):
            if any(cell.strip() for cell in cells):
                yield number, [cell.strip() for cell in cells]
    except csv.Error as error:
        raise BadMappingFileError([RowProblem(number + 1, "", f"is no CSV: {error}")]) from None


def _header(number: int, names: list[str]) -> tuple[Kind, list[str]]:
    names = [name.lower() for name in names]
    kind = next((kind for kind, key in KEYS.items() if key in names), None)
    if kind is None:
        expected = " or ".join(",".join((key, *COLUMNS[kind])) for kind, key in KEYS.items())
        raise BadMappingFileError([RowProblem(number, "", f"is no header of mappings: it must be {expected}")])
    known = (KEYS[kind], *COLUMNS[kind])
    problems = [RowProblem(number, name, "is missing in the header") for name in known if name not in names]
    for name in dict.fromkeys(names):
        if name not in (*known, IGNORED):
            reason = "is no column of this file" if name else "a column has no name"
            problems.append(RowProblem(number, name, reason))
        elif names.count(name) > 1:
            problems.append(RowProblem(number, name, "stands twice in the header"))
    if problems:
        raise BadMappingFileError(problems)
    return kind, names


def _row(
    kind: Kind, columns: list[str], number: int, cells: list[str]
) -> tuple[str | None, Fields, tuple[RowProblem, ...]]:
    if len(cells) != len(columns):
        return None, {}, (RowProblem(number, "", f"has {len(cells)} cells; the header has {len(columns)}"),)
    row = dict(zip(columns, cells, strict=True))
    problems: list[RowProblem] = []
    fields: dict[str, str | int | bool] = {}
    row_id = None
    try:
        row_id = _id(kind, row[KEYS[kind]])
    except UnreadableError as error:
        problems.append(RowProblem(number, error.field, error.reason))
    for column in COLUMNS[kind]:
        try:
            fields[column] = _microsoft_id(row[column]) if kind == "people" else read_flag(row[column], column)
        except UnreadableError as error:
            problems.append(RowProblem(number, error.field, error.reason))
    return row_id, fields, tuple(problems)


def _id(kind: Kind, cell: str) -> str:
    """As Lightning Bolt's answers have it. Raises UnreadableError."""
    if kind == "people":
        if _EMP_ID.fullmatch(cell) and int(cell) < 2**63:
            return cell
        raise UnreadableError("emp_id", "is no whole number" if cell else "is empty")
    structure = structure_or_none(cell)
    if structure is None or _NO_ROW_KEY.search(structure):
        raise UnreadableError("assign_structure_id", "is no id of an assignment" if cell else "is empty")
    return structure


def _microsoft_id(cell: str) -> str:
    """Trimmed and in lower case; empty: opted out. Raises UnreadableError, also for what Graph will never accept."""
    mailbox = read_mailbox(cell, MICROSOFT_ID)
    if mailbox.doubt:
        raise UnreadableError(MICROSOFT_ID, f"is {mailbox.doubt}")
    return mailbox.address or ""


def _shown(value: str | int | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
