"""Whose fault a refusal is: the mailbox's, or the installation's ("refused at every mailbox", DESIGN.md's error table).

Graph says the same, `ErrorAccessDenied`, of one mailbox out of scope and when the app's permission is gone altogether.
So before a mailbox is blamed for it, and waits a day, a witness is asked: a mailbox that accepted before. If none of
the witnesses can be read now, nobody is blamed: the installation was refused.
"""

import asyncio
import math
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from shared.outlook.batch import Write
from shared.outlook.found import Found
from shared.outlook.outcome import Kind, Outcome, ReadFailure
from shared.sync.ports import Calendars, Ledger
from shared.sync.reads import GraphAccess

ACCESS_DENIED = "erroraccessdenied"
MOST_WITNESSES = 3
LOOKED_FOR = 60.0
"""Seconds for which what is known of our access is not read again for one more acceptance."""
STORED_FOR = 600.0
"""Seconds after which the list of witnesses is made younger."""
WRITTEN_LATELY = 600.0
"""Seconds for which a write that another mailbox took speaks for our right to write."""
NO_CONNECTION = "NoConnection"
"""The code of a request that never reached Graph."""
LONG_AGO = date(2000, 1, 1)
"""A day on which no calendar has an event of ours: the cheapest read that there is."""


@dataclass(slots=True)
class Witnessed:
    """`sync.ports.Calendars`, where a refusal for want of access is the mailbox's only if another one accepts."""

    calendars: Calendars
    ledger: Ledger
    monotonic: Callable[[], float]
    _written: dict[str, float] = field(default_factory=dict)
    """When which mailbox last took a write from this process."""
    _looked_at: float = -math.inf
    _stored_at: float = -math.inf
    _witnesses: tuple[str, ...] = ()
    """As this process last saw them."""

    async def write(self, writes: Sequence[Write], *, timeout: float) -> list[Outcome]:
        """See Calendars."""
        deadline = self.monotonic() + timeout
        outcomes = await self.calendars.write(writes, timeout=timeout)
        if not outcomes:
            return outcomes
        mailbox = writes[0].mailbox
        if any(outcome.kind is Kind.DONE for outcome in outcomes):
            self._written[mailbox] = self.monotonic()
        verdict = await self._verdict(mailbox, outcomes, deadline)
        if verdict is Kind.MAILBOX_REFUSED and any(map(_is_denied, outcomes)):
            verdict = await self._write_verdict(mailbox, outcomes, deadline)
        return [_blamed(outcome, verdict) for outcome in outcomes]

    async def marked(
        self, mailbox: str, person: str, first: date, last: date, known: Collection[str] = (), *, timeout: float
    ) -> Found | ReadFailure:
        """See Calendars."""
        deadline = self.monotonic() + timeout
        found = await self.calendars.marked(mailbox, person, first, last, known, timeout=timeout)
        outcome = found.outcome if isinstance(found, ReadFailure) else Outcome(Kind.DONE)
        verdict = await self._verdict(mailbox, [outcome], deadline)
        return ReadFailure(_blamed(found.outcome, verdict)) if isinstance(found, ReadFailure) else found

    async def _verdict(self, mailbox: str, outcomes: Sequence[Outcome], deadline: float) -> Kind:
        """What a refusal for want of access is. Keeps what health and later verdicts need."""
        if any(outcome.kind is Kind.DONE for outcome in outcomes):
            await self._accepted(mailbox)
            return Kind.MAILBOX_REFUSED
        refused = next((outcome for outcome in outcomes if outcome.kind is Kind.INSTALLATION_REFUSED), None)
        if refused is None:
            refused = next(filter(_is_denied, outcomes), None)
            if refused is None:
                await self._unanswered(outcomes[0])
                return Kind.MAILBOX_REFUSED
            verdict = await self._ask_witnesses(mailbox, deadline)
            if verdict is not Kind.INSTALLATION_REFUSED:
                return verdict
        await self._refused(refused)
        return Kind.INSTALLATION_REFUSED

    async def _write_verdict(self, mailbox: str, outcomes: Sequence[Outcome], deadline: float) -> Kind:
        """Of a refused write, where others can be read: if this mailbox can be, too, reading proves nothing.

        Then it is the mailbox's only if another one has taken a write lately.
        """
        now = self.monotonic()
        if any(at > now - WRITTEN_LATELY for other, at in self._written.items() if other != mailbox):
            return Kind.MAILBOX_REFUSED
        if deadline <= now:
            return Kind.NOT_DONE
        if not isinstance(await self._read(mailbox, deadline), Found):
            return Kind.MAILBOX_REFUSED
        await self._refused(next(filter(_is_denied, outcomes)))
        return Kind.INSTALLATION_REFUSED

    async def _ask_witnesses(self, mailbox: str, deadline: float) -> Kind:
        """Whose refusal it is; NOT_DONE where no time is left to ask."""
        for witness in (await self.ledger.graph_access()).witnesses:
            if witness == mailbox:
                continue
            if deadline <= self.monotonic():
                return Kind.NOT_DONE
            if isinstance(await self._read(witness, deadline), Found):
                return Kind.MAILBOX_REFUSED
        return Kind.INSTALLATION_REFUSED

    async def _read(self, mailbox: str, deadline: float) -> Found | ReadFailure | None:
        left = deadline - self.monotonic()
        try:
            async with asyncio.timeout(left):
                return await self.calendars.marked(mailbox, "", LONG_AGO, LONG_AGO, timeout=left)
        except TimeoutError:
            return None

    async def _accepted(self, mailbox: str) -> None:
        """Keeps the latest few that accepted, and withdraws a refusal, whichever process noted it."""
        now = self.monotonic()
        enough = mailbox in self._witnesses or len(self._witnesses) == MOST_WITNESSES
        if enough and now < self._looked_at + LOOKED_FOR:
            return
        known = await self.ledger.graph_access()
        self._looked_at, self._witnesses = now, known.witnesses
        enough = mailbox in known.witnesses or len(known.witnesses) == MOST_WITNESSES
        if enough and not (known.refusal or known.trouble) and now < self._stored_at + STORED_FOR:
            return
        others = [each for each in known.witnesses if each != mailbox]
        self._stored_at, self._witnesses = now, (mailbox, *others)[:MOST_WITNESSES]
        await self.ledger.store_graph_access(GraphAccess(self._witnesses))

    async def _unanswered(self, outcome: Outcome) -> None:
        """For `health`: Graph could not be reached, or its answer was lost or a failure of its own."""
        if outcome.kind is not Kind.UNKNOWN and outcome.code != NO_CONNECTION:
            return
        self._looked_at = -math.inf
        known = await self.ledger.graph_access()
        why = f"{outcome.status or ''} {outcome.code}".strip() or "no answer"
        if known.trouble != why:
            await self.ledger.store_graph_access(replace(known, trouble=why))

    async def _refused(self, outcome: Outcome) -> None:
        self._looked_at = -math.inf  # the next acceptance is news
        known = await self.ledger.graph_access()
        why = f"{outcome.status or ''} {outcome.code}".strip()
        if known.refusal != why:
            await self.ledger.store_graph_access(replace(known, refusal=why))


def _is_denied(outcome: Outcome) -> bool:
    return outcome.kind is Kind.MAILBOX_REFUSED and outcome.code.casefold() == ACCESS_DENIED


def _blamed(outcome: Outcome, verdict: Kind) -> Outcome:
    return replace(outcome, kind=verdict) if _is_denied(outcome) else outcome
