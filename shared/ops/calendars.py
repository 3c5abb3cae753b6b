"""`audit`, `remove_preview`, `remove`, `remove_left`: what is done to calendars beside bringing them in step."""

from dataclasses import dataclass

from shared.ops.adoption import refuse_if_changed
from shared.ops.asked import BadRequestError, OfPerson, OfRemoval, OfScope
from shared.ops.ports import OpsPorts
from shared.ops.removal import Preview, RemovalPorts, RemovalRefusedError, Scope, check, left, preview, start
from shared.sync.audit import AuditPorts, audit


@dataclass(frozen=True, slots=True)
class Enqueued:
    """Whose calendars the writers will look at."""

    people: int


@dataclass(frozen=True, slots=True)
class Left:
    """Who still has rows."""

    people: int


async def audit_now(asked: OfPerson, ports: OpsPorts) -> Enqueued:
    """The nightly audit at once, of everybody or one person. Raises BadRequestError."""
    await refuse_if_changed(ports)
    auditor = AuditPorts(ports.settings, ports.person_months, ports.ledger, ports.queue, ports.chance)
    return Enqueued(await audit(auditor, person=asked.person, spread_minutes=0))


async def remove_preview(asked: OfScope, ports: OpsPorts) -> Preview:
    """What would go, by what the tables know. Raises BadRequestError where it would come back."""
    scope = await _checked(asked, ports)
    return await preview(scope, _ports(ports))


async def remove(asked: OfRemoval, ports: OpsPorts) -> Enqueued:
    """Has the writers remove it. Raises BadRequestError where it would come back."""
    scope = await _checked(asked, ports)
    return Enqueued(await start(scope, asked.events, _ports(ports)))


async def remove_left(asked: OfScope, ports: OpsPorts) -> Left:
    """How far a removal has come."""
    return Left(await left(_scope(asked), _ports(ports)))


async def _checked(asked: OfScope, ports: OpsPorts) -> Scope:
    scope = _scope(asked)
    await refuse_if_changed(ports)
    try:
        await check(scope, _ports(ports))
    except RemovalRefusedError as error:
        raise BadRequestError("scope", str(error)) from None
    return scope


def _scope(asked: OfScope) -> Scope:
    given = [(kind, value) for kind, value in (("person", asked.person), ("schedule", asked.schedule)) if value]
    if len(given) + asked.everything != 1:
        raise BadRequestError("scope", "name a person, or a schedule, or everything")
    if asked.person:
        return Scope("person", asked.person)
    return Scope("schedule", asked.schedule) if asked.schedule else Scope("all")


def _ports(ports: OpsPorts) -> RemovalPorts:
    return RemovalPorts(ports.settings, ports.person_months, ports.shift_events, ports.ledger, ports.queue)
