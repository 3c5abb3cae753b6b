"""The alerts as Bicep deploys them, and what each must do on each recording."""

import re
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from pydantic import TypeAdapter

from tests.telemetry.conftest import NO_READ
from tests.telemetry.recordings import RUNS

ROOT = Path(__file__).resolve().parents[2]
QUERIES = ROOT / "infra" / "queries"
PARTS = {path.stem: path.read_text() for path in sorted((QUERIES / "workbook").glob("*.kql"))}
"""The workbook's queries."""
RECORDINGS = (*RUNS, NO_READ)

FIRES = {
    "callback_signature_storm": {"signature_storm": "sixty calls are signed with another key"},
    "failure_share": {
        "failures": "Graph takes nobody's events",
        "failing_runs": "every run of a function ends in an exception",
        "poison_message": "most runs of a function do: each try of the message is one",
    },
    "graph_authorisation": {"graph_authorisation": "Graph answers 401 to the app itself"},
    "hold": {"hold": "an answer without shifts is held"},
    "mapping_report": {"mapping_report": "one of four people is reached"},
    "no_read": {"no_read": "the last read is three hours old, the last sweep new"},
    "oldest_due": {"oldest_due": "a person-month has waited for forty minutes"},
    "poison_message": {"poison_message": "a message lies in a poison queue"},
    "publish_to_calendar_p95": {"slow_publish": "the callback came ten minutes late"},
}
"""What each alert fires on, and why. It is silent on every other recording. The first one named has its very fault."""


@dataclass(frozen=True, slots=True)
class Alert:
    """A scheduled query."""

    name: str
    query: str
    window: timedelta
    """How far it looks back."""

    @property
    def own(self) -> str:
        """The recording that has its fault."""
        return next(iter(FIRES[self.name]))


def _deployed() -> dict[str, Alert]:
    module = ROOT / "infra" / "modules" / "alerts.bicep"
    rules = re.findall(
        r"\{\s+name: '([\w-]+)'$[^{}]*^\s+window: '(\w+)'$[^{}]*^\s+query: loadTextContent\('([^']+)'\)$",
        module.read_text(),
        re.M,
    )
    duration = TypeAdapter(timedelta)
    alerts = [
        Alert(name.replace("-", "_"), (module.parent / path).read_text(), duration.validate_python(window))
        for name, window, path in rules
    ]
    return {alert.name: alert for alert in alerts}


ALERTS = _deployed()
"""By name: every rule of `alerts.bicep`, with the file that it loads."""
