"""One simulated clock for everything, and an event loop that lives by it."""

import asyncio
from datetime import datetime, timedelta
from typing import Any, cast


class SimulatedClock:
    """Storage's, Lightning Bolt's, Graph's and the process's own clock."""

    def __init__(self, start: datetime) -> None:
        self._start = start
        self.seconds = 0.0
        """Since the beginning."""

    def now(self) -> datetime:
        """Aware, in UTC."""
        return self._start + timedelta(seconds=self.seconds)

    def step(self, seconds: float) -> None:
        """Wall clocks are set, all of them; nothing that counts seconds takes notice."""
        self._start += timedelta(seconds=seconds)

    def monotonic(self) -> float:
        """Seconds since the beginning."""
        return self.seconds


class SimulatedLoop(asyncio.SelectorEventLoop):
    """A loop whose timers go off when the simulated clock says so. It never waits: it is run until nothing is ready."""

    def __init__(self, clock: SimulatedClock) -> None:
        self._simulated = clock
        super().__init__()
        self.set_exception_handler(lambda *_: None)  # what a crash leaves behind is meant

    def time(self) -> float:
        """Simulated seconds."""
        return self._simulated.seconds

    def settle(self) -> None:
        """Runs everything that can run now."""
        inner = cast(Any, self)
        while True:
            self.call_soon(self.stop)
            self.run_forever()
            if not inner._ready and self.next_timer() > self.time():
                return

    def next_timer(self) -> float:
        """When the next timer goes off."""
        timers = [handle.when() for handle in cast(Any, self)._scheduled if not handle.cancelled()]
        return min(timers, default=float("inf"))

    def advance(self, seconds: float) -> None:
        """Lets time pass; timers go off in order, each at its time."""
        end = self._simulated.seconds + seconds
        self.settle()
        while (moment := self.next_timer()) <= end:
            self._simulated.seconds = max(self._simulated.seconds, moment)
            self.settle()
        self._simulated.seconds = end
        self.settle()
