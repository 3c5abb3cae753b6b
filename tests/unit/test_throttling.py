"""How soon a calendar is tried again: as late as Graph asks, ever more slowly, and no month is forgotten meanwhile."""

from datetime import timedelta

from shared.state.memory import Message
from tests.unit.desk import DECEMBER, NOVEMBER, OLD, Desk, Middle

ANY_NUMBER = 20


class Moody(Middle):
    """Now low, now high."""

    def __init__(self) -> None:
        super().__init__()
        self._high = False

    def between(self, low: float, high: float) -> float:
        """See Chance."""
        self._high = not self._high
        return high if self._high else low


async def test_retry_after_is_kept_beside_an_outcome_that_is_unknown() -> None:
    """The unknown one alone would be looked into after seconds: a request to the mailbox that asked not to be."""
    desk = Desk()
    desk.outlook.fail(OLD, "POST", status=503, times=1)
    desk.outlook.fail(OLD, "POST", status=429, code="ApplicationThrottled", retry_after=30, times=1)
    await desk.publish(OLD, 5, 6, wait=29)
    assert desk.outlook.requests == ["GET", "POST", "POST"]
    await desk.pass_by(10)
    assert desk.outlook.subjects(OLD) == ["2026-12-05", "2026-12-06"]


async def test_a_503_that_names_a_time_is_asked_again_no_sooner() -> None:
    desk = Desk()
    desk.outlook.fail(OLD, "POST", status=503, retry_after=90, times=1)
    await desk.publish(OLD, 5, wait=89)
    assert desk.outlook.requests == ["GET", "POST"]
    await desk.pass_by(10)
    assert desk.outlook.subjects(OLD) == ["2026-12-05"]


async def test_a_month_that_waits_is_not_forgotten_where_its_neighbour_is_done_earlier() -> None:
    """One pointer is all that wakes the writer before the next sweep, and it is for both months."""
    desk = Desk()
    desk.queues.lose(await _told_to_wait(desk))
    await desk.plan(OLD, 20, month=NOVEMBER)
    await desk.point(NOVEMBER, DECEMBER)
    await desk.pass_by(50)
    assert desk.outlook.subjects(OLD) == ["2026-11-20"]
    await desk.pass_by(20)
    assert desk.outlook.subjects(OLD) == ["2026-11-20", "2026-12-05"]


async def test_drift_that_does_not_end_is_tried_ever_more_slowly() -> None:
    """An event that Graph shows when asked and does not find when told to change it: else a request every second."""
    desk = Desk()
    await desk.publish(OLD, 5)
    desk.outlook.fail(OLD, "PATCH", status=404, code="ErrorItemNotFound")
    await desk.publish(OLD, 5, note="Bring the pager", wait=10)
    assert desk.outlook.requests.count("PATCH") >= 2, "the second try comes at once: mostly the event is gone by then"
    await desk.pass_by(3_600)
    assert desk.outlook.requests.count("PATCH") <= 20


async def test_a_wait_of_a_second_takes_a_second() -> None:
    """Storage's clock and its queues know whole seconds only: rounded up at each step, one would become three."""
    desk = Desk()
    desk.clock.moment += timedelta(seconds=0.7)
    desk.outlook.fail(OLD, "POST", status=429, code="ApplicationThrottled", retry_after=1, times=1)
    await desk.publish(OLD, 5, wait=0.99)
    assert desk.outlook.requests == ["GET", "POST"]
    await desk.pass_by(0.01)
    assert desk.outlook.subjects(OLD) == ["2026-12-05"]


async def test_a_pointer_a_moment_early_is_not_lost() -> None:
    """Queues and tables are different services: their clocks need not be one."""
    desk = Desk()
    waiting = await _told_to_wait(desk)
    desk.clock.moment = waiting.visible_at - timedelta(seconds=0.4)
    desk.queues.lose(waiting)
    await desk.point(DECEMBER)
    await desk.pass_by(0)
    assert desk.outlook.subjects(OLD) == []
    await desk.pass_by(1)
    assert desk.outlook.subjects(OLD) == ["2026-12-05"]


async def test_a_pointer_that_waited_for_two_months_is_not_lost_once_one_is_done() -> None:
    """Nobody else wakes the writer for the other one before the next sweep."""
    desk = Desk()
    await desk.publish(OLD, 20, month=NOVEMBER)
    desk.queues.lose(await _told_to_wait(desk))
    await desk.point(NOVEMBER, DECEMBER)
    await desk.pass_by(70)
    assert desk.outlook.subjects(OLD) == ["2026-11-20", "2026-12-05"]


async def test_months_that_are_asked_to_wait_together_come_back_together() -> None:
    """Each by itself would be a run of its own, with its own lease, pointer and batch."""
    desk = Desk(Moody())
    desk.outlook.fail(OLD, "POST", status=429, code="ApplicationThrottled", retry_after=60, times=2)
    await desk.plan(OLD, 20, month=NOVEMBER)
    await desk.plan(OLD, 5)
    await desk.point(NOVEMBER, DECEMBER)
    await desk.pass_by(1)
    attempts = {(await desk.row(month)).status.next_attempt_at for month in (NOVEMBER, DECEMBER)}
    assert len(attempts) == 1
    await desk.pass_by(90)
    assert desk.outlook.subjects(OLD) == ["2026-11-20", "2026-12-05"]


async def test_surplus_pointers_die_out_while_graph_asks_for_a_second_again_and_again() -> None:
    desk = Desk()
    desk.outlook.fail(OLD, "POST", status=429, code="ApplicationThrottled", retry_after=1)
    await desk.plan(OLD, 5)
    for _ in range(ANY_NUMBER):
        await desk.point(DECEMBER)
    await desk.pass_by(30)
    assert len(desk.waiting()) == 1


async def test_a_pointer_that_waited_for_two_months_is_not_lost_where_both_wait_longer() -> None:
    """November's attempt comes first and takes December along; by then November was tried anew, and waits as well."""
    desk = Desk()
    desk.outlook.fail(OLD, "POST", status=503, retry_after=60, times=1)
    desk.outlook.fail(OLD, "POST", status=429, code="ApplicationThrottled", retry_after=60, times=1)
    await desk.plan(OLD, 20, month=NOVEMBER)
    await desk.plan(OLD, 5)
    await desk.point(NOVEMBER, DECEMBER)
    await desk.pass_by(20)
    desk.outlook.fail(OLD, "POST", status=429, code="ApplicationThrottled", retry_after=200, times=2)
    await desk.plan(OLD, 20, 21, month=NOVEMBER)
    await desk.point(NOVEMBER)
    await desk.pass_by(60)
    assert desk.outlook.subjects(OLD) == ["2026-12-05"]


async def _told_to_wait(desk: Desk) -> Message:
    """December is published, and Graph asks for a minute: the pointer that comes back then."""
    desk.outlook.fail(OLD, "POST", status=429, code="ApplicationThrottled", retry_after=60, times=1)
    await desk.publish(OLD, 5, wait=1)
    (waiting,) = desk.waiting()
    return waiting
