"""What a verb may be asked with. A wrong field is named; a field that no verb knows is refused, not ignored."""

import json
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, ValidationError

from shared.messages import Removed
from shared.month import Month
from shared.schedule.own_mappings import Kind
from shared.settings import Settings, View

LONGEST_BODY = 4 * 1024 * 1024
"""Bytes: a file of mappings of some ten thousand people."""


class BadRequestError(ValueError):
    """What was asked cannot be done as asked. `field` names what is wrong."""

    def __init__(self, field: str, why: str) -> None:
        super().__init__(f"{field}: {why}")
        self.field = field
        self.why = why


def _month(value: object) -> Month:
    if isinstance(value, Month):
        return value
    if not isinstance(value, str):
        raise ValueError("is no month of the form 2026-11")
    return Month.parse(value)


def _id(value: object) -> object:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


type MonthText = Annotated[Month, BeforeValidator(_month), PlainSerializer(str)]
type Id = Annotated[str, BeforeValidator(_id), Field(min_length=1, max_length=200)]


class Asked(BaseModel):
    """Nothing more than the verb."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)


class Sampled(Asked):
    """`doctor`."""

    people: Annotated[int, Field(ge=0, le=20)] = 5
    """Of how many the mailbox is tried."""


class Scoped(Asked):
    """A view's months; all where none is named. `preview`, `report`."""

    view: int | None = None
    months: Annotated[tuple[MonthText, ...], Field(max_length=36)] = ()
    person: Id | None = None


class Synced(Scoped):
    """`sync`."""

    schedule: Id | None = None


class ViewMonths(Asked):
    """Months of a view."""

    view: int
    months: tuple[MonthText, ...]


class Followed(Asked):
    """`progress`: what `sync` answered."""

    since: AwareDatetime
    views: tuple[ViewMonths, ...]
    schedule: Id | None = None
    person: Id | None = None


class Looked(Asked):
    """`status`."""

    schedule: Id | None = None
    person: Id | None = None
    search: Annotated[str, Field(max_length=200)] = ""


class OfPerson(Asked):
    """One person's, or everybody's where nobody is named."""

    person: Id | None = None


class OfHold(Asked):
    """One hold."""

    hold: Id


class OfMappings(Asked):
    """A file of mappings."""

    file: Annotated[str, Field(min_length=1)]
    replace: bool = False
    """It is the whole: rows that it does not name go."""


class OfKind(Asked):
    """One of the two kinds of mappings."""

    kind: Kind


class OfScope(Asked):
    """Whose events a removal is about: exactly one of the three."""

    person: Id | None = None
    schedule: Id | None = None
    everything: bool = False


class OfRemoval(OfScope):
    """`remove`."""

    events: Removed = "future"


class OfAdoption(Asked):
    """`adopt`."""

    earlier: Id | None = None
    """As `adopt_preview` told it: so that nothing else is adopted than what an operator was shown."""


class OfAdopting(Asked):
    """`adopt_left`."""

    since: AwareDatetime
    """As `adopt` answered it."""


class OfMessage(Asked):
    """One message on a poison queue."""

    queue: Id
    message: Id


def read_asked[T: Asked](kind: type[T], body: bytes) -> T:
    """The request of a verb. An empty body asks for nothing in particular. Raises BadRequestError."""
    if len(body) > LONGEST_BODY:
        raise BadRequestError("body", f"is longer than {LONGEST_BODY} bytes")
    try:
        values: Any = json.loads(body or b"{}")
    except (ValueError, RecursionError):
        raise BadRequestError("body", "is not JSON") from None
    try:
        return kind.model_validate(values)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        field = ".".join(str(part) for part in first["loc"]) or "body"
        raise BadRequestError(field, first["msg"].removeprefix("Value error, ")) from None


def views_of(settings: Settings, view: int | None) -> tuple[View, ...]:
    """The view that was asked for, or all. Raises BadRequestError."""
    if view is None:
        return settings.lightning_bolt_views
    found = settings.view(view)
    if found is None:
        known = ", ".join(str(each.view_id) for each in settings.lightning_bolt_views)
        raise BadRequestError("view", f"{view} is none of the views that are read ({known})")
    return (found,)
