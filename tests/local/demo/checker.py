"""Holds every mailbox against what it must hold, and says each difference in words."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from tests.local.demo.expectation import Due
from tests.local.demo.found import Mailbox
from tests.local.demo.shown import COMPARED, Shown


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not as it must be."""

    mailbox: str
    what: Literal[
        "missing", "extra", "wrong", "duplicate", "same link", "foreign changed", "foreign gone", "foreign new"
    ]
    event: str

    def __str__(self) -> str:
        return f"{self.mailbox}: {self.what}: {self.event}"


type Foreign = Mapping[str, Mapping[str, Any]]
"""Other events, whole, by mailbox address and event id."""


def foreign_of(mailboxes: Iterable[Mailbox]) -> Foreign:
    """Everything in the mailboxes that is not ours, to be held against later."""
    return {mailbox.address: dict(mailbox.foreign) for mailbox in mailboxes}


def check(mailboxes: Sequence[Mailbox], due: Mapping[str, Due], foreign: Foreign, zone: str) -> list[Difference]:
    """Every difference. A mailbox that the app may not write to must hold none of our events.

    Names in `due` that are no mailbox's are left out: nothing can be written there.
    """
    differences: list[Difference] = []
    for mailbox in mailboxes:
        mine = [due[name] for name in sorted(mailbox.names) if name in due] if mailbox.open else []
        wanted = [event for item in mine for event in item.wanted]
        allowed = [event for item in mine for event in item.allowed]
        differences += _events(mailbox, wanted, allowed, zone)
        differences += _foreign(mailbox, foreign.get(mailbox.address, {}))
    return differences + _links(mailboxes, zone)


def _events(mailbox: Mailbox, wanted: Sequence[Shown], allowed: Sequence[Shown], zone: str) -> list[Difference]:
    found = Counter(ours.shown for ours in mailbox.ours)
    missing = Counter(wanted) - found
    extra = found - Counter(wanted) - Counter(allowed)
    rest_missing, rest_extra = list(missing.elements()), list(extra.elements())
    differences: list[Difference] = []
    for event in list(rest_extra):
        if event in wanted and event not in rest_missing:
            rest_extra.remove(event)
            differences.append(Difference(mailbox.address, "duplicate", event.words(zone)))
    for event in list(rest_missing):
        alike = _most_alike(event, rest_extra)
        if alike is not None:
            rest_missing.remove(event)
            rest_extra.remove(alike)
            differences.append(Difference(mailbox.address, "wrong", f"{event.words(zone)}: {_fields(event, alike)}"))
    differences += [Difference(mailbox.address, "missing", event.words(zone)) for event in rest_missing]
    differences += [Difference(mailbox.address, "extra", event.words(zone)) for event in rest_extra]
    return differences


def _most_alike(wanted: Shown, candidates: Sequence[Shown]) -> Shown | None:
    """The found event that was meant to be the wanted one, if there is any: the same shift but for a few things."""
    of_person = [
        found
        for found in candidates
        if (found.person, found.schedule) == (wanted.person, wanted.schedule)
        and (found.start == wanted.start or found.end == wanted.end or found.start.date() == wanted.start.date())
    ]
    return min(of_person, key=lambda found: len(_differing(wanted, found)), default=None)


def _differing(wanted: Shown, found: Shown) -> list[str]:
    return [name for name in COMPARED if getattr(wanted, name) != getattr(found, name)]


def _fields(wanted: Shown, found: Shown) -> str:
    return "; ".join(
        f"{name} is {_said(getattr(found, name))}, must be {_said(getattr(wanted, name))}"
        for name in _differing(wanted, found)
    )


def _said(value: object) -> str:
    return str(value) if hasattr(value, "isoformat") else repr(value)


def _foreign(mailbox: Mailbox, before: Mapping[str, Any]) -> list[Difference]:
    differences: list[Difference] = []
    for identifier in {**before, **mailbox.foreign}:
        then, now = before.get(identifier), mailbox.foreign.get(identifier)
        if then == now:
            continue
        what: Literal["foreign new", "foreign gone", "foreign changed"] = (
            "foreign new" if then is None else "foreign gone" if now is None else "foreign changed"
        )
        differences.append(Difference(mailbox.address, what, repr((now or then or {}).get("subject"))))
    return differences


def _links(mailboxes: Sequence[Mailbox], zone: str) -> list[Difference]:
    """A link is one event's."""
    count = Counter(ours.link for mailbox in mailboxes for ours in mailbox.ours)
    return [
        Difference(mailbox.address, "same link", ours.shown.words(zone))
        for mailbox in mailboxes
        for ours in mailbox.ours
        if count[ours.link] > 1
    ]
