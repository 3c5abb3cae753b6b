"""Whose fault a refusal is: the mailbox's, or the installation's ("refused at every mailbox", DESIGN.md's error table).

Graph says the same, `ErrorAccessDenied`, of one mailbox out of scope and when the app's permission is gone altogether.
So before a mailbox is blamed for it, and waits a day, a witness is asked: a mailbox that accepted before. If none of
the witnesses can be read now, nobody is blamed: the installation was refused.
"""

import asyncio
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date

from shared.outlook.batch import Write
from shared.outlook.found import Found
from shared.outlook.outcome import Kind, Outcome, ReadFailure
from shared.sync.ports import Calendars, Ledger
from shared.sync.records import GraphAccess

ACCESS_DENIED = "erroraccessdenied"
MOST_WITNESSES = 3
STORED_FOR = 600.0
"""Seconds for which an acceptance that this process has stored is not stored again."""
LONG_AGO = date(2000, 1, 1)
"""A day on which no calendar has an event of ours: the cheapest read that there is."""


@dataclass(slots=True)
class Witnessed:
    """`sync.ports.Calendars`, where a refusal for want of access is the mailbox's only if another one accepts."""

    calendars: Calendars
    ledger: Ledger
    monotonic: Callable[[], float]
    _stored_at: float = 0.0
    _known: tuple[str, ...] = ()
    """Witnesses as this process last stored them; none where the next acceptance is news."""

    async def write(self, writes: Sequence[Write], *, timeout: float) -> list[Outcome]:
        """See Calendars."""
        deadline = self.monotonic() + timeout
        outcomes = await self.calendars.write(writes, timeout=timeout)
        if not outcomes:
            return outcomes
        verdict = await self._verdict(writes[0].mailbox, outcomes, deadline)
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
            refused = next((outcome for outcome in outcomes if _is_denied(outcome)), None)
            if refused is None or await self._witness_accepts(mailbox, deadline):
                return Kind.MAILBOX_REFUSED
        await self._refused(refused)
        return Kind.INSTALLATION_REFUSED

    async def _witness_accepts(self, mailbox: str, deadline: float) -> bool:
        for witness in (await self.ledger.graph_access()).witnesses:
            left = deadline - self.monotonic()
            if witness == mailbox or left <= 0:
                continue
            try:
                async with asyncio.timeout(left):
                    found = await self.calendars.marked(witness, "", LONG_AGO, LONG_AGO, timeout=left)
            except TimeoutError:
                return False
            if isinstance(found, Found):
                return True
        return False

    async def _accepted(self, mailbox: str) -> None:
        now = self.monotonic()
        enough = mailbox in self._known or len(self._known) == MOST_WITNESSES
        if enough and now < self._stored_at + STORED_FOR:
            return
        others = [each for each in (await self.ledger.graph_access()).witnesses if each != mailbox]
        self._stored_at, self._known = now, (mailbox, *others)[:MOST_WITNESSES]
        await self.ledger.store_graph_access(GraphAccess(self._known))

    async def _refused(self, outcome: Outcome) -> None:
        self._known = ()
        known = await self.ledger.graph_access()
        why = f"{outcome.status or ''} {outcome.code}".strip()
        if known.refusal != why:
            await self.ledger.store_graph_access(replace(known, refusal=why))


def _is_denied(outcome: Outcome) -> bool:
    return outcome.kind is Kind.MAILBOX_REFUSED and outcome.code.casefold() == ACCESS_DENIED


def _blamed(outcome: Outcome, verdict: Kind) -> Outcome:
    return replace(outcome, kind=verdict) if _is_denied(outcome) else outcome
