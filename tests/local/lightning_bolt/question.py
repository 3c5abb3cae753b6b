"""What a reader asks for, as Lightning Bolt understands it: what it does not understand, it ignores without a word."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal

_DATE = re.compile(r"[0-9]{8}")


@dataclass(frozen=True, slots=True)
class Question:
    """The range that will be answered (before it is widened to weeks), and of which view."""

    view_id: Any
    first: date
    last: date

    @property
    def months(self) -> tuple[str, ...]:
        """Months that the range touches, as `2026-11`."""
        months, day = [], self.first.replace(day=1)
        while day <= self.last:
            months.append(f"{day:%Y-%m}")
            day = (day + timedelta(days=31)).replace(day=1)
        return tuple(months)


def understand(body: object, today: date) -> Question:
    """Reads the body. Dates that are not `YYYYMMDD` count as not given: the present month's ends take their place."""
    fields: Mapping[str, Any] = body if isinstance(body, dict) else {}
    first_of_month = today.replace(day=1)
    last_of_month = (first_of_month + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return Question(
        view_id=fields.get("view_id"),
        first=_date(fields.get("start_date")) or first_of_month,
        last=_date(fields.get("end_date")) or last_of_month,
    )


def _date(value: object) -> date | None:
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        return None
    try:
        return datetime.strptime(value, "%Y%m%d").date()  # noqa: DTZ007 - a date, no time
    except ValueError:
        return None


def visible(question: Question, week_starts_on: Literal["Mon", "Sun"]) -> tuple[date, date]:
    """The days that an answer holds: whole weeks, and the day before the first of them."""
    shift = 0 if week_starts_on == "Mon" else 1
    first = question.first - timedelta(days=(question.first.weekday() + shift) % 7 + 1)
    last = question.last + timedelta(days=6 - (question.last.weekday() + shift) % 7)
    return first, last
