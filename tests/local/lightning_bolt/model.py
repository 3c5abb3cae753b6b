"""What Lightning Bolt knows, as values. Words are Lightning Bolt's own (`template`, `slot`, `emp_id`)."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Literal, Self

PERSON_ID_FIELDS = ("unique_id", "custom1", "custom2", "custom3", "custom4")
NEVER = date(1, 1, 1)
"""How Lightning Bolt writes "never": `0001-01-01T00:00:00`."""
EMPTY_ID = 4
"""The system's `EMPTY`."""


class State(StrEnum):
    """The three publish states of a schedule."""

    DRAFT = "draft"
    """Generation Complete / Not Published."""
    ADMINISTRATORS = "administrators"
    """Published to Administrators."""
    EVERYONE = "everyone"
    """Published to Everyone: the only one that reaches an account without administrator rights."""


@dataclass(frozen=True, slots=True)
class Department:
    """A department of the hospital; its templates name it."""

    department_id: int
    name: str
    compact_name: str


@dataclass(frozen=True, slots=True)
class Template:
    """What is scheduled and published for itself. Its dated pieces are the schedules."""

    template_id: int
    name: str
    name_full: str
    department_id: int
    horizon: date | Literal["auto"] | None = "auto"
    """`last_published_date`: by what is published to everyone, or as a test wants it."""
    time_zone: str | None = None
    """Where its wall clock hangs, if elsewhere than the organisation's."""


@dataclass(frozen=True, slots=True)
class Person:
    """A personnel record, or a placeholder."""

    emp_id: int
    first_name: str
    last_name: str
    display_name: str
    compact_name: str
    departments: tuple[int, ...] = ()
    ptype_id: int = 1
    expired: bool = False
    fields: Mapping[str, Any] = field(default_factory=lambda: dict.fromkeys(PERSON_ID_FIELDS))
    """`unique_id`, `custom1` ... `custom4`: any JSON value; a key that is not there is not in the answer."""
    missing: bool = False
    """Left out of `personnel[]`, though slots name it."""

    @classmethod
    def placeholder(cls, emp_id: int, name: str = "OPEN 1", departments: tuple[int, ...] = ()) -> Self:
        """A fake person that stands for an open shift."""
        return cls(emp_id, name, "z.Administrative", name, name.replace(" ", ""), departments, ptype_id=2)

    @property
    def is_placeholder(self) -> bool:
        """Whether no human being is meant."""
        return self.last_name == "z.Administrative"


@dataclass(frozen=True, slots=True)
class Assignment:
    """A kind of shift, in one template or several."""

    assign_structure_id: int
    display_name: str
    compact_name: str
    templates: tuple[int, ...]
    times: str = "07:00:00~17:00:00"
    """Default start and stop; a stop not after the start is the next day's."""
    mapping: Mapping[str, Any] = field(default_factory=dict)
    """The four Outlook fields: any JSON value; a key that is not there is not in the answer."""
    description: str = ""
    work_units: float = 1.0
    expired: bool = False

    def assign_id(self, template_id: int) -> int:
        """The id that slots of this kind carry in a template."""
        index = self.templates.index(template_id) if template_id in self.templates else 0
        return 20000 + 1000 * index + self.assign_structure_id


@dataclass(frozen=True, slots=True)
class View:
    """A filter over people, assignments and templates."""

    view_id: int
    name: str
    templates: tuple[int, ...]
    """`on_templates`."""
    people: tuple[int, ...] | None = None
    """`on_personnel`, by `emp_id`. None: everybody of the departments, also who comes later."""
    assignments: tuple[int, ...] | None = None
    """`on_assignments`, by `assign_structure_id`. None: all, also those that come later."""
    week_starts_on: Literal["Mon", "Sun"] = "Mon"


@dataclass(frozen=True, slots=True)
class Slot:
    """One person on one assignment on one date."""

    slot_id: int
    template_id: int
    emp_id: int
    assign_structure_id: int
    day: date
    """`slot_date`: the shift's first day."""
    start: datetime
    """Wall clock, naive."""
    stop: datetime
    note: str | None = None
    """The schedule note."""
    request_note: str | None = None
    decision_note: str | None = None
    locations: tuple[str, ...] = ()
    pending: bool = False
    pending_emp_id: int | None = None
    original_emp_id: int | None = None
    loa_reason: str | None = None
    call_order: int | None = None
    start_fold: int = 0
    """1: the second of the two hours that the clock shows twice."""
    stop_fold: int = 0
    modified: datetime | None = None
    history: tuple[str, ...] = ()
    raw: Mapping[str, Any] = field(default_factory=dict)
    """Laid over the row as it is answered: how a row is spoilt."""
    absent: tuple[str, ...] = ()
    """Keys taken out of the row as it is answered."""

    def changed(self, at: datetime, what: str = "", **changes: Any) -> "Slot":
        """The slot after an edit, which its history names."""
        history = (*self.history, what) if what else self.history
        return replace(self, modified=at.replace(microsecond=0, tzinfo=None), history=history, **changes)


@dataclass(frozen=True, slots=True)
class Setup:
    """A whole Lightning Bolt, to load at once; also how the published truth is handed out."""

    time_zone: str
    departments: tuple[Department, ...] = ()
    templates: tuple[Template, ...] = ()
    people: tuple[Person, ...] = ()
    assignments: tuple[Assignment, ...] = ()
    views: tuple[View, ...] = ()
    slots: tuple[Slot, ...] = ()


@dataclass(frozen=True, slots=True)
class Account:
    """The account whose credentials the app has."""

    client_id: str = "local"
    client_secret: str = "local-secret"  # a stand-in's, worth nothing
    is_admin: Any = False
    """`permissions.is_admin`, as answered; true also opens drafts. The text "absent" leaves the key out."""
    emp_id: int = 2199


@dataclass(frozen=True, slots=True)
class Options:
    """How the stand-in behaves."""

    expires_in: int = 3599
    """Seconds that a bearer is good for."""
    renumber_on_publish: bool = False
    cap_at_horizon: bool = True
    """False: rows beyond `last_published_date` are answered, too, as nobody promised that they are not."""
    lag_seconds: float = 0
    """How long after a publish answers still show what was before."""
    hide_mappings: bool = False
    """Answers lack people's IDs and assignments' four fields, as some customers' do. What is loaded has them."""
    today: date | None = None
    """The day that decides the default range. None: the real one."""
