"""`MAPPING_SOURCE=table`: Lightning Bolt's months with both mappings from our own table."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from shared.errors import ScheduleRefusedError
from shared.month import Month
from shared.schedule.model import MonthRead, Problem
from shared.schedule.own_mappings import Fields, Kind, Mappings
from shared.settings import View


class BrokenMappingsError(Exception):
    """The table of mappings does not hold what was imported: somebody else than an import has changed it."""


@dataclass(frozen=True, slots=True)
class StoredMappings:
    """The table as it stood at one moment."""

    people: Mapping[str, Fields] | None
    """By `emp_id`. None: none were ever imported."""
    assignments: Mapping[str, Fields] | None
    """By `assign_structure_id`. None: none were ever imported."""
    read_at: datetime
    """Storage's time."""
    etag: str | None
    """Changes with every import."""

    def of(self, kind: Kind) -> Mapping[str, Fields] | None:
        """One of the two."""
        return self.people if kind == "people" else self.assignments


class MappingTable(Protocol):
    """Table `mappings`. A reader sees one whole import or another, never a part of one."""

    async def load(self) -> StoredMappings:
        """What was imported. Raises BrokenMappingsError."""

    async def replace(self, kind: Kind, rows: Mapping[str, Fields], *, instead_of: StoredMappings, name: str) -> None:
        """Puts a new whole in force, `name` being one that none has had. Raises PreconditionError where another import
        has begun since `instead_of` was read; whatever this one wrote is then never seen."""


class Readable(Protocol):
    """Lightning Bolt, where mappings can be handed in."""

    async def read_month(self, view: View, month: Month, own: Mappings | None = None) -> MonthRead:
        """See Schedules."""


class MappedSchedules:
    """See `sync.ports.Schedules`. Each read takes the mappings as they stand then."""

    def __init__(self, lightning_bolt: Readable, table: MappingTable, *, keeps: bool = False) -> None:
        self._lightning_bolt = lightning_bolt
        self._table = table
        self._keeps = keeps
        self._kept: Mappings | None = None

    def for_one_message(self) -> "MappedSchedules":
        """One whose reads all have the mappings of its first one: the table is asked once a message."""
        return MappedSchedules(self._lightning_bolt, self._table, keeps=True)

    async def read_month(self, view: View, month: Month) -> MonthRead:
        """See Schedules. Raises ScheduleRefusedError as well where a mapping has never been imported."""
        mappings = self._kept or await self._mappings(view)
        if self._keeps:
            self._kept = mappings
        return await self._lightning_bolt.read_month(view, month, mappings)

    async def _mappings(self, view: View) -> Mappings:
        """An emptied or half-filled table must not count as everybody opting out: it says nothing at all."""
        try:
            stored = await self._table.load()
        except BrokenMappingsError as error:
            raise _refused(view, str(error)) from None
        if stored.people is None or stored.assignments is None:
            missing = " and ".join(kind for kind in ("people", "assignments") if stored.of(kind) is None)
            raise _refused(view, f"MAPPING_SOURCE is table, but no {missing} have been imported yet: import them")
        return Mappings(stored.people, stored.assignments, stored.read_at)


def _refused(view: View, reason: str) -> ScheduleRefusedError:
    problem = Problem(f"view {view.view_id}", "mappings", reason)
    return ScheduleRefusedError(f"view {view.view_id}: {reason}", (problem,))
