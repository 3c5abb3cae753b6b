"""Whatever stands anywhere in an answer: parse returns or raises its two errors, and no row disappears silently."""

import json
from copy import deepcopy
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from shared.errors import ScheduleRefusedError, ScheduleUnavailableError
from shared.schedule.model import MonthRead
from tests.unit.lb_answer import answer, parsed, slot

BASE = answer(
    slot(1),
    slot(2, emp_id=2102, assign_structure_id=302, assign_id=20302, note="a note", location_names=["4 West"]),
    slot(3, emp_id=2103),
    slot(4, is_pending=True),
    slot(5, template_id=6, assign_structure_id=301),
    slot(6, slot_date="2026-11-05"),
    slot(7),
    view_context={
        "view_id": 50,
        "filter": {"on_personnel": [{"id": 2101}], "on_templates": [5], "auto_add_personnel": True},
    },
)
EXPECTED = {found.slot: found for found in parsed(BASE).slots}

_SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from([0, 1, 4, 5, 6, 301, 2001, 2101, 2102, 10**40, "\ud800", "0001-01-01T00:00:00", "9999-12-31"])
    | st.sampled_from(["2026-11-05", "2026-11-02T07:00:00", "3000-12-31T00:00:00", "2026-11-02T13:00:00", "OPEN 1"])
    | st.datetimes().map(lambda moment: moment.isoformat(timespec="seconds"))
)
JSON = st.recursive(
    _SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The path of every value in a JSON value, but of the whole."""
    items: Any = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [found for key, inner in items for found in ((*path, key), *places(inner, (*path, key)))]


PLACES = [path for path in places(BASE) if path not in (("schedule_data",), ("schedule_data", "data"))]
"""All but the list of rows itself: another list there is another month."""
ABSENT = object()


def changed(whole: Any, path: tuple[Any, ...], value: Any) -> Any:
    """A copy with another value there, or with none."""
    whole = deepcopy(whole)
    place = whole
    for key in path[:-1]:
        place = place[key]
    if value is ABSENT:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return whole


def read_or_none(whole: Any) -> MonthRead | None:
    """None where the answer as a whole is refused: then nothing of it is used, and nothing lost."""
    try:
        return parsed(whole)
    except (ScheduleUnavailableError, ScheduleRefusedError):
        return None


def check(path: tuple[Any, ...], value: Any) -> None:
    """One change: every row is a slot as before, or unreadable and reported, or may rightly be dropped or another."""
    read = read_or_none(changed(BASE, path, value))
    if read is None:
        return
    slots = {found.slot: found for found in read.slots}
    unreadable = {row.slot for row in read.unreadable}
    named = {problem.row for problem in read.problems}
    assert len(slots) == len(read.slots)
    assert {f"slot {row}" for row in unreadable if row} <= named
    touched = str(path[2] + 1) if path[:2] == ("schedule_data", "data") and len(path) > 2 else None
    gone = value is ABSENT and len(path) == 3  # the row itself was taken away
    for number, before in EXPECTED.items():
        if number in unreadable:
            continue
        if number != touched:
            if slots.get(number) != before:
                assert path[0] in ("personnel", "assignments", "departments"), (number, path)
                # a record that others refer to became another readable one: a placeholder, unpublished, renamed
                assert number not in slots or slots[number].assignment != before.assignment, (number, path)
                assert number in slots or path[-1] in ("emp_id", "last_name", "display_name", "last_published_date")
        elif number not in slots:
            anonymous = any(row.slot is None for row in read.unreadable) and f"row {number}" in named
            rightly = len(path) > 3 and path[3] in ("slot_id", "slot_date", "emp_id", "display_name", "last_name")
            assert gone or anonymous or rightly or len(path) == 3, (path, value)


@settings(max_examples=600, deadline=None)
@given(path=st.sampled_from(PLACES), value=JSON | st.just(ABSENT))
@example(path=("schedule_data", "data", 0, "note"), value=7)
@example(path=("schedule_data", "data", 0), value=None)
@example(path=("departments", 0, "templates", 0, "last_published_date"), value="garbage")
@example(path=("personnel", 2, "unique_id"), value=["x"])
@example(path=("view_context", "filter", "on_personnel", 0, "id"), value=10**5000)
def test_one_value_that_is_another(path: tuple[Any, ...], value: Any) -> None:
    check(path, value)


@settings(max_examples=200, deadline=None)
@given(changes=st.lists(st.tuples(st.sampled_from(PLACES), JSON), min_size=2, max_size=12))
def test_many_values_that_are_others(changes: list[tuple[tuple[Any, ...], Any]]) -> None:
    whole = BASE
    for path, value in changes:
        try:
            whole = changed(whole, path, value)
        except (TypeError, LookupError, AttributeError):  # an earlier change took that place away
            continue
    read_or_none(whole)


@settings(max_examples=100, deadline=None)
@given(whole=JSON)
def test_any_json_at_all(whole: Any) -> None:
    assert read_or_none(whole) is None


def test_every_value_of_a_row_absent_or_of_another_type() -> None:
    for path in PLACES:
        for value in (ABSENT, None, True, 7, 1.5, "x", "", [], {}, [[]], {"id": 1}):
            check(path, value)


def test_deep_nesting_anywhere() -> None:
    deep = json.loads("[" * 900 + "]" * 900)
    for path in PLACES:
        check(path, deep)
