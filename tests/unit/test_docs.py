"""The pages say what the code does: the same settings and defaults, the same outcomes; every link leads somewhere."""

import ast
import contextlib
import io
import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import get_args

import pytest
from pydantic_core import PydanticUndefined

from shared.azure_monitor import CONNECTION_STRING, WORKERS_OWN
from shared.ops.mapping_file import read_file
from shared.outlook.outcome import Kind
from shared.settings import FIELD_NAMES, TIMER_SCHEDULES, Settings, read_settings
from shared.state.connection import NAME, Connection
from shared.sync import status
from shared.sync.publish_callback import receive

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
WORKER = "FUNCTIONS_WORKER_RUNTIME"
FOR_THE_HOST = {f"{NAME}__blobServiceUri", f"{NAME}__credential"}
"""Read by the Functions host alone."""
TELEMETRY = {
    CONNECTION_STRING,
    WORKERS_OWN,
    "APPLICATIONINSIGHTS_AUTHENTICATION_STRING",
    "PYTHON_ENABLE_OPENTELEMETRY",
}
"""Where telemetry goes, and what the exporter, the host and the worker are told of it."""


class Asked(Mapping[str, str]):
    """An environment that notes which names somebody asked it for."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = dict(values)
        self.names: set[str] = set()

    def __getitem__(self, name: str) -> str:
        self.names.add(name)
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)


def _section(page: Path, title: str) -> str:
    """The text below a second-level heading, up to the next one."""
    return re.split(r"(?m)^## ", page.read_text())[[*_titles(page)].index(title) + 1]


def _titles(page: Path) -> Iterator[str]:
    yield from re.findall(r"(?m)^## (.+)$", page.read_text())


def _rows(text: str) -> list[list[str]]:
    """The cells of all rows of Markdown tables whose first cell is code."""
    return [
        [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        for line in text.splitlines()
        if line.startswith("| `")
    ]


def _documented() -> dict[str, str]:
    """Settings of the README's tables: name to default, or for storage to its form."""
    rows = _rows(_section(ROOT / "README.md", "Settings"))
    names = [row[0].strip("`") for row in rows]
    assert len(names) == len(set(names)), "a setting has two rows"
    return dict(zip(names, (row[1] for row in rows), strict=True))


def _defaults() -> dict[str, str]:
    """What the README must say, from the code."""
    defaults = {}
    for name, field in Settings.model_fields.items():
        value = field.get_default(call_default_factory=True)
        shown = str(value).lower() if isinstance(value, bool) else value
        defaults[name.upper()] = "required" if value is PydanticUndefined else "none" if value is None else f"`{shown}`"
    return defaults | {name: f"`{default}`" for name, default in TIMER_SCHEDULES.items()}


def _storage_names() -> set[str]:
    """What the app asks for to find its storage, in whichever form."""
    asked = Asked({f"{NAME}__{part}": "x" for part in ("tableServiceUri", "queueServiceUri")})
    Connection.read(asked)
    return asked.names


def _sample() -> dict[str, str]:
    sample = json.loads((ROOT / "local.settings.sample.json").read_text())
    assert sample.keys() == {"IsEncrypted", "Values"}
    assert sample["IsEncrypted"] is False
    values: dict[str, str] = sample["Values"]
    assert all(isinstance(value, str) for value in values.values()), "the host takes texts only"
    return values


def test_the_code_asks_for_the_settings_that_it_declares() -> None:
    asked = Asked(_sample())
    read_settings(asked)
    assert asked.names == {name.upper() for name in Settings.model_fields}


def test_the_readme_names_every_setting_with_its_default() -> None:
    documented = {name: default for name, default in _documented().items() if not name.startswith(NAME)}
    assert {name: default for name, default in documented.items() if name not in TELEMETRY} == _defaults()
    assert documented.keys() >= TELEMETRY


def test_the_readme_names_both_forms_of_storage() -> None:
    documented = {name: form for name, form in _documented().items() if name.startswith(NAME)}
    assert documented.keys() == _storage_names() | FOR_THE_HOST
    assert {name for name, form in documented.items() if form == "connection string"} == {NAME}


def test_the_sample_has_every_setting() -> None:
    assert _sample().keys() == _defaults().keys() | {NAME, WORKER}


def test_the_sample_is_accepted_and_differs_from_the_defaults_only_where_it_must() -> None:
    values = _sample()
    settings = read_settings(values)
    Connection.read(values)
    assert values[WORKER] == "python"
    assert {name: values[name] for name in TIMER_SCHEDULES} == TIMER_SCHEDULES
    required = {name.lower() for name, default in _defaults().items() if default == "required"}
    for name, field in Settings.model_fields.items():
        if name not in required | {"graph_url", "graph_auth"}:
            assert getattr(settings, name) == field.get_default(call_default_factory=True), name


def test_the_sample_leads_to_this_machine_only() -> None:
    addresses = re.findall(r"https?://[^\s\"/]+", json.dumps(_sample()))
    assert addresses
    assert [address for address in addresses if not address.startswith("http://127.0.0.1:")] == []


def test_the_outcomes_are_those_of_the_code() -> None:
    documented = [row[0].strip("`") for row in _rows(_section(ROOT / "docs" / "outcomes.md", "Outcomes"))]
    assert documented == list(get_args(status.Name))


def test_the_outcomes_of_the_docstring_are_those_of_the_code() -> None:
    assert status.__doc__ is not None
    assert [row[0].strip("`") for row in _rows(status.__doc__)] == list(get_args(status.Name))


def _problem_fields() -> set[str]:
    """The fields in the table of problems."""
    lines = _section(ROOT / "docs" / "outcomes.md", "Problems").splitlines()
    cells = [line.split("|")[2] for line in lines if line.startswith("|") and line.count("|") == 5]
    return {name for cell in cells for name in re.findall(r"`([\w.]+)`", cell)}


def _sources() -> list[ast.AST]:
    return [
        ast.parse(path.read_text()) for part in ("schedule", "sync") for path in (ROOT / "shared" / part).glob("*.py")
    ]


def test_every_field_that_the_code_reports_is_documented() -> None:
    """As far as a call names it outright: `UnreadableError("emp_id", …)`, `Problem(row, "event", …)`."""
    position = {"UnreadableError": 0, "Problem": 1, "time_of": 1, "_utc_of": 1, "text_of": 1, "texts_of": 1}
    reported = set()
    for node in (node for tree in _sources() for node in ast.walk(tree)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in position:
            argument = node.args[position[node.func.id] :][:1]
            reported |= {arg.value for arg in argument if isinstance(arg, ast.Constant) and isinstance(arg.value, str)}
    assert {"emp_id", "slot_date", "stop_time_utc", "note", "event", "mailbox"} <= reported
    assert reported - _problem_fields() == set()


def test_every_documented_field_is_one_that_the_code_knows() -> None:
    texts = {
        node.value
        for tree in _sources()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    known = texts | set(FIELD_NAMES) | {f"permissions.{text}" for text in texts}
    assert _problem_fields()
    assert _problem_fields() - known == set()
    assert set(FIELD_NAMES) <= _problem_fields()


def _anchors(page: Path) -> set[str]:
    """As GitHub makes them from headings."""
    titles = re.findall(r"(?m)^#+ (.+)$", re.sub(r"(?ms)^```.*?^```", "", page.read_text()))
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    for link in re.findall(r"\]\(([^)\s]+)\)", page.read_text()):
        if link.startswith(("https://", "http://")):
            continue
        name, _, anchor = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        assert target.exists(), f"{link}: no such file"
        assert target.is_relative_to(ROOT), f"{link}: leads out of the project"
        assert not anchor or anchor in _anchors(target), f"{link}: no such heading"


def test_every_page_can_be_reached_from_the_readme() -> None:
    reached, waiting = set(), [ROOT / "README.md", ROOT / "CHANGELOG.md"]
    while waiting:
        page = waiting.pop()
        reached.add(page)
        links = re.findall(r"\]\(([^)#\s]+\.md)", page.read_text())
        waiting += [target for link in links if (target := (page.parent / link).resolve()) not in reached]
    assert sorted(set(PAGES) - reached) == []
    assert (ROOT / "docs" / "flow.svg").exists()
    assert "(docs/flow.svg)" in (ROOT / "README.md").read_text()


def test_the_readme_is_in_order_and_its_commands_exist() -> None:
    assert list(_titles(ROOT / "README.md")) == [
        "What it does",
        "Run it",
        "How it works",
        "Settings",
        "Deploy",
        "Run book",
    ]
    targets = set(re.findall(r"(?m)^([a-z]+):", (ROOT / "Makefile").read_text()))
    named = set(re.findall(r"`make ([a-z]+)`", (ROOT / "README.md").read_text()))
    assert {"demo", "host", "test", "check"} <= named <= targets
    folders = [row[0] for row in _rows(_section(ROOT / "README.md", "How it works"))]
    paths = [path for cell in folders for path in re.findall(r"`([^`]+)`", cell)]
    assert [path for path in paths if not (ROOT / path).exists()] == []


def test_the_run_book_names_every_log_event_and_no_other() -> None:
    sources = "\n".join(path.read_text() for path in (ROOT / "shared").rglob("*.py"))
    logged = set(re.findall(r'log\.\w+\(\s*"([a-z_]+) ', sources))
    table, _, others = _section(ROOT / "README.md", "Run book").partition("Other events that help")
    named = set(re.findall(r"log: `([a-z_]+)", table)) | set(re.findall(r"`([a-z_]+)`", others))
    assert named == logged


def _named_in_telemetry(title: str) -> set[str]:
    cells = [row[0] for row in _rows(_section(ROOT / "docs" / "telemetry.md", title))]
    return {name for cell in cells for name in re.findall(r"`([^`]+)`", cell)}


def test_the_page_on_telemetry_names_every_span_and_metric() -> None:
    sources = "\n".join(path.read_text() for path in (ROOT / "shared").rglob("*.py"))
    spans = set(re.findall(r'telemetry\.(?:run|call)\(\s*"(\w+)"', sources))
    metrics = set(re.findall(r'_meter\.create_\w+\(\s*"(\w+)"', sources))
    assert _named_in_telemetry("One publish, one trace") == spans
    assert _named_in_telemetry("Metrics") == metrics
    assert len(spans) >= 7 and len(metrics) >= 12


def test_the_page_on_telemetry_names_events_of_the_code_and_every_kind() -> None:
    sources = "\n".join(path.read_text() for path in (ROOT / "shared").rglob("*.py"))
    logged = set(re.findall(r'log\.\w+\(\s*"([a-z_]+) ', sources))
    events = _named_in_telemetry("Log events")
    assert {"publish_to_calendar", "backlog", "held", "queue_depth", "mapping_report"} <= events <= logged
    kinds = _section(ROOT / "docs" / "telemetry.md", "Log events").partition("`kind` is one of")[2]
    assert set(re.findall(r"`([a-z_]+)`", kinds)) == {kind.value for kind in Kind if kind is not Kind.DONE}


def test_the_page_on_telemetry_names_the_settings_of_the_readme() -> None:
    assert _named_in_telemetry("How it is sent") == TELEMETRY


def _blocks(language: str, page: str = "lightning-bolt.md") -> list[str]:
    return re.findall(rf"(?ms)^ *```{language}\n(.*?)^ *```", (ROOT / "docs" / page).read_text())


def test_the_signature_of_the_example_is_the_one_that_is_asked_for() -> None:
    (code,), (header,), (shell,) = _blocks("python"), _blocks("text"), _blocks("sh")
    names: dict[str, object] = {}
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        exec(code, names)
    assert printed.getvalue() == header
    body, at, secret = names["body"], names["at"], str(names["secret"])
    assert isinstance(body, bytes)
    assert isinstance(at, int)
    assert all(part in shell for part in (body.decode(), str(at), secret))
    settings = read_settings(_sample() | {"PUBLISH_SECRET": secret})
    moment = datetime.fromtimestamp(at, UTC)
    value = header.strip().removeprefix("X-Signature: ")
    assert receive(body, {"x-signature": value}, settings, moment).status == 202
    assert receive(body + b" ", {"x-signature": value}, settings, moment).status == 401


def test_the_files_of_mappings_are_ones_that_an_import_takes() -> None:
    people, assignments = (read_file(block) for block in _blocks("csv", "mappings.md"))
    assert (people.kind, [*people.rows]) == ("people", ["2101", "2102", "2103"])
    assert people.rows["2103"] == {"microsoft_id": ""}
    assert (assignments.kind, [*assignments.rows]) == ("assignments", ["301", "302", "303"])


def test_no_machine_path_in_any_page() -> None:
    texts = {
        page: page.read_text() for page in [*PAGES, ROOT / "local.settings.sample.json", ROOT / "docs" / "flow.svg"]
    }
    assert [page for page, text in texts.items() if re.search(r"(?<![\w.])/(?:work|home|root|tmp|Users)/", text)] == []
