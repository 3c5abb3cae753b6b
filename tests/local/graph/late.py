"""Changes that land after their request has gone: the answer was lost, the request was not."""

import asyncio
from collections.abc import Callable


class Late:
    """What is still under way. It lands when its time has come, or at once when a test says so."""

    def __init__(self) -> None:
        self._waiting: dict[int, tuple[asyncio.TimerHandle, Callable[[], None]]] = {}
        self._count = 0

    def __len__(self) -> int:
        return len(self._waiting)

    def schedule(self, seconds: float, land: Callable[[], None]) -> None:
        """Land in so many seconds."""
        self._count += 1
        number = self._count
        self._waiting[number] = (asyncio.get_running_loop().call_later(seconds, self._land, number), land)

    def land_all(self) -> int:
        """Land everything now, in the order it came; how much it was."""
        numbers = list(self._waiting)
        for number in numbers:
            self._waiting[number][0].cancel()
            self._land(number)
        return len(numbers)

    def forget(self) -> None:
        """Let nothing land any more."""
        for handle, _ in self._waiting.values():
            handle.cancel()
        self._waiting.clear()

    def _land(self, number: int) -> None:
        _, land = self._waiting.pop(number)
        land()
