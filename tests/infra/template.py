"""What would be deployed, as a snapshot tells it, and how tests look into it."""

import json
from collections.abc import Iterator
from typing import Any

from tests.infra.compiler import Project

type Template = dict[str, Any]
type Resource = dict[str, Any]


def committed(name: str) -> Template:
    """The committed snapshot of a parameter set."""
    template: Template = json.loads(Project().parameter_set(name).with_suffix(".snapshot.json").read_text())
    return template


def of(template: Template, kind: str) -> list[Resource]:
    """The resources of one type."""
    return [resource for resource in template["predictedResources"] if resource["type"] == kind]


def settings_of(template: Template) -> dict[str, str]:
    """The app's settings."""
    [config] = [
        resource for resource in of(template, "Microsoft.Web/sites/config") if resource["name"].endswith("/appsettings")
    ]
    settings: dict[str, str] = config["properties"]
    return settings


def wanting(resources: list[Resource], wanted: dict[str, object]) -> Iterator[str]:
    """Where a property (a path, by dots) is not as wanted; that nothing is there to have it is a finding, too."""
    if not resources:
        yield f"no resource to have {', '.join(wanted)}"
    for resource in resources:
        for path, value in wanted.items():
            found: Any = resource["properties"]
            for part in path.split("."):
                found = found.get(part) if isinstance(found, dict) else None
            if found != value:
                yield f"{resource['name']}: {path} is {found!r}, not {value!r}"
