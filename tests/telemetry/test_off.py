"""Telemetry is sent where a connection string says so, of our own alone, and nowhere else."""

import asyncio
import gzip
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web

from shared import azure_monitor
from shared.app import App
from shared.errors import SettingsError
from tests.local.pieces import ROOT, environment_of
from tests.town import app_settings

_OFF = """
import asyncio, sys, os
import function_app
from shared import azure_monitor
from shared.outlook.graph import Graph
azure_monitor.configure(os.environ)
Graph.connect("http://127.0.0.1:1/v1.0", "none", "x")
print([name for name in sys.modules if name.startswith(("opentelemetry.sdk", "azure.monitor", "opentelemetry.instr"))])
"""
_ON = """
import logging, os
import httpx
from shared import azure_monitor, telemetry
from shared.outlook.access import quiet_loggers
quiet_loggers()
azure_monitor.configure(os.environ)
azure_monitor.configure(os.environ)
with telemetry.run("publish_callback", None):
    logging.getLogger("shared.app").info("publish_received status=%d months=%d", 202, 1)
    logging.getLogger("azure.data.tables").warning("ada@example.org")
    logging.getLogger("httpx").warning("ada@example.org")
    httpx.get(os.environ["ELSEWHERE"] + "/users/ada@example.org/events")
telemetry.CREATED.add(2)
from opentelemetry import metrics, trace, _logs
for provider in (trace.get_tracer_provider(), metrics.get_meter_provider(), _logs.get_logger_provider()):
    provider.force_flush()
"""


@pytest.fixture
async def ingestion() -> AsyncIterator[tuple[str, list[dict[str, Any]]]]:
    """Azure Monitor's ingestion, and anything else that is asked: its address, and the envelopes that came."""
    envelopes: list[dict[str, Any]] = []

    async def track(request: web.Request) -> web.Response:
        body = await request.read()
        if "track" not in request.path:
            return web.json_response({})
        items = json.loads(gzip.decompress(body) if request.headers.get("Content-Encoding") == "gzip" else body)
        envelopes.extend(items)
        return web.json_response({"itemsReceived": len(items), "itemsAccepted": len(items), "errors": []})

    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", track)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}", envelopes
    await runner.cleanup()


def test_without_a_connection_string_nothing_is_set_up_and_no_sdk_imported() -> None:
    environment = {name: value for name, value in os.environ.items() if name != azure_monitor.CONNECTION_STRING}
    done = subprocess.run(
        [sys.executable, "-c", _OFF], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert (done.stdout.strip(), done.returncode) == ("[]", 0), done.stderr


async def test_what_is_sent_is_ours_and_holds_no_address(ingestion: tuple[str, list[dict[str, Any]]]) -> None:
    """The real exporter, over HTTP: other loggers and other libraries' requests leave no trace."""
    address, envelopes = ingestion
    environment = environment_of(None) | {
        azure_monitor.CONNECTION_STRING: f"InstrumentationKey={'0' * 8}-0000-0000-0000-{'0' * 12};"
        f"IngestionEndpoint={address}/",
        "APPLICATIONINSIGHTS_STATSBEAT_DISABLED_ALL": "true",
        "APPLICATIONINSIGHTS_CONTROLPLANE_DISABLED": "true",
        "APPLICATIONINSIGHTS_SDKSTATS_DISABLED": "true",
        "ELSEWHERE": address,
    }

    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _ON, cwd=ROOT, env=environment, stderr=asyncio.subprocess.PIPE
    )
    _, errors = await process.communicate()
    assert process.returncode == 0, errors.decode()
    sent = sorted(
        (envelope["data"]["baseType"], _said(envelope["data"]["baseData"]))
        for envelope in envelopes
        if _said(envelope["data"]["baseData"]) != "_OTELRESOURCE_"
    )
    assert sent == [
        ("MessageData", "publish_received status=202 months=1"),
        ("MetricData", "events_created"),
        ("RemoteDependencyData", "publish_callback"),
    ]
    assert "ada@example.org" not in json.dumps(envelopes)


def _said(data: dict[str, Any]) -> str:
    return str(data.get("message") or data.get("name") or data["metrics"][0]["name"])


async def test_the_worker_s_own_telemetry_is_refused(storage: str) -> None:
    """It would have every HTTP client's addresses recorded before the app is even loaded."""
    environment = app_settings(storage, "http://127.0.0.1:1", "http://127.0.0.1:1/v1.0")
    environment |= {azure_monitor.CONNECTION_STRING: "InstrumentationKey=x", azure_monitor.WORKERS_OWN: "TRUE"}
    with pytest.raises(SettingsError, match="PYTHON_ENABLE_OPENTELEMETRY takes its place"):
        await App.connect(environment)
