"""What the code writes into its log, read from its source, and what a query takes for it: whether they are the same."""

import ast
import re
from collections.abc import Iterator
from functools import cache

from shared.outlook.outcome import Kind
from tests.telemetry.alerts import ROOT

type Events = dict[str, dict[str, str]]
"""By event: its keys, and how each one's value is formatted."""

_LEVELS = ("info", "warning", "error", "exception")
_FORMATS = {r"\d+": {"%d"}, r"[0-9.]+": {"%d", "%.1f"}, r"\S+": {"%d", "%s", "%.1f"}}
"""What a query may take a value for, by the formats that it is written with."""


@cache
def events() -> Events:
    """Every event that a module of `shared` logs. Written in several places, it has the keys that all of them write."""
    found: Events = {}
    for message in _first_arguments(*_LEVELS):
        event, _, rest = message.partition(" ")
        keys = dict(re.findall(r"(\w+)=(%[\w.]+)", rest))
        found[event] = dict(found.get(event, keys).items() & keys.items())
    return found


@cache
def metrics() -> set[str]:
    """Every metric that a module of `shared` makes."""
    return set(_first_arguments("create_counter", "create_histogram", "create_gauge"))


def _first_arguments(*methods: str) -> Iterator[str]:
    """The texts that calls of such methods start with."""
    for path in sorted((ROOT / "shared").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            match node:
                case ast.Call(func=ast.Attribute(attr=name), args=[ast.Constant(value=str(text)), *_]):
                    if name in methods:
                        yield text


def unknown(query: str) -> list[str]:
    """What a query asks for that no code writes: events, keys of them, values of another form, kinds, metrics."""
    names = re.findall(r'Message startswith "(\w+) ?"', query)
    asked = {event: keys for event, keys in events().items() if event in names}
    complaints = [f"event {name}" for name in names if not any(_begins(event, name) for event in asked)]
    for key, form in re.findall(r'extract\(@"\\b(\w+)=\(([^)]+)\)", 1, Message\)', query):
        if not any(keys.get(key) in _FORMATS.get(form, ()) for keys in asked.values()):
            complaints.append(f"key {key}")
    for key in re.findall(r'Message has "(\w+)=', query):
        if not any(key in keys for keys in asked.values()):
            complaints.append(f"key {key}")
    words = set(re.findall(r'\b(\w+) == "([a-z_]+)"', query))
    listed = " ".join(re.findall(r"in \(([^)]*)\)", query))
    words |= {("failure", word) for word in re.findall(r'"(\w+)"', listed)}
    known = {"Name": metrics(), "failure": {kind.value for kind in Kind}}
    return complaints + [f"{what} {word}" for what, word in sorted(words) if word not in known.get(what, ())]


def _begins(event: str, name: str) -> bool:
    return event == name or (name.endswith("_") and event.startswith(name))
