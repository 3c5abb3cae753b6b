"""The host's HTTP side: function routes, their keys, and what the worker sees of a request."""

import logging
from collections.abc import Mapping
from http.cookies import Morsel

from aiohttp import web
from azure.functions.http import HttpRequestConverter, HttpResponseConverter
from azure.functions.meta import Datum
from multidict import CIMultiDict, MultiMapping

from tests.local.host.admin import Admin
from tests.local.host.functions import Function
from tests.local.host.keys import Keys
from tests.local.host.routes import Route, match
from tests.local.host.worker import FunctionFailed, Worker

log = logging.getLogger("host.http")

MAX_BODY = 100 * 1024 * 1024
"""Bytes; a longer body is answered 413."""


class HttpSide:
    """Serves the functions' routes, `/` and `/admin`."""

    def __init__(
        self, routes: tuple[Route, ...], worker: Worker, keys: Keys, admin: Admin, settings: Mapping[str, str]
    ) -> None:
        self._routes = routes
        self._worker = worker
        self._keys = keys
        self._admin = admin
        self._settings = settings
        self._runner: web.AppRunner | None = None

    async def start(self, port: int) -> str:
        """Listen on 127.0.0.1, at a free port if `port` is 0; the address."""
        application = web.Application(client_max_size=MAX_BODY)
        application.router.add_route("*", "/{path:.*}", self._handle)
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=2, handle_signals=False)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", port)
        await site.start()
        address = self._runner.addresses[0]
        return f"http://{address[0]}:{address[1]}"

    async def stop(self) -> None:
        """Accept no more, and drop what is still being answered after two seconds."""
        if self._runner:
            await self._runner.cleanup()

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        access = self._keys.access(request.headers, request.query)
        if request.path == "/":
            return self._home()
        if request.path.lower().split("/")[1] in ("admin", "runtime"):
            return await self._admin.answer(request, access)
        found = match(self._routes, request.method, request.rel_url.raw_path)
        if not found:
            return web.Response(status=404)
        function, parameters = found
        if not Keys.opens(access, str(function.trigger.get("authLevel") or "function")):
            return web.Response(status=401)
        body = await request.read() if request.content_length else b""
        return await self._run(function, _request(request, parameters, body))

    def _home(self) -> web.Response:
        if self._settings.get("AzureWebJobsDisableHomepage", "").lower() in ("true", "1"):
            return web.Response(status=204)
        page = (
            "<!DOCTYPE html><title>Functions host</title><p>Your function app is up and running (local stand-in).</p>"
        )
        return web.Response(text=page, content_type="text/html")

    async def _run(self, function: Function, datum: Datum) -> web.Response:
        request = HttpRequestConverter.decode(datum, trigger_metadata={})
        try:
            result = await self._worker.run(function, request, "This function was called via the host's HTTP API.")
            return _response(result)
        except FunctionFailed:
            pass
        except Exception:
            log.exception("%s returned what is no HTTP response", function.name)
        return web.Response(status=500)


def _request(request: web.Request, parameters: Mapping[str, str], body: bytes) -> Datum:
    """What the worker is sent: lower-case headers, raw bytes; no body without Content-Length, no empty query values."""
    headers = {name.lower(): Datum(value, "string") for name, value in _joined(request.headers).items()}
    query = {name: Datum(value, "string") for name, value in _joined(request.query).items() if value}
    values = {
        "method": Datum(request.method, "string"),
        "url": Datum(f"{request.scheme}://{request.host}{request.raw_path}", "string"),
        "headers": headers,
        "query": query,
        "params": {name: Datum(value, "string") for name, value in parameters.items()},
        "body": Datum(body, "bytes"),
    }
    return Datum(values, "http")


def _joined(values: MultiMapping[str]) -> dict[str, str]:
    """A name that comes more than once is one string, with commas."""
    return {name: ",".join(values.getall(name)) for name in values}


def _response(result: object) -> web.Response:
    """A function's result as the host sends it. Raises NotImplementedError for anything but HttpResponse or str."""
    encoded = HttpResponseConverter.encode(result, expected_type=None)
    if encoded.type == "string":
        return web.Response(text=encoded.value)
    values = encoded.value
    headers: CIMultiDict[str] = CIMultiDict({name: datum.value for name, datum in values["headers"].items()})
    for cookie in values["cookies"] or ():
        for morsel in cookie.values():
            assert isinstance(morsel, Morsel)
            headers.add("Set-Cookie", morsel.OutputString())
    return web.Response(status=int(values["status_code"].value), headers=headers, body=values["body"].value)
