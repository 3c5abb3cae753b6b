"""Rendered bodies against Graph's own metadata, where the contract lies beside the checkout."""

import json
from typing import Any

import pytest
from hypothesis import given
from jsonschema import Draft202012Validator, ValidationError

from shared.outlook.batch import Create, Update, body_of
from shared.outlook.event import Event
from tests.contracts import contract
from tests.unit.shifts import event_of, events, mark, unhurried

if PATH := contract("graph-event.schema.json"):
    VALIDATOR = Draft202012Validator(json.loads(PATH.read_text()))

    @unhurried
    @given(event=events())
    def test_every_body_is_valid(event: Event) -> None:
        for write in (Create("a@b.org", event, mark()), Update("a@b.org", "AAMk", event, mark())):
            VALIDATOR.validate(json.loads(json.dumps(body_of(write))))

    @pytest.mark.parametrize(
        "corruption",
        [
            {"event": {}},
            {"showAs": "Busy"},
            {"isAllDay": "true"},
            {"categories": None},
            {"start": "2026-11-02T07:00:00"},
            {"reminderMinutesBeforeStart": 1.5},
            {"singleValueExtendedProperties": [{"id": "x", "name": "y"}]},
        ],
        ids=lambda corruption: next(iter(corruption)),
    )
    def test_a_corrupted_body_is_not(corruption: dict[str, Any]) -> None:
        body = body_of(Create("a@b.org", event_of(), mark()))
        assert body is not None
        VALIDATOR.validate(body)
        with pytest.raises(ValidationError):
            VALIDATOR.validate(body | corruption)
