"""Rule 2, one reader per view: a lease on the view's row, renewed with each month that is finished."""

from collections.abc import Callable
from datetime import datetime

from shared.month import Month
from shared.settings import Settings
from shared.sync.clock import StorageClock
from shared.sync.ports import Ledger
from shared.sync.reads import MonthReads, ViewReads


class ReaderLease:
    """A reader's hold on one view. Each store asserts the row's etag; who lost it, learns it by PreconditionError."""

    def __init__(self, ledger: Ledger, reads: ViewReads, settings: Settings, monotonic: Callable[[], float]) -> None:
        self._ledger = ledger
        self._reader = reads.reader
        self._seconds = settings.lease_seconds
        self._clock = StorageClock(reads.now, monotonic)

    def now(self) -> datetime:
        """Storage's clock."""
        return self._clock.now()

    def whole_second(self) -> datetime:
        """Storage's time as it tells it: what was enqueued later than this moment never bears an earlier time."""
        return self._clock.now().replace(microsecond=0)

    def is_held(self) -> bool:
        """Whether somebody else reads the view now."""
        return self._clock.is_live(self._reader.owner, self._reader.leased_at, self._seconds)

    @property
    def number(self) -> int:
        """What the heads of this reader's partitions are brought to."""
        return self._reader.number

    async def claim(self, owner: str) -> None:
        """Takes the lease; taking over an expired one raises the number. Raises PreconditionError."""
        if self._reader.owner is not None:
            self._reader.number += 1
        await self._store(owner)

    async def be_above(self, number: int) -> None:
        """Raises the number where a head has a higher one. Raises PreconditionError where the lease is lost.

        That is either because another reader has taken over: then this is not stored. Or the view's row was lost,
        and with it the number that heads were brought to.
        """
        if number > self._reader.number:
            self._reader.number = number + 1
            await self.renew()

    async def renew(self) -> None:
        """Raises PreconditionError where the lease is lost."""
        await self._store(self._reader.owner)

    async def finish(self, month: Month, read: MonthReads, *, release: bool) -> None:
        """Notes a finished read and renews the lease, or gives it back, by one request. Raises PreconditionError."""
        await self._store(None if release else self._reader.owner, month, read)

    async def release(self) -> None:
        """Gives the lease back, if that has not been done. Raises PreconditionError where it is another's by now."""
        if self._reader.owner is not None:
            await self._store(None)

    async def _store(self, owner: str | None, month: Month | None = None, read: MonthReads | None = None) -> None:
        self._clock.tell(await self._ledger.store_reader(self._reader, owner=owner, month=month, read=read))
