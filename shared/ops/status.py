"""`status`: how things stand, at a glance or for one person."""

from collections.abc import Mapping
from dataclasses import dataclass

from shared.ops.asked import BadRequestError, Looked
from shared.ops.overview import Overview, overview
from shared.ops.person import PersonView, person_view
from shared.ops.ports import OpsPorts
from shared.ops.stand import Stand, look
from shared.schedule.model import Problem

MOST_FOUND = 50


@dataclass(frozen=True, slots=True)
class FoundPerson:
    """Somebody whom a search found."""

    person: str
    name: str
    mailbox: str


@dataclass(frozen=True, slots=True)
class StatusView:
    """What was asked for: an overview, and a person or those whom a search found."""

    overview: Overview
    person: PersonView | None = None
    search: str = ""
    found: tuple[FoundPerson, ...] = ()


async def status(asked: Looked, ports: OpsPorts) -> StatusView:
    """Reads tables only. Raises BadRequestError for a schedule that nobody knows."""
    stand = await look(ports, ports.settings.lightning_bolt_views, asked.schedule)
    if asked.schedule is not None and asked.schedule not in stand.owners:
        raise BadRequestError("schedule", f"{asked.schedule} is none of the schedules that were read")
    glance = overview(
        stand,
        ports.settings,
        await _reported(ports),
        await ports.ledger.graph_access(),
        await ports.ledger.fallen(),
        await ports.ledger.operations(),
    )
    found = _found(stand, asked.search.strip())
    person = asked.person or (found[0].person if len(found) == 1 else None)
    view = await person_view(person, stand, ports) if person else None
    return StatusView(glance, view, asked.search.strip(), () if view else tuple(found))


async def _reported(ports: OpsPorts) -> Mapping[str, list[Problem]]:
    """What the last reads of the views reported."""
    found: dict[str, list[Problem]] = {}
    for view in ports.settings.lightning_bolt_views:
        for month, problems in (await ports.ledger.problems(f"view|{view.view_id}")).items():
            found[f"view {view.view_id}, {month}"] = problems
    return found


def _found(stand: Stand, text: str) -> list[FoundPerson]:
    """People whose name or address holds the text, or whose `emp_id` it is; by name."""
    if not text:
        return []
    sought = text.casefold()
    people = {
        row.person: FoundPerson(row.person, row.name, row.mailbox or "")
        for row in stand.rows()
        if sought == row.person or sought in row.name.casefold() or sought in (row.mailbox or "")
    }
    return sorted(people.values(), key=lambda person: (person.name.casefold(), person.person))[:MOST_FOUND]
