"""Loads a `function_app.py` as the Python worker does, and indexes its functions for the host."""

import importlib.util
import inspect
import json
import re
import sys
import typing
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import azure.functions as func
from azure.functions.decorators.function_app import FunctionRegister

from tests.local.host.errors import HostError

HTTP, QUEUE, TIMER = "httpTrigger", "queueTrigger", "timerTrigger"

ARGUMENT_TYPES: Mapping[str, tuple[type, ...]] = {
    HTTP: (func.HttpRequest,),
    QUEUE: (func.QueueMessage, str, bytes),
    TIMER: (func.TimerRequest,),
}
"""What the trigger's argument may be annotated with."""


_QUEUE_NAME = re.compile(r"(?=.{3,63}$)[a-z0-9]+(?:-[a-z0-9]+)*")


@dataclass(frozen=True)
class Function:
    """One function of the app, with its trigger as the host sees it."""

    name: str
    call: Callable[..., Any]
    is_async: bool
    directory: str
    kind: str
    """HTTP, QUEUE or TIMER."""
    trigger: Mapping[str, Any]
    """The trigger's binding, with `%SETTING%` replaced."""
    annotation: object
    """How the trigger's argument is annotated; None if it is not."""
    wants_context: bool

    @property
    def argument(self) -> str:
        """The name of the trigger's argument."""
        return str(self.trigger["name"])


def load(path: Path) -> ModuleType:
    """Import the app's file, under its own name and with its folder on `sys.path`, anew at each call."""
    if not path.is_file():
        raise HostError(f"there is no app at {path}")
    if str(path.parent) not in sys.path:
        sys.path.insert(0, str(path.parent))
    specification = importlib.util.spec_from_file_location(path.stem, path)
    assert specification
    assert specification.loader
    module = importlib.util.module_from_spec(specification)
    sys.modules[path.stem] = module
    try:
        specification.loader.exec_module(module)
    except Exception as problem:
        raise HostError(f"{path} cannot be imported: {type(problem).__name__}: {problem}") from problem
    return module


def index(module: ModuleType, settings: Mapping[str, str]) -> tuple[Function, ...]:
    """The functions of a loaded app. Raises HostError for whatever the worker or the host would not take."""
    apps = [value for value in vars(module).values() if isinstance(value, FunctionRegister)]
    if len(apps) != 1:
        raise HostError(f"{module.__name__} must have exactly one top-level FunctionApp, and has {len(apps)}")
    try:
        found = apps[0].get_functions()
    except ValueError as problem:
        raise HostError(f"{module.__name__}: {problem}") from problem
    return tuple(_function(one, settings) for one in found)


def chosen(found: tuple[Function, ...], names: Collection[str]) -> tuple[Function, ...]:
    """Those of these names; all, if there are no names. Raises HostError for a name that no function has."""
    if unknown := set(names) - {function.name for function in found}:
        known = ", ".join(function.name for function in found)
        raise HostError(f"no function {', '.join(sorted(unknown))}; there are {known}")
    return tuple(function for function in found if not names or function.name in names)


def resolve(text: str, settings: Mapping[str, str]) -> str:
    """Replace each `%SETTING%` by its value; raises HostError for one that is not set."""

    def value(match: re.Match[str]) -> str:
        if match[1] not in settings:
            raise HostError(f"'%{match[1]}%' does not resolve to a value: set {match[1]}")
        return settings[match[1]]

    return re.sub(r"%([^%]+)%", value, text)


def _function(found: Any, settings: Mapping[str, str]) -> Function:
    name, call = found.get_function_name(), found.get_user_function()
    bindings = [json.loads(raw) for raw in found.get_raw_bindings()]
    triggers = [binding for binding in bindings if binding["type"].lower().endswith("trigger")]
    if len(triggers) != 1 or triggers[0]["type"] not in ARGUMENT_TYPES:
        raise HostError(f"{name}: needs one trigger, of the kinds {', '.join(ARGUMENT_TYPES)}")
    trigger = triggers[0]
    others = [item for item in bindings if item is not trigger and (item["type"], item["name"]) != ("http", "$return")]
    if others:
        names = ", ".join(f"{item['name']} ({item['type']})" for item in others)
        raise HostError(f"{name}: the stand-in has no other bindings than triggers; use the SDK in place of {names}")
    if found.get_settings_dict("retry_policy"):
        raise HostError(f"{name}: the stand-in has no retry policies")
    try:
        resolved = {
            key: resolve(value, settings) if isinstance(value, str) else value for key, value in trigger.items()
        }
    except HostError as problem:
        raise HostError(f"{name}: {problem}") from None
    if trigger["type"] == QUEUE and not _QUEUE_NAME.fullmatch(str(resolved["queueName"]).lower()):
        raise HostError(f"{name}: {resolved['queueName']!r} is no queue name")
    annotations, wants_context = _signature(name, call, trigger)
    return Function(
        name=name,
        call=call,
        is_async=inspect.iscoroutinefunction(call),
        directory=str(Path(inspect.getfile(call)).parent),
        kind=trigger["type"],
        trigger=resolved,
        annotation=annotations.get(trigger["name"]),
        wants_context=wants_context,
    )


def _signature(name: str, call: Callable[..., Any], trigger: Mapping[str, Any]) -> tuple[dict[str, object], bool]:
    """The annotations, and whether there is a `context` parameter; refuses what the worker's load refuses."""
    annotations: dict[str, object] = typing.get_type_hints(call)
    parameters = set(inspect.signature(call).parameters)
    wants_context = "context" in parameters and trigger["name"] != "context"
    expected = {trigger["name"]} | ({"context"} if wants_context else set())
    if parameters != expected:
        raise HostError(f"{name}: its parameters are {sorted(parameters)}, and its bindings are {sorted(expected)}")
    if wants_context and getattr(annotations.get("context", func.Context), "__name__", "") != "Context":
        raise HostError(f"{name}: the parameter context must be annotated with azure.functions.Context")
    annotation = annotations.get(trigger["name"])
    allowed = ARGUMENT_TYPES[trigger["type"]]
    if annotation is not None and not (isinstance(annotation, type) and issubclass(annotation, allowed)):
        raise HostError(f"{name}: {trigger['name']} is annotated with {annotation!r}, which no {trigger['type']} gives")
    return annotations, wants_context
