"""Faults that can be switched on while the stand-in runs."""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from tests.local.lightning_bolt.answer import Parts


class Kind(StrEnum):
    """What goes wrong."""

    STATUS = "status"
    """Any HTTP status (`status`), with a JSON body, or with `html`."""
    HTML = "html"
    """200 with a page in place of JSON."""
    SLOW = "slow"
    """`seconds` late, otherwise right."""
    CUT_JSON = "cut_json"
    """200 and a whole HTTP answer, whose JSON ends in the middle."""
    CUT_CONNECTION = "cut_connection"
    """The connection breaks in the middle of the answer."""
    REFUSE = "refuse"
    """The connection is closed without an answer."""
    NO_SLOTS = "no_slots"
    NO_TEMPLATES = "no_templates"
    """Departments without templates."""
    NO_PERSONNEL = "no_personnel"
    NO_ASSIGNMENTS = "no_assignments"
    OTHER_VIEW = "other_view"
    """The answer of view `other_view_id`."""
    MISSING_KEY = "missing_key"
    """Without the top-level `key`; `schedule_data.data`: without the list inside."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault, and when it strikes."""

    kind: Kind
    on: str = "viewerapi"
    """`viewerapi` or `token`."""
    count: int | None = None
    """Strikes so often. None: until it is taken away."""
    skip: int = 0
    """Lets so many matching requests through first."""
    probability: float = 1.0
    seed: int = 0
    view_id: int | None = None
    """Reads of this view only."""
    month: str | None = None
    """Reads that touch this month (`2026-11`) only."""
    status: int = 500
    retry_after: str | None = None
    """The `Retry-After` header, as it shall stand there (`2`, `1.5`, a date, nonsense). None: no such header."""
    html: bool = False
    seconds: float = 1.0
    key: str = "schedule_data"
    other_view_id: int = 0


class _Armed:
    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        self.skip = fault.skip
        self.left = fault.count
        self.struck = 0
        self._random = random.Random(fault.seed)

    def strikes(self, on: str, view_id: Any, months: tuple[str, ...]) -> bool:
        fault = self.fault
        if (
            fault.on != on
            or self.left == 0
            or fault.view_id not in (None, view_id)
            or (fault.month is not None and fault.month not in months)
        ):
            return False
        if self.skip > 0:
            self.skip -= 1
            return False
        if self._random.random() >= fault.probability:
            return False
        self.left = None if self.left is None else self.left - 1
        self.struck += 1
        return True


class Faults:
    """The faults that are switched on, by id."""

    def __init__(self) -> None:
        self._armed: dict[int, _Armed] = {}
        self._last_id = 0

    def add(self, fault: Fault) -> int:
        """Switches a fault on; gives its id."""
        self._last_id += 1
        self._armed[self._last_id] = _Armed(fault)
        return self._last_id

    def clear(self, fault_id: int | None = None) -> None:
        """Takes one fault away, or all."""
        if fault_id is None:
            self._armed.clear()
        else:
            self._armed.pop(fault_id, None)

    def struck(self) -> dict[int, int]:
        """How often each fault that is on has struck."""
        return {fault_id: armed.struck for fault_id, armed in self._armed.items()}

    def strike(self, on: str, view_id: Any = None, months: tuple[str, ...] = ()) -> Iterator[Fault]:
        """The faults that strike this request. Several may; the oldest comes first."""
        for armed in list(self._armed.values()):
            if armed.strikes(on, view_id, months):
                yield armed.fault


def falsify(parts: Parts, fault: Fault) -> Parts:
    """The answer as a fault of the content makes it."""
    match fault.kind:
        case Kind.NO_SLOTS:
            return {**parts, "schedule_data": b'{"data":[]}'}
        case Kind.NO_PERSONNEL:
            return {**parts, "personnel": b"[]"}
        case Kind.NO_ASSIGNMENTS:
            return {**parts, "assignments": b"[]"}
        case Kind.NO_TEMPLATES:
            departments = [{**row, "templates": []} for row in json.loads(parts["departments"])]
            return {**parts, "departments": json.dumps(departments).encode()}
        case Kind.MISSING_KEY if fault.key == "schedule_data.data":
            return {**parts, "schedule_data": b"{}"}
        case Kind.MISSING_KEY:
            return {key: value for key, value in parts.items() if key != fault.key}
        case _:
            return parts
