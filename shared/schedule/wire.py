"""One request to Lightning Bolt, and what its failure means: try again now, or give up for this time.

Answers to failed reads are not documented: nothing of a body is believed, shown or logged.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from io import BytesIO

import httpx

_NOT_NOW = frozenset({408, 425, 429})


class NotNowError(Exception):
    """A failure that another try may not meet: no connection, a time-out, a cut-off answer, 429, 5xx.

    `retry_after`: seconds that Lightning Bolt asked for, if it did.
    """

    def __init__(self, reason: str, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer that is not one to try again for at once."""

    status: int
    body: bytes
    """Whole; empty unless the status is 200."""


async def post(
    http: httpx.AsyncClient,
    url: str,
    *,
    headers: Mapping[str, str],
    timeout: httpx.Timeout,
    limit: int,
    form: Mapping[str, str] | None = None,
    body: Mapping[str, object] | None = None,
) -> Answer:
    """Posts a form or a JSON body. An answer of more than `limit` bytes is cut off and comes back as status 413.

    Raises NotNowError; lets nothing of httpx's through, whose messages may quote headers.
    """
    try:
        async with http.stream("POST", url, headers=headers, timeout=timeout, data=form, json=body) as response:
            if response.status_code in _NOT_NOW or response.status_code >= 500:
                raise NotNowError(f"it answered {response.status_code}", _retry_after(response.headers))
            if response.status_code != 200:
                return Answer(response.status_code, b"")
            received = BytesIO()  # gives away its bytes without a copy: a month may have tens of megabytes
            async for chunk in response.aiter_bytes():
                received.write(chunk)
                if received.tell() > limit:
                    return Answer(413, b"")
            return Answer(200, received.getvalue())
    except httpx.HTTPError as error:
        raise NotNowError(f"no whole answer came ({type(error).__name__})") from None


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """`Retry-After` in seconds, from its number or (against the answer's own `Date`) its date. RFC 9110, 10.2.3."""
    value = headers.get("Retry-After")
    if value is None:
        return None
    try:
        seconds = float(value)
    except ValueError:
        try:
            seconds = (_moment(value) - _moment(headers.get("Date", ""))).total_seconds()
        except ValueError:
            return None
    return max(seconds, 0.0) if math.isfinite(seconds) else None


def _moment(text: str) -> datetime:
    moment = parsedate_to_datetime(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
