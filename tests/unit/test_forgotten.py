"""A month of which nothing is known, and of which shifts have begun, is looked at before it is written; but once."""

from datetime import UTC, datetime

from tests.unit.desk import DECEMBER, NOVEMBER, OLD, Desk


async def known(day: int = 20) -> Desk:
    """Somebody whose mailbox is known from another month, on a day of November."""
    desk = Desk()
    desk.clock.moment = datetime(2026, 11, day, 8, tzinfo=UTC)
    await desk.publish(OLD, 5)
    desk.outlook.requests.clear()
    return desk


async def test_a_shift_to_come_costs_no_look() -> None:
    desk = await known()
    await desk.publish(OLD, 25, month=NOVEMBER)
    assert desk.outlook.requests == ["POST"]


async def test_a_begun_one_costs_one_however_often_it_is_tried() -> None:
    desk = await known()
    desk.outlook.fail(OLD, "POST", status=429, code="ApplicationThrottled", retry_after=5, times=4)
    await desk.publish(OLD, 5, month=NOVEMBER)
    assert desk.outlook.requests == ["GET", *["POST"] * 5]


async def test_a_mailbox_that_stays_full_is_let_go_of_all_the_same() -> None:
    """That it can be looked into does not make it one that takes something."""
    desk = await known(day=1)
    desk.outlook.fail(OLD, "POST", "PATCH", status=507, code="ErrorQuotaExceeded")
    await desk.publish(OLD, 5, month=NOVEMBER)
    told: list[str] = []
    for _ in range(32):
        await desk.pass_by(86_400)
        await desk.point(NOVEMBER, DECEMBER)
        await desk.pass_by(60)
        told += await desk.problems()
    assert desk.outlook.requests.count("GET") == 1
    assert "mailbox: refuses (ErrorQuotaExceeded); its events are let go of" in told
