"""A parameter accepts what its setting accepts: a deployment fails where the app would refuse to start."""

import json
from typing import Any, get_args

import pytest
from annotated_types import Ge, Le

from shared.settings import Settings
from tests.infra.compiler import Project

pytestmark = pytest.mark.slow

NAMED_OTHERWISE = {"lightning_bolt_person_id_field": "personIdField"}
STRICTER = {"lease_seconds", "look_again_seconds"}
"""Shorter ones are for tests."""


def _parameter(setting: str) -> str:
    first, *others = setting.split("_")
    return NAMED_OTHERWISE.get(setting, first + "".join(map(str.capitalize, others)))


def _differences(parameters: dict[str, Any]) -> list[str]:
    found = []
    for setting, field in Settings.model_fields.items():
        parameter = parameters.get(_parameter(setting))
        if parameter is None:
            continue
        choices = get_args(field.annotation)
        if (
            choices
            and all(isinstance(choice, str) for choice in choices)
            and list(choices) != parameter["allowedValues"]
        ):
            found.append(f"{setting}: {parameter['allowedValues']}, not {list(choices)}")
        for kind, bound in ((Ge, "minValue"), (Le, "maxValue")):
            [limit] = [getattr(rule, kind.__name__.lower()) for rule in field.metadata if isinstance(rule, kind)] or [
                None
            ]
            within = limit is None or (parameter[bound] >= limit if kind is Ge else parameter[bound] <= limit)
            if not within or (setting not in STRICTER and limit is not None and parameter[bound] != limit):
                found.append(f"{setting}: {bound} is {parameter[bound]}, not {limit}")
        default = field.get_default(call_default_factory=True)
        if isinstance(default, int) and not isinstance(default, bool) and parameter.get("defaultValue") != default:
            found.append(f"{setting}: {parameter.get('defaultValue')} by default, not {default}")
    return found


def test_parameters_accept_what_the_settings_do(project: Project) -> None:
    parameters = json.loads(project.build().output)["parameters"]
    assert {"monthsBack", "shrinkMinimum", "personIdField", "mappingSource"} <= {
        name for name in map(_parameter, Settings.model_fields) if name in parameters
    }
    assert _differences(parameters) == []


def test_a_parameter_that_accepts_more_or_less_is_refused(copy: Project) -> None:
    copy.replace("infra/main.bicep", "@maxValue(24)", "@maxValue(36)")
    copy.replace("infra/main.bicep", "param shrinkMinimum int = 10", "param shrinkMinimum int = 12")
    copy.replace("infra/main.bicep", "'private', 'confidential'])", "'private'])")
    assert _differences(json.loads(copy.build().output)["parameters"]) == [
        "months_ahead: maxValue is 36, not 24",
        "event_sensitivity: ['normal', 'personal', 'private'], not ['normal', 'personal', 'private', 'confidential']",
        "shrink_minimum: 12 by default, not 10",
    ]
