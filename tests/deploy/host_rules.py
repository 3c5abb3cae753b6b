"""What host.json must say for this code, beyond what the stand-in of the host refuses (`tests.local.host`)."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from shared.settings import Settings
from tests.local.host import HostError, host_json

KNOWN: Mapping[str, frozenset[str]] = {
    "": frozenset({"version", "extensionBundle", "functionTimeout", "telemetryMode", "logging", "extensions"}),
    "extensionBundle": frozenset({"id", "version"}),
    "logging": frozenset({"logLevel"}),
    "extensions": frozenset({"http", "queues"}),
    "extensions.http": frozenset({"routePrefix"}),
    "extensions.queues": frozenset(
        {
            "batchSize",
            "newBatchThreshold",
            "maxDequeueCount",
            "visibilityTimeout",
            "maxPollingInterval",
            "messageEncoding",
        }
    ),
}
"""All that is set, as it is spelt in Microsoft's reference. The host ignores what it does not know: a slip of the pen
would leave a default in force. https://learn.microsoft.com/azure/azure-functions/functions-host-json"""

BUNDLE = {"id": "Microsoft.Azure.Functions.ExtensionBundle", "version": "[4.*, 5.0.0)"}
LEVELS = frozenset({"Trace", "Debug", "Information", "Warning", "Error", "Critical", "None"})
MOST_AT_ONCE = 16
"""Messages, and so mailboxes, that one instance works on at the same time (docs/benchmarks.md)."""
LONGEST_RUN = timedelta(minutes=30)
"""Longer than any run lasts. A run that hangs keeps its message and its instance for so long."""


def problems(content: Mapping[str, Any]) -> list[str]:
    """Everything that is wrong with a decoded host.json."""
    found = list(_missing_or_unknown(content, ""))
    try:
        options = host_json.parse(content)
    except HostError as error:
        return [*found, str(error)]
    return found + list(_values(content)) + list(_timing(options))


def _missing_or_unknown(section: Mapping[str, Any], where: str) -> Iterator[str]:
    """Every key is spelt out: the host's own default of newBatchThreshold depends on the machine's cores."""
    for key in sorted(KNOWN[where] - section.keys()):
        yield f"{where}.{key} is not set".lstrip(".")
    for key, value in section.items():
        path = f"{where}.{key}".lstrip(".")
        if key not in KNOWN[where]:
            yield f"{path} is not known"
        elif path in KNOWN and isinstance(value, dict):
            yield from _missing_or_unknown(value, path)


def _values(content: Mapping[str, Any]) -> Iterator[str]:
    if content.get("extensionBundle") != BUNDLE:
        yield f"extensionBundle must be {BUNDLE}"
    if content.get("telemetryMode") != "OpenTelemetry":
        yield "telemetryMode must be OpenTelemetry: else host and worker report under different ids"
    levels = content.get("logging", {}).get("logLevel", {})
    if wrong := sorted(str(name) for name, level in levels.items() if level not in LEVELS):
        yield f"logging.logLevel: no such level for {', '.join(wrong)}"


def _timing(options: host_json.HostOptions) -> Iterator[str]:
    """Against the default of `LEASE_SECONDS`, which every deployment starts from."""
    lease = timedelta(seconds=Settings.model_fields["lease_seconds"].default)
    queues = options.queues
    if options.route_prefix != "api":
        yield "routePrefix must be api: Lightning Bolt and probes are told /api/publish and /api/health"
    if options.function_timeout is None or options.function_timeout > LONGEST_RUN:
        yield f"functionTimeout must be at most {LONGEST_RUN}"
    elif options.function_timeout < 2 * lease:
        yield f"functionTimeout must be at least two leases ({2 * lease}): it fails everything in flight in the worker"
    if not queues.base64:
        yield "messageEncoding must be base64: that is how the app sends"
    if queues.new_batch_threshold + queues.batch_size > MOST_AT_ONCE:
        yield f"batchSize and newBatchThreshold together must not exceed {MOST_AT_ONCE}: so much was measured to fit"
    if queues.max_dequeue_count < 2:
        yield "maxDequeueCount must be at least 2: what falls once is sent once more, and then stays"
    elif (queues.max_dequeue_count - 1) * queues.visibility_timeout < lease:
        yield f"maxDequeueCount and visibilityTimeout: the tries must last as long as a lease ({lease}) of a killed run"
