"""Ports that fail at a chosen moment, around the real ones."""

from collections.abc import Sequence
from datetime import date

from shared.outlook.batch import Write
from shared.outlook.found import Found
from shared.outlook.outcome import Outcome, ReadFailure
from shared.sync.ports import Calendars


class Killed(BaseException):
    """The process ends here: nothing that follows is done, no handler catches it."""


class KilledAfterAnswer:
    """Outlook, for a writer that is killed when Graph has answered its `nth` batch, before it can record anything."""

    def __init__(self, real: Calendars, nth: int = 1) -> None:
        self._real = real
        self._left = nth

    async def write(self, writes: Sequence[Write], *, timeout: float) -> list[Outcome]:
        """Really writes, then dies."""
        outcomes = await self._real.write(writes, timeout=timeout)
        self._left -= 1
        if self._left == 0:
            raise Killed
        return outcomes

    async def marked(
        self, mailbox: str, person: str, first: date, last: date, *, timeout: float
    ) -> Found | ReadFailure:
        """As the real one."""
        return await self._real.marked(mailbox, person, first, last, timeout=timeout)
