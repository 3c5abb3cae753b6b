"""How a command asks for a verb, and prints what the app answers."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from shared.ops.cli import show
from shared.ops.cli.client import CallError

AsJson = Annotated[bool, typer.Option("--json", help="Print the app's answer as JSON.")]


@contextmanager
def asking(what: str) -> Iterator[None]:
    """Shows that something is going on, and ends with a line and a code where it fails."""
    errors = Console(stderr=True)
    try:
        with errors.status(what):
            yield
    except CallError as error:
        show.say(errors, f"error: {error}", "bold red")
        raise typer.Exit(error.code) from None


def ask(context: typer.Context, what: str, verb: str, **asked: object) -> Any:
    """What the app answers."""
    with asking(what):
        return context.obj.call(verb, **asked)


def answer(found: Any, shown: Callable[[Console, Any], None], *, as_json: bool) -> None:
    """As JSON, or as `shown` shows it."""
    if as_json:
        typer.echo(json.dumps(found, indent=2))
    else:
        shown(Console(width=None if sys.stdout.isatty() else 120), found)


def write(path: Path, text: str) -> None:
    """To a file, or to standard output (`-`)."""
    if str(path) == "-":
        typer.echo(text, nl=False)
    else:
        path.write_text(text, encoding="utf-8")
