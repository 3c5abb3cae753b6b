"""`POST /token`: bearers that run out, and refresh tokens that are good for one use."""

import base64
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from tests.local.lightning_bolt.world import World


@dataclass(frozen=True, slots=True)
class Granted:
    """What the token endpoint answers."""

    status: int
    body: dict[str, Any]


class Tokens:
    """Issues bearers and knows which are good."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._bearers: dict[str, datetime] = {}
        self._refresh: set[str] = set()
        self.issued: list[str] = []
        """Every secret that was handed out, for tests that search logs for them."""

    def grant(self, form: Mapping[str, str], basic: tuple[str, str] | None) -> Granted:
        """Answers a form. `basic`: the credentials of the Authorization header, if it has any."""
        kind = form.get("grant_type")
        if kind == "client_credentials":
            client = basic or (form.get("client_id", ""), form.get("client_secret", ""))
            if client != (self._world.account.client_id, self._world.account.client_secret):
                return Granted(401, {"error": "invalid_client"})
            return self._new_bearer()
        if kind == "refresh_token":
            token = form.get("refresh_token", "")
            if token not in self._refresh:
                return Granted(400, {"error": "invalid_grant"})
            self._refresh.discard(token)
            granted = self._new_bearer()
            return Granted(200, {**granted.body, "refresh_token": self.new_refresh_token()})
        return Granted(400, {"error": "unsupported_grant_type"})

    def new_refresh_token(self) -> str:
        """A refresh token, as somebody who signed in by hand would have it."""
        token = secrets.token_urlsafe(32)
        self._refresh.add(token)
        self.issued.append(token)
        return token

    def is_good(self, authorization: str | None) -> bool:
        """Whether a request's Authorization header opens reads."""
        scheme, _, token = (authorization or "").partition(" ")
        until = self._bearers.get(token.strip())
        return scheme.lower() == "bearer" and until is not None and self._world.now() < until

    def revoke(self) -> None:
        """All bearers so far are stale."""
        self._bearers.clear()

    def _new_bearer(self) -> Granted:
        seconds = self._world.options.expires_in
        until = self._world.now() + timedelta(seconds=seconds)
        claims = {"client_id": self._world.account.client_id, "exp": int(until.timestamp())}
        head, body = (
            base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")
            for part in ({"alg": "HS256", "typ": "JWT"}, claims)
        )
        token = f"{head}.{body}.{secrets.token_urlsafe(32)}"
        self._bearers[token] = until
        self.issued.append(token)
        return Granted(200, {"access_token": token, "token_type": "bearer", "expires_in": seconds})
