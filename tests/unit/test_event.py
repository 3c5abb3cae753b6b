"""What an event says: subject, body, location, free or busy, and what settings add."""

from itertools import product

import pytest
from hypothesis import given

from shared.outlook.event import BODY_LIMIT, LINE_LIMIT, EventOptions
from tests.unit.shifts import anything, assignment, event_of, schedule, slot, unhurried


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{assignment}", "ICU Day"),
        ("{assignment_short}", "ICU-D"),
        ("{schedule}: {assignment} ({assignment_short})", "Intensive Care: ICU Day (ICU-D)"),
        ("On duty", "On duty"),
    ],
)
def test_subject_from_its_template(template: str, expected: str) -> None:
    assert event_of(options=EventOptions(subject=template)).subject == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("ICU\r\nDay", "ICU Day"),
        ("  ICU \t Day \n", "ICU Day"),
        ("ICU\x00 D\x07ay\x7f", "ICU Day"),
        ("ICU\u2028Day", "ICU Day"),
        ("ICU \ud83d Day", "ICU Day"),  # half of a surrogate pair: no UTF-8 has it
        ("Médecine d’urgence 🏥", "Médecine d’urgence 🏥"),
        ("{schedule}", "{schedule}"),  # a name is no template
        ("", "ICU-D"),
        (" \n ", "ICU-D"),
        ("\u200b", "ICU-D"),  # nothing to be seen
    ],
)
def test_subject_is_one_clean_line(name: str, expected: str) -> None:
    assert event_of(kind=assignment(name)).subject == expected


def test_subject_is_never_empty() -> None:
    assert event_of(kind=assignment("\r\n", "\x00")).subject == "Shift"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("x" * 255, "x" * 255),
        ("x" * 256, "x" * 255),
        ("🏥" * 128, "🏥" * 127),  # two code units each: 254, and half a character more is not taken
        ("x" + "🏥" * 127, "x" + "🏥" * 127),
        ("x" * 254 + " yz", "x" * 254),
    ],
)
def test_subject_is_cut_at_255_code_units(name: str, expected: str) -> None:
    assert event_of(kind=assignment(name)).subject == expected


NOTE, NAME = "Call room 4", "ICU Day"
TRUTH = {
    # notes, information, free: body, free
    (False, False, False): ("", False),
    (False, False, True): ("", True),
    (False, True, False): (NAME, False),
    (False, True, True): (NAME, True),
    (True, False, False): (NOTE, False),
    (True, False, True): (NOTE, True),
    (True, True, False): (f"{NAME}\n\n{NOTE}", False),
    (True, True, True): (f"{NAME}\n\n{NOTE}", True),
}


@pytest.mark.parametrize(("notes", "information", "free"), list(product([False, True], repeat=3)))
def test_body_and_free_by_the_assignments_fields(notes: bool, information: bool, free: bool) -> None:
    event = event_of(slot(note=NOTE), assignment(notes=notes, information=information, free=free))
    assert (event.body, event.free) == TRUTH[notes, information, free]


def test_body_without_a_note_has_no_empty_lines() -> None:
    assert event_of(slot(note=" \n"), assignment(notes=True, information=True)).body == "ICU Day"
    assert event_of(slot(note=""), assignment(notes=True)).body == ""


def test_body_keeps_the_lines_of_a_note_and_no_control_characters() -> None:
    note = "\r\nfirst\r\n\tsecond\rthird\x85fourth\u2029\nfifth\x00\x0b\x1b[31m\ud800\n\n"
    assert event_of(slot(note=note), assignment(notes=True)).body == "first\n\tsecond\nthird\nfourth\n\nfifth[31m"


def test_body_is_text_whatever_it_looks_like() -> None:
    note = "<b>bold</b> & {assignment}"
    assert event_of(slot(note=note), assignment(notes=True)).body == note


def test_body_is_cut_with_an_ellipsis() -> None:
    whole = event_of(slot(note="n" * BODY_LIMIT), assignment(notes=True)).body
    cut = event_of(slot(note="🏥" * BODY_LIMIT), assignment(notes=True)).body
    assert whole == "n" * BODY_LIMIT
    assert cut == "🏥" * (BODY_LIMIT // 2 - 1) + "…"


def test_location_joins_the_names() -> None:
    assert event_of(slot(locations=("Main\n Campus", " ", "Tower B", "Tower B"))).location == "Main Campus, Tower B"
    assert event_of(slot(locations=("x" * 300,))).location == "x" * 255
    assert event_of().location == ""


def test_settings_add_category_sensitivity_and_reminder() -> None:
    event = event_of(options=EventOptions(category="On call", sensitivity="private", reminder_minutes=0))
    assert (event.category, event.sensitivity, event.reminder_minutes) == ("On call", "private", 0)
    plain = event_of()
    assert (plain.category, plain.sensitivity, plain.reminder_minutes) == (None, "normal", None)


@unhurried
@given(name=anything, short_name=anything, title=anything, note=anything, place=anything)
def test_no_text_breaks_an_event(name: str, short_name: str, title: str, note: str, place: str) -> None:
    event = event_of(
        slot(note=note, locations=(place, place + "2")),
        assignment(name, short_name, notes=True, information=True),
        EventOptions(subject="{assignment}{assignment_short}{schedule}"),
        published=schedule(title),
    )
    assert event.subject.strip()
    for line in (event.subject, event.location):
        assert len(line.encode("utf-16-le")) <= 2 * LINE_LIMIT
        assert not any(character in line for character in "\r\n\t\x00\x1f\x7f")
    for text in (event.subject, event.body, event.location):
        assert text == text.strip()
        assert all(character in "\n\t" or ord(character) >= 32 for character in text)
