"""Counts an app's storage requests by kind, in the app's own process, where azure-core hands them to aiohttp."""

from collections import Counter
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

EMPTY = "empty poll"
LENGTH = "length of a queue"
SET_UP = "set-up"
UNCOUNTED = frozenset({EMPTY, LENGTH, SET_UP})
"""What a bill for a change does not hold: polls that found nothing, our own looking, tables and queues being made."""


def kind_of(method: str, url: str) -> str:
    """What a request to Azure Storage asks for, of which queue or table (a transaction's table is in its body)."""
    parts = urlsplit(url)
    path = parts.path.rstrip("/")
    if path.endswith("/$batch"):
        return "table transaction"
    queue, found, _ = path.partition("/messages")
    if found:
        verb = {"POST": "put", "GET": "get", "DELETE": "delete"}.get(method, "update")
        return f"queue {verb} {queue.rpartition('/')[2]}"
    if "comp=metadata" in parts.query:
        return LENGTH
    table, with_keys, keys = path.rpartition("/")[2].partition("(")
    if path.endswith("/Tables") or (method == "PUT" and not with_keys):
        return SET_UP
    if method != "GET":
        return f"table write {table}"
    verb = "get" if with_keys and keys != ")" else "query" if "filter" in parts.query else "scan"
    return f"table {verb} {table}"


def total(counts: Mapping[str, int]) -> int:
    """All that counts."""
    return sum(count for kind, count in counts.items() if kind not in UNCOUNTED)


def of(counts: Mapping[str, int], kind: str) -> int:
    """All whose kind begins so: `queue put`, `table query personmonths`."""
    return sum(count for name, count in counts.items() if name.startswith(kind))


def difference(after: Mapping[str, int], before: Mapping[str, int]) -> dict[str, int]:
    """What came between, kinds without any left out."""
    return {kind: count - before.get(kind, 0) for kind, count in after.items() if count > before.get(kind, 0)}


def watch() -> Counter[str]:
    """From now on, counts every request of this process's storage clients."""
    from azure.core.pipeline.transport import AioHttpTransport

    seen: Counter[str] = Counter()
    send = AioHttpTransport.send

    async def counted(self: Any, request: Any, **options: Any) -> Any:
        seen[kind_of(request.method, request.url)] += 1
        return await send(self, request, **options)

    AioHttpTransport.send = counted
    return seen
