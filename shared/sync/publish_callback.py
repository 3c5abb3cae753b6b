"""`publish_callback`: checks Lightning Bolt's publish callback and turns it into a hint. Nothing slow.

The callback's form is this project's own (DESIGN.md, "Callback body"): accepted generously, verified strictly.
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from shared.messages import ScheduleChange
from shared.month import Month
from shared.settings import Settings, View
from shared.sync.window import window

LARGEST_BODY = 64 * 1024
FURTHEST = 36
"""Months that a callback may name, from the first that is kept in step."""
CLOCK_DIFFERENCE = 300
"""Seconds by which the sender's clock may differ from ours."""


class Publish(BaseModel):
    """The body. Unknown keys are ignored."""

    model_config = ConfigDict(extra="ignore")

    view_id: Annotated[int, Field(strict=True, ge=0)]
    start_date: Annotated[date, Field(strict=True)] | None = None
    end_date: Annotated[date, Field(strict=True)] | None = None
    published_at: Annotated[AwareDatetime, Field(strict=True)] | None = None
    publish_id: Annotated[str, Field(strict=True, max_length=200)] | None = None
    publish_state: Annotated[str, Field(strict=True, max_length=200)] = "everyone"


@dataclass(frozen=True, slots=True)
class Answer:
    """What the caller is told, and the hint to enqueue, if any."""

    status: int
    body: dict[str, object]
    change: ScheduleChange | None = None


def receive(body: bytes, headers: Mapping[str, str], settings: Settings, now: datetime) -> Answer:
    """Judges one call. `headers`: names in lower case; `now`: time of receipt, aware.

    The months are the callback's dates widened to whole months, or the whole window where it names none; which of them
    lie in the window, plan_schedule knows.
    """
    if len(body) > LARGEST_BODY:
        return _refused(413, "body", f"is {len(body)} bytes long; {LARGEST_BODY} are the most")
    if settings.publish_secrets:
        why = _signature_fault(body, headers.get("x-signature", ""), settings.publish_secrets, now)
        if why:
            return _refused(401, "X-Signature", why)
    try:
        publish = Publish.model_validate_json(body)
    except ValidationError as error:
        return _bad(error)
    if publish.start_date and publish.end_date and publish.end_date < publish.start_date:
        return _refused(400, "end_date", "lies before start_date")
    view = settings.view(publish.view_id)
    if view is None:
        return _refused(404, "view_id", f"{publish.view_id} is none of the views that are read")
    if publish.publish_state != "everyone":
        return Answer(
            202, {"status": "ignored", "reason": f"publish_state is {publish.publish_state!r}, not 'everyone'"}
        )
    months = _months(publish, settings, view, now)
    if not months:
        return Answer(202, {"status": "ignored", "reason": "the dates lie outside the months that are kept in step"})
    try:
        published_at = (publish.published_at or now).astimezone(UTC)
    except OverflowError:
        return _refused(400, "published_at", "lies outside the calendar")
    change = ScheduleChange(view.view_id, tuple(months), "callback", publish.publish_id, published_at)
    return Answer(
        202, {"status": "accepted", "view_id": view.view_id, "months": [str(month) for month in months]}, change
    )


def _months(publish: Publish, settings: Settings, view: View, now: datetime) -> list[Month]:
    """Whole months. Named ones may lie beyond `MONTHS_AHEAD`: what has rows stays in the window until it is past."""
    months = window(settings, view, now)
    if publish.start_date is None and publish.end_date is None:
        return months
    first = max(months[0], Month.of(publish.start_date or date.min))
    last = min(months[0].plus(FURTHEST), Month.of(publish.end_date)) if publish.end_date else months[-1]
    return list(first.until(last))


def sign(body: bytes, secret: str, at: int) -> str:
    """The header `X-Signature` for a body, at a Unix time in seconds."""
    return f"t={at},v1={_hmac(body, secret, str(at))}"


def _hmac(body: bytes, secret: str, at: str) -> str:
    return hmac.new(secret.encode(), at.encode() + b"." + body, hashlib.sha256).hexdigest()


def _signature_fault(body: bytes, header: str, secrets: tuple[str, ...], now: datetime) -> str | None:
    parts = dict(part.strip().partition("=")[::2] for part in header.split(","))
    at, given = parts.get("t", ""), parts.get("v1", "")
    if not (at.isascii() and at.isdigit() and len(at) <= 12 and given):
        return "is missing or not of the form t=<unix>,v1=<hex>"
    matches = [hmac.compare_digest(_hmac(body, secret, at).encode(), given.lower().encode()) for secret in secrets]
    if not any(matches):
        return "does not match the body"
    if abs(now.timestamp() - int(at)) > CLOCK_DIFFERENCE:
        return f"is older or newer than {CLOCK_DIFFERENCE // 60} minutes"
    return None


def _bad(error: ValidationError) -> Answer:
    first = error.errors(include_url=False, include_input=False)[0]
    field = ".".join(str(part) for part in first["loc"]) or "body"
    if first["type"] == "json_invalid":
        return _refused(400, "body", "is not JSON (an empty body may mean that Content-Length was not sent)")
    return _refused(400, field, first["msg"])


def _refused(status: int, field: str, why: str) -> Answer:
    return Answer(status, {"status": "refused", "field": field, "error": f"{field} {why}"})
