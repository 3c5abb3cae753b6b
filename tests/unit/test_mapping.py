"""The mappings' spellings: every accepted one, and what is not taken for one."""

import pytest

from shared.schedule.cells import UnreadableError
from shared.schedule.mapping import FieldKeys, Mailbox, read_flag, read_mailbox, read_sending
from shared.schedule.model import Sending

OBJECT_ID = "8d1c5f0e-6a2b-4c39-9b7e-2f40d1a6c853"
DOUBT = "neither an Entra object id nor a user principal name (name@domain)"


@pytest.mark.parametrize("value", [True, 1, 1.0, "true", "TRUE", " True ", "yes", "Y", "t", "on", "1"])
def test_spellings_of_true(value: object) -> None:
    assert read_flag(value, "send_as_free") is True


@pytest.mark.parametrize("value", [False, 0, 0.0, "false", "FALSE", " no ", "N", "f", "Off", "0", None, "", "  "])
def test_spellings_of_false_and_of_no_field(value: object) -> None:
    assert read_flag(value, "send_as_free") is False


@pytest.mark.parametrize("value", ["maybe", "truee", "ja", "2", 2, -1, 0.5, float("nan"), [], [True], {}, {"value": 1}])
def test_anything_else_is_a_problem_and_no_guess(value: object) -> None:
    with pytest.raises(UnreadableError, match="neither true nor false") as caught:
        read_flag(value, "send_as_free")
    assert caught.value.field == "send_as_free"


@pytest.mark.parametrize(
    ("row", "expected", "fields"),
    [
        ({}, Sending(), []),
        ({"send_to_outlook": True}, Sending(send=True), []),
        ({"send_to_outlook": "yes", "include_schedule_notes": "yes"}, Sending(send=True, notes=True), []),
        ({"include_assignment_information": 1, "send_as_free": "on"}, Sending(information=True, free=True), []),
        ({"send_to_outlook": True, "send_as_free": "perhaps"}, Sending(send=True), ["send_as_free"]),
        (
            {"send_to_outlook": [], "include_schedule_notes": {}},
            Sending(),
            ["send_to_outlook", "include_schedule_notes"],
        ),
    ],
)
def test_the_four_fields(row: dict[str, object], expected: Sending, fields: list[str]) -> None:
    sending, errors = read_sending(row, FieldKeys())
    assert sending == expected
    assert [error.field for error in errors] == fields


def test_the_four_fields_under_other_keys() -> None:
    keys = FieldKeys(send="ol_send", notes="ol_notes", information="ol_info", free="ol_free")
    row: dict[str, object] = {"ol_send": True, "ol_notes": True, "ol_info": True, "ol_free": "x", "send_as_free": True}
    sending, errors = read_sending(row, keys)
    assert sending == Sending(send=True, notes=True, information=True, free=False)
    assert [error.field for error in errors] == ["ol_free"]


@pytest.mark.parametrize(
    ("value", "mailbox"),
    [
        (None, Mailbox(None)),
        ("", Mailbox(None)),
        (" \t\n ", Mailbox(None)),
        ("Tessa.Marlow@Riverside.Example", Mailbox("tessa.marlow@riverside.example")),
        ("  tessa@riverside.example\n", Mailbox("tessa@riverside.example")),
        (OBJECT_ID.upper(), Mailbox(OBJECT_ID)),
        ("o'neil+call@riverside.example", Mailbox("o'neil+call@riverside.example")),
        # typos: used, so that Graph's refusal is remembered, and reported
        ("104233", Mailbox("104233", DOUBT)),
        ("Tessa Marlow", Mailbox("tessa marlow", DOUBT)),
        ("tessa@", Mailbox("tessa@", DOUBT)),
        ("tessa@@riverside.example", Mailbox("tessa@@riverside.example", DOUBT)),
        ("tessa @riverside.example", Mailbox("tessa @riverside.example", DOUBT)),
        (
            "tessa@riverside.example, ines@riverside.example",
            Mailbox("tessa@riverside.example, ines@riverside.example", DOUBT),
        ),
        ("tessa\u200b@riverside.example", Mailbox("tessa\u200b@riverside.example", DOUBT)),
        (OBJECT_ID[:-1], Mailbox(OBJECT_ID[:-1], DOUBT)),
        ("{" + OBJECT_ID + "}", Mailbox("{" + OBJECT_ID + "}", DOUBT)),
    ],
)
def test_mailboxes(value: object, mailbox: Mailbox) -> None:
    assert read_mailbox(value, "unique_id") == mailbox


@pytest.mark.parametrize(
    "value",
    [0, 104233, 1.5, True, False, [], ["tessa@riverside.example"], {}]
    + [f"tessa{bad}@riverside.example" for bad in ("/", "\\", "#", "?", "\x00", "\n", "\x7f", "\x85", "\ud800")]
    + [".", "..", "x" * 321],
)
def test_what_can_stand_in_no_address_is_unreadable_and_no_opt_out(value: object) -> None:
    with pytest.raises(UnreadableError) as caught:
        read_mailbox(value, "custom3")
    assert caught.value.field == "custom3"
    assert "tessa" not in caught.value.reason
