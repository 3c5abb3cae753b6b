"""Import, preview and export of the mappings that are kept in our own table (`MAPPING_SOURCE=table`)."""

import asyncio
import dataclasses
import logging
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from shared.messages import ScheduleMonth
from shared.ops.mapping_file import MappingFile, read_file, write_file
from shared.ops.mapping_preview import Preview, preview
from shared.schedule.own_mappings import Fields, Kind
from shared.settings import Settings
from shared.sync.guard import Limits
from shared.sync.mapped import MappingTable, StoredMappings
from shared.sync.ports import Chance, ChangeQueue, Ledger, PersonMonths
from shared.sync.sweep import enqueue_window
from shared.sync.window import window

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class MappingPorts:
    """What the three need from outside."""

    settings: Settings
    table: MappingTable
    person_months: PersonMonths
    ledger: Ledger
    queue: ChangeQueue
    chance: Chance


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import has done."""

    preview: Preview
    stored: bool
    """False: everything was so already."""
    views: tuple[int, ...]
    """Whose whole windows are read now, so that calendars follow. None where MAPPING_SOURCE is not `table`."""

    def lines(self) -> list[str]:
        """To be printed."""
        views = ", ".join(map(str, self.views))
        follows = f"the whole window is read now (view {views})" if views else "MAPPING_SOURCE is not table: not used"
        return [*self.preview.lines(), f"{'imported' if self.stored else 'nothing new'}; {follows}"]


@dataclass(frozen=True, slots=True)
class Exported:
    """What is in force, as a file."""

    kind: Kind
    rows: int
    text: str


async def preview_mappings(content: bytes | str, ports: MappingPorts, *, replace: bool = False) -> Preview:
    """What `import_mappings` would change. Changes nothing.

    Raises BadMappingFileError, and BrokenMappingsError where the table cannot be used.
    """
    file = read_file(content)
    stored = await ports.table.load()
    return await _preview(file, stored, _after(file, stored, replace), ports)


async def import_mappings(content: bytes | str, ports: MappingPorts, *, replace: bool = False) -> Imported:
    """Puts a file's rows in force: all of them, or none. Rows that it does not name stay, but where it is to `replace`.

    Then has every view's window read, also where nothing was new: an import that was cut off is done by doing it again.
    Raises BadMappingFileError (nothing was changed), BrokenMappingsError, and PreconditionError where somebody else
    imports at the same time (do it again).
    """
    file = read_file(content)
    stored = await ports.table.load()
    after = _after(file, stored, replace)
    what = await _preview(file, stored, after, ports)
    new = after != stored.of(file.kind)
    if new:
        await ports.table.replace(file.kind, after, instead_of=stored, name=ports.chance.link_id())
    views: tuple[int, ...] = ()
    if ports.settings.mapping_source == "table":
        for view in ports.settings.lightning_bolt_views:
            await enqueue_window(view, ports.settings, ports.ledger, ports.queue)
        views = tuple(view.view_id for view in ports.settings.lightning_bolt_views)
    log.info(
        "mappings_imported kind=%s rows=%d total=%d added=%d changed=%d opted_out=%d dropped=%d",
        what.kind, what.rows, what.total, len(what.added), len(what.changed), len(what.opted_out), len(what.dropped),
    )  # fmt: skip
    return Imported(what, new, views)


async def export_mappings(kind: Kind, ports: MappingPorts) -> Exported:
    """What is in force, as a file that an import takes back. Raises BrokenMappingsError."""
    rows = (await ports.table.load()).of(kind) or {}
    return Exported(kind, len(rows), write_file(kind, rows))


def _after(file: MappingFile, stored: StoredMappings, replace: bool) -> Mapping[str, Fields]:
    return file.rows if replace else {**(stored.of(file.kind) or {}), **file.rows}


async def _preview(
    file: MappingFile, stored: StoredMappings, after: Mapping[str, Fields], ports: MappingPorts
) -> Preview:
    limits = Limits(ports.settings.shrink_limit, ports.settings.shrink_minimum)
    found = preview(file, stored.of(file.kind) or {}, after, limits)
    if file.kind == "people":
        return found
    return dataclasses.replace(found, calendars=await _at_work({*found.changed, *found.dropped}, ports))


async def _at_work(assignments: Collection[str], ports: MappingPorts) -> tuple[str, ...]:
    """Who has shifts of these assignments in the window, as calendars should show now."""
    people: set[str] = set()
    for view in ports.settings.lightning_bolt_views if assignments else ():
        reads = await ports.ledger.reads(view.view_id)
        owned = [schedule for schedule, owner in reads.owners.items() if owner.view == view.view_id]
        for month in window(ports.settings, view, reads.now, reads.months):
            months = [ScheduleMonth(schedule, month) for schedule in owned]
            for rows in await asyncio.gather(*(ports.person_months.rows(each, slots=True) for each in months)):
                people |= {
                    row.person
                    for row in rows.rows.values()
                    if any(slot.assignment in assignments for slot in row.slots or ())
                }
    return tuple(sorted(people, key=lambda person: (len(person), person)))
