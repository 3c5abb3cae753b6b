"""host.json against the code and against what is known of the host; each rule refuses a copy that breaks it."""

import base64
import copy
import json
from typing import Any

import pytest

from shared.messages import CALENDAR_CHANGES, SCHEDULE_CHANGES
from shared.state.connection import NAME, Connection, Storage
from shared.state.queues import POISON
from tests.deploy.host_rules import problems
from tests.local.host import functions
from tests.local.host.functions import QUEUE
from tests.local.host.host_json import read
from tests.local.host.run import ROOT

LEFT_OUT = object()


def _own() -> dict[str, Any]:
    content: dict[str, Any] = json.loads((ROOT / "host.json").read_text())
    return content


def _broken(path: str, value: object) -> dict[str, Any]:
    content = copy.deepcopy(_own())
    *sections, key = path.split(".")
    section = content
    for name in sections:
        section = section[name]
    if value is LEFT_OUT:
        del section[key]
    else:
        section[key] = value
    return content


def test_the_projects_own() -> None:
    assert problems(_own()) == []


@pytest.mark.parametrize(
    ("path", "value", "problem"),
    [
        ("version", "3.0", "version must be"),
        ("retry", {"strategy": "fixedDelay", "maxRetryCount": 3}, "retry must not be set"),
        ("extensions.queues.batchSise", 8, "extensions.queues.batchSise is not known"),
        ("extensions.queues.batchsize", 8, "extensions.queues.batchsize is not known"),
        ("extensions.serviceBus", {}, "extensions.serviceBus is not known"),
        ("aggregator", {}, "aggregator is not known"),
        ("extensions.queues.batchSize", LEFT_OUT, "extensions.queues.batchSize is not set"),
        ("extensions.queues.batchSize", 33, "batchSize must be a whole number from 1 to 32"),
        ("extensions.queues.newBatchThreshold", LEFT_OUT, "extensions.queues.newBatchThreshold is not set"),
        ("extensions.queues.newBatchThreshold", 15, "batchSize and newBatchThreshold together must not exceed 16"),
        ("extensions.queues.messageEncoding", LEFT_OUT, "extensions.queues.messageEncoding is not set"),
        ("extensions.queues.messageEncoding", "none", "messageEncoding must be base64"),
        ("extensions.queues.maxDequeueCount", 1, "maxDequeueCount must be at least 2"),
        ("extensions.queues.maxDequeueCount", 3, "the tries must last as long as a lease"),
        ("extensions.queues.visibilityTimeout", "00:00:05", "the tries must last as long as a lease"),
        ("extensions.queues.visibilityTimeout", 30, "visibilityTimeout must be a string"),
        ("extensions.queues.maxPollingInterval", 2000, "maxPollingInterval must be a string"),
        ("extensions.http.routePrefix", "", "routePrefix must be api"),
        ("functionTimeout", 600, "functionTimeout must be a string"),
        ("functionTimeout", "24:00:00", "functionTimeout must be a string"),
        ("functionTimeout", "-1", "functionTimeout must be at most"),
        ("functionTimeout", "00:31:00", "functionTimeout must be at most"),
        ("functionTimeout", "00:02:00", "functionTimeout must be at least two leases"),
        ("functionTimeout", LEFT_OUT, "functionTimeout is not set"),
        ("extensionBundle.version", "[3.*, 4.0.0)", "extensionBundle must be"),
        ("extensionBundle.version", LEFT_OUT, "extensionBundle needs an id and a version"),
        ("telemetryMode", "ApplicationInsights", "telemetryMode must be OpenTelemetry"),
        ("telemetryMode", LEFT_OUT, "telemetryMode is not set"),
        ("logging.logLevel.default", "Info", "no such level for default"),
    ],
)
def test_a_broken_copy_is_refused(path: str, value: object, problem: str) -> None:
    assert any(problem in each for each in problems(_broken(path, value))), problems(_broken(path, value))


def test_triggers_listen_where_the_app_sends() -> None:
    """Nothing listens on a poison queue: the sweep looks into those."""
    index = functions.index(functions.load(ROOT / "function_app.py"), {})
    listened = {(str(each.trigger["queueName"]), each.trigger["connection"]) for each in index if each.kind == QUEUE}
    assert listened == {(SCHEDULE_CHANGES, NAME), (CALENDAR_CHANGES, NAME)}
    assert not [name for name, _ in listened if name.endswith(POISON)]


async def test_messages_are_encoded_as_the_host_decodes_them(storage: str) -> None:
    assert read(ROOT / "host.json").queues.base64
    clients = Storage(Connection.read({NAME: storage}))
    try:
        await clients.create_if_missing()
        await clients.queue(SCHEDULE_CHANGES).send_message("é")
        (raw,) = await clients.queues.get_queue_client(SCHEDULE_CHANGES).peek_messages()
        assert base64.b64decode(raw.content, validate=True).decode() == "é"
    finally:
        await clients.aclose()
