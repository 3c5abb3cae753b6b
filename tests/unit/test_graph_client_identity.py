"""The managed identity itself, against an App Service token endpoint on this machine; and what traces hold."""

import subprocess
import sys
from datetime import date

import pytest
from aiohttp import web
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from shared.outlook.batch import Delete
from shared.outlook.graph import Graph
from shared.outlook.outcome import Kind
from tests.unit.wire import Answer, Asked, batch, page, status, wire

WRITE = Delete("person.one@example.org", "AAMk1")


async def test_a_managed_identity_gets_a_really_new_token(monkeypatch: pytest.MonkeyPatch) -> None:
    """azure-identity would give its kept token for hours: see Tokens."""
    given = 0

    def token(_: Asked) -> Answer:
        nonlocal given
        given += 1
        answer = {"access_token": f"token-{given}", "expires_on": "4000000000", "resource": "https://127.0.0.1"}
        return web.json_response(answer | {"token_type": "Bearer"})

    def accepts_the_second(asked: Asked) -> Answer:
        good = asked.headers["authorization"] == "Bearer token-2"
        return (batch(204) if good else status(401, "InvalidAuthenticationToken"))(asked)

    async with wire() as endpoint, wire() as server:
        endpoint.will(token)
        server.will(accepts_the_second)
        monkeypatch.setenv("IDENTITY_ENDPOINT", endpoint.url + "/msi/token")
        monkeypatch.setenv("IDENTITY_HEADER", "secret")
        monkeypatch.setenv("AZURE_CLIENT_ID", "6f1c2f0e-0000-4000-8000-000000000001")
        client = Graph.connect(server.url + "/v1.0", "default", "north")
        outcomes = [(await client.write([WRITE], timeout=20))[0].kind for _ in range(3)]
        await client.aclose()
    assert outcomes == [Kind.DONE] * 3
    assert given == len(endpoint.asked) == 2
    assert "resource=https://127.0.0.1&" in endpoint.asked[0].target
    assert "client_id=6f1c2f0e-0000-4000-8000-000000000001" in endpoint.asked[0].target


async def traced() -> str:
    """All spans of some requests, as text. A tracer is for the whole process: this is run in one of its own."""
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    trace.set_tracer_provider(provider)
    async with wire() as server:
        client = Graph.connect(server.url + "/v1.0", "none", "north")
        server.will(batch(204), status(503), page())
        for _ in range(2):
            await client.write([WRITE], timeout=5)
        await client.marked(WRITE.mailbox, "1", date(2026, 11, 1), date(2026, 11, 2), timeout=5)
        await client.aclose()
    return "\n".join(span.to_json(indent=0) for span in exporter.get_finished_spans())


def test_no_mailbox_in_any_trace() -> None:
    """By default the SDK puts whole addresses of requests into its spans: it makes none."""
    code = f"import asyncio, {__name__} as here; print(asyncio.run(here.traced()))"
    spans = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    names = [line for line in spans.splitlines() if line.startswith('"name": ')]
    assert names == ['"name": "graph_batch",', '"name": "graph_batch",', '"name": "observe",'], "ours alone"
    assert "person.one" not in spans
