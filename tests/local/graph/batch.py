"""`POST /$batch`: up to 20 operations in one request.

https://learn.microsoft.com/graph/json-batching
"""

import base64
import random
from dataclasses import dataclass
from typing import Any

from tests.local.graph.answers import JSON_TYPE, Answer, Json, bad_request
from tests.local.graph.call import NO_BODY, UNREADABLE, Call

MOST = 20
METHODS = frozenset({"GET", "POST", "PATCH", "PUT", "DELETE"})
_WRITES = frozenset({"POST", "PATCH", "PUT"})
_KEYS = frozenset({"id", "method", "url", "headers", "body", "dependsOn", "atomicityGroup"})


@dataclass(slots=True)
class Item:
    """One request of a batch."""

    id: str
    call: Call
    depends_on: tuple[str, ...]


def read(body: Any, outer: Call) -> list[Item]:
    """The items of a batch. Raises GraphError (400) for a batch that Graph refuses as a whole."""
    if not isinstance(body, dict) or body.keys() != {"requests"} or not isinstance(body["requests"], list):
        raise bad_request("Invalid batch payload format.")
    requests = body["requests"]
    if not requests:
        raise bad_request("Number of batch request steps must be at least 1.")
    if len(requests) > MOST:
        raise bad_request(f"Number of batch request steps exceeds the maximum value of {MOST}.")
    items = [_item(request, outer) for request in requests]
    known = {item.id for item in items}
    if len(known) < len(items):
        raise bad_request("Request ids of a batch must be unique.")
    for item in items:
        if not known.issuperset(item.depends_on) or item.id in item.depends_on:
            raise bad_request(f"The dependsOn of request id : {item.id} names a request that is not in the batch.")
    return items


def ordered(items: list[Item], source: random.Random) -> list[Item]:
    """The order of work: any for independent items, by dependsOn for others (given ones only forward)."""
    if not any(item.depends_on for item in items):
        return source.sample(items, len(items))
    done: list[Item] = []
    waiting = list(items)
    while waiting:
        ready = next((item for item in waiting if {each.id for each in done}.issuperset(item.depends_on)), None)
        if ready is None:
            raise bad_request("The dependsOn of the batch's requests go in a circle.")
        waiting.remove(ready)
        done.append(ready)
    return done


def rendered(item_id: str, answer: Answer, source: random.Random) -> Json:
    """An item of the batch's answer."""
    shown: Json = {"id": item_id, "status": answer.status, "headers": {"Cache-Control": "private", **answer.headers}}
    if answer.html is not None:
        shown["headers"].setdefault("Content-Type", "text/html")
        shown["body"] = base64.b64encode(answer.html.encode()).decode()
    elif answer.body is not None:
        kind = "application/json" if answer.code else JSON_TYPE.replace("; ", ";")
        shown["headers"] |= {"Content-Type": kind} if answer.code else {"OData-Version": "4.0", "Content-Type": kind}
        shown["body"] = answer.body
    elif source.random() < 0.5:
        shown["body"] = None
    return shown


def _item(request: Any, outer: Call) -> Item:
    if not isinstance(request, dict) or not request.keys() <= _KEYS:
        raise bad_request("Invalid batch payload format.")
    identifier, method, url = request.get("id"), request.get("method"), request.get("url")
    headers, depends_on = request.get("headers", {}), request.get("dependsOn", [])
    if not isinstance(identifier, str) or not identifier:
        raise bad_request("A request of the batch has no id.")
    if not isinstance(method, str) or method.upper() not in METHODS:
        raise bad_request(f"The method of request id : {identifier} is missing or not supported.")
    if not isinstance(url, str) or not url.lstrip("/") or "://" in url.partition("?")[0]:
        raise bad_request(f"The url of request id : {identifier} must be relative to the version.")
    if url.lstrip("/").lower().startswith("v1.0/"):
        raise bad_request(f"The url of request id : {identifier} must not name the version.")
    if not isinstance(headers, dict) or not all(isinstance(value, str) for value in headers.values()):
        raise bad_request(f"The headers of request id : {identifier} must be text.")
    if not isinstance(depends_on, list) or not all(isinstance(each, str) for each in depends_on):
        raise bad_request(f"The dependsOn of request id : {identifier} must be a list of ids.")
    lower = {name.lower(): value for name, value in headers.items()}
    kind = lower.get("content-type")
    method = method.upper()
    if (method in _WRITES and (kind is None or "body" not in request)) or ("body" in request and kind is None):
        raise bad_request(f"Write request id : {identifier} does not contain Content-Type header or body.")
    content = request.get("body", NO_BODY)
    if kind is not None and "json" not in kind.lower() and content is not NO_BODY:
        content = UNREADABLE
    path, _, query = url.partition("?")
    client = lower.get("client-request-id", outer.client_request_id)
    call = Call(
        method, f"/{path.removeprefix('/')}", query, lower, content, outer.base, identifier, outer.request_id, client
    )
    return Item(identifier, call, tuple(depends_on))
