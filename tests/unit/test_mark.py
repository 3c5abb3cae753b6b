"""The mark: what it says, and what is not one of ours."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.month import Month
from shared.outlook.mark import MARK_ID, Mark
from tests.unit.shifts import mark, unhurried

TEXT = "north:0b6f2a34-5a0e-4f5e-9c59-1f2f0e7f6a11:2101:5:2026-11:0123456789abcdef0123"


def test_the_property_never_changes() -> None:
    """Events out there carry it: with another one, none of them would be ours any more."""
    assert MARK_ID == "String {702382a2-6180-43cb-9056-6accc03ab134} Name LightningBoltShift"


def test_what_it_says() -> None:
    assert mark().text() == TEXT
    assert Mark.parse(TEXT) == mark()


@pytest.mark.parametrize(
    "text",
    [TEXT.upper(), TEXT.replace("north", "NORTH"), TEXT.replace("abcdef", "ABCDEF")],
)
def test_case_makes_no_difference(text: str) -> None:
    assert Mark.parse(text) == mark()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "green",
        TEXT + ":",
        TEXT + ":x",
        TEXT.rpartition(":")[0],
        TEXT.replace("2026-11", "2026-13"),
        TEXT.replace("2026-11", "2026-1"),
        TEXT.replace("north", ""),
        TEXT.replace("north", "no_rth"),
        TEXT.replace("north", "n" * 33),
        TEXT.replace(":2101:", "::"),
        TEXT.replace(":5:", "::"),
        TEXT.replace(":2101:", ":21 01:"),
        TEXT.replace(":2101:", ":%32101:"),  # no text of a mark encodes a digit
        TEXT.replace(":2101:", ":%FF:"),
        TEXT.replace("0b6f2a34", "0b6f2a3x"),
        TEXT.replace("0123456789abcdef0123", "012345678g"),
        TEXT.replace("2101", "２１０１"),
        " " + TEXT,
        TEXT + "\n",
    ],
)
def test_anything_else_is_none_of_ours(text: str) -> None:
    assert Mark.parse(text) is None


@unhurried
@given(
    installation=st.from_regex(re.compile(r"[a-z0-9-]{1,32}"), fullmatch=True),
    link=st.uuids(version=4),
    person=st.text(st.characters(codec="utf-8"), min_size=1, max_size=20),
    schedule=st.text(st.characters(codec="utf-8"), min_size=1, max_size=20),
    year=st.integers(1, 9999),
    number=st.integers(1, 12),
    digest=st.from_regex(re.compile(r"[0-9a-f]{20}"), fullmatch=True),
)
def test_round_trip(
    installation: str, link: object, person: str, schedule: str, year: int, number: int, digest: str
) -> None:
    made = Mark(installation, str(link), person, schedule, Month(year, number), digest)
    assert Mark.parse(made.text()) == made


@unhurried
@given(text=st.text(st.characters(exclude_categories=())))
def test_no_text_breaks_it(text: str) -> None:
    assert Mark.parse(text) is None
