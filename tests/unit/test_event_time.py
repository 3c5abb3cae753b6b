"""Rule 9 on literal dates. America/Chicago goes forward on 2027-03-14 at 2:00 and back on 2026-11-01 at 2:00."""

import pytest

from shared.outlook.event import Event
from tests.unit.shifts import event_of, slot, times, utc

CENTRAL, EASTERN = "Central Standard Time", "Eastern Standard Time"


def event(start: str, end: str, start_utc: str, end_utc: str, zone: str = "America/Chicago") -> Event:
    return event_of(slot(start, end, start_utc, end_utc), zone=zone)


@pytest.mark.parametrize(
    ("local", "instants", "expected"),
    [
        pytest.param(
            ("2026-11-10T19:00", "2026-11-11T07:00"),
            ("2026-11-11T01:00", "2026-11-11T13:00"),
            ("2026-11-10T19:00:00", "2026-11-11T07:00:00", CENTRAL, False),
            id="overnight",
        ),
        pytest.param(
            ("2026-11-10T07:00", "2026-11-11T07:00"),
            ("2026-11-10T13:00", "2026-11-11T13:00"),
            ("2026-11-10T07:00:00", "2026-11-11T07:00:00", CENTRAL, False),
            id="24 hours are not all-day",
        ),
        pytest.param(
            ("2026-11-10T00:00", "2026-11-12T00:00"),
            ("2026-11-10T06:00", "2026-11-12T06:00"),
            ("2026-11-10T00:00:00", "2026-11-12T00:00:00", CENTRAL, True),
            id="all-day over two days",
        ),
        pytest.param(
            ("2026-11-10T00:00", "2026-11-10T12:00"),
            ("2026-11-10T06:00", "2026-11-10T18:00"),
            ("2026-11-10T00:00:00", "2026-11-10T12:00:00", CENTRAL, False),
            id="from midnight, not to midnight",
        ),
        pytest.param(
            ("2026-10-31T00:00", "2026-11-02T00:00"),
            ("2026-10-31T05:00", "2026-11-02T06:00"),
            ("2026-10-31T00:00:00", "2026-11-02T00:00:00", CENTRAL, True),
            id="all-day over the day that has 25 hours",
        ),
        pytest.param(
            ("2027-03-13T19:00", "2027-03-14T07:00"),
            ("2027-03-14T01:00", "2027-03-14T12:00"),
            ("2027-03-13T19:00:00", "2027-03-14T07:00:00", CENTRAL, False),
            id="across spring-forward",
        ),
        pytest.param(
            ("2026-10-31T19:00", "2026-11-01T07:00"),
            ("2026-11-01T00:00", "2026-11-01T13:00"),
            ("2026-10-31T19:00:00", "2026-11-01T07:00:00", CENTRAL, False),
            id="across fall-back",
        ),
        pytest.param(
            ("2026-11-01T01:30", "2026-11-01T09:30"),
            ("2026-11-01T06:30", "2026-11-01T15:30"),
            ("2026-11-01T06:30:00", "2026-11-01T15:30:00", "UTC", False),
            id="a start inside the repeated hour, the first time",
        ),
        pytest.param(
            ("2026-11-01T01:30", "2026-11-01T09:30"),
            ("2026-11-01T07:30", "2026-11-01T15:30"),
            ("2026-11-01T07:30:00", "2026-11-01T15:30:00", "UTC", False),
            id="a start inside the repeated hour, the second time",
        ),
        pytest.param(
            ("2026-10-31T19:00", "2026-11-01T01:00"),
            ("2026-11-01T00:00", "2026-11-01T07:00"),
            ("2026-11-01T00:00:00", "2026-11-01T07:00:00", "UTC", False),
            id="an end inside the repeated hour",
        ),
        pytest.param(
            ("2026-11-01T01:45", "2026-11-01T01:15"),
            ("2026-11-01T06:45", "2026-11-01T07:15"),
            ("2026-11-01T06:45:00", "2026-11-01T07:15:00", "UTC", False),
            id="a shift from the first round of that hour to its second",
        ),
        pytest.param(
            ("2027-03-14T02:30", "2027-03-14T10:30"),
            ("2027-03-14T08:30", "2027-03-14T15:30"),
            ("2027-03-14T08:30:00", "2027-03-14T15:30:00", "UTC", False),
            id="a start that does not exist",
        ),
    ],
)
def test_times_in_chicago(
    local: tuple[str, str], instants: tuple[str, str], expected: tuple[str, str, str, bool]
) -> None:
    made = event(*local, *instants)
    assert times(made) == expected
    assert (made.start_utc, made.end_utc) == tuple(map(utc, instants))


def test_all_day_in_detroit_goes_by_the_windows_name() -> None:
    made = event("2026-12-24T00:00", "2026-12-26T00:00", "2026-12-24T05:00", "2026-12-26T05:00", "America/Detroit")
    assert times(made) == ("2026-12-24T00:00:00", "2026-12-26T00:00:00", EASTERN, True)


def test_a_day_whose_midnight_a_clock_change_skips_is_exact_and_not_all_day() -> None:
    # Santiago goes forward on 2026-09-06 at 0:00, Havana back on 2026-11-01 from 1:00 to 0:00
    skipped = event("2026-09-06T00:00", "2026-09-07T00:00", "2026-09-06T04:00", "2026-09-07T03:00", "America/Santiago")
    repeated = event("2026-11-01T00:00", "2026-11-02T00:00", "2026-11-01T04:00", "2026-11-02T05:00", "America/Havana")
    day_before = event(
        "2026-09-04T00:00", "2026-09-05T00:00", "2026-09-04T04:00", "2026-09-05T04:00", "America/Santiago"
    )
    assert times(skipped) == ("2026-09-06T04:00:00", "2026-09-07T03:00:00", "UTC", False)
    assert times(repeated) == ("2026-11-01T04:00:00", "2026-11-02T05:00:00", "UTC", False)
    assert times(day_before) == ("2026-09-04T00:00:00", "2026-09-05T00:00:00", "Pacific SA Standard Time", True)
