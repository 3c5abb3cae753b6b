"""What the host refuses to run, each with a message that says why."""

from pathlib import Path

import pytest

from tests.local.host import HostError, functions
from tests.local.host.routes import routes
from tests.local_tests.host_fixtures import write_app

QUEUE = '@app.queue_trigger(arg_name="message", queue_name="a-queue", connection="AzureWebJobsStorage")'


def _index(folder: Path, source: str, **settings: str) -> tuple[functions.Function, ...]:
    return functions.index(functions.load(write_app(folder, source)), settings)


def test_settings_in_percent_signs(tmp_path: Path) -> None:
    source = """
    @app.timer_trigger(arg_name="timer", schedule="%WHEN%")
    def tick(timer: func.TimerRequest) -> None: ...
    """
    (found,) = _index(tmp_path, source, WHEN="0 0 3 * * *")
    assert found.trigger["schedule"] == "0 0 3 * * *"
    assert (found.name, found.kind, found.argument, found.is_async) == ("tick", functions.TIMER, "timer", False)
    with pytest.raises(HostError, match="tick: '%WHEN%' does not resolve to a value: set WHEN"):
        _index(tmp_path, source)


def test_some_functions_alone(tmp_path: Path) -> None:
    source = "".join(
        f"{QUEUE.replace('a-queue', f'{name}-queue')}\nasync def {name}(message: str) -> None: ...\n"
        for name in ("one", "two", "three")
    )
    found = _index(tmp_path, source)
    assert [function.name for function in functions.chosen(found, ["three", "one"])] == ["one", "three"]
    assert functions.chosen(found, []) == found
    with pytest.raises(HostError, match="no function four; there are one, two, three"):
        functions.chosen(found, ["one", "four"])


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ("raise ValueError('no settings')", "cannot be imported: ValueError: no settings"),
        ("del app", "exactly one top-level FunctionApp, and has 0"),
        ("other = func.FunctionApp()", "exactly one top-level FunctionApp, and has 2"),
        (
            f"{QUEUE}\ndef work(other: func.QueueMessage) -> None: ...",
            r"work: its parameters are \['other'\], and its bindings are \['message'\]",
        ),
        (f"{QUEUE}\ndef work(message: func.TimerRequest) -> None: ...", "work: message is annotated with"),
        (f"{QUEUE}\ndef work(message: func.QueueMessage, context: int) -> None: ...", "azure.functions.Context"),
        (
            f'@app.queue_output(arg_name="out", queue_name="b-queue", connection="AzureWebJobsStorage")\n{QUEUE}\n'
            "def work(message: func.QueueMessage, out: func.Out[str]) -> None: ...",
            r"work: .* use the SDK in place of out \(queue\)",
        ),
        (f"{QUEUE.replace('a-queue', 'A_queue')}\ndef work(message: str) -> None: ...", "'A_queue' is no queue name"),
        (
            f'@app.retry(strategy="fixed_delay", max_retry_count="3", delay_interval="00:00:01")\n{QUEUE}\n'
            "def work(message: str) -> None: ...",
            "work: the stand-in has no retry policies",
        ),
        (
            '@app.blob_trigger(arg_name="blob", path="a/b", connection="AzureWebJobsStorage")\n'
            "def work(blob: func.InputStream) -> None: ...",
            "work: needs one trigger, of the kinds",
        ),
        (
            f"{QUEUE}\ndef work(message: str) -> None: ...\n{QUEUE}\ndef work(message: str) -> None: ...",
            "work does not have a unique function name",
        ),
    ],
)
def test_refused(tmp_path: Path, source: str, problem: str) -> None:
    with pytest.raises(HostError, match=problem):
        _index(tmp_path, source)


@pytest.mark.parametrize(
    ("route", "problem"),
    [
        ("admin/things", "conflicts with the host's own routes"),
        ("runtime", "conflicts with the host's own routes"),
        ("things/{id:double}", "no route constraint 'double'"),
        ("things/a{id}", r"no route segment like 'a\{id\}'"),
        ("taken/{other}", "have the same route"),
    ],
)
def test_routes_refused(tmp_path: Path, route: str, problem: str) -> None:
    found = _index(
        tmp_path,
        f"""
        @app.route(route="taken/{{name}}")
        def first(req: func.HttpRequest) -> func.HttpResponse: ...
        @app.route(route="{route}")
        def second(req: func.HttpRequest) -> func.HttpResponse: ...
        """,
    )
    with pytest.raises(HostError, match=problem):
        routes(found, "api")


def test_no_app(tmp_path: Path) -> None:
    with pytest.raises(HostError, match="there is no app at"):
        functions.load(tmp_path / "function_app.py")
