"""HTTP triggers: routes, keys, what the worker sees, and what comes back."""

from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from tests.local.host import Host
from tests.local_tests.host_fixtures import KEYS, run_app, write_app

APP = """
import json, logging

def shown(req):
    return func.HttpResponse(json.dumps({
        "method": req.method, "url": req.url, "headers": dict(req.headers), "params": dict(req.params),
        "route": dict(req.route_params), "body": req.get_body().decode("latin-1"),
    }), mimetype="application/json")

@app.route(route="publish", methods=["POST"], auth_level=func.AuthLevel.FUNCTION)
async def publish(req: func.HttpRequest) -> func.HttpResponse:
    return shown(req)

@app.route(route="health", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
def health(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse("fine", status_code=503, headers={"Retry-After": "7", "Set-Cookie": "a=b; Path=/"})

@app.route(route="keys", auth_level=func.AuthLevel.ADMIN)
async def keys(req: func.HttpRequest) -> str:
    return "text"

@app.route(route="operate/{verb}", methods=["POST", "PUT"], auth_level=func.AuthLevel.ANONYMOUS)
async def operate(req: func.HttpRequest, context: func.Context) -> func.HttpResponse:
    seen.append((context.function_name, context.invocation_id, context.function_directory))
    return shown(req)

@app.route(route="operate/now", methods=["POST"], auth_level=func.AuthLevel.ANONYMOUS)
async def literal(req: func.HttpRequest) -> str:
    return "the literal route"

@app.route(route="items/{id:int}/{rest?}", auth_level=func.AuthLevel.ANONYMOUS)
async def items(req: func.HttpRequest) -> func.HttpResponse:
    return shown(req)

@app.route(auth_level=func.AuthLevel.ANONYMOUS)
async def raises(req: func.HttpRequest) -> str:
    raise RuntimeError("no")

@app.route(auth_level=func.AuthLevel.ANONYMOUS)
async def gives_none(req: func.HttpRequest) -> None:
    return None

@app.route(auth_level=func.AuthLevel.ANONYMOUS)
async def gives_a_dict(req: func.HttpRequest):
    return {"a": 1}

@app.route(auth_level=func.AuthLevel.ANONYMOUS)
async def empty(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse(status_code=204)
"""
FUNCTION = {"x-functions-key": KEYS.function}
MASTER = {"x-functions-key": KEYS.master}


@pytest.fixture
async def host(tmp_path: Path) -> AsyncIterator[Host]:
    """The app, without any storage: HTTP needs none."""
    async with run_app(write_app(tmp_path, APP), storage="") as host:
        yield host


@pytest.fixture
async def client(host: Host) -> AsyncIterator[aiohttp.ClientSession]:
    """A client of the app."""
    async with aiohttp.ClientSession(host.address) as session:
        yield session


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/api/publish", {}, 401),
        ("/api/publish", {"x-functions-key": "wrong"}, 401),
        ("/api/publish", FUNCTION, 200),
        ("/api/publish", MASTER, 200),
        ("/api/publish?code=a+function+key", {}, 200),
        ("/api/publish?code=the+master+key", {}, 200),
        ("/api/publish?code=wrong", {}, 401),
        ("/api/publish?code=a+function+key", {"x-functions-key": "wrong"}, 401),  # the header goes first
        ("/api/keys", {}, 401),
        ("/api/keys", FUNCTION, 401),
        ("/api/keys", MASTER, 200),
        ("/api/operate/pause", {}, 200),
        ("/api/operate/pause", {"x-functions-key": "wrong"}, 200),
        ("/api/health", {}, 404),  # the method is wrong
        ("/api/nowhere", {}, 404),
        ("/publish", FUNCTION, 404),  # without the prefix
        ("/api/operate", {}, 404),
        ("/api/operate/a/b", {}, 404),
        ("/API/Publish/", FUNCTION, 200),
    ],
)
async def test_who_may_post_where(
    client: aiohttp.ClientSession, path: str, headers: dict[str, str], status: int
) -> None:
    async with client.post(path, headers=headers) as answer:
        assert answer.status == status
        if status >= 400:
            assert await answer.read() == b""


async def test_what_the_worker_sees(client: aiohttp.ClientSession, host: Host) -> None:
    headers = FUNCTION | {"X-Signature": "t=1,v1=AB", "X-Empty": ""}
    async with client.post("/api/publish?a=1&a=2&empty=&z=%C3%A9", headers=headers, data=b'{"\xff') as answer:
        seen = await answer.json()
    assert seen["method"] == "POST"
    assert seen["url"] == f"{host.address}/api/publish?a=1&a=2&empty=&z=%C3%A9"
    assert seen["params"] == {"a": "1,2", "z": "é"}  # an empty value is dropped
    assert seen["headers"].items() >= {"x-signature": "t=1,v1=AB", "x-empty": ""}.items()
    assert all(name == name.lower() for name in seen["headers"])
    assert seen["body"] == '{"\xff'
    assert seen["route"] == {}


async def test_a_chunked_body_is_empty(client: aiohttp.ClientSession) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        yield b"never seen"

    async with client.post("/api/publish", headers=FUNCTION, data=chunks()) as answer:
        assert (await answer.json())["body"] == ""


async def test_route_parameters(client: aiohttp.ClientSession, host: Host) -> None:
    async with client.put("/api/operate/re%20lease") as answer:
        assert (await answer.json())["route"] == {"verb": "re lease"}
    name, invocation, directory = host.module.seen[0]
    assert (name, directory) == ("operate", str(Path(str(host.module.__file__)).parent))
    assert len(invocation) == 36
    async with client.get("/api/items/12") as answer:
        assert (await answer.json())["route"] == {"id": "12"}
    async with client.get("/api/items/12/x") as answer:
        assert (await answer.json())["route"] == {"id": "12", "rest": "x"}
    async with client.get("/api/items/twelve") as answer:
        assert answer.status == 404
    async with client.post("/api/operate/now") as answer:
        assert await answer.text() == "the literal route"


async def test_responses(client: aiohttp.ClientSession) -> None:
    async with client.get("/api/health") as answer:
        assert (answer.status, await answer.text()) == (503, "fine")
        assert answer.headers["Retry-After"] == "7"
        assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
        assert answer.cookies["a"].value == "b"
    async with client.get("/api/keys", headers=MASTER) as answer:
        assert (answer.status, await answer.text()) == (200, "text")
    async with client.get("/api/empty") as answer:
        assert (answer.status, await answer.read()) == (204, b"")


@pytest.mark.parametrize("name", ["raises", "gives_none", "gives_a_dict"])
async def test_500_with_an_empty_body(client: aiohttp.ClientSession, name: str) -> None:
    async with client.get(f"/api/{name}") as answer:
        assert (answer.status, await answer.read()) == (500, b"")


async def test_home_page(client: aiohttp.ClientSession, tmp_path: Path) -> None:
    async with client.get("/") as answer:
        assert (answer.status, answer.content_type) == (200, "text/html")
    async with (
        run_app(tmp_path / "function_app.py", storage="", AzureWebJobsDisableHomepage="true") as host,
        client.get(host.address + "/") as answer,
    ):
        assert answer.status == 204


async def test_another_prefix(tmp_path: Path) -> None:
    app = write_app(tmp_path, APP)
    text = (tmp_path / "host.json").read_text()
    (tmp_path / "host.json").write_text(text.replace('"extensions": {', '"extensions": {"http": {"routePrefix": ""},'))
    async with run_app(app, storage="") as host, aiohttp.ClientSession(host.address) as client:
        async with client.get("/health") as answer:
            assert answer.status == 503
        async with client.get("/api/health") as answer:
            assert answer.status == 404
