"""Calendar months: the unit in which schedules are read, compared and written."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Self


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """One calendar month. Ordered by time; prints as `2026-11`, its form in keys, messages and marks."""

    year: int
    number: int

    @classmethod
    def of(cls, day: date) -> Self:
        """The month that holds `day`."""
        return cls(day.year, day.month)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Reads `2026-11`. Raises ValueError for anything else."""
        if (
            len(text) != 7
            or text[4] != "-"
            or not (text[:4] + text[5:]).isascii()
            or not (text[:4] + text[5:]).isdigit()
        ):
            raise ValueError(f"not a month of the form 2026-11: {text!r}")
        month = cls(int(text[:4]), int(text[5:]))
        _ = month.first  # raises ValueError for month 13 and year 0
        return month

    @property
    def first(self) -> date:
        """First day."""
        return date(self.year, self.number, 1)

    @property
    def last(self) -> date:
        """Last day."""
        return self.plus(1).first - timedelta(days=1)

    def plus(self, months: int) -> "Month":
        """The month so many later (earlier, where negative)."""
        years, index = divmod(self.year * 12 + self.number - 1 + months, 12)
        return Month(years, index + 1)

    def until(self, last: "Month") -> Iterator["Month"]:
        """This month and all that follow, `last` included."""
        month = self
        while month <= last:
            yield month
            month = month.plus(1)

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.number:02d}"
