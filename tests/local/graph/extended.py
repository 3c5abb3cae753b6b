"""Single-value extended properties: `String {GUID} Name X`, by which an app marks events as its own.

https://learn.microsoft.com/graph/api/resources/extended-properties-overview
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from tests.local.graph.answers import Json, invalid_request

_ID = re.compile(
    r"(?P<type>[A-Za-z]+) (?:\{?(?P<set>[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12})\}? "
    r"(?:Name (?P<name>.+)|Id (?P<id>0x[0-9A-Fa-f]+))|(?P<tag>0x[0-9A-Fa-f]+))\Z"
)

Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Property:
    """One extended property of an event, with its id as it was given."""

    id: str
    value: str


@lru_cache(maxsize=4096)
def key(identifier: str) -> Key:
    """What two ids have in common that name the same property: the name is case-sensitive, the rest is not.

    Raises GraphError (400) for an id that is none.
    """
    found = _ID.match(identifier)
    if not found:
        raise invalid_request(f"The extended property id '{identifier}' is not valid.")
    name = found["name"] or (found["id"] or found["tag"]).lower()
    return found["type"].lower(), (found["set"] or "").lower(), name


def changed(present: dict[Key, Property], given: Iterable[Json]) -> dict[Key, Property]:
    """Those present with those of a request put over them; a null value takes one away."""
    result = dict(present)
    for item in given:
        if "id" not in item:
            raise invalid_request("An extended property needs an id.")
        which = key(item["id"])
        value = item.get("value")
        if value is None:
            result.pop(which, None)
        else:
            result[which] = Property(item["id"], value)
    return result


def rendered(present: dict[Key, Property], asked: Iterable[Key]) -> list[Json]:
    """The properties that $expand asked for and the event has."""
    return [{"id": found.id, "value": found.value} for which in asked if (found := present.get(which))]


def matches(present: dict[Key, Property], which: Key, value: str) -> bool:
    """Whether the event has the property with that value, in any case."""
    found = present.get(which)
    return found is not None and found.value.lower() == value.lower()
