"""What a wall clock in a zone can mean (rule 9), and what Outlook calls the zone. Pure: no clock is asked.

Twice a year a zone's clock is moved. Of the local times around that moment

    case      America/Chicago 2026      means
    ordinary  2026-11-01T07:00          one instant
    repeated  2026-11-01T01:30          two: before the clock was put back (fold 0) and after it (fold 1)
    missing   2026-03-08T02:30          none strictly; two readings: with the offset before (fold 0) and after (fold 1)

Source: PEP 495 for fold; CLDR's table, shipped with tzlocal, for the names.
"""

from datetime import UTC, datetime, timedelta
from enum import Enum
from functools import lru_cache
from zoneinfo import ZoneInfo

from tzlocal.windows_tz import tz_win

_NONE = timedelta()


class Reading(Enum):
    """How many instants a local time has in its zone."""

    ORDINARY = "ordinary"
    REPEATED = "repeated"
    MISSING = "missing"


@lru_cache(maxsize=8192)
def reading(local: datetime, zone: str) -> Reading:
    """Which of the three cases a naive local time is. `zone` is an IANA name; raises ZoneInfoNotFoundError."""
    first, second = _offsets(local, zone)
    if first == second:
        return Reading.ORDINARY
    return Reading.REPEATED if first > second else Reading.MISSING


@lru_cache(maxsize=8192)
def instants(local: datetime, zone: str) -> tuple[datetime, ...]:
    """The instants that a naive local time can mean, aware, in UTC, fold 0 first: one, or two if repeated or missing.

    None at the ends of the calendar (`0001-01-01T00:00:00` east of Greenwich), where UTC has no such date.
    """
    found = []
    for offset in dict.fromkeys(_offsets(local, zone)):
        try:
            found.append((local.replace(fold=0) - offset).replace(tzinfo=UTC))
        except OverflowError:
            continue
    return tuple(found)


def agrees(local: datetime, utc: datetime, zone: str) -> bool:
    """Whether an instant (aware) is one that the naive local time can mean in the zone."""
    return utc in instants(local, zone)


def is_plain(local: datetime, zone: str) -> bool:
    """Whether a naive local time means exactly one instant: it is neither repeated nor missing."""
    return reading(local, zone) is Reading.ORDINARY


def windows_name(zone: str) -> str:
    """The Windows name of an IANA zone, which Graph always knows: `America/Detroit` is `Eastern Standard Time`.

    Raises ValueError for a zone that has none; settings refuse such a zone at start.
    """
    try:
        return tz_win[zone]
    except KeyError:
        raise ValueError(f"time zone {zone} has no Windows name") from None


@lru_cache(maxsize=64)
def _zone(zone: str) -> ZoneInfo:
    return ZoneInfo(zone)


def _offsets(local: datetime, zone: str) -> tuple[timedelta, timedelta]:
    """Offsets from UTC by fold 0 and fold 1."""
    info = _zone(zone)
    first, second = (info.utcoffset(local.replace(fold=fold)) or _NONE for fold in (0, 1))
    return first, second
