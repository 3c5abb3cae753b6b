"""Query options: $filter, $select, $expand, $top, $skip, and the link to the next page."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from urllib.parse import parse_qsl, quote

from tests.local.graph import extended
from tests.local.graph.answers import GraphError, bad_request, not_modelled
from tests.local.graph.event_types import EVENT_PROPERTIES

DEFAULT_PAGE, LARGEST_PAGE = 10, 1000

_KNOWN = {"$filter", "$select", "$expand", "$top", "$skip", "$orderby", "$count"}
_TEXT = r"'((?:[^']|'')*)'"
_OWN_FILTER = re.compile(
    rf"\s*singleValueExtendedProperties/any\(\s*(\w+)\s*:\s*\1/id\s+eq\s+{_TEXT}"
    rf"\s+and\s+\1/value\s+eq\s+{_TEXT}\s*\)\s*\Z",
    re.IGNORECASE,
)
_EXPANDED = re.compile(r"([A-Za-z]+)(?:\((.*)\))?\Z", re.DOTALL)
_ID_FILTER = re.compile(rf"\s*\$filter\s*=\s*(id\s+eq\s+{_TEXT}(?:\s+or\s+id\s+eq\s+{_TEXT})*)\s*\Z", re.IGNORECASE)
_ID_TERM = re.compile(rf"id\s+eq\s+{_TEXT}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Query:
    """A request's query, read. Parameters without $ are in `plain`, names in lower case."""

    plain: Mapping[str, str]
    pairs: tuple[tuple[str, str], ...]
    """As they came, for the link to the next page."""
    top: int = DEFAULT_PAGE
    skip: int = 0
    select: frozenset[str] = frozenset()
    select_text: str = ""
    expand: tuple[extended.Key, ...] = ()
    filter: str | None = None
    descending: bool = False
    extensions_unfiltered: bool = False
    """$expand=extensions without an inner filter: Graph stumbles over it."""


@lru_cache(maxsize=4096)
def parse(text: str) -> Query:
    """Read a query string, encoded or (as in batches) not. Raises GraphError (400) for what Graph cannot parse."""
    pairs = tuple(parse_qsl(text, keep_blank_values=True))
    options = {name.lower(): value for name, value in pairs}
    for name in options:
        if name.startswith("$") and name not in _KNOWN:
            raise bad_request(f"Unrecognized query option '{name}'.")
    select = options.get("$select", "")
    names = frozenset(part.strip() for part in select.split(",")) if "$select" in options else frozenset()
    if not names <= EVENT_PROPERTIES:
        raise bad_request("Parsing Select and Expand failed.")
    keys, unfiltered = _expand(options["$expand"]) if "$expand" in options else ((), False)
    return Query(
        MappingProxyType({name: value for name, value in options.items() if not name.startswith("$")}),
        pairs,
        _number(options, "$top", DEFAULT_PAGE, 1, LARGEST_PAGE),
        _number(options, "$skip", 0, 0, 2**31),
        names,
        select,
        keys,
        options.get("$filter"),
        _descending(options.get("$orderby")),
        unfiltered,
    )


@lru_cache(maxsize=4096)
def own_filter(text: str) -> tuple[extended.Key, str]:
    """The id and value that a $filter on an extended property compares with. Raises GraphError for other filters."""
    found = _OWN_FILTER.match(text)
    if found:
        return extended.key(_unquoted(found[2])), _unquoted(found[3])
    if re.match(r"\s*id\s+eq\b", text, re.IGNORECASE):
        raise GraphError(400, "ErrorInvalidProperty", "The property 'Id' does not support filtering.")
    if re.match(r"[\w/(): ,.'{}@-]+\Z", text):
        raise not_modelled(f"the filter {text!r}")
    raise bad_request("Invalid filter clause.")


def next_link(base: str, path: str, query: Query, skip: int) -> str:
    """The address of the next page: all parameters as they came, $top and $skip put in, names and values encoded."""
    kept = [(name, value) for name, value in query.pairs if name.lower() not in ("$top", "$skip")]
    kept += [("$top", str(query.top)), ("$skip", str(skip))]
    return f"{base}{path}?" + "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in kept)


def _expand(text: str) -> tuple[tuple[extended.Key, ...], bool]:
    keys: list[extended.Key] = []
    unfiltered = False
    for part in _split(text):
        found = _EXPANDED.match(part.strip())
        if not found:
            raise bad_request("Parsing Select and Expand failed.")
        name, inside = found[1].lower(), found[2]
        if name == "extensions":
            unfiltered |= inside is None
        elif name == "singlevalueextendedproperties":
            inner = _ID_FILTER.match(inside or "")
            if not inner:
                raise bad_request("Parsing Select and Expand failed.")
            keys += [extended.key(_unquoted(each)) for each in _ID_TERM.findall(inner[1])]
        else:
            raise bad_request("Parsing Select and Expand failed.")
    return tuple(keys), unfiltered


def _split(text: str) -> list[str]:
    """Split at commas that are in no parentheses and no quotes."""
    parts, depth, quoted = [""], 0, False
    for character in text:
        if character == "'":
            quoted = not quoted
        if not quoted:
            depth += (character == "(") - (character == ")")
        if character == "," and not depth and not quoted:
            parts.append("")
        else:
            parts[-1] += character
    return parts


def _number(options: Mapping[str, str], name: str, default: int, least: int, most: int) -> int:
    text = options.get(name)
    if text is None:
        return default
    if not text.isdecimal() or not least <= int(text) <= most:
        raise bad_request(
            f"Invalid value '{text}' for {name} query option found. "
            f"The {name} query option requires an integer from {least} to {most}."
        )
    return int(text)


def _descending(text: str | None) -> bool:
    if text is None:
        return False
    found = re.match(r"\s*start/dateTime(?:\s+(asc|desc))?\s*\Z", text, re.IGNORECASE)
    if not found:
        raise not_modelled(f"the order {text!r}")
    return (found[1] or "").lower() == "desc"


def _unquoted(text: str) -> str:
    return text.replace("''", "'")
