"""What Graph refuses: which mailboxes need not be asked yet, and how long an event stays reported."""

from datetime import UTC, datetime, timedelta

import pytest

from shared.sync.records import PersonState, Refusal
from shared.sync.refusals import refusing
from tests.unit.desk import OLD, Desk

NOW = datetime(2026, 11, 1, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("next_try", "asked"),
    [
        (timedelta(hours=-1), True),
        (timedelta(0), True),
        (timedelta(hours=1), False),
        (timedelta(days=1), False),
        (timedelta(days=400), True),
    ],
)
def test_a_mailbox_is_left_alone_until_its_next_try(next_try: timedelta, asked: bool) -> None:
    """A time further ahead than any delay is no time of ours: a wall clock that went wrong must not wedge anything."""
    state = PersonState("2101", None, refusals={"ada": Refusal(NOW, NOW + next_try, gone=False)})
    assert refusing(state, NOW) == (set() if asked else {"ada"})


async def test_an_event_that_was_refused_is_reported_until_it_is_there() -> None:
    """Also where something else was the last to go wrong: here the mailbox was busy."""
    desk = Desk()
    desk.outlook.fail(OLD, "POST", status=400, code="ErrorInvalidRequest", times=1)
    desk.outlook.fail(OLD, "POST", status=429, code="ApplicationThrottled", retry_after=5, times=1)
    await desk.publish(OLD, 5, 6, wait=1)
    (problem,) = await desk.problems()
    assert problem == "event: 400 ErrorInvalidRequest"
    await desk.pass_by(60)
    assert desk.outlook.subjects(OLD) == ["2026-12-05", "2026-12-06"]
    assert await desk.problems() == []
