"""What the app calls: `POST /token` and `POST /viewerapi`."""

import asyncio
import base64
import binascii
import json
from typing import Any

from aiohttp import web

from tests.local.lightning_bolt.answer import Answers, join
from tests.local.lightning_bolt.faults import Fault, Faults, Kind, falsify
from tests.local.lightning_bolt.journal import Journal
from tests.local.lightning_bolt.question import Question, understand
from tests.local.lightning_bolt.tokens import Tokens
from tests.local.lightning_bolt.world import World

ORIGIN = "https://lblite.lightning-bolt.com"
PAGE = "<!DOCTYPE html><html><head><title>Lightning Bolt</title></head><body>Something went wrong.</body></html>"


class Endpoints:
    """The two endpoints."""

    def __init__(self, world: World, answers: Answers, faults: Faults, tokens: Tokens, journal: Journal) -> None:
        self._world = world
        self._answers = answers
        self._faults = faults
        self._tokens = tokens
        self._journal = journal

    def routes(self) -> list[web.RouteDef]:
        """For the application."""
        return [web.post("/token", self.token), web.post("/viewerapi", self.viewerapi)]

    async def token(self, request: web.Request) -> web.StreamResponse:
        """OAuth2's token endpoint, form-encoded."""
        faults = list(self._faults.strike("token"))
        response: web.StreamResponse | None = await self._spoilt(request, faults)
        if response is None:
            if request.content_type != "application/x-www-form-urlencoded":
                response = web.json_response({"error": "invalid_request"}, status=400)
            else:
                form = {key: str(value) for key, value in (await request.post()).items()}
                granted = self._tokens.grant(form, _basic(request.headers.get("Authorization")))
                response = web.json_response(granted.body, status=granted.status)
        self._note("/token", response, faults)
        return response

    async def viewerapi(self, request: web.Request) -> web.StreamResponse:
        """The full read of a view."""
        try:
            body = json.loads(await request.read())
        except ValueError:
            body = None
        question = understand(body, self._world.today())
        faults = list(self._faults.strike("viewerapi", question.view_id, question.months))
        response: web.StreamResponse | None = await self._spoilt(request, faults)
        if response is None:
            response = self._refused(request) or await self._answer(request, question, faults)
        details: dict[str, Any] = {
            "view_id": question.view_id,
            "first": str(question.first),
            "last": str(question.last),
            "months": question.months,
            "body": body,
        }
        self._note("/viewerapi", response, faults, **details)
        return response

    def _refused(self, request: web.Request) -> web.Response | None:
        if request.headers.get("Origin") != ORIGIN:
            return web.Response(status=403, text=PAGE, content_type="text/html")
        if not self._tokens.is_good(request.headers.get("Authorization")):
            message = {"Message": "Authorization has been denied for this request."}
            return web.json_response(message, status=401, headers={"WWW-Authenticate": "Bearer"})
        return None

    async def _answer(self, request: web.Request, question: Question, faults: list[Fault]) -> web.StreamResponse:
        for fault in faults:
            if fault.kind is Kind.OTHER_VIEW:
                question = Question(fault.other_view_id, question.first, question.last)
        parts = self._answers.parts(question)
        if parts is None:
            return web.json_response({"Message": "No such view."}, status=404)
        for fault in faults:
            parts = falsify(parts, fault)
        whole = join(parts)
        kinds = {fault.kind for fault in faults}
        if Kind.CUT_JSON in kinds:
            whole = whole[: len(whole) * 2 // 3]
        if Kind.CUT_CONNECTION in kinds:
            return await _broken_off(request, whole)
        return web.Response(body=whole, content_type="application/json", charset="utf-8")

    async def _spoilt(self, request: web.Request, faults: list[Fault]) -> web.Response | None:
        """The answer that faults put in place of the right one, after any wait."""
        for fault in faults:
            match fault.kind:
                case Kind.SLOW:
                    await asyncio.sleep(fault.seconds)
                case Kind.REFUSE:
                    if request.transport is not None:
                        request.transport.abort()
                    return web.Response(status=499)
                case Kind.HTML:
                    return web.Response(text=PAGE, content_type="text/html")
                case Kind.STATUS:
                    headers = {} if fault.retry_after is None else {"Retry-After": fault.retry_after}
                    if fault.html:
                        return web.Response(status=fault.status, text=PAGE, content_type="text/html", headers=headers)
                    return web.json_response({"Message": "An error."}, status=fault.status, headers=headers)
                case _:
                    pass
        return None

    def _note(self, path: str, response: web.StreamResponse, faults: list[Fault], **details: Any) -> None:
        kinds = tuple(str(fault.kind) for fault in faults)
        gone = {str(Kind.REFUSE), str(Kind.CUT_CONNECTION)} & set(kinds)
        body = response.body if isinstance(response, web.Response) else None
        size = len(body) if isinstance(body, bytes) else 0
        self._journal.add(self._world.now(), path, 0 if gone else response.status, size=size, faults=kinds, **details)


async def _broken_off(request: web.Request, whole: bytes) -> web.StreamResponse:
    """Half of the answer, then nothing."""
    response = web.StreamResponse(headers={"Content-Type": "application/json", "Content-Length": str(len(whole))})
    await response.prepare(request)
    await response.write(whole[: len(whole) // 2])
    if request.transport is not None:
        request.transport.close()
    return response


def _basic(authorization: str | None) -> tuple[str, str] | None:
    scheme, _, text = (authorization or "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        client_id, _, secret = base64.b64decode(text, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return ("", "")
    return client_id, secret
