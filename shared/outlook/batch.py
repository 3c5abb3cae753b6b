"""Calendar writes as the items of a Graph batch.

Source: https://learn.microsoft.com/graph/json-batching
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from shared.cut import cut
from shared.decode import decoded
from shared.outlook.event import Event
from shared.outlook.mark import MARK_ID, Mark
from shared.outlook.outcome import Kind, Outcome, outcome_of
from shared.outlook.render import render

BATCH_LIMIT = 20
"""Graph's limit of items."""
BATCH_BYTES = 3_000_000
"""Graph refuses a request over 4 MB; some room for what the bound below does not count."""

UNKNOWN = Outcome(Kind.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Create:
    """A new event. Its `transactionId` is the mark's link id."""

    mailbox: str
    event: Event
    mark: Mark


@dataclass(frozen=True, slots=True)
class Update:
    """An event of ours, put right in every property that we decide."""

    mailbox: str
    event_id: str
    event: Event
    mark: Mark


@dataclass(frozen=True, slots=True)
class Delete:
    """An event of ours, taken away."""

    mailbox: str
    event_id: str


Write = Create | Update | Delete


def method_of(write: Write) -> Literal["POST", "PATCH", "DELETE"]:
    """The HTTP method of a write."""
    match write:
        case Create():
            return "POST"
        case Update():
            return "PATCH"
        case Delete():
            return "DELETE"


def body_of(write: Write) -> dict[str, object] | None:
    """The JSON body of a write; None for a delete, which has none."""
    match write:
        case Create(event=event, mark=mark):
            return {**render(event), "transactionId": mark.link, **_property(mark)}
        case Update(event=event, mark=mark):
            return {**render(event), **_property(mark)}
        case Delete():
            return None


def _property(mark: Mark) -> dict[str, object]:
    return {"singleValueExtendedProperties": [{"id": MARK_ID, "value": mark.text()}]}


def batches(writes: Sequence[Write]) -> Iterator[list[Write]]:
    """Cuts writes into batches for one mailbox each, of at most 20 items and 3 MB, in the order given.

    One mailbox: its limit is 4 requests at a time, Graph sends a batch's items on by fours, and a batch that only one
    mailbox answers is refused by only one.
    """
    by_mailbox: dict[str, list[Write]] = {}
    for write in writes:
        by_mailbox.setdefault(write.mailbox, []).append(write)
    for group in by_mailbox.values():
        yield from cut(group, _size, most=BATCH_LIMIT, largest=BATCH_BYTES)


def _size(write: Write) -> int:
    """An upper bound of an item's bytes, without rendering it: no character takes more than six in JSON."""
    if isinstance(write, Delete):
        return 2_000
    event = write.event
    return 3_000 + 6 * (len(event.subject) + len(event.body) + len(event.location) + len(event.category or ""))


def request_body(writes: Sequence[Write], urls: Sequence[str], headers: Sequence[Mapping[str, str]]) -> bytes:
    """The JSON of a `$batch` request. Items are numbered from 1 and unordered; `urls` are relative to the API's root.

    `headers` are per item; `Content-Type` is added to those that have a body.
    """
    requests: list[dict[str, object]] = []
    for number, (write, url, of_item) in enumerate(zip(writes, urls, headers, strict=True), 1):
        item: dict[str, object] = {"id": str(number), "method": method_of(write), "url": url, "headers": dict(of_item)}
        body = body_of(write)
        if body is not None:
            item["headers"] = {**of_item, "Content-Type": "application/json"}
            item["body"] = body
        requests.append(item)
    text = json.dumps({"requests": requests}, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "replace")  # a half of a surrogate pair in a setting must not stop a calendar


def read_answers(raw: bytes, writes: Sequence[Write], date: str | None = None) -> list[Outcome]:
    """The outcomes of a batch's items, in the order of `writes`, from the answer to it (status 200).

    Responses come in any order. One that is missing, cannot be read, or stands there twice and differently, leaves
    its item unknown; so does an answer that is no batch answer every item. `date`: the answer's `Date` header.
    """
    try:
        answer = decoded(raw)
        responses = answer["responses"]
    except (ValueError, TypeError, KeyError, RecursionError):
        return [UNKNOWN] * len(writes)
    found: dict[str, Outcome] = {}
    numbered = {str(number): write for number, write in enumerate(writes, 1)}
    for response in responses if isinstance(responses, list) else ():
        number = str(response.get("id")) if isinstance(response, dict) else ""
        write = numbered.get(number)
        if write is None:
            continue
        outcome = _outcome(write, response, date)
        found[number] = outcome if found.setdefault(number, outcome) == outcome else UNKNOWN
    return [found.get(number, UNKNOWN) for number in numbered]


def _outcome(write: Write, response: Mapping[str, object], date: str | None) -> Outcome:
    status = response.get("status")
    if not isinstance(status, int) or isinstance(status, bool):
        return UNKNOWN
    headers = _lower(response.get("headers"))
    body = response.get("body")
    code, event_id = code_and_id(body)
    if isinstance(write, Update) and event_id is None:
        event_id = write.event_id
    return outcome_of(
        method_of(write),
        status,
        code,
        event_id=event_id,
        retry_after=headers.get("retry-after"),
        date=headers.get("date", date),
    )


def code_and_id(body: object) -> tuple[str, str | None]:
    """Graph's error code ("" where there is none) and the id of the event that an answer's body tells of."""
    if not isinstance(body, dict):
        return "", None
    error = body.get("error")
    if not isinstance(error, dict):
        return "", _text(body.get("id"))
    return _text(error.get("code")) or "", _text(error.get("@event.existingEventId"))


def _lower(headers: object) -> dict[str, str]:
    if not isinstance(headers, dict):
        return {}
    return {str(name).lower(): str(value) for name, value in headers.items()}


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
