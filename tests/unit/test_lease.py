"""Rule 2, one writer per person: who cannot be sure of the lease long enough for one more request sends none."""

from datetime import timedelta

import pytest

from shared.state.memory import MemoryTable
from shared.state.shiftevents import ShiftEventTable
from shared.sync.lease import MOST_RENEWALS, Lease, LeaseLostError
from shared.sync.records import PersonState
from tests.contract.accounts import Clock
from tests.unit.desk import PERSON, SETTINGS

SECONDS = SETTINGS.lease_seconds


class Slow:
    """A person's lease in storage whose answers may come late: the process stood still, or storage was slow."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.late: list[float] = []
        """Seconds by which the next answers to stores are late."""
        self.stores = 0
        self._table = ShiftEventTable(MemoryTable("shiftevents", self.clock, after=self._after))

    async def _after(self, operation: str) -> None:
        if operation == "shiftevents.write":
            self.stores += 1
            self.clock.pass_by(self.late.pop(0) if self.late else 0)

    async def read(self) -> tuple[PersonState, Lease]:
        """As it is stored now."""
        now, state = await self._table.person(PERSON)
        return state, Lease(self._table, state, now, SETTINGS, lambda: self.clock.moment.timestamp())

    def left(self, state: PersonState) -> timedelta:
        """How much of the lease is left now, by storage's clock."""
        assert state.leased_at
        return state.leased_at + timedelta(seconds=SECONDS) - self.clock.moment


async def test_a_lease_with_enough_left_is_not_renewed() -> None:
    slow = Slow()
    _, lease = await slow.read()
    await lease.claim("me")
    slow.clock.pass_by(SECONDS - lease.budget)
    await lease.cover_next_request()
    assert slow.stores == 1


async def test_a_renewal_that_took_too_long_is_no_leave_to_send() -> None:
    """By the time that its answer is handled, what it gave may have run out: it is renewed once more."""
    slow = Slow()
    state, lease = await slow.read()
    await lease.claim("me")
    slow.clock.pass_by(SECONDS - 1)
    slow.late = [2 * SECONDS]
    await lease.cover_next_request()
    assert slow.stores == 3
    assert slow.left(state) >= timedelta(seconds=lease.budget)


async def test_who_cannot_renew_in_time_stops() -> None:
    slow = Slow()
    _, lease = await slow.read()
    await lease.claim("me")
    slow.clock.pass_by(SECONDS - 1)
    slow.late = [2 * SECONDS] * MOST_RENEWALS
    with pytest.raises(LeaseLostError):
        await lease.cover_next_request()


async def test_who_lost_the_lease_learns_it_before_the_next_request() -> None:
    slow = Slow()
    _, mine = await slow.read()
    await mine.claim("me")
    slow.clock.pass_by(SECONDS + 1)
    _, theirs = await slow.read()
    assert not theirs.is_held()
    await theirs.claim("them")
    with pytest.raises(LeaseLostError):
        await mine.cover_next_request()
