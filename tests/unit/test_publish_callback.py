"""`receive`: what a callback's body may hold. `tests/scenarios/test_callback.py` tells the rest, over HTTP."""

from datetime import UTC, datetime

import pytest

from shared.sync.publish_callback import receive
from tests.unit.desk import SETTINGS

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00+05:00", "9999-12-31T23:59:59-05:00"])
def test_a_time_that_is_outside_the_calendar_in_utc_is_refused_by_name(at: str) -> None:
    """Year 1 is how some systems write "never"."""
    answer = receive(f'{{"view_id": 50, "published_at": "{at}"}}'.encode(), {}, SETTINGS, NOW)
    assert (answer.status, answer.body["field"], answer.change) == (400, "published_at", None)


@pytest.mark.parametrize("field", ["start_date", "end_date", "published_at"])
def test_a_number_is_no_date(field: str) -> None:
    """Taken for seconds since 1970 it would name some month, and hardly the one that was meant."""
    answer = receive(f'{{"view_id": 50, "{field}": 1798675200}}'.encode(), {}, SETTINGS, NOW)
    assert (answer.status, answer.body["field"], answer.change) == (400, field, None)
