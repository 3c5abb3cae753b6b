"""host.json: what is obeyed, what is refused, and the project's own."""

import os
from datetime import timedelta
from typing import Any

import pytest

from tests.local.host import HostError, host_json
from tests.local.host.run import ROOT

BUNDLE = {"id": "Microsoft.Azure.Functions.ExtensionBundle", "version": "[4.*, 5.0.0)"}


def _with(**queues: object) -> dict[str, Any]:
    return {"version": "2.0", "extensionBundle": BUNDLE, "extensions": {"queues": queues}}


def test_defaults_are_the_hosts() -> None:
    options = host_json.parse({"version": "2.0", "extensionBundle": BUNDLE})
    assert options.function_timeout == timedelta(minutes=30)
    assert options.route_prefix == "api"
    assert options.queues == host_json.QueueOptions(
        batch_size=16,
        new_batch_threshold=8 * (os.cpu_count() or 1),
        max_dequeue_count=5,
        visibility_timeout=timedelta(0),
        max_polling_interval=timedelta(minutes=1),
        base64=True,
    )


def test_the_projects_own() -> None:
    options = host_json.read(ROOT / "host.json")
    assert options.function_timeout == timedelta(minutes=10)
    assert options.queues == host_json.QueueOptions(
        batch_size=2,
        new_batch_threshold=14,
        max_dequeue_count=5,
        visibility_timeout=timedelta(seconds=30),
        max_polling_interval=timedelta(seconds=0.5),
        base64=True,
    )


def test_keys_in_any_case_and_unknown_ones_ignored() -> None:
    options = host_json.parse(_with(BATCHSIZE=3, batchSise=9) | {"nonsense": {"a": 1}})
    assert options.queues.batch_size == 3


@pytest.mark.parametrize("span", [2000, 2.5, "24:00:00", "2", "0:0:2", "1.00:00:00", "00:60:00", None, True])
def test_spans_that_would_be_misread_are_refused(span: object) -> None:
    with pytest.raises(HostError, match=r"maxPollingInterval must be a string .*2000 days"):
        host_json.parse(_with(maxPollingInterval=span))


def test_fractions_of_a_second() -> None:
    assert host_json.parse(_with(maxPollingInterval="00:00:00.2500000")).queues.max_polling_interval == timedelta(
        milliseconds=250
    )


@pytest.mark.parametrize(
    ("queues", "problem"),
    [
        ({"batchSize": 33}, "batchSize must be a whole number from 1 to 32"),
        ({"batchSize": 0}, "batchSize"),
        ({"batchSize": "8"}, "batchSize"),
        ({"newBatchThreshold": -1}, "newBatchThreshold must be a whole number from 0"),
        ({"maxDequeueCount": 0}, "maxDequeueCount"),
        ({"maxDequeueCount": True}, "maxDequeueCount"),
        ({"maxPollingInterval": "00:00:00.05"}, "at least 00:00:00.1"),
        ({"messageEncoding": "utf8"}, "messageEncoding"),
    ],
)
def test_refused(queues: dict[str, object], problem: str) -> None:
    with pytest.raises(HostError, match=problem):
        host_json.parse(_with(**queues))


def test_every_problem_at_once() -> None:
    with pytest.raises(HostError, match=r"(?s)version.*extensionBundle.*retry.*batchSize.*functionTimeout"):
        host_json.parse(
            {"version": "3", "retry": {}, "functionTimeout": 10, "extensions": {"queues": {"batchSize": 99}}}
        )


def test_no_time_limit() -> None:
    assert host_json.parse(_with() | {"functionTimeout": "-1"}).function_timeout is None


def test_settings_take_the_place_of_values() -> None:
    settings = {
        "AzureFunctionsJobHost__extensions__queues__batchSize": "1",
        "AzureFunctionsJobHost__Extensions__Queues__newBatchThreshold": "3",
        "AzureFunctionsJobHost__functionTimeout": "00:03:00",
        "Other": "5",
    }
    options = host_json.read(ROOT / "host.json", settings)
    assert (options.queues.batch_size, options.queues.new_batch_threshold) == (1, 3)
    assert options.function_timeout == timedelta(minutes=3)
    assert options.queues.max_dequeue_count == 5
    with pytest.raises(HostError, match="batchSize must be a whole number"):
        host_json.read(ROOT / "host.json", {"AzureFunctionsJobHost__extensions__queues__batchSize": "many"})
