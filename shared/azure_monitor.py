"""Where telemetry goes: Application Insights, through Microsoft's distribution of OpenTelemetry; nowhere by default."""

import logging
import os
from collections.abc import Mapping

from shared.telemetry import SCOPE

CONNECTION_STRING = "APPLICATIONINSIGHTS_CONNECTION_STRING"
WORKERS_OWN = "PYTHON_APPLICATIONINSIGHTS_ENABLE_TELEMETRY"


def problems(environment: Mapping[str, str]) -> list[str]:
    """What keeps telemetry from being sent safely."""
    if environment.get(CONNECTION_STRING) and environment.get(WORKERS_OWN, "").strip().lower() in _TRUE:
        return [
            f"{WORKERS_OWN}: must not be on: the Python worker would record the addresses of all requests, "
            "which hold those of mailboxes; PYTHON_ENABLE_OPENTELEMETRY takes its place"
        ]
    return []


_TRUE = frozenset({"1", "true", "t", "yes", "y"})
"""As the Python worker understands them."""


def configure(environment: Mapping[str, str]) -> None:
    """Sends telemetry to Application Insights from now on, where a connection string is set; once per process.

    Only our own loggers, spans and metrics. Every instrumentation that is installed is left off, whatever a later
    version brings: those of HTTP clients record URLs, and Graph's hold mailboxes' addresses. Nothing is sampled away.
    Source: https://learn.microsoft.com/azure/azure-monitor/app/opentelemetry-configuration?tabs=python
    """
    global _configured
    if _configured or not environment.get(CONNECTION_STRING):
        return
    _configured = True
    # A third of a second, which a process without telemetry must not pay at its cold start.
    from importlib.metadata import entry_points

    from azure.monitor.opentelemetry import configure_azure_monitor

    # The Python worker's own choice; the others ask the network for a virtual machine's metadata.
    os.environ.setdefault("OTEL_EXPERIMENTAL_RESOURCE_DETECTORS", "azure_functions")
    installed = {entry.name for entry in entry_points(group="opentelemetry_instrumentor")}
    logging.getLogger(SCOPE).setLevel(logging.INFO)
    configure_azure_monitor(
        connection_string=environment[CONNECTION_STRING],
        logger_name=SCOPE,
        instrumentation_options={name: {"enabled": False} for name in installed | {"azure_sdk"}},
        sampling_ratio=1.0,
        enable_trace_based_sampling_for_logs=False,
        enable_live_metrics=False,
        enable_performance_counters=False,
    )


_configured = False
