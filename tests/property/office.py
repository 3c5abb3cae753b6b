"""What operators do: audits, removals, and imports of mappings, each an actor, as the host's functions are."""

from collections.abc import Coroutine
from typing import Any

from shared.errors import PreconditionError
from shared.messages import Removed
from shared.ops.mappings import import_mappings
from shared.ops.removal import RemovalRefusedError, Scope, left, start
from shared.schedule.own_mappings import FLAGS, Kind
from shared.sync.audit import audit
from shared.sync.mapped import BrokenMappingsError
from tests.property.actors import Actor
from tests.property.hospital import Hospital
from tests.property.invariants import Broken, require
from tests.property.place import LEASE, PEOPLE

KINDS: tuple[Kind, Kind] = ("people", "assignments")
MOST_REQUESTS = 4
"""So often an operator asks for the same removal when all is well."""


def begin_audit(hospital: Hospital, spread_minutes: int = 0) -> Actor:
    """The nightly timer that has every calendar looked at."""
    return _begin(hospital, "audit", audit(hospital.auditor, spread_minutes=spread_minutes))


def begin_removal(hospital: Hospital, scope: Scope, what: Removed) -> Actor:
    """An operator asks for it; refused where its conditions do not hold."""
    return _begin(hospital, "removal", start(scope, what, hospital.remover))


def begin_import(hospital: Hospital, kind: Kind) -> Actor:
    """The administrators' file of one kind comes into force, as it stands now; refused where another one does."""
    return _begin(hospital, "import", import_mappings(_file(hospital, kind), hospital.importer, replace=True))


def is_allowed(hospital: Hospital, scope: Scope, what: Removed) -> bool:
    """Starts a removal; False where it is refused."""
    return _answer(hospital, start(scope, what, hospital.remover)) is not None


def remove_all(hospital: Hospital, scope: Scope, what: Removed) -> None:
    """An operator asks again, as the command does, until nothing is left in the tables. No fault comes between."""
    for _ in range(MOST_REQUESTS):
        require("a removal is not refused", is_allowed(hospital, scope, what), scope)
        hospital.drain()
        if _answer(hospital, left(scope, hospital.remover)) == 0:
            return
        hospital.advance(LEASE + 5)
        hospital.drain()
    raise Broken("a removal leaves no row", rows_of(hospital, scope))


def rows_of(hospital: Hospital, scope: Scope) -> list[str]:
    """What the tables still have of those whom a removal concerns."""
    rows = [
        f"{name} {row.partition} {row.row}"
        for name in ("personmonths", "shiftevents")
        for rows in hospital.tables[name]._partitions.values()
        for row in rows.values()
        if scope.kind != "person" or scope.id in (row.partition, row.row)
    ]
    return [row for row in rows if scope.kind != "schedule" or f" {scope.id}|" in row]


def mend_mappings(hospital: Hospital) -> None:
    """Both files are imported whole; a table that is broken is emptied first."""
    for kind in KINDS if hospital.maps else ():
        if _answer(hospital, import_mappings(_file(hospital, kind), hospital.importer, replace=True)) is None:
            hospital.tables["mappings"]._partitions.clear()
            mend_mappings(hospital)
            return


def _file(hospital: Hospital, kind: Kind) -> str:
    world = hospital.world
    if kind == "people":
        rows = [f"{person},{world.people[person].fields['unique_id'] or ''}" for person in PEOPLE]
        return "\n".join(["emp_id,microsoft_id", *rows])
    lines = [
        ",".join([str(key), *(str(each.mapping.get(flag) is True).lower() for flag in FLAGS)])
        for key, each in sorted(world.assignments.items())
    ]
    return "\n".join([",".join(["assign_structure_id", *FLAGS]), *lines])


def _begin(hospital: Hospital, name: str, work: Coroutine[Any, Any, Any]) -> Actor:
    return hospital.actors.start(name, _kept(work, []), None)


def _answer(hospital: Hospital, work: Coroutine[Any, Any, Any]) -> Any:
    """What it comes to, at once; None where it is refused."""
    answers: list[Any] = []
    hospital.run(hospital.actors.start("operator", _kept(work, answers), None))
    return answers[0] if answers else None


async def _kept(work: Coroutine[Any, Any, Any], answers: list[Any]) -> None:
    try:
        answers.append(await work)
    except (RemovalRefusedError, BrokenMappingsError, PreconditionError):
        return
