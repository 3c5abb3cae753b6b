"""NCRONTAB as the host reads it."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from tests.local.host import HostError
from tests.local.host.schedules import Schedule

START = datetime(2026, 11, 24, 8, 16, 30, tzinfo=UTC)  # a Tuesday


@pytest.mark.parametrize(
    ("expression", "due"),
    [
        ("0 */10 * * * *", datetime(2026, 11, 24, 8, 20, tzinfo=UTC)),
        ("*/10 * * * *", datetime(2026, 11, 24, 8, 20, tzinfo=UTC)),  # five fields: no seconds
        ("*/7 * * * * *", datetime(2026, 11, 24, 8, 16, 35, tzinfo=UTC)),
        ("30 16 8 * * *", datetime(2026, 11, 25, 8, 16, 30, tzinfo=UTC)),  # strictly after
        ("0 5/20 * * * *", datetime(2026, 11, 24, 8, 25, tzinfo=UTC)),
        ("0 0 3 * * 0", datetime(2026, 11, 29, 3, tzinfo=UTC)),  # Sunday is 0
        ("0 0 3 * * Mon-Fri", datetime(2026, 11, 25, 3, tzinfo=UTC)),
        ("0 0 3 1 Jan,MARCH *", datetime(2027, 1, 1, 3, tzinfo=UTC)),
        ("0 0 3 13 * 5", datetime(2027, 8, 13, 3, tzinfo=UTC)),  # the 13th AND a Friday
        ("0 0 0 29 2 *", datetime(2028, 2, 29, tzinfo=UTC)),
    ],
)
def test_next(expression: str, due: datetime) -> None:
    assert Schedule(expression).next(START) == due


def test_in_utc_whatever_the_zone_of_the_time_given() -> None:
    elsewhere = START.astimezone(timezone(timedelta(hours=-6)))
    assert Schedule("0 0 9 * * *").next(elsewhere) == datetime(2026, 11, 24, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    "expression",
    [
        "",
        "* * * *",
        "* * * * * * *",
        "@daily",
        "00:05:00",
        "0 0 0 L * *",
        "0 0 0 ? * *",
        "0 0 0 15W * *",
        "0 0 0 * * 5#2",
        "0 0 0 * * 7",
        "0 60 * * * *",
        "0 0 24 * * *",
        "0 0 0 0 * *",
        "0 */0 * * * *",
        "0 30-10 * * * *",
        "0 0 0 * Foo *",
        "0 0 0 31 2 *",
        "H * * * * *",
    ],
)
def test_refused(expression: str) -> None:
    with pytest.raises(HostError, match="schedule"):
        Schedule(expression)


def test_frequent() -> None:
    assert Schedule("*/20 * * * * *").frequent(START)
    assert not Schedule("0 * * * * *").frequent(START)
