"""What every mailbox must hold after a row of publishes, with what opted-out people keep."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from tests.local.demo.expected import Rules, events_of, mailbox_name, people_of
from tests.local.demo.shown import Shown
from tests.local.lightning_bolt.model import Setup


@dataclass(slots=True)
class Due:
    """What one mailbox must hold, and what it may."""

    wanted: list[Shown] = field(default_factory=list)
    allowed: list[Shown] = field(default_factory=list)
    """Shifts that began between an opt-out and now: they were begun when it was written, or not."""


@dataclass(frozen=True, slots=True)
class _Of:
    """A person's events, and where they are."""

    mailbox: str | None
    events: tuple[Shown, ...] = ()
    kept: tuple[Shown, ...] = ()
    """Of somebody who opted out: begun when that was published; history."""
    perhaps: tuple[Shown, ...] = ()
    """Of somebody who opted out: not begun yet when that was published."""


class Expectation:
    """Grows with every publish."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self._people: dict[int, _Of] = {}

    def publish(self, truth: Setup, at: datetime) -> None:
        """Something was published (or people's IDs changed, which the next read shows); `truth` is all of it."""
        events: dict[int, list[Shown]] = {}
        for person, event in events_of(truth, self.rules):
            events.setdefault(person, []).append(event)
        for person, record in people_of(truth).items():
            before = self._people.get(person, _Of(None))
            name = mailbox_name(record, self.rules)
            if name is not None:
                self._people[person] = _Of(name, tuple(events.get(person, ())))
            elif before.events:
                kept = tuple(event for event in before.events if _begun(event, at))
                later = tuple(event for event in before.events if not _begun(event, at))
                self._people[person] = _Of(before.mailbox, (), kept, later)

    def due(self, now: datetime) -> dict[str, Due]:
        """By mailbox name, as written in personnel records (object id or UPN, in lower case)."""
        mailboxes: dict[str, Due] = {}
        for of in self._people.values():
            if of.mailbox is not None:
                due = mailboxes.setdefault(of.mailbox, Due())
                due.wanted += [*of.events, *of.kept]
                due.allowed += [event for event in of.perhaps if _begun(event, now)]
        return mailboxes

    def events_of(self, person: int) -> Sequence[Shown]:
        """A mapped person's events, as published last."""
        return self._people.get(person, _Of(None)).events


def _begun(event: Shown, at: datetime) -> bool:
    assert event.begins is not None
    return event.begins <= at
