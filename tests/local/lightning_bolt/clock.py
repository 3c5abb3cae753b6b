"""From the organisation's wall clock to UTC, through both clock changes."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo


def to_utc(wall: datetime, zone: str, fold: int = 0) -> datetime:
    """The instant, naive in UTC, that a wall clock shows.

    `fold` 1 is the second of two like hours. A wall clock that does not exist counts by the offset before the gap.
    """
    return wall.replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC).replace(tzinfo=None)


def span_in_utc(
    start: datetime, stop: datetime, zone: str, folds: tuple[int, int] = (0, 0)
) -> tuple[datetime, datetime]:
    """Both ends in UTC. An end in the repeated hour that would not come after its start is the second one."""
    start_utc = to_utc(start, zone, folds[0])
    stop_utc = to_utc(stop, zone, folds[1])
    if stop_utc <= start_utc < to_utc(stop, zone, 1):
        stop_utc = to_utc(stop, zone, 1)
    return start_utc, stop_utc
