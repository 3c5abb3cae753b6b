"""Access to Lightning Bolt: a bearer token, good for about an hour, asked for with the client's credentials."""

import asyncio
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field

import httpx
from pydantic import SecretStr

from shared.errors import ScheduleUnavailableError
from shared.schedule.wire import post

ASSUMED_LIFETIME = 600.0
"""Seconds, where the answer does not say."""
_LIMIT = 256 * 1024
_TOKEN = re.compile(r"[\x21-\x7e]+")


@dataclass(frozen=True, slots=True)
class Account:
    """The service account that reads. It must have no administrator's rights."""

    token_url: str
    client_id: str
    client_secret: SecretStr


@dataclass(frozen=True, slots=True)
class _Token:
    text: str = field(repr=False)
    good_until: float


class Access:
    """Keeps one token, and renews it early: a tenth of its life, at most a minute, before it expires.

    One renewal at a time: whoever comes meanwhile waits and takes its result. `clock` is monotonic, in seconds.
    """

    def __init__(self, account: Account, http: httpx.AsyncClient, clock: Callable[[], float]) -> None:
        self._account = account
        self._http = http
        self._clock = clock
        self._lock = asyncio.Lock()
        self._token: _Token | None = None

    async def token(self, *, timeout: httpx.Timeout, instead_of: str | None = None) -> str:
        """A token that has not expired and is not `instead_of`, the one that was just refused.

        Raises NotNowError, and ScheduleUnavailableError where the credentials are refused.
        """
        async with self._lock:
            token = self._token
            if token is None or token.text == instead_of or self._clock() >= token.good_until:
                self._token = None
                self._token = token = await self._new(timeout)
            return token.text

    async def _new(self, timeout: httpx.Timeout) -> _Token:
        asked = self._clock()
        form = {
            "grant_type": "client_credentials",
            "client_id": self._account.client_id,
            "client_secret": self._account.client_secret.get_secret_value(),
        }
        answer = await post(
            self._http,
            self._account.token_url,
            headers={"Accept": "application/json"},
            timeout=timeout,
            limit=_LIMIT,
            form=form,
        )
        if answer.status != 200:
            raise ScheduleUnavailableError(
                f"Lightning Bolt's token address answered {answer.status}: check LIGHTNING_BOLT_TOKEN_URL, "
                "LIGHTNING_BOLT_CLIENT_ID and LIGHTNING_BOLT_CLIENT_SECRET"
            )
        text, lifetime = _read(answer.body)
        return _Token(text, asked + lifetime - min(60.0, lifetime / 10))


def _read(body: bytes) -> tuple[str, float]:
    """Token and lifetime in seconds."""
    try:
        values = json.loads(body)
    except (ValueError, RecursionError):
        values = None
    text = values.get("access_token") if isinstance(values, dict) else None
    if not isinstance(values, dict) or not isinstance(text, str) or not _TOKEN.fullmatch(text):
        raise ScheduleUnavailableError("Lightning Bolt's token address answered without a token")
    return text, _lifetime(values.get("expires_in"))


def _lifetime(value: object) -> float:
    try:
        seconds = float(value) if isinstance(value, int | float | str) else ASSUMED_LIFETIME
    except (ValueError, OverflowError):
        return ASSUMED_LIFETIME
    return seconds if 0 < seconds < 1e9 else ASSUMED_LIFETIME
