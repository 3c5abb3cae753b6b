"""Rule 8, mailboxes that refuse: tried once a day, let go of after 30 days, and never written to unseen after that."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from shared.state.shiftevents import ShiftEventTable
from tests.unit.desk import DECEMBER, NEW, NOVEMBER, OLD, Desk

DAY = 86_400.0
HOUR = 3_600.0


def full(desk: Desk, mailbox: str) -> None:
    """It can be read, and takes nothing more."""
    desk.outlook.fail(mailbox, "POST", "PATCH", status=507, code="ErrorQuotaExceeded")


def out_of_scope(desk: Desk, mailbox: str) -> None:
    """It cannot even be read."""
    desk.outlook.fail(mailbox, status=403, code="ErrorAccessDenied")


def gone(desk: Desk, mailbox: str) -> None:
    """There is none of that name."""
    desk.outlook.fail(mailbox, status=404, code="ErrorInvalidUser")


@pytest.mark.parametrize("refuse", [full, out_of_scope, gone])
async def test_a_mailbox_that_accepts_again_after_weeks_gets_what_is_missing_and_nothing_twice(
    refuse: Callable[[Desk, str], None],
) -> None:
    """Its links may have been let go of; but what is there is seen before anything is created."""
    desk = Desk()
    await desk.publish(OLD, 5, 7)
    refuse(desk, OLD)
    await desk.publish(OLD, 5, 7, 12)
    await desk.pass_by(31 * DAY)
    desk.outlook.be_well()
    await desk.publish(OLD, 5, 7, 12, 14)
    assert desk.outlook.subjects(OLD) == ["2026-12-05", "2026-12-07", "2026-12-12", "2026-12-14"]


async def test_a_refusal_that_nothing_withdrew_does_not_cost_a_mailbox_its_links_when_it_is_old() -> None:
    """What was refused was taken back, so no later write showed that the mailbox accepts again. It is asked first."""
    desk = Desk()
    await desk.publish(OLD, 5, 7)
    full(desk, OLD)
    await desk.publish(OLD, 5, 7, 12)
    await desk.publish(OLD, 5, 7)
    await desk.pass_by(31 * DAY)
    desk.outlook.be_well()
    desk.outlook.requests.clear()
    await desk.publish(OLD, 5, 7, 14)
    assert desk.outlook.subjects(OLD) == ["2026-12-05", "2026-12-07", "2026-12-14"]
    assert desk.outlook.requests == ["POST"]


async def test_an_open_month_whose_old_mailbox_cannot_be_seen_costs_a_look_a_day() -> None:
    """A create's outcome was lost, then its mailbox went out of scope: the month stays open, with nothing to do."""
    desk = Desk()
    desk.outlook.fail(OLD, "POST", times=1)
    await desk.publish(OLD, 5, wait=1)
    out_of_scope(desk, OLD)
    await desk.publish(NEW, 5, wait=HOUR)
    assert desk.outlook.subjects(NEW) == ["2026-12-05"]
    desk.outlook.requests.clear()
    await desk.pass_by(12 * HOUR)
    assert (desk.outlook.requests, desk.waiting()) == ([], [])
    assert not (await desk.row()).in_step, "a sweep points at it in a day"


async def test_a_second_look_does_not_wait_for_another_mailbox_that_refuses() -> None:
    """Rule 1: it is due when nothing can land late any more, twelve minutes after the lease was last renewed."""
    desk = Desk()
    await desk.publish(OLD, 5)
    out_of_scope(desk, OLD)
    desk.outlook.fail(NEW, "POST", lands_after=300, times=1)
    await desk.publish(NEW, 5, wait=400)
    assert desk.outlook.subjects(NEW) == ["2026-12-05"] * 2, "created anew, and the first one landed after all"
    await desk.pass_by(600)
    assert desk.outlook.subjects(NEW) == ["2026-12-05"]


async def test_while_the_new_mailbox_refuses_only_new_shifts_go_to_the_old_one() -> None:
    """What is right in the new one stays there alone, although the old one still holds a begun event of the month."""
    desk = Desk()
    await desk.publish(OLD, 1, 3, 4, month=NOVEMBER)
    await desk.publish(NEW, 1, 3, 4, month=NOVEMBER)
    assert (desk.outlook.subjects(OLD), desk.outlook.subjects(NEW)) == (["2026-11-01"], ["2026-11-03", "2026-11-04"])
    full(desk, NEW)
    await desk.publish(NEW, 1, 3, 4, 5, month=NOVEMBER)
    assert desk.outlook.subjects(OLD) == ["2026-11-01", "2026-11-05"]
    assert desk.outlook.subjects(NEW) == ["2026-11-03", "2026-11-04"]


async def test_a_refusal_is_reported_although_the_writer_died_before_it_could_store_anything(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whoever takes over learns of the refusal anew, and reports it, too."""
    desk = Desk()
    out_of_scope(desk, OLD)
    real = ShiftEventTable.store

    async def dies_at_release(self: ShiftEventTable, *given: Any, owner: str | None, **named: Any) -> datetime:
        if owner is None:
            raise ConnectionError("the process is gone")
        return await real(self, *given, owner=owner, **named)

    monkeypatch.setattr(ShiftEventTable, "store", dies_at_release)
    with pytest.raises(ConnectionError):
        await desk.publish(OLD, 5)
    assert await desk.problems() == ["mailbox: refuses (ErrorAccessDenied)"]
    monkeypatch.undo()
    await desk.point(DECEMBER)
    await desk.pass_by(HOUR)
    assert await desk.problems() == ["mailbox: refuses (ErrorAccessDenied)"]


@pytest.mark.parametrize("refuse", [full, out_of_scope, gone])
async def test_a_mailbox_that_is_back_is_no_longer_reported(refuse: Callable[[Desk, str], None]) -> None:
    desk = Desk()
    await desk.publish(OLD, 5)
    refuse(desk, OLD)
    await desk.publish(OLD, 5, 12)
    (problem,) = await desk.problems()
    assert problem.startswith("mailbox: ")
    desk.outlook.be_well()
    await desk.publish(OLD, 5, 12, 13)
    assert desk.outlook.subjects(OLD) == ["2026-12-05", "2026-12-12", "2026-12-13"]
    assert await desk.problems() == []
    assert (await desk.row()).in_step
