"""Every setting, read once from the environment; all problems are reported together.

The names are the environment's (README.md has the table). Nothing else in the project reads the environment,
but the Functions host its own.
"""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Annotated, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from tzlocal.windows_tz import tz_win

from shared.errors import SettingsError

PERSON_ID_FIELDS = ("unique_id", "custom1", "custom2", "custom3", "custom4")
FIELD_NAMES = (
    *PERSON_ID_FIELDS,
    "send_to_outlook",
    "include_schedule_notes",
    "include_assignment_information",
    "send_as_free",
)
SUBJECT_PARTS = ("assignment", "assignment_short", "schedule")


def _json(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError as error:
        raise ValueError(f"is not JSON ({error})") from None


def _url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("must be an http(s) address")
    if parts.scheme == "http" and not is_loopback(value):
        raise ValueError("must be https (http only on this machine)")
    return value.rstrip("/")


def is_loopback(url: str) -> bool:
    """Whether an address leads to this machine only."""
    return urlsplit(url).hostname in ("127.0.0.1", "localhost", "::1")


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"{value!r} is no time zone that the IANA database knows") from None
    if value not in tz_win:
        raise ValueError(f"{value!r} has no Windows name, without which Outlook does not know it; use its city's zone")
    return value


def _subject(value: str) -> str:
    names = re.findall(r"\{([^{}]*)\}", value)
    unknown = [name for name in names if name not in SUBJECT_PARTS]
    if unknown or "{" in re.sub(r"\{[a-z_]+\}", "", value) or not value.strip():
        raise ValueError(
            f"may hold text and {', '.join('{' + part + '}' for part in SUBJECT_PARTS)}, nothing else in braces"
        )
    return value


def _ids(value: object) -> object:
    people = _json(value)
    return [str(person) for person in people] if isinstance(people, list) else people


def _keys(secret: SecretStr) -> tuple[str, ...]:
    return tuple(part.strip() for part in secret.get_secret_value().split(",") if part.strip())


type Url = Annotated[str, AfterValidator(_url)]
type Zone = Annotated[str, AfterValidator(_zone)]
type InstallationId = Annotated[str, Field(pattern=r"^[a-z0-9-]{1,32}$")]


class View(BaseModel):
    """One Lightning Bolt view that is read, and the zone of its wall clock."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    view_id: Annotated[int, Field(ge=0)]
    time_zone: Zone


class Settings(BaseModel):
    """All settings. Field names are the environment's in lower case."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    lightning_bolt_url: Url
    """Data host."""
    lightning_bolt_token_url: Url
    lightning_bolt_client_id: Annotated[str, Field(min_length=1)]
    lightning_bolt_client_secret: Annotated[SecretStr, Field(min_length=1)]
    lightning_bolt_views: Annotated[tuple[View, ...], BeforeValidator(_json), Field(min_length=1)]
    """In order of precedence: the first view that lists a schedule owns it."""
    lightning_bolt_person_id_field: Literal["unique_id", "custom1", "custom2", "custom3", "custom4"] = "unique_id"
    lightning_bolt_fields: Annotated[Mapping[str, str], BeforeValidator(_json)] = Field(default_factory=dict)
    """Our field name to Lightning Bolt's JSON key, where they differ."""
    mapping_source: Literal["lightning_bolt", "table"] = "lightning_bolt"
    """`table`: people's IDs and assignments' fields come from our own table, not from Lightning Bolt's rows."""

    graph_url: Url = "https://graph.microsoft.com/v1.0"
    graph_auth: Literal["default", "none"] = "default"
    """`none`: no token, for a simulator on this machine only."""
    installation_id: InstallationId
    """Goes into every mark: two installations never touch each other's events."""
    earlier_installation_ids: Annotated[Sequence[InstallationId], BeforeValidator(_json), Field(max_length=5)] = Field(
        default_factory=list
    )
    """What `installation_id` was before: events that carry one of these are ours, and get the present one."""

    months_back: Annotated[int, Field(ge=0, le=12)] = 1
    months_ahead: Annotated[int, Field(ge=0, le=24)] = 6
    paused: bool = False
    """Plan, but write nothing."""
    pilot_people: Annotated[frozenset[str] | None, BeforeValidator(_ids)] = None
    """Write only to these people (`emp_id`s). None: to everybody."""

    event_subject: Annotated[str, AfterValidator(_subject)] = "{assignment}"
    event_category: str | None = None
    event_sensitivity: Literal["normal", "personal", "private", "confidential"] = "normal"
    event_reminder_minutes: Annotated[int | None, Field(ge=0, le=40320)] = None

    shrink_limit: Annotated[float, Field(gt=0, le=1)] = 0.3
    """Share of a schedule-month that one read may take away without an operator."""
    shrink_minimum: Annotated[int, Field(ge=1)] = 10
    """Slots that a read must take away in all before anything is held."""

    lease_seconds: Annotated[int, Field(ge=2, le=300)] = 120
    look_again_seconds: Annotated[int, Field(ge=0)] = 600
    read_again_seconds: Annotated[int, Field(ge=0)] = 120
    """So much after a callback's read its months are read once more, in case the answer lagged behind. 0: off."""
    drift: Literal["repair", "report"] = "repair"
    """What the audit does about changes by hand."""
    audit_spread_minutes: Annotated[int, Field(ge=0, le=1440)] = 240
    """Over so long the nightly audit's pointers are spread."""
    retention_months: Annotated[int, Field(ge=1, le=120)] = 13
    """Rows of months further back are purged. Never less than `months_back`."""
    publish_secret: SecretStr | None = None
    """Key of the callback's signature; two, separated by a comma, while one replaces the other."""

    @field_validator("lightning_bolt_views")
    @classmethod
    def _once_each(cls, views: tuple[View, ...]) -> tuple[View, ...]:
        ids = [view.view_id for view in views]
        if twice := sorted({view_id for view_id in ids if ids.count(view_id) > 1}):
            raise ValueError("; ".join(f"view {view_id} stands there twice" for view_id in twice))
        return views

    @field_validator("lightning_bolt_fields")
    @classmethod
    def _ours(cls, fields: Mapping[str, str]) -> Mapping[str, str]:
        if unknown := [name for name in fields if name not in FIELD_NAMES]:
            raise ValueError(f"{', '.join(map(repr, unknown))}: none of our field names ({', '.join(FIELD_NAMES)})")
        return fields

    @field_validator("graph_auth")
    @classmethod
    def _only_here(cls, auth: str, info: ValidationInfo) -> str:
        if auth == "none" and "graph_url" in info.data and not is_loopback(info.data["graph_url"]):
            raise ValueError("'none' is for a simulator on this machine; GRAPH_URL leads elsewhere")
        return auth

    @field_validator("earlier_installation_ids")
    @classmethod
    def _not_the_present_one(cls, earlier: Sequence[str], info: ValidationInfo) -> Sequence[str]:
        if info.data.get("installation_id") in earlier:
            raise ValueError("must not hold INSTALLATION_ID itself")
        return earlier

    @field_validator("retention_months")
    @classmethod
    def _no_less_than_the_window(cls, months: int, info: ValidationInfo) -> int:
        if months < info.data.get("months_back", 0):
            raise ValueError("must not be less than MONTHS_BACK")
        return months

    @field_validator("publish_secret")
    @classmethod
    def _holds_a_key(cls, secret: SecretStr | None) -> SecretStr | None:
        if secret and not _keys(secret):
            raise ValueError("holds no key, though it is set")
        return secret

    @property
    def lease(self) -> timedelta:
        """How long a writer's or reader's lease lasts without renewal."""
        return timedelta(seconds=self.lease_seconds)

    @property
    def late(self) -> timedelta:
        """How long after its claim or last renewal a writer's request can still take effect (rule 1)."""
        return timedelta(seconds=self.lease_seconds + self.look_again_seconds)

    @property
    def publish_secrets(self) -> tuple[str, ...]:
        """The keys that a callback may be signed with; empty: signatures are not asked for."""
        return _keys(self.publish_secret) if self.publish_secret else ()

    def view(self, view_id: int) -> View | None:
        """The view of that id, if it is one that is read."""
        return next((view for view in self.lightning_bolt_views if view.view_id == view_id), None)

    def key_of(self, name: str) -> str:
        """Lightning Bolt's JSON key for a field of ours."""
        return self.lightning_bolt_fields.get(name, name)

    def may_write_to(self, person: str) -> bool:
        """Whether go-live settings let this person's calendar be written."""
        return not self.paused and (self.pilot_people is None or person in self.pilot_people)


TIMER_SCHEDULES = {
    "SWEEP_SCHEDULE": "0 */10 * * * *",
    "WINDOW_SCHEDULE": "0 0 2 * * *",
    "AUDIT_SCHEDULE": "0 0 3 * * *",
}
"""NCRONTAB, UTC, and what holds where the setting is absent."""


def timer_schedule(environment: Mapping[str, str], name: str) -> str:
    """What a timer's binding says: the host resolves `%NAME%` from the app's settings, but knows no default."""
    return f"%{name}%" if environment.get(name) else TIMER_SCHEDULES[name]


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Settings from environment variables. An empty variable counts as absent. Raises SettingsError."""
    values = {
        name: environment[name.upper()] for name in Settings.model_fields if environment.get(name.upper(), "").strip()
    }
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        raise SettingsError(_problems(error)) from None


def _problems(error: ValidationError) -> list[str]:
    """One line per problem, without the value: it may be a secret."""
    problems = []
    for item in error.errors(include_input=False, include_url=False):
        message = item["msg"].removeprefix("Value error, ")
        if not item["loc"]:
            problems += message.split("\n")
            continue
        name, *inner = item["loc"]
        where = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in inner)
        if item["type"] == "missing" and not inner:
            message = "is not set"
        problems.append(f"{str(name).upper()}{where}: {message}")
    return problems
