"""Mailboxes that take nothing (rule 8, error table): each remembered, tried once a day, let go of in the end."""

from collections.abc import Collection, Iterable
from datetime import datetime

from shared.outlook.outcome import Kind, Outcome
from shared.sync.records import LET_GO_AFTER, LONGEST_DELAY, PersonState, Refusal, has_come


def remember(state: PersonState, mailbox: str, outcome: Outcome, now: datetime) -> None:
    """Notes that a mailbox refused. It is tried again after a day."""
    known = state.refusals.get(mailbox)
    state.refusals[mailbox] = Refusal(
        since=known.since if known else now,
        next_try_at=now + LONGEST_DELAY,
        gone=outcome.kind is Kind.MAILBOX_GONE,
        code=outcome.code,
    )


def refusing(state: PersonState, now: datetime) -> set[str]:
    """The mailboxes that need not be asked yet."""
    return {mailbox for mailbox, refusal in state.refusals.items() if not has_come(refusal.next_try_at, now)}


def let_go(state: PersonState, asked: Collection[str], now: datetime) -> list[str]:
    """Lets go of the links in mailboxes that are gone, or have been refusing for 30 days; returns those mailboxes.

    Only of those that refuse today (`asked`): one that may accept again is asked first.

    Such a mailbox counts as never met. When an address is gone, all of the person's mailboxes do: a renamed UPN leads
    to the same mailbox, and only looking shows it.
    """
    released = [
        mailbox
        for mailbox, refusal in state.refusals.items()
        if mailbox in asked and (refusal.gone or now >= refusal.since + LET_GO_AFTER) and _tied(state, mailbox)
    ]
    for mailbox in released:
        for month, links in state.links.items():
            state.links[month] = [link for link in links if link.mailbox != mailbox]
        for mailboxes in state.open.values():
            mailboxes.discard(mailbox)
        state.observed.discard(mailbox)
        if state.refusals[mailbox].gone:
            state.observed.clear()
    return released


def _tied(state: PersonState, mailbox: str) -> bool:
    linked: Iterable[str] = (link.mailbox for links in state.links.values() for link in links)
    return mailbox in linked or any(mailbox in mailboxes for mailboxes in state.open.values())
