"""Removal: our events leave the calendars of one person, of one schedule, or of all; the rows about them the tables.

For leaving the product, so it refuses where the next sweep would bring everything back: unless the person has no ID any
more, no configured view lists the schedule, or `PAUSED` is on.
"""

import asyncio
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import batched
from typing import Literal

from shared.messages import Pointer, Removed, ScheduleMonth
from shared.settings import Settings
from shared.sync.announce import AT_ONCE, send
from shared.sync.match import begun
from shared.sync.ports import ChangeQueue, Ledger, PersonMonths, ShiftEvents

type PersonMonthsOf = Mapping[str, frozenset[ScheduleMonth]]
"""By person, what a removal is about. The person `!` stands for the heads."""

HEAD = "!"


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose events."""

    kind: Literal["person", "schedule", "all"]
    id: str = ""
    """`emp_id` or `template_id`."""

    def covers(self, person: str, month: ScheduleMonth) -> bool:
        """Whether a person-month belongs to it."""
        match self.kind:
            case "person":
                return person == self.id
            case "schedule":
                return month.schedule == self.id
        return True


@dataclass(frozen=True, slots=True)
class RemovalPorts:
    """What a removal needs from outside."""

    settings: Settings
    person_months: PersonMonths
    shift_events: ShiftEvents
    ledger: Ledger
    queue: ChangeQueue


@dataclass(frozen=True, slots=True)
class Preview:
    """What a removal would take away, by what the tables know."""

    people: int
    person_months: int
    begun: int
    """Events that have started."""
    future: int


class RemovalRefusedError(Exception):
    """The next sweep would bring everything back."""


async def in_scope(scope: Scope, ports: RemovalPorts) -> PersonMonthsOf:
    """Every person-month of the scope that is in a table. Reads both tables' keys, once."""
    found = defaultdict[str, set[ScheduleMonth]](set)
    async for key in ports.person_months.keys():
        if scope.covers(key.person, key.month):
            found[key.person].add(key.month)
    async for link in ports.shift_events.keys():
        if scope.covers(link.person, link.month):
            found[link.person].add(link.month)
    return {person: frozenset(months) for person, months in found.items()}


async def check(scope: Scope, ports: RemovalPorts) -> None:
    """Raises RemovalRefusedError, which says what must be done first."""
    settings = ports.settings
    if settings.paused:
        return
    if scope.kind == "person":
        months = (await in_scope(scope, ports)).get(scope.id, frozenset())
        rows = await ports.person_months.of_person(scope.id, sorted(months))
        if not any(row.mailbox for row in rows.values()):
            return
        raise RemovalRefusedError(
            f"person {scope.id} still has an ID: empty the ID field in Lightning Bolt, or set PAUSED"
        )
    if scope.kind == "schedule":
        owners = (await ports.ledger.reads(settings.lightning_bolt_views[0].view_id)).owners
        owner = owners.get(scope.id)
        if owner is None or not owner.listed or settings.view(owner.view) is None:
            return
        raise RemovalRefusedError(
            f"view {owner.view} still lists schedule {scope.id}: take it out of the view, or set PAUSED"
        )
    raise RemovalRefusedError("the installation still writes: set PAUSED first")


async def preview(scope: Scope, ports: RemovalPorts) -> Preview:
    """What a removal would take away. Changes nothing."""
    found = {person: months for person, months in (await in_scope(scope, ports)).items() if person != HEAD}
    past = future = 0
    for some in batched(sorted(found), AT_ONCE, strict=False):
        states = await asyncio.gather(*map(ports.shift_events.person, some))
        for person, (now, state) in zip(some, states, strict=True):
            links = [link for month in found[person] for link in state.links.get(month, [])]
            started = sum(begun(link.start, now) for link in links)
            past, future = past + started, future + len(links) - started
    return Preview(len(found), sum(map(len, found.values())), past, future)


async def start(scope: Scope, what: Removed, ports: RemovalPorts) -> int:
    """Has the writers remove it; how many people that concerns. Raises RemovalRefusedError."""
    await check(scope, ports)
    found = await in_scope(scope, ports)
    pointers = [
        Pointer(person, tuple(sorted(months)), remove=what) for person, months in found.items() if person != HEAD
    ]
    await send(pointers, ports.queue)
    return len(pointers)


async def left(scope: Scope, ports: RemovalPorts) -> int:
    """How many people still have rows. Once none has, the schedule-months' heads go, too."""
    found = await in_scope(scope, ports)
    people = len(found.keys() - {HEAD})
    if not people and scope.kind != "person":
        for month in found.get(HEAD, ()):
            await ports.person_months.forget(month, [HEAD])
    return people
