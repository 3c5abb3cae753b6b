"""What the tables say, read without letting anybody in between."""

from collections.abc import Coroutine, Mapping
from typing import Any

from shared.messages import ScheduleMonth
from shared.month import Month
from shared.state.ledger import TableLedger
from shared.state.memory import MemoryTable
from shared.state.personmonths import PersonMonthTable
from shared.state.shiftevents import ShiftEventTable
from shared.state.table import Row
from shared.sync.records import Link
from tests.property.place import TEMPLATES, VIEW


class Known:
    """The tables of a hospital, and what is in them."""

    tables: Mapping[str, MemoryTable]
    person_months: PersonMonthTable
    shift_events: ShiftEventTable
    ledger: TableLedger

    def holds(self) -> list[tuple[str, Month]]:
        """All holds."""
        found: list[tuple[str, Month]] = []
        for template in TEMPLATES:
            for month in (Month(2026, 11), Month(2026, 12)):
                rows = at_once(self.person_months.rows(ScheduleMonth(str(template), month)))
                found += [(hold, month) for hold in (rows.head.holds if rows.head else ())]
        return found

    def links(self, person: str) -> dict[ScheduleMonth, list[Link]]:
        """What ties the person's shifts to events, in no order of meaning."""
        links = at_once(self.shift_events.person(person))[1].links
        return {month: sorted(some, key=lambda link: link.event) for month, some in links.items()}

    def has_row(self, person: str, month: str) -> bool:
        """Whether a person-month has been planned."""
        return person in self.tables["personmonths"]._partitions.get(month, {})

    def tells_id(self, person: str) -> bool:
        """Whether a row has an ID for somebody. It may be another one than Lightning Bolt's: read by no view now."""
        return bool(self.telling(person))

    def telling(self, person: str) -> set[int]:
        """Schedules whose rows have an ID for somebody."""
        months = self.tables["personmonths"]._partitions.items()
        return {int(month.partition("|")[0]) for month, rows in months if person in rows and _mailbox(rows[person])}

    def owners(self) -> set[str]:
        """Schedules that a view is known to answer for."""
        return set(at_once(self.ledger.reads(VIEW)).owners)

    def knows(self, person: str) -> bool:
        """Whether the links' table has anything of somebody: not after it was lost, until a writer comes again."""
        return "!" in self.tables["shiftevents"]._partitions.get(person, {})

    def stored(self) -> dict[str, object]:
        """All that the tables say, but for the times of reads and the leases' rows."""
        rows: dict[str, object] = {}
        for name, table in self.tables.items():
            for row in table._partitions.values():
                for each in row.values():
                    if not each.row.startswith("view|") or name == "problems":
                        rows[f"{name} {each.partition} {each.row}"] = each.etag
        return rows


def _mailbox(row: Row) -> object:
    return row.values.get("mailbox")


def at_once[T](work: Coroutine[Any, Any, T]) -> T:
    """What a coroutine that never waits returns: nothing here has an actor, so that every gate is open."""
    try:
        work.send(None)
    except StopIteration as stop:
        result: T = stop.value
        return result
    work.close()
    raise RuntimeError("it waits")
