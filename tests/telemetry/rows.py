"""Telemetry as rows of Application Insights' tables (workspace-based), by the exporter's own conversion.

Envelopes are what Microsoft's exporter would send; how their fields become columns is documented at
https://learn.microsoft.com/azure/azure-monitor/app/data-model-complete and, by table, at
https://learn.microsoft.com/azure/azure-monitor/reference/tables/apptraces and its like.
"""

import re
from datetime import datetime
from typing import Any

from azure.monitor.opentelemetry.exporter.export.logs._exporter import _convert_log_to_envelope
from azure.monitor.opentelemetry.exporter.export.metrics._exporter import _convert_point_to_envelope
from azure.monitor.opentelemetry.exporter.export.trace._exporter import (
    _convert_span_events_to_envelopes,
    _convert_span_to_envelope,
)
from opentelemetry.sdk._logs import ReadableLogRecord
from opentelemetry.sdk.metrics.export import MetricsData
from opentelemetry.sdk.trace import ReadableSpan

type Row = dict[str, Any]
type Tables = dict[str, list[Row]]

TABLES = ("AppTraces", "AppExceptions", "AppRequests", "AppDependencies", "AppMetrics")
_TAGS = {
    "ai.operation.id": "OperationId",
    "ai.operation.name": "OperationName",
    "ai.operation.parentId": "ParentId",
    "ai.cloud.role": "AppRoleName",
    "ai.cloud.roleInstance": "AppRoleInstance",
    "ai.internal.sdkVersion": "SDKVersion",
}
_FIELDS = {
    "MessageData": ("AppTraces", {"message": "Message", "severityLevel": "SeverityLevel"}),
    "ExceptionData": ("AppExceptions", {"severityLevel": "SeverityLevel"}),
    "RequestData": (
        "AppRequests",
        {"name": "Name", "id": "Id", "success": "Success", "responseCode": "ResultCode", "source": "Source"},
    ),
    "RemoteDependencyData": (
        "AppDependencies",
        {
            "name": "Name",
            "id": "Id",
            "success": "Success",
            "resultCode": "ResultCode",
            "data": "Data",
            "target": "Target",
            "type": "DependencyType",
        },
    ),
    "MetricData": ("AppMetrics", {}),
}


def envelopes_of_span(span: ReadableSpan) -> list[Row]:
    """What the exporter sends of a span: itself, and its events."""
    return [each.as_dict() for each in (_convert_span_to_envelope(span), *_convert_span_events_to_envelopes(span))]


def envelope_of_log(record: ReadableLogRecord) -> Row:
    """What the exporter sends of a log record."""
    return dict(_convert_log_to_envelope(record).as_dict())


def envelopes_of_metrics(data: MetricsData | None) -> list[Row]:
    """What the exporter sends of a collection of metrics."""
    return [
        _convert_point_to_envelope(point, metric.name, of_resource.resource, of_scope.scope).as_dict()
        for of_resource in (data.resource_metrics if data else ())
        for of_scope in of_resource.scope_metrics
        for metric in of_scope.metrics
        for point in metric.data.data_points
    ]


def row_of(envelope: Row) -> tuple[str, Row]:
    """An envelope as a row: its table, and the columns that it fills.

    `_BilledSize` is the envelope's own size; what is billed is of that order.
    """
    base: Row = envelope["data"]["baseData"]
    table, fields = _FIELDS[envelope["data"]["baseType"]]
    row: Row = {
        "TimeGenerated": datetime.fromisoformat(envelope["time"]),
        "Type": table,
        "ItemCount": round(100 / envelope.get("sampleRate", 100.0)),
        "Properties": dict(base.get("properties") or {}),
        "_BilledSize": float(len(str(envelope))),
    }
    row |= {column: envelope["tags"].get(tag) for tag, column in _TAGS.items()}
    row |= {column: base.get(field) for field, column in fields.items()}
    if table in ("AppRequests", "AppDependencies"):
        row["DurationMs"] = _milliseconds(base["duration"])
    if table == "AppExceptions":
        [details] = base["exceptions"]
        row |= {"ExceptionType": details["typeName"], "OuterType": details["typeName"], "Details": [details]}
        row |= {"OuterMessage": details["message"], "ProblemId": details["typeName"]}
    if table == "AppMetrics":
        [point] = base["metrics"]
        value = point["value"]
        row |= {"Name": point["name"], "Sum": float(value), "ItemCount": point.get("count") or 1}
        row |= {"Min": _or(point.get("min"), value), "Max": _or(point.get("max"), value)}
    return table, row


def _or(value: float | None, otherwise: float) -> float:
    return float(otherwise if value is None else value)


def _milliseconds(duration: str) -> float:
    """Of .NET's form of a time span, `d.hh:mm:ss.fff`."""
    found = re.fullmatch(r"(\d+)\.(\d+):(\d+):(\d+\.\d+)", duration)
    assert found, duration
    days, hours, minutes, seconds = found.groups()
    return round(1000 * (((int(days) * 24 + int(hours)) * 60 + int(minutes)) * 60 + float(seconds)), 3)
