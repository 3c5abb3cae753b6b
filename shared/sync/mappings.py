"""Notices that a mapping changed: a person's ID, an assignment's flags, a schedule's name. Pure."""

import hashlib
import json
from collections.abc import Mapping

from shared.schedule.model import MonthRead


def fingerprints(read: MonthRead) -> dict[str, str]:
    """A short print of each mapping that the read shows; it lets changes be seen, nothing be read back."""
    prints = {f"p{person.person}": _print(person.mailbox or "") for person in read.people.values()}
    prints |= {f"s{schedule.schedule}": _print(schedule.name) for schedule in read.schedules.values()}
    for assignment in read.assignments.values():
        if assignment.unreadable is None:
            what = (assignment.name, assignment.short_name, assignment.sending)
            prints[f"a{assignment.assignment}"] = _print(repr(what))
    return prints


def merged(known: Mapping[str, str], seen: Mapping[str, str]) -> dict[str, str]:
    """What is known after a read: an answer need not list everybody."""
    return {**known, **seen}


def digest_of(prints: Mapping[str, str]) -> str:
    """One print of them all: whether a month shows other mappings than when it was last read."""
    return hashlib.sha256(json.dumps(sorted(prints.items())).encode()).hexdigest()[:20]


def _print(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:6]
