"""Reading single values of Lightning Bolt's JSON: ids, days, times, texts. Nothing is guessed.

A reason that goes into a problem holds no value but a date or a time: whatever else stands in a column where it does
not belong may be a name or a note (rule 10).
"""

import re
from datetime import date, datetime

type Row = dict[str, object]
"""A JSON object whose values have not been looked at yet."""

_LARGEST_ID = 2**63 - 1
_LONGEST_TEXT_ID = 200
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_TIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}", re.ASCII)
_STAMP = re.compile(r"(\d{4}-\d{2}-\d{2})(T\d{2}:\d{2}:\d{2}(\.\d{1,7})?)?", re.ASCII)
_LIKE_A_TIME = re.compile(r"\d{4}-\d{2}-\d{2}[0-9TZ:.+ -]{0,22}", re.ASCII)


class UnreadableError(ValueError):
    """A value that cannot be understood. `field` is its key; `reason` says why, without personal data."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason


def described(value: object) -> str:
    """A value in words for a reason: itself only where it looks like a date or a time."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value if _LIKE_A_TIME.fullmatch(value) else "text" if value.strip() else "an empty text"
    if isinstance(value, int | float):
        return "a number"
    return "a list" if isinstance(value, list) else "an object"


def id_or_none(value: object) -> str | None:
    """A whole number that can be an id, as text; None for anything else (also for a number in quotes)."""
    return str(value) if type(value) is int and 0 <= value <= _LARGEST_ID else None


def structure_or_none(value: object) -> str | None:
    """The id of an assignment structure, as text: a number, or (in the sanitised answer) a label."""
    if isinstance(value, str):
        text = clean(value.strip())
        return text if 0 < len(text) <= _LONGEST_TEXT_ID else None
    return id_or_none(value)


def day_or_none(value: object) -> date | None:
    """`2026-05-09`; None for anything else."""
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


def horizon_of(value: object, field: str) -> date | None:
    """A template's last published day; None where nothing is published: no value, or year 1 (Lightning Bolt's "never").

    Raises UnreadableError for anything that is neither: it must not count as "nothing is published".
    """
    if value is None:
        return None
    match = _STAMP.fullmatch(value) if isinstance(value, str) else None
    try:
        if match is not None:
            datetime.fromisoformat(match[0])
            day = date.fromisoformat(match[1])
            return None if day.year == 1 else day
    except ValueError:
        pass
    raise UnreadableError(field, f"{described(value)} is no date of the form 2026-06-30T00:00:00")


def time_of(row: Row, field: str) -> datetime:
    """`2026-05-09T21:00:00` as a naive datetime. Years 1 ("never") and 3000 ("no end") are no time of a shift.

    Raises UnreadableError.
    """
    value = row.get(field)
    if isinstance(value, str) and _TIME.fullmatch(value):
        try:
            time = datetime.fromisoformat(value)
        except ValueError:
            pass
        else:
            if 1900 <= time.year < 3000:
                return time
    raise UnreadableError(field, f"{described(value)} is no time of the form 2026-05-09T21:00:00")


def text_of(row: Row, field: str) -> str:
    """A text without white space at its end; empty where there is none. Raises UnreadableError for another type."""
    value = row.get(field)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise UnreadableError(field, f"{described(value)} stands where a text should")
    return clean(value.rstrip())


def name_of(row: Row, *fields: str) -> str:
    """The first of these texts that is not blank, trimmed. Raises UnreadableError, naming the first field."""
    for field in fields:
        if name := text_of(row, field).strip():
            return name
    raise UnreadableError(fields[0], "no name stands there")


def texts_of(row: Row, field: str) -> tuple[str, ...]:
    """A list of texts, blank ones left out. Raises UnreadableError for another type."""
    value = row.get(field)
    if value is None:
        return ()
    if not isinstance(value, list) or not all(item is None or isinstance(item, str) for item in value):
        raise UnreadableError(field, f"{described(value)} stands where a list of texts should")
    return tuple(text for item in value if item and (text := clean(item.strip())))


def clean(text: str) -> str:
    """The text with half characters (lone surrogates, which JSON can spell and no store takes) replaced by U+FFFD."""
    if text.isascii():
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
