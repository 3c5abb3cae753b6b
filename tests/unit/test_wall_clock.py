"""What wall clocks mean, on literal dates: both clock changes, zones without one, and the ends of the calendar."""

import pytest

from shared.schedule.wall_clock import Reading, agrees, instants, is_plain, reading, windows_name
from tests.unit.lb_answer import local, utc

CHICAGO, PHOENIX, LORD_HOWE = "America/Chicago", "America/Phoenix", "Australia/Lord_Howe"


@pytest.mark.parametrize(
    ("wall_clock", "zone", "case", "meant"),
    [
        ("2026-11-02T07:00:00", CHICAGO, Reading.ORDINARY, ["2026-11-02T13:00:00"]),
        ("2026-07-02T07:00:00", CHICAGO, Reading.ORDINARY, ["2026-07-02T12:00:00"]),
        # the clock goes back on 1 November at 2:00
        ("2026-11-01T00:59:59", CHICAGO, Reading.ORDINARY, ["2026-11-01T05:59:59"]),
        ("2026-11-01T01:00:00", CHICAGO, Reading.REPEATED, ["2026-11-01T06:00:00", "2026-11-01T07:00:00"]),
        ("2026-11-01T01:59:59", CHICAGO, Reading.REPEATED, ["2026-11-01T06:59:59", "2026-11-01T07:59:59"]),
        ("2026-11-01T02:00:00", CHICAGO, Reading.ORDINARY, ["2026-11-01T08:00:00"]),
        # and forward on 8 March at 2:00
        ("2026-03-08T01:59:59", CHICAGO, Reading.ORDINARY, ["2026-03-08T07:59:59"]),
        ("2026-03-08T02:00:00", CHICAGO, Reading.MISSING, ["2026-03-08T08:00:00", "2026-03-08T07:00:00"]),
        ("2026-03-08T02:30:00", CHICAGO, Reading.MISSING, ["2026-03-08T08:30:00", "2026-03-08T07:30:00"]),
        ("2026-03-08T03:00:00", CHICAGO, Reading.ORDINARY, ["2026-03-08T08:00:00"]),
        # no clock change at all; one of half an hour
        ("2026-11-01T01:30:00", PHOENIX, Reading.ORDINARY, ["2026-11-01T08:30:00"]),
        ("2026-04-05T01:45:00", LORD_HOWE, Reading.REPEATED, ["2026-04-04T14:45:00", "2026-04-04T15:15:00"]),
        # a midnight that does not exist
        ("2026-03-08T00:00:00", "America/Havana", Reading.MISSING, ["2026-03-08T05:00:00", "2026-03-08T04:00:00"]),
        # the ends of the calendar
        ("0001-01-01T00:00:00", "Asia/Tokyo", Reading.ORDINARY, []),
        ("9999-12-31T23:59:59", CHICAGO, Reading.ORDINARY, []),
    ],
)
def test_what_a_wall_clock_means(wall_clock: str, zone: str, case: Reading, meant: list[str]) -> None:
    assert reading(local(wall_clock), zone) is case
    assert is_plain(local(wall_clock), zone) is (case is Reading.ORDINARY)
    assert instants(local(wall_clock), zone) == tuple(utc(instant) for instant in meant)


@pytest.mark.parametrize(
    ("wall_clock", "instant", "zone", "expected"),
    [
        ("2026-11-02T07:00:00", "2026-11-02T13:00:00", CHICAGO, True),
        ("2026-11-02T07:00:00", "2026-11-02T12:00:00", CHICAGO, False),
        ("2026-11-02T07:00:00", "2026-11-02T13:00:01", CHICAGO, False),
        ("2026-11-01T01:30:00", "2026-11-01T06:30:00", CHICAGO, True),
        ("2026-11-01T01:30:00", "2026-11-01T07:30:00", CHICAGO, True),
        ("2026-11-01T01:30:00", "2026-11-01T08:30:00", CHICAGO, False),
        ("2026-03-08T02:30:00", "2026-03-08T07:30:00", CHICAGO, True),
        ("2026-03-08T02:30:00", "2026-03-08T08:30:00", CHICAGO, True),
        ("2026-03-08T02:30:00", "2026-03-08T09:30:00", CHICAGO, False),
    ],
)
def test_agreement(wall_clock: str, instant: str, zone: str, expected: bool) -> None:
    assert agrees(local(wall_clock), utc(instant), zone) is expected


@pytest.mark.parametrize(
    ("zone", "name"),
    [
        ("America/Chicago", "Central Standard Time"),
        ("America/Detroit", "Eastern Standard Time"),
        ("America/Phoenix", "US Mountain Standard Time"),
        ("Pacific/Honolulu", "Hawaiian Standard Time"),
        ("US/Central", "Central Standard Time"),
    ],
)
def test_windows_names(zone: str, name: str) -> None:
    assert windows_name(zone) == name


def test_a_zone_without_a_windows_name() -> None:
    with pytest.raises(ValueError, match="Mars/Olympus has no Windows name"):
        windows_name("Mars/Olympus")
