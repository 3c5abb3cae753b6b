"""The hospital's kinds of assignment."""

from dataclasses import dataclass
from typing import Any

from tests.local.lightning_bolt.model import Assignment

DAY, EVENING, OVERNIGHT, CALL, BACKUP, LEAVE, ADMINISTRATIVE, CLINIC, CONSULTS, FLOAT, TEACHING = range(301, 312)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of assignment and how often it occurs."""

    structure: int
    name: str
    short: str
    times: str
    weight: int
    send: bool | None = True
    notes: bool | None = False
    information: bool | None = False
    free: bool | None = False
    work_units: float = 1.0

    def assignment(self, templates: tuple[int, ...]) -> Assignment:
        """As Lightning Bolt has it."""
        mapping: dict[str, Any] = {
            "send_to_outlook": self.send,
            "include_schedule_notes": self.notes,
            "include_assignment_information": self.information,
            "send_as_free": self.free,
        }
        return Assignment(
            self.structure, self.name, self.short, templates, self.times, mapping, work_units=self.work_units
        )


KINDS = (
    Kind(DAY, "Day Shift", "DAY", "07:00:00~17:00:00", 20),
    Kind(EVENING, "Evening Shift", "EVE", "15:00:00~23:00:00", 14, free=None),
    Kind(OVERNIGHT, "Overnight", "NITE", "21:00:00~07:00:00", 12, notes=True),
    Kind(CALL, "24-Hour Call", "CALL", "07:00:00~07:00:00", 8, information=True),
    Kind(BACKUP, "Back-up Call", "BU", "17:00:00~07:00:00", 8, free=True, work_units=0.5),
    Kind(LEAVE, "Leave", "LV", "00:00:00~00:00:00", 6, work_units=0),
    Kind(ADMINISTRATIVE, "Administrative", "ADM", "08:00:00~16:00:00", 6, send=False, notes=True),
    Kind(CLINIC, "Clinic", "CL", "08:00:00~16:30:00", 10, notes=True),
    Kind(CONSULTS, "Consults", "CON", "08:00:00~18:00:00", 8, information=True),
    Kind(FLOAT, "Float & Transfer", "FLT", "11:00:00~21:00:00", 6, notes=True, information=True, free=True),
    Kind(TEACHING, "Teaching", "TCH", "12:00:00~13:00:00", 3, send=None, notes=None, information=None, free=None),
)
"""All four flags occur alone and together; Teaching has nothing filled in, and so is not sent."""
