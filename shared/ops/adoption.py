"""`adopt_preview`, `adopt`, `adopt_left`: `INSTALLATION_ID` was changed, and the earlier id's events are to be ours.

Adopting is known at once (table `schedules`), and each person's events are then written anew, with the present mark. It
may be asked for again: whoever has the present mark already is not written to.
"""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import batched

from shared.messages import Pointer
from shared.ops.asked import Asked, BadRequestError, OfAdopting, OfAdoption
from shared.ops.doctor import GRAPH_SECONDS
from shared.ops.ports import OpsPorts
from shared.ops.removal import HEAD, RemovalPorts, Scope, in_scope
from shared.ops.stand import look, state_of
from shared.ops.sync import is_pending
from shared.outlook.outcome import ReadFailure
from shared.settings import Settings
from shared.sync.announce import AT_ONCE, send
from shared.sync.audit import everybody
from shared.sync.clock import CLOCK_STEP
from shared.sync.installation import NAME, changed
from shared.sync.reads import ViewReads
from shared.sync.records import PersonState
from shared.sync.window import observed_days

MOST_SAMPLED = 5
EARLIER = "EARLIER_INSTALLATION_IDS"


@dataclass(frozen=True, slots=True)
class Sampled:
    """One person's calendars, as they are now."""

    person: str
    earlier: int
    """Events with a mark of an earlier id."""
    present: int
    problem: str = ""
    """Why a mailbox could not be read."""


@dataclass(frozen=True, slots=True)
class Adoption:
    """What would be adopted, by what the tables know; and what stands in a few calendars."""

    earlier: str
    """The id that calendars were last written under; where that is the present one, those of the settings."""
    installation: str
    people: int
    person_months: int
    events: int
    sample: tuple[Sampled, ...]


@dataclass(frozen=True, slots=True)
class Adopting:
    """Whose calendars the writers will look at."""

    since: datetime
    """By storage's clock; nothing of it happens earlier. `adopt_left` takes it as it is."""
    people: int


@dataclass(frozen=True, slots=True)
class AdoptLeft:
    """How far it has come."""

    left: int
    """People whose turn has not come, or whose months are not all written."""
    failed: int
    """People whose events could not be written: they are tried again by themselves (`failures list`)."""


async def refuse_if_changed(ports: OpsPorts) -> None:
    """Raises BadRequestError where nothing may be written to calendars, because the id was changed."""
    if why := changed(ports.settings, (await _reads(ports)).installation):
        raise BadRequestError(NAME, why)


async def adopt_preview(asked: Asked, ports: OpsPorts) -> Adoption:
    """Reads both tables' keys once, each person's links, and a few mailboxes. Raises BadRequestError."""
    del asked
    reads = await _reads(ports)
    earlier = _adoptable(ports.settings, reads.installation)
    tables = RemovalPorts(ports.settings, ports.person_months, ports.shift_events, ports.ledger, ports.queue)
    found = {person: months for person, months in (await in_scope(Scope("all"), tables)).items() if person != HEAD}
    states: list[PersonState] = []
    for some in batched(sorted(found), AT_ONCE, strict=False):
        states += [state for _, state in await asyncio.gather(*map(ports.shift_events.person, some))]
    holders = [state for state in states if any(state.links.values())]
    step = max(1, len(holders) // MOST_SAMPLED)
    return Adoption(
        earlier=earlier,
        installation=ports.settings.installation_id,
        people=len(found),
        person_months=sum(map(len, found.values())),
        events=sum(len(links) for state in states for links in state.links.values()),
        sample=tuple([await _sampled(state, reads.now, ports) for state in holders[::step][:MOST_SAMPLED]]),
    )


async def adopt(asked: OfAdoption, ports: OpsPorts) -> Adopting:
    """Has the writers go on under the present id, and write everybody's events anew. Raises BadRequestError."""
    settings = ports.settings
    earlier = _adoptable(settings, (await _reads(ports)).installation)
    if asked.earlier not in (None, earlier):
        raise BadRequestError("earlier", f"is {asked.earlier}, but it is {earlier} that would be adopted")
    if settings.paused:
        raise BadRequestError("PAUSED", "is on: set it to false first, because adopting writes to calendars")
    since = (await _reads(ports)).now + CLOCK_STEP
    await ports.ledger.write_under(settings.installation_id)
    months = await everybody(settings, ports.person_months, ports.ledger)
    pointers = [Pointer(person, some, adopt=True) for person, some in months.items()]
    # A second later, because storage tells whole seconds: so what is done for it can be told from what was before.
    await send(pointers, ports.queue, lambda: CLOCK_STEP)
    return Adopting(since, len(pointers))


async def adopt_left(asked: OfAdopting, ports: OpsPorts) -> AdoptLeft:
    """Reads the window's rows."""
    settings = ports.settings
    stand = await look(ports, settings.lightning_bolt_views)
    rows = [row for row in stand.rows() if row.mailbox and row.count and settings.may_write_to(row.person)]
    untouched = {row.person for row in rows if row.in_step and row.stored_at < asked.since}
    left = untouched | {row.person for row in rows if is_pending(row, stand.now, settings)}
    failed = {row.person for row in rows if state_of(row, settings) == "failed"}
    return AdoptLeft(len(left), len(failed - left))


async def _reads(ports: OpsPorts) -> ViewReads:
    """For storage's time, and the id that calendars were last written under."""
    return await ports.ledger.reads(ports.settings.lightning_bolt_views[0].view_id)


def _adoptable(settings: Settings, known: str | None) -> str:
    """The id that would be adopted. `known`: that calendars were last written under. Raises BadRequestError."""
    ids: Sequence[str] = settings.earlier_installation_ids
    if known not in (None, settings.installation_id, *ids):
        why = changed(settings, known)
        raise BadRequestError(EARLIER, f"does not hold {known}: {NAME} {why}")
    if not ids:
        raise BadRequestError(EARLIER, f"is empty: {NAME} was not changed, there is nothing to adopt")
    return known if known is not None and known in ids else ", ".join(ids)


async def _sampled(state: PersonState, now: datetime, ports: OpsPorts) -> Sampled:
    first, last = observed_days(ports.settings, now, state.links)
    ids: list[str] = []
    problem = ""
    for mailbox in sorted(_mailboxes(state)):
        found = await ports.graph.marked(mailbox, state.person, first, last, timeout=GRAPH_SECONDS)
        if isinstance(found, ReadFailure):
            problem = f"{found.outcome.status or ''} {found.outcome.code}".strip() or "no answer"
        else:
            ids += [event.mark.installation for event in found.events]
    present = ids.count(ports.settings.installation_id)
    return Sampled(state.person, len(ids) - present, present, problem)


def _mailboxes(state: PersonState) -> Iterable[str]:
    return {link.mailbox for links in state.links.values() for link in links}
