"""What a writer needs from outside."""

from collections.abc import Callable
from dataclasses import dataclass

from shared.settings import Settings
from shared.sync.ports import Calendars, Chance, ChangeQueue, Ledger, PersonMonths, ShiftEvents


@dataclass(frozen=True, slots=True)
class WriterPorts:
    """Of `write_calendar`, and of what else a pointer may ask for."""

    settings: Settings
    person_months: PersonMonths
    shift_events: ShiftEvents
    calendars: Calendars
    ledger: Ledger
    queue: ChangeQueue
    chance: Chance
    monotonic: Callable[[], float]
