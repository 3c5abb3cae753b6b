"""One request to the app, and what its failure means: a line that says what to do, and an exit code."""

from dataclasses import dataclass
from typing import Any

import httpx

FOUND_WRONG, BAD_INPUT, NO_ANSWER, NOT_ALLOWED, APP_FAILED = 1, 2, 3, 4, 5
"""Exit codes: something is not well; what was asked for cannot be; nobody answers; key or sign-in; the rest."""
SECONDS = 240.0
"""Azure ends an HTTP request after 230 s."""


class CallError(Exception):
    """The app did not do what was asked for."""

    def __init__(self, code: int, why: str) -> None:
        super().__init__(why)
        self.code = code


@dataclass(frozen=True, slots=True)
class Client:
    """One app."""

    app: str
    """Its address: `https://….azurewebsites.net`."""
    key: str = ""
    entra: str = ""
    """The app's id URI in Entra; empty: no sign-in."""

    def call(self, verb: str, **asked: object) -> Any:
        """What the app answers to a verb. Raises CallError."""
        headers = {"Accept": "application/json"}
        if self.key:
            headers["x-functions-key"] = self.key
        if self.entra:
            headers["Authorization"] = f"Bearer {_token(self.entra)}"
        body = {name: value for name, value in asked.items() if value not in (None, (), [], "")}
        try:
            answer = httpx.post(
                f"{self.app.rstrip('/')}/api/operate/{verb}", json=body, headers=headers, timeout=SECONDS
            )
        except httpx.TimeoutException:
            raise CallError(NO_ANSWER, f"{self.app} gave no answer within {SECONDS:.0f} s") from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            why = f"cannot reach {self.app}: {error}. Check --app, and that the app is running"
            raise CallError(NO_ANSWER, why) from None
        return _read(answer, verb, signed=bool(self.key or self.entra))


def _read(answer: httpx.Response, verb: str, *, signed: bool) -> Any:
    try:
        body = answer.json()
    except ValueError:
        body = None
    told = body.get("error", "") if isinstance(body, dict) else ""
    match answer.status_code:
        case 200 if body is not None:
            return body
        case 400 | 409:
            raise CallError(BAD_INPUT, told or "the app refuses what was asked for")
        case 401 | 403:
            how = "the key or the sign-in is not accepted" if signed else "give --key, OPS_KEY or --entra"
            raise CallError(NOT_ALLOWED, f"the app answered {answer.status_code}: {how}")
        case 404 if told:
            raise CallError(APP_FAILED, f"this app does not know `{verb}` yet: it is older than this command line")
        case 404:
            raise CallError(APP_FAILED, "there is no /api/operate there: another address, or an older app")
        case 503 if told:
            raise CallError(APP_FAILED, f"the app cannot do it now: {told}")
    raise CallError(APP_FAILED, f"the app answered {answer.status_code}; see the host's log, and GET /api/health")


def _token(app_id: str) -> str:
    from azure.core.exceptions import AzureError
    from azure.identity import DefaultAzureCredential

    try:
        return DefaultAzureCredential().get_token(f"{app_id.rstrip('/')}/.default").token
    except AzureError as error:
        why = f"no Entra token for {app_id} ({type(error).__name__}): sign in with `az login`, and check --entra"
        raise CallError(NOT_ALLOWED, why) from None
