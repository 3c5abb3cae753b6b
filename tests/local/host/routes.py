"""HTTP routes: ASP.NET's templates, as far as function apps use them."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import unquote

from tests.local.host.errors import HostError
from tests.local.host.functions import Function

CONSTRAINTS = {"int": r"-?\d+", "alpha": r"[A-Za-z]+", "guid": r"[0-9A-Fa-f-]{36}"}
_PARAMETER = re.compile(r"\{(?P<all>\*?)(?P<name>[A-Za-z_]\w*)(?::(?P<constraint>\w+))?(?P<optional>\??)\}")


@dataclass(frozen=True)
class Route:
    """One function's address."""

    function: Function
    template: str
    pattern: re.Pattern[str]
    methods: frozenset[str]
    """Empty: all."""

    def parameters(self, method: str, path: str) -> dict[str, str] | None:
        """The route's parameters if it is this request's route, else None."""
        if self.methods and method.upper() not in self.methods:
            return None
        if not (found := self.pattern.fullmatch(path.strip("/"))):
            return None
        return {name: unquote(value) for name, value in found.groupdict().items() if value}


def routes(functions: Iterable[Function], prefix: str) -> tuple[Route, ...]:
    """The routes of HTTP functions, the more literal ones first. Raises HostError for reserved or equal ones."""
    made = sorted((_route(function, prefix) for function in functions), key=lambda route: route.template.count("{"))
    taken: dict[tuple[str, str], str] = {}
    for route in made:
        for method in route.methods or {"*"}:
            shape = (_PARAMETER.sub("{}", route.template.lower()), method)
            if shape in taken:
                raise HostError(f"{route.function.name} and {taken[shape]} have the same route, {route.template}")
            taken[shape] = route.function.name
    return tuple(made)


def match(candidates: Iterable[Route], method: str, raw_path: str) -> tuple[Function, Mapping[str, str]] | None:
    """The function that a request goes to. A wrong method is no match, either: the host answers 404, never 405."""
    for route in candidates:
        if (parameters := route.parameters(method, raw_path)) is not None:
            return route.function, parameters
    return None


def _route(function: Function, prefix: str) -> Route:
    own = str(function.trigger.get("route") or function.name).strip("/")
    if own.lower().startswith(("admin", "runtime")):
        raise HostError(f"{function.name}: its route {own!r} conflicts with the host's own routes")
    template = f"{prefix}/{own}" if prefix else own
    methods = frozenset(str(method).upper() for method in function.trigger.get("methods") or ())
    return Route(function, template, _pattern(function.name, template), methods)


def _pattern(name: str, template: str) -> re.Pattern[str]:
    pattern = ""
    for position, segment in enumerate(template.split("/")):
        slash = "/" if position else ""
        found = _PARAMETER.fullmatch(segment)
        if not found:
            if "{" in segment:
                raise HostError(f"{name}: the stand-in knows no route segment like {segment!r}")
            pattern += slash + re.escape(segment)
            continue
        constraint = found["constraint"]
        if constraint and constraint not in CONSTRAINTS:
            raise HostError(f"{name}: the stand-in knows no route constraint {constraint!r}")
        value = ".*" if found["all"] else CONSTRAINTS.get(constraint or "", "[^/]+")
        part = f"{slash}(?P<{found['name']}>{value})"
        pattern += f"(?:{part})?" if found["optional"] or found["all"] else part
    return re.compile(pattern, re.IGNORECASE)
