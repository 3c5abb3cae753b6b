"""Which months a demonstration publishes, so that it meets begun shifts, future ones and a clock change."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo


def month_after(month: date, months: int = 1) -> date:
    """The first day of the month so many later (earlier, where negative)."""
    years, index = divmod(month.year * 12 + month.month - 1 + months, 12)
    return date(years, index + 1, 1)


def last_day(month: date) -> date:
    """The last day of a month."""
    return month_after(month) - timedelta(days=1)


def clock_changes(month: date, zone: str) -> list[date]:
    """Days of a month on which the zone's clocks change."""
    tz = ZoneInfo(zone)
    days = [month + timedelta(days=n) for n in range((last_day(month) - month).days + 1)]
    return [day for day in days if _offset(day, tz) != _offset(day + timedelta(days=1), tz)]


def _offset(day: date, tz: ZoneInfo) -> timedelta | None:
    return datetime(day.year, day.month, day.day, tzinfo=tz).utcoffset()


@dataclass(frozen=True, slots=True)
class Months:
    """First days of months."""

    published: tuple[date, ...]
    draft: tuple[date, ...] = ()
    """Planned, but not published: nobody may see any of it."""

    @property
    def first_day(self) -> date:
        """The first day that is published."""
        return min(self.published)

    @property
    def last_day(self) -> date:
        """The last day that is published."""
        return last_day(max(self.published))

    @property
    def gaps(self) -> tuple[tuple[date, date], ...]:
        """Months between the two that are not published."""
        gaps, month = [], month_after(self.first_day)
        while month < self.last_day:
            if month not in self.published:
                gaps.append((month, last_day(month)))
            month = month_after(month)
        return tuple(gaps)

    @property
    def read(self) -> int:
        """How many months the app reads for a callback that names the first and the last day."""
        return len(self.published) + len(self.gaps)


def demo_months(today: date, zone: str, back: int = 1, ahead: int = 6) -> Months:
    """The month before, this one, the next, and the window's last month with a clock change; one draft in between.

    Any eight months of a zone that changes its clocks hold a change.
    """
    present = today.replace(day=1)
    window = [month_after(present, n) for n in range(-back, ahead + 1)]
    published = {month_after(present, n) for n in (-1, 0, 1)} & set(window)
    changing = [month for month in window if clock_changes(month, zone)]
    published |= set(changing[-1:])
    drafts = [month for month in window if month > present and month not in published]
    return Months(tuple(sorted(published)), tuple(drafts[:1]))


def days_of(months: Sequence[date]) -> list[date]:
    """All days of some months."""
    return [month + timedelta(days=n) for month in months for n in range((last_day(month) - month).days + 1)]
