"""NCRONTAB: when a timer is due, in UTC."""

import re
from datetime import UTC, datetime, timedelta

from croniter import CroniterBadCronError, CroniterBadDateError, croniter

from tests.local.host.errors import HostError

_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_DAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]
_FIELDS: tuple[tuple[str, int, int, list[str], int], ...] = (
    ("second", 0, 59, [], 0),
    ("minute", 0, 59, [], 0),
    ("hour", 0, 23, [], 0),
    ("day", 1, 31, [], 0),
    ("month", 1, 12, _MONTHS, 1),
    ("weekday", 0, 6, _DAYS, 0),
)
"""Name, least, most, names, number of the first name."""

_ITEM = re.compile(r"(?:\*|(\w+)(?:-(\w+))?)(?:/(\d+))?")


class Schedule:
    """A timer's schedule: six fields from second to weekday, or five without seconds. Day and weekday must both fit."""

    def __init__(self, expression: str) -> None:
        """Raises HostError for what NCRONTAB does not know: L, ?, #, @daily, weekday 7, time spans."""
        fields = expression.split()
        if len(fields) == 5:
            fields = ["0", *fields]
        if len(fields) != 6:
            raise HostError(f"schedule {expression!r} is not NCRONTAB: it needs 6 fields, or 5 without seconds")
        numbers = [_numbers(field, *limits, whole=expression) for field, limits in zip(fields, _FIELDS, strict=True)]
        self.expression = expression
        self._plain = " ".join(numbers)
        try:
            self.next(datetime.now(UTC))
        except (CroniterBadCronError, CroniterBadDateError) as problem:
            raise HostError(f"schedule {expression!r} never comes: {problem}") from problem

    def next(self, after: datetime) -> datetime:
        """The first time after this one."""
        steps = croniter(self._plain, after.astimezone(UTC), second_at_beginning=True, day_or=False)
        found: datetime = steps.get_next(datetime)
        return found

    def frequent(self, now: datetime) -> bool:
        """Whether it comes more than once in the next minute: then the host does not monitor it."""
        return self.next(self.next(now)) <= now + timedelta(minutes=1)


def _numbers(field: str, name: str, least: int, most: int, names: list[str], first: int, *, whole: str) -> str:
    """One field in numbers, every item checked."""

    def number(text: str) -> int:
        value = names.index(text.lower()[:3]) + first if text.lower()[:3] in names else -1
        value = int(text) if text.isdecimal() else value
        if not least <= value <= most:
            raise HostError(f"schedule {whole!r}: {text!r} is no {name} ({least} to {most})")
        return value

    items = []
    for item in field.split(","):
        found = _ITEM.fullmatch(item)
        if not found or found[3] == "0":
            raise HostError(f"schedule {whole!r}: {item!r} is no NCRONTAB {name}")
        start, end, step = found.groups()
        if not start:
            span = "*"
        elif end is None:
            span = str(number(start)) if step is None else f"{number(start)}-{most}"
        elif number(start) <= number(end):
            span = f"{number(start)}-{number(end)}"
        else:
            raise HostError(f"schedule {whole!r}: the {name} range {item!r} goes backwards")
        items.append(span + (f"/{step}" if step else ""))
    return ",".join(items)
