"""The window: the months that are kept in step (DESIGN.md, "Words")."""

from collections.abc import Iterable
from datetime import date, datetime
from zoneinfo import ZoneInfo

from shared.messages import ScheduleMonth
from shared.month import Month
from shared.settings import Settings, View
from shared.sync.ports import Ledger


def present_month(view: View, now: datetime) -> Month:
    """The month that it is in the view's zone."""
    return Month.of(now.astimezone(ZoneInfo(view.time_zone)).date())


def window(settings: Settings, view: View, now: datetime, read: Iterable[Month] = ()) -> list[Month]:
    """`MONTHS_BACK` before the present month to `MONTHS_AHEAD` after it.

    A month that was read before (`read`) stays in it until it is past, also when the settings are narrowed.
    """
    present = present_month(view, now)
    months = set(present.plus(-settings.months_back).until(present.plus(settings.months_ahead)))
    return sorted(months | {month for month in read if month >= present})


async def oldest_month(settings: Settings, ledger: Ledger) -> Month:
    """The first month that any view's window has."""
    reads = [await ledger.reads(view.view_id) for view in settings.lightning_bolt_views]
    return min(
        window(settings, view, read.now)[0] for view, read in zip(settings.lightning_bolt_views, reads, strict=True)
    )


def observed_days(settings: Settings, now: datetime, months: Iterable[ScheduleMonth]) -> tuple[date, date]:
    """First and last day that an observation must cover: every view's window, and whatever is linked beyond it."""
    days = [
        day
        for view in settings.lightning_bolt_views
        for month in window(settings, view, now)
        for day in (month.first, month.last)
    ]
    days += [day for month in months for day in (month.month.first, month.month.last)]
    return min(days), max(days)
