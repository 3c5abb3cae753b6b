"""What an import says before it is done: whose calendars change, and what looks wrong."""

from shared.ops.mapping_file import read_file
from shared.ops.mapping_preview import Preview, preview
from shared.schedule.own_mappings import FLAGS, Fields
from shared.sync.guard import Limits

LIMITS = Limits(0.3, 10)


def _people(**ids: str) -> dict[str, Fields]:
    return {person.removeprefix("p"): {"microsoft_id": address} for person, address in ids.items()}


def _preview(content: str, before: dict[str, Fields], *, replace: bool = False) -> Preview:
    file = read_file(content)
    return preview(file, before, file.rows if replace else {**before, **file.rows}, LIMITS)


BEFORE = _people(p1="a@x.org", p2="b@x.org", p3="c@x.org", p4="", p5="e@x.org", p6="f@x.org")
FILE = "emp_id,microsoft_id\n1,a@x.org\n2,bb@x.org\n3,\n4,d@x.org\n7,g@x.org\n8,\n1,a@x.org\n"


def test_people_by_what_becomes_of_them() -> None:
    found = _preview(FILE, BEFORE)
    assert found.added == ("4", "7")
    assert found.changed == ("2",)
    assert found.opted_out == ("3",)
    assert found.dropped == ()
    assert found.unchanged == ("1", "8")
    assert found.duplicates == ("1",)
    assert (found.rows, found.total, found.warnings) == (6, 8, ())
    assert found.calendars == ("4", "7", "2", "3")


def test_who_is_not_in_a_file_that_replaces_the_whole_is_dropped() -> None:
    found = _preview(FILE, BEFORE, replace=True)
    assert found.dropped == ("5", "6")
    assert found.total == 6
    assert found.warnings == ("3 of 5 people lose their ID: such removals are held until an operator releases them",)


def test_it_prints_itself() -> None:
    assert _preview(FILE, BEFORE, replace=True).lines() == [
        "6 people in the file, 6 afterwards; calendars of 6 people change",
        "  added           2  4, 7",
        "  changed         1  2",
        "  opted out       1  3",
        "  dropped         2  5, 6",
        "  unchanged       2",
        "  duplicates      1  1",
        "warning: 3 of 5 people lose their ID: such removals are held until an operator releases them",
    ]


def test_two_people_with_one_mailbox_are_warned_about_where_the_file_has_a_part_in_it() -> None:
    before = _people(p1="a@x.org", p2="b@x.org", p3="c@x.org", p4="c@x.org")
    found = _preview("emp_id,microsoft_id\n2,A@X.org\n", before)
    assert found.shared == (("1", "2"),)
    assert found.warnings == ("1 and 2 have one mailbox",)


def test_assignments_by_field() -> None:
    fields: Fields = dict(zip(FLAGS, (True, False, False, False), strict=True))
    header = f"assign_structure_id,{','.join(FLAGS)}\n"
    found = _preview(
        f"{header}301,yes,no,no,yes\n302,yes,,,\n304,yes,,,\n", {"301": fields, "302": fields, "303": fields}
    )
    assert found.lines() == [
        "3 assignments in the file, 4 afterwards; calendars of 0 people change",
        "  added           1  304",
        "  changed         1  301",
        "  dropped         0",
        "  unchanged       1",
        "  duplicates      0",
        "  sent now        1  304",
        "  calendars       0",
        "  301: send_as_free: false → true",
    ]


def test_fifty_ids_are_shown_and_the_rest_counted() -> None:
    content = "emp_id,microsoft_id\n" + "".join(f"{person},{person}@x.org\n" for person in range(100, 161))
    line = _preview(content, {}).lines()[1]
    assert line.startswith("  added          61  100, 101, ")
    assert line.endswith("149, … and 11 more")
