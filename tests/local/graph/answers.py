"""What Graph answers: a status, headers, and a JSON body; errors in Graph's own shape.

Wordings of codes and messages are recorded ones wherever a recording is known (`graph-answers.json` of the contracts).
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

Json = dict[str, Any]

JSON_TYPE = "application/json; odata.metadata=minimal; odata.streaming=true; IEEE754Compatible=false; charset=utf-8"

HTML_503 = (
    "<!DOCTYPE html PUBLIC '-//W3C//DTD HTML 4.01//EN' 'http://www.w3.org/TR/html4/strict.dtd'>\r\n"
    "<html><head><title>Service Unavailable</title></head>\r\n"
    "<body><h2>Service Unavailable</h2><hr><p>HTTP Error 503. The service is unavailable.</p></body></html>\r\n"
)


@dataclass(slots=True)
class Answer:
    """The answer to one operation; inside a batch it becomes an item, outside an HTTP response."""

    status: int
    body: Json | None = None
    headers: dict[str, str] = field(default_factory=dict)
    code: str = ""
    """Graph's error code; empty where the operation went well."""
    changed: bool = False
    """Whether the mailbox was changed by it."""
    mail_to: tuple[str, ...] = ()
    """Whom Outlook would have sent an invitation, an update or a cancellation."""
    html: str | None = None
    """A body that is not JSON."""
    event_id: str = ""
    """Immutable id of the event that it was about."""


class GraphError(Exception):
    """Graph refuses: raised anywhere in the simulator, made into an Answer in one place."""

    def __init__(self, status: int, code: str, message: str, **extra: Any) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.status = status
        self.code = code
        self.message = message
        self.extra: Json = extra.pop("extra", {})
        """Further members of the error object, such as `@event.existingEventId`."""
        self.headers: dict[str, str] = extra.pop("headers", {})
        assert not extra, extra


def error_answer(error: GraphError, inner: Json | None) -> Answer:
    """The error's body; `inner` is its innerError, which Graph often leaves out."""
    content: Json = {"code": error.code, "message": error.message, **error.extra}
    if inner is not None:
        content["innerError"] = inner
    return Answer(error.status, {"error": content}, dict(error.headers), error.code)


def inner_error(now: datetime, request_id: str, client_request_id: str) -> Json:
    """The innerError of an error body."""
    return {
        "date": now.strftime("%Y-%m-%dT%H:%M:%S"),
        "request-id": request_id,
        "client-request-id": client_request_id,
    }


def bad_request(message: str) -> GraphError:
    """A request that Graph's front end cannot make sense of."""
    return GraphError(400, "BadRequest", message)


def invalid_property() -> GraphError:
    """A value that Exchange does not take."""
    return GraphError(400, "ErrorPropertyValidationFailure", "At least one property failed validation.")


def invalid_request(why: str) -> GraphError:
    """A request whose values do not fit together."""
    return GraphError(400, "ErrorInvalidRequest", f"Your request can't be completed. {why}")


def item_not_found() -> GraphError:
    """No such event (or calendar) in this mailbox."""
    return GraphError(404, "ErrorItemNotFound", "The specified object was not found in the store.")


def throttled(message: str, retry_after: str | None) -> GraphError:
    """429; `retry_after` is the header's text, None leaves the header out."""
    headers = {} if retry_after is None else {"Retry-After": retry_after}
    return GraphError(429, "ApplicationThrottled", message, headers=headers)


def not_modelled(what: str) -> GraphError:
    """What Graph can do and this stand-in cannot: said aloud rather than half done."""
    return GraphError(501, "NotImplemented", f"The stand-in for Microsoft Graph does not model {what}.")
