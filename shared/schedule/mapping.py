"""The two mappings that Lightning Bolt's administrators keep: person to mailbox, and what is sent of an assignment.

Source: PerfectServe's description of the Outlook integration (FACTS.md, section 1). The Microsoft ID or UPN stands in
the personnel record's UniqueID or one of Custom1 to Custom4; empty means opted out. Each assignment has four fields.

Spellings of the four fields, after trimming and in any case:

    true      true, 1, and the texts `true` `yes` `y` `t` `on` `1`
    false     false, 0, and the texts `false` `no` `n` `f` `off` `0`
    no field  the key is absent, null, or an empty text: false (so, not sent; without notes and information; busy)

Anything else is a reported problem and never a guess.
"""

import re
import unicodedata
from dataclasses import dataclass

from shared.schedule.cells import Row, UnreadableError, described
from shared.schedule.model import Sending

TRUE = frozenset({"true", "yes", "y", "t", "on", "1"})
FALSE = frozenset({"false", "no", "n", "f", "off", "0"})

_LONGEST_MAILBOX = 320
_NO_PATH_SEGMENT = frozenset("/\\#?")
_OBJECT_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.ASCII)
_UPN = re.compile(r"[^\s@]+@[^\s@]+")


@dataclass(frozen=True, slots=True)
class FieldKeys:
    """Lightning Bolt's JSON keys for our five fields, as configured."""

    person_id: str = "unique_id"
    """Key of the personnel record's field that holds the Microsoft ID."""
    send: str = "send_to_outlook"
    notes: str = "include_schedule_notes"
    information: str = "include_assignment_information"
    free: str = "send_as_free"


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A person's mailbox as mapped."""

    address: str | None
    """Trimmed and in lower case; None: opted out."""
    doubt: str | None = None
    """Why this can be no Microsoft ID. It is used all the same: Graph refuses it, and the writer remembers that."""


def read_flag(value: object, field: str) -> bool:
    """A mapping field of an assignment. Raises UnreadableError for what is neither true, false nor empty."""
    if value is None:
        return False
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float) and value in (0, 1):
        return value == 1
    if isinstance(value, str):
        word = value.strip().lower()
        if word in TRUE:
            return True
        if not word or word in FALSE:
            return False
    raise UnreadableError(field, f"{_kind(value)} is neither true nor false")


def read_sending(row: Row, keys: FieldKeys) -> tuple[Sending, tuple[UnreadableError, ...]]:
    """The four fields of an assignment's row, and every one of them that cannot be understood (false in the first)."""
    values, errors = [], []
    for key in (keys.send, keys.notes, keys.information, keys.free):
        try:
            values.append(read_flag(row.get(key), key))
        except UnreadableError as error:
            values.append(False)
            errors.append(error)
    return Sending(*values), tuple(errors)


def read_mailbox(value: object, field: str) -> Mailbox:
    """A personnel record's Microsoft ID. Raises UnreadableError for what can stand in no address and no table key.

    value                                      mailbox               reported
    null, absent, blank                        none (opted out)      no
    object id (UUID), or x@y                   trimmed, lower case   no
    other text (a typo, an employee number)    trimmed, lower case   yes
    text with / \\ # ? or a control character   unreadable            yes
    any other type                             unreadable            yes
    """
    if value is None:
        return Mailbox(None)
    if not isinstance(value, str):
        raise UnreadableError(field, f"{_kind(value)} stands where a text should")
    address = value.strip().lower()
    if not address:
        return Mailbox(None)
    if len(address) > _LONGEST_MAILBOX:
        raise UnreadableError(field, f"a text of more than {_LONGEST_MAILBOX} characters is no Microsoft ID")
    if address in (".", "..") or any(
        character in _NO_PATH_SEGMENT or unicodedata.category(character) in ("Cc", "Cs") for character in address
    ):
        raise UnreadableError(field, "a Microsoft ID cannot hold / \\ # ? or control characters")
    if _OBJECT_ID.fullmatch(address) or (_UPN.fullmatch(address) and address.isprintable()):
        return Mailbox(address)
    return Mailbox(address, doubt="neither an Entra object id nor a user principal name (name@domain)")


def _kind(value: object) -> str:
    """A value's kind, never the value: it may be an address."""
    return "a text" if isinstance(value, str) else described(value)
