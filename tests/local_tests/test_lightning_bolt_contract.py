"""Every answer of the Lightning Bolt stand-in has the form that was observed of the real one."""

import json
from datetime import date

import jsonschema

from tests.contracts import contract
from tests.local.lightning_bolt.model import EMPTY_ID, Person
from tests.local_tests.lightning_bolt_fixtures import (
    BRANDT,
    MARLOW,
    MEDICINE,
    OPEN,
    QUILL,
    ROUNDS,
    Rig,
    day_slot,
    rig,
    wall,
)

_SCHEMA = contract("lightning-bolt-viewerapi.schema.json")
_EXAMPLE = contract("lightning-bolt-answer.json")
DECEMBER_10 = date(2026, 12, 10)

if _SCHEMA is not None and _EXAMPLE is not None:
    _FORM = json.loads(_SCHEMA.read_text())
    _DEFINITIONS = _FORM["$defs"]
    _VALIDATOR = jsonschema.Draft202012Validator(_FORM)
    _KEYS = json.loads(_EXAMPLE.read_text())

    async def _check(it: Rig) -> None:
        for view in (50, 60):
            answer = await it.reader.read(view)
            assert [f"{error.json_path}: {error.message}" for error in _VALIDATOR.iter_errors(answer)] == []

    async def test_every_answer_passes_the_schema() -> None:
        slots = (
            day_slot(1, DECEMBER_10, note="n", locations=("4 West",), call_order=1),
            day_slot(2, DECEMBER_10, OPEN),
        )
        async with rig(*slots, day_slot(3, DECEMBER_10, EMPTY_ID, loa_reason="Vacation")) as it:
            await it.control.put_person(Person.placeholder(EMPTY_ID, "EMPTY"))
            await _check(it)
            await it.control.set_pending(1, offered_to=QUILL, live=True)
            await it.control.set_notes(1, "n", request_note="r", decision_note="d", live=True)
            await _check(it)
            await it.control.swap(1, BRANDT, live=True)
            await it.control.split(1, wall("2026-12-10T12:00"), MARLOW, live=True)
            await it.control.set_person_field(MARLOW, "custom1", absent=True)
            await it.control.set_assignment_field(ROUNDS, "send_to_outlook", absent=True)
            await it.control.set_assignment(ROUNDS, expired=True)
            await _check(it)
            await it.control.set_horizon(MEDICINE, None)
            await it.control.set_filter(50, people=(), assignments=())
            await _check(it)
            await it.control.set_horizon(MEDICINE, date(1, 1, 1))
            await it.control.set_account(is_admin=True)
            await _check(it)
            await it.control.publish(state="draft")
            await _check(it)

    async def test_no_key_is_invented() -> None:
        """Keys of our rows are keys of the schema's."""
        async with rig(day_slot(1, DECEMBER_10, note="n")) as it:
            answer = await it.reader.read()
        assert set(answer) <= set(_KEYS)
        for kind, rows in [
            ("slot", answer["schedule_data"]["data"]),
            ("person", answer["personnel"]),
            ("assignment", answer["assignments"]),
            ("department", answer["departments"]),
            ("template", answer["departments"][0]["templates"]),
            ("filter", [answer["view_context"]["filter"]]),
        ]:
            assert set(rows[0]) <= set(_DEFINITIONS[kind]["properties"])

    async def test_a_spoilt_answer_does_not_pass() -> None:
        async with rig(day_slot(1, DECEMBER_10)) as it:
            await it.control.set_raw(1, {"is_pending": "maybe"}, live=True)
            assert not _VALIDATOR.is_valid(await it.reader.read())
