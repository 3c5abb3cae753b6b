"""CSV files of mappings: what spreadsheets write is read, and what is wrong is named by row and field."""

import csv
import io
from collections.abc import Mapping
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.ops.mapping_file import BadMappingFileError, read_file, write_file
from shared.schedule.own_mappings import FLAGS, Fields, Kind

PEOPLE = "emp_id,microsoft_id\n"
ASSIGNMENTS = f"assign_structure_id,{','.join(FLAGS)}\n"
OBJECT_ID = "0f8fad5b-d9cb-469f-a165-70867728950e"


def _ids(content: bytes | str) -> dict[str, object]:
    return {person: fields["microsoft_id"] for person, fields in read_file(content).rows.items()}


def _problems(content: bytes | str) -> list[str]:
    with pytest.raises(BadMappingFileError) as caught:
        read_file(content)
    return [str(problem) for problem in caught.value.problems]


def test_people_trimmed_and_in_lower_case() -> None:
    content = f"{PEOPLE}2101, Ada@Example.ORG \n2102,{OBJECT_ID.upper()}\n2103,\n2104,   \n"
    assert _ids(content) == {"2101": "ada@example.org", "2102": OBJECT_ID, "2103": "", "2104": ""}


def test_assignments_in_every_spelling() -> None:
    file = read_file(f"{ASSIGNMENTS}301,TRUE,no,1,\nA label,Yes,off,f,t\n")
    assert file.kind == "assignments"
    assert [[*fields.values()] for fields in file.rows.values()] == [
        [True, False, True, False],
        [True, False, False, True],
    ]
    assert [*file.rows] == ["301", "A label"]


TEXT = "emp_id,name,microsoft_id\r\n2101,Żółć,ada@example.org\r\n2102,,\r\n"


@pytest.mark.parametrize(
    "content",
    [
        TEXT.encode(),
        TEXT.encode("utf-8-sig"),
        TEXT.encode("utf-16"),
        "\ufeff" + TEXT,
        TEXT.replace("\r\n", "\n"),
        TEXT.replace("\r\n", "\r"),
        TEXT.rstrip(),
        "\r\n,,\r\n" + TEXT + ",,\r\n\r\n",
        TEXT.replace(",", ";"),
        TEXT.replace(",", "\t").encode("utf-16"),
        '"emp_id","name","microsoft_id"\r\n"2101","Doe, ""Ada""\r\nMD","ada@example.org"\r\n"2102","",""\r\n',
        " EMP_ID , Name,Microsoft_ID\n2101 ,x, ADA@example.org\n2102,,\n",
        "microsoft_id,emp_id\nada@example.org,2101\n,2102\n",
    ],
)
def test_what_spreadsheets_write(content: bytes | str) -> None:
    assert _ids(content) == {"2101": "ada@example.org", "2102": ""}


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("", "the file: is empty"),
        ("\n ,\n", "the file: is empty"),
        (PEOPLE, "the file: has no rows below its header; an empty file is never imported"),
        (
            "2101,ada@example.org\n",
            "row 1: is no header of mappings: it must be emp_id,microsoft_id or assign_structure",
        ),
        ("emp_id\n2101\n", "row 1, microsoft_id: is missing in the header"),
        ("emp_id,microsoft_id,send_to_outlook\n", "row 1, send_to_outlook: is no column of this file"),
        ("emp_id,microsoft_id,\n", "row 1: a column has no name"),
        ("emp_id,microsoft_id,emp_id\n", "row 1, emp_id: stands twice in the header"),
        (f"{ASSIGNMENTS[:-14]}\n", "row 1, send_as_free: is missing in the header"),
        (f"{PEOPLE}2101\n", "row 2: has 1 cells; the header has 2"),
        (f"{PEOPLE}2101,a@example.org,b\n", "row 2: has 3 cells; the header has 2"),
        (f"{PEOPLE},a@example.org\n", "row 2, emp_id: is empty"),
        (f"{PEOPLE}02101,a@example.org\n", "row 2, emp_id: is no whole number"),
        (f"{PEOPLE}2101.0,a@example.org\n", "row 2, emp_id: is no whole number"),
        (f"{PEOPLE}99999999999999999999,a@example.org\n", "row 2, emp_id: is no whole number"),
        (f"{PEOPLE}2101,4711\n", "row 2, microsoft_id: is neither an Entra object id nor a user principal name"),
        (f"{PEOPLE}2101,a/b@example.org\n", "row 2, microsoft_id: a Microsoft ID cannot hold"),
        (f"{PEOPLE}2101,{'a' * 320}@example.org\n", "row 2, microsoft_id: a text of more than 320 characters"),
        (f"{PEOPLE}2101,a@x.org\n\n2101,b@x.org\n", "row 4, emp_id: stands in row 2 already, with other values"),
        (f'{PEOPLE}2101,"a@x.org"b\n', "row 2: is no CSV"),
        (f'{PEOPLE}2101,"a@x.org\n', "row 2: is no CSV"),
        (f"{ASSIGNMENTS}301,maybe,,,\n", "row 2, send_to_outlook: a text is neither true nor false"),
        (f"{ASSIGNMENTS}a/b,,,,\n", "row 2, assign_structure_id: is no id of an assignment"),
        (f"{ASSIGNMENTS},yes,,,\n", "row 2, assign_structure_id: is empty"),
        (
            "emp_id,microsoft_id\n2101,zoë@example.org\n".encode("latin-1"),
            "the file: is not UTF-8; save it as CSV UTF-8",
        ),
    ],
)
def test_what_is_wrong(content: bytes | str, problem: str) -> None:
    (found,) = _problems(content)
    assert found.startswith(problem)


def test_all_problems_are_told_at_once_without_any_value() -> None:
    content = f"{ASSIGNMENTS}301,perhaps,x,no,no\n302,yes,yes,yes,yes\n303,yes\n"
    assert _problems(content) == [
        "row 2, send_to_outlook: a text is neither true nor false",
        "row 2, include_schedule_notes: a text is neither true nor false",
        "row 4: has 2 cells; the header has 5",
    ]


def test_fifty_problems_are_shown_and_the_rest_counted() -> None:
    with pytest.raises(BadMappingFileError) as caught:
        read_file(PEOPLE + "".join(f"{person},nobody\n" for person in range(1, 61)))
    lines = str(caught.value).splitlines()
    assert len(caught.value.problems) == 60
    assert lines[0] == "nothing was changed: 60 problems in the file"
    assert lines[50].startswith("  row 51, microsoft_id: is neither")
    assert lines[51:] == ["  … and 10 more"]


def test_a_row_that_stands_there_twice_the_same_counts_once() -> None:
    file = read_file(f"{PEOPLE}2101,a@x.org\n2102,\n2101,A@x.org\n2101,a@x.org\n")
    assert (len(file.rows), file.duplicates) == (2, ("2101",))


def test_a_written_file() -> None:
    people: dict[str, Fields] = {"2101": {"microsoft_id": "a@x.org"}, "9": {"microsoft_id": ""}}
    assert write_file("people", people) == "emp_id,microsoft_id\r\n9,\r\n2101,a@x.org\r\n"
    flags: Fields = dict(zip(FLAGS, (True, False, False, True), strict=True))
    header = ASSIGNMENTS.replace("\n", "\r\n")
    assert write_file("assignments", {"a, b": flags}) == f'{header}"a, b",true,false,false,true\r\n'


EMP_IDS = st.integers(0, 2**63 - 1).map(str)
OWNERS = st.text(st.characters(exclude_categories=("Cc", "Cs", "Zs", "Zl", "Zp", "Cf", "Co", "Cn"),
                               exclude_characters="/\\#?@"), min_size=1, max_size=40)  # fmt: skip
MAILBOXES = st.just("") | st.uuids().map(str) | OWNERS.map(lambda owner: f"{owner}@example.org".lower().strip())
STRUCTURES = EMP_IDS | OWNERS.filter(lambda text: text.strip() == text)
PEOPLE_ROWS = st.dictionaries(EMP_IDS, st.fixed_dictionaries({"microsoft_id": MAILBOXES}), min_size=1)
ASSIGNMENT_ROWS = st.dictionaries(
    STRUCTURES, st.fixed_dictionaries({name: st.booleans() for name in FLAGS}), min_size=1
)


def _survives(kind: Kind, fields: Mapping[str, Fields], delimiter: str, end: str, encoding: str) -> None:
    """As written, and as a spreadsheet saves it again."""
    text = write_file(kind, fields)
    file = read_file(text)
    assert (file.kind, file.rows, file.duplicates) == (kind, fields, ())
    assert write_file(kind, file.rows) == text
    saved = io.StringIO()
    csv.writer(saved, delimiter=delimiter, lineterminator=end, quoting=csv.QUOTE_ALL).writerows(
        csv.reader(io.StringIO(text, newline=""))
    )
    assert read_file(saved.getvalue().encode(encoding)).rows == fields


DELIMITERS, ENDS = st.sampled_from([",", ";", "\t"]), st.sampled_from(["\n", "\r\n"])
ENCODINGS = st.sampled_from(["utf-8-sig", "utf-16"])


@given(PEOPLE_ROWS, DELIMITERS, ENDS, ENCODINGS)
def test_written_people_are_read_again(rows: dict[str, Fields], delimiter: str, end: str, encoding: str) -> None:
    _survives("people", rows, delimiter, end, encoding)


@given(ASSIGNMENT_ROWS, DELIMITERS, ENDS, ENCODINGS)
def test_written_assignments_are_read_again(rows: dict[str, Fields], delimiter: str, end: str, encoding: str) -> None:
    _survives("assignments", rows, delimiter, end, encoding)


@given(st.binary(max_size=200) | st.text(st.characters(codec="utf-8"), max_size=200).map(str.encode))
def test_no_file_breaks_the_reader(content: bytes) -> None:
    for some in (content, b"emp_id,microsoft_id\n" + content):
        with suppress(BadMappingFileError):
            file = read_file(some)
            assert read_file(write_file(file.kind, file.rows)).rows == file.rows
