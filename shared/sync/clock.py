"""Storage's clock, the only one that rules depend on, run on by ours since storage last told the time."""

from collections.abc import Callable
from datetime import datetime, timedelta

CLOCK_STEP = timedelta(seconds=1)
"""Storage tells the time in whole seconds."""


def next_whole_second(moment: datetime) -> datetime:
    """The first one at or after a moment: when a clock that tells whole seconds shows that the moment has come."""
    whole = moment.replace(microsecond=0)
    return whole if whole == moment else whole + CLOCK_STEP


class StorageClock:
    """Told the time by storage's answers; between them our monotonic clock runs on."""

    def __init__(self, told: datetime, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._told, self._at = told, monotonic()

    def tell(self, told: datetime) -> None:
        """Storage told the time just now."""
        self._told, self._at = told, self._monotonic()

    def now(self) -> datetime:
        """Up to a second behind storage, never ahead of it."""
        return self._told + timedelta(seconds=self._monotonic() - self._at)

    def is_live(self, owner: str | None, since: datetime | None, seconds: float) -> bool:
        """Whether a lease that was claimed or renewed at `since` has not run out."""
        return owner is not None and since is not None and self.now() - since < timedelta(seconds=seconds)
