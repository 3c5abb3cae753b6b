"""host.json: what of it the stand-in obeys, with the real host's defaults; what would be misread is refused."""

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from tests.local.host.errors import HostError

MINIMUM_POLLING = timedelta(milliseconds=100)
"""The shortest wait between two polls of an empty queue, and the least that `maxPollingInterval` may be."""

_SPAN = re.compile(r"(\d{1,2}):(\d{2}):(\d{2})(?:\.(\d{1,7}))?")


@dataclass(frozen=True)
class QueueOptions:
    """`extensions.queues`."""

    batch_size: int
    """Messages fetched at once, 1 to 32."""
    new_batch_threshold: int
    """The next fetch comes when no more than so many are at work; their sum is the most that run at once."""
    max_dequeue_count: int
    """A message that fails at this dequeue count, or comes with a higher one, goes to the poison queue."""
    visibility_timeout: timedelta
    """How long a message that failed stays hidden."""
    max_polling_interval: timedelta
    """The longest wait between two polls of an empty queue."""
    base64: bool
    """Whether messages are base64 (`messageEncoding`), or plain text."""


@dataclass(frozen=True)
class HostOptions:
    """All of host.json that the stand-in obeys."""

    function_timeout: timedelta | None
    """None: no limit (`"-1"`)."""
    route_prefix: str
    """Before every HTTP route; `api` unless `extensions.http.routePrefix` says otherwise."""
    queues: QueueOptions


OVERRIDE = "AzureFunctionsJobHost__"
"""How a setting's name begins that takes the place of a value of host.json; its path follows, with `__` for each dot.

Source: https://learn.microsoft.com/azure/azure-functions/functions-host-json#override-hostjson-values
"""


def read(path: Path, settings: Mapping[str, str] | None = None) -> HostOptions:
    """Read a host.json, and the settings that override it. Raises HostError with every problem found."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise HostError(f"{path} is missing") from None
    except ValueError as problem:
        raise HostError(f"{path} is not JSON: {problem}") from None
    for name, value in (settings or {}).items():
        if name.startswith(OVERRIDE) and isinstance(content, dict):
            _override(content, name.removeprefix(OVERRIDE).split("__"), value)
    return parse(content, str(path))


def _override(section: dict[str, Any], path: list[str], value: str) -> None:
    key = next((key for key in section if key.lower() == path[0].lower()), path[0])
    if len(path) == 1:
        section[key] = int(value) if value.isdigit() else value
    elif isinstance(section.setdefault(key, {}), dict):
        _override(section[key], path[1:], value)


def parse(content: object, name: str = "host.json") -> HostOptions:
    """The options of a decoded host.json; keys are found in any case, and unknown ones are ignored, as in the host."""
    reader = _Reader([])
    root = reader.section(content, name)
    if root.get("version") != "2.0":
        reader.problems.append('version must be "2.0"')
    bundle = reader.section(root.get("extensionbundle", {}), "extensionBundle")
    if not isinstance(bundle.get("id"), str) or not isinstance(bundle.get("version"), str):
        reader.problems.append("extensionBundle needs an id and a version: without it no queue trigger is loaded")
    if "retry" in root:
        reader.problems.append("retry must not be set: the host's source and its documentation differ about queues")
    extensions = reader.section(root.get("extensions", {}), "extensions")
    http = reader.section(extensions.get("http", {}), "extensions.http")
    queues = reader.section(extensions.get("queues", {}), "extensions.queues")

    batch_size = reader.number(queues, "batchSize", 16, least=1, most=32)
    timeout = root.get("functiontimeout")
    options = HostOptions(
        function_timeout=None if timeout == "-1" else reader.span(root, "functionTimeout", timedelta(minutes=30)),
        route_prefix=str(http.get("routeprefix", "api")).strip("/"),
        queues=QueueOptions(
            batch_size=batch_size,
            new_batch_threshold=reader.number(
                queues, "newBatchThreshold", batch_size // 2 * (os.cpu_count() or 1), least=0
            ),
            max_dequeue_count=reader.number(queues, "maxDequeueCount", 5, least=1),
            visibility_timeout=reader.span(queues, "visibilityTimeout", timedelta(0)),
            max_polling_interval=reader.span(queues, "maxPollingInterval", timedelta(minutes=1)),
            base64=reader.encoding(queues),
        ),
    )
    if options.queues.max_polling_interval < MINIMUM_POLLING:
        reader.problems.append("maxPollingInterval must be at least 00:00:00.1")
    if reader.problems:
        raise HostError(f"{name}: " + "; ".join(reader.problems))
    return options


@dataclass(frozen=True)
class _Reader:
    """Reads values, and collects what is wrong with them."""

    problems: list[str]

    def section(self, value: object, name: str) -> Mapping[str, Any]:
        if not isinstance(value, dict):
            self.problems.append(f"{name} must be an object")
            return {}
        return {str(key).lower(): item for key, item in value.items()}

    def number(self, section: Mapping[str, Any], key: str, default: int, *, least: int, most: int | None = None) -> int:
        value = section.get(key.lower(), default)
        whole = isinstance(value, int) and not isinstance(value, bool)
        if not whole or value < least or (most is not None and value > most):
            self.problems.append(f"{key} must be a whole number from {least}" + (f" to {most}" if most else ""))
            return default
        return int(value)

    def span(self, section: Mapping[str, Any], key: str, default: timedelta) -> timedelta:
        if key.lower() not in section:
            return default
        value = section[key.lower()]
        found = _SPAN.fullmatch(value) if isinstance(value, str) else None
        hours, minutes, seconds = (int(part) for part in found.groups()[:3]) if found else (24, 0, 0)
        if not found or hours > 23 or minutes > 59 or seconds > 59:
            self.problems.append(
                f'{key} must be a string "hh:mm:ss" under 24 hours, not {value!r} '
                '(the host takes 2000 for 2000 days and "24:00:00" for 24 days)'
            )
            return default
        return timedelta(
            hours=hours, minutes=minutes, seconds=seconds, microseconds=int((found[4] or "").ljust(6, "0")[:6])
        )

    def encoding(self, queues: Mapping[str, Any]) -> bool:
        value = str(queues.get("messageencoding", "base64")).lower()
        if value not in ("base64", "none"):
            self.problems.append('messageEncoding must be "base64" or "none"')
        return value == "base64"
