"""One operation that is asked of Graph: a plain request, or an item of a batch."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final
from urllib.parse import unquote

from tests.local.graph import prefer as prefer_header
from tests.local.graph.prefer import Prefer


class _NoBody:
    """There was none."""


NO_BODY: Final = _NoBody()
UNREADABLE: Final = _NoBody()
"""There was one, which is not JSON or does not say that it is."""


@dataclass
class Call:
    """An operation, as it was asked for."""

    method: str
    path: str
    """After `/v1.0`, as it came (percent-encoded)."""
    query: str
    headers: Mapping[str, str]
    """Names in lower case."""
    body: Any
    """The JSON value, NO_BODY or UNREADABLE."""
    base: str
    """Scheme, host and `/v1.0`, for links."""
    item: str | None = None
    """Its id in a batch."""
    request_id: str = ""
    client_request_id: str = ""

    @cached_property
    def segments(self) -> list[str]:
        """The path's parts, decoded."""
        return [unquote(part) for part in self.path.removeprefix("/").split("/")]

    @property
    def asked_mailbox(self) -> str | None:
        """The address or id of the mailbox, as it came in the path."""
        parts = self.segments
        return parts[1] if len(parts) > 1 and parts[0].lower() == "users" else None

    @cached_property
    def prefer(self) -> Prefer:
        """Its Prefer header, read."""
        return prefer_header.parse(self.headers.get("prefer", ""))
