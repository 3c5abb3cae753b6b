"""Rule 2, one writer per person: a lease on the person row, its age told by storage's own clock."""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime

from shared.errors import PreconditionError
from shared.messages import ScheduleMonth
from shared.settings import Settings
from shared.sync.clock import CLOCK_STEP, StorageClock
from shared.sync.ports import ShiftEvents
from shared.sync.records import Link, PersonState

BATCH_SHARE = 3 / 8
"""Of the lease: what one request to Graph may take in all. With less left, the lease is renewed first."""

MOST_RENEWALS = 3
"""In a row, for one request."""


class LeaseLostError(Exception):
    """Another writer has this person now: stop sending at once."""


class Lease:
    """A writer's hold on one person. Each store asserts the person row's etag: who lost it, learns it here."""

    def __init__(
        self,
        table: ShiftEvents,
        state: PersonState,
        read_at: datetime,
        settings: Settings,
        monotonic: Callable[[], float],
    ) -> None:
        self._table = table
        self._state = state
        self._seconds = settings.lease_seconds
        self._late = settings.late
        self._monotonic = monotonic
        self._stored = {month: list(links) for month, links in state.links.items()}
        self._claimed = 0.0
        self._clock = StorageClock(read_at, monotonic)

    def now(self) -> datetime:
        """Storage's clock."""
        return self._clock.now()

    def is_held(self) -> bool:
        """Whether the row as read is under somebody's lease that has not run out."""
        return self._clock.is_live(self._state.owner, self._state.leased_at, self._seconds)

    @property
    def budget(self) -> float:
        """Seconds that one request may take."""
        return self._seconds * BATCH_SHARE

    def latest_effect(self) -> datetime:
        """Until when a request that was sent under the last claim or renewal may still take effect (rule 1)."""
        if self._state.leased_at is None:
            raise RuntimeError("no lease was claimed")
        return self._state.leased_at + CLOCK_STEP + self._late

    def note_take_over(self) -> int:
        """Before a claim: how many months a writer that died left open; their second look waits for what it sent."""
        state = self._state
        if not (state.owner and state.leased_at and state.open):
            return 0
        state.look_not_before(self.latest_effect())
        return len(state.open)

    async def claim(self, owner: str) -> None:
        """Takes the lease. Raises LeaseLostError where the row is no longer as it was read."""
        await self._store(owner)

    async def claim_and_open(
        self, owner: str, mapped: Mapping[ScheduleMonth, str | None], refusing: Collection[str]
    ) -> int:
        """Rule 1: before anything is written, the claim says which months are open, and in which mailboxes.

        `mapped`: the months, each with the mailbox that desired names. `refusing`: mailboxes that will not be asked,
        and so are not opened. Returns as `note_take_over`. Raises LeaseLostError.
        """
        state = self._state
        taken_over = self.note_take_over()
        for month, mailbox in mapped.items():
            mailboxes = state.mailboxes(month) | ({mailbox} if mailbox else set())
            state.open[month] = state.open.get(month, set()) | mailboxes.difference(refusing)
        await self.claim(owner)
        return taken_over

    async def cover_next_request(self) -> None:
        """Renews the lease unless enough of it is left for one more request. Raises LeaseLostError.

        Also where renewals take too long to leave enough: who cannot renew in time must not send.
        """
        for _ in range(MOST_RENEWALS):
            if self._monotonic() - self._claimed <= self._seconds - self.budget:
                return
            await self._store(self._state.owner)
        raise LeaseLostError

    async def release(self) -> None:
        """Records everything and gives the lease back, in one transaction. Raises LeaseLostError."""
        await self._store(None)

    async def _store(self, owner: str | None) -> None:
        sent = self._monotonic()
        changed = self._changed()
        try:
            self._clock.tell(await self._table.store(self._state, changed, owner=owner))
        except PreconditionError:
            raise LeaseLostError from None
        self._claimed = sent
        self._stored |= changed

    def _changed(self) -> dict[ScheduleMonth, list[Link]]:
        return {month: list(links) for month, links in self._state.links.items() if links != self._stored.get(month)}
