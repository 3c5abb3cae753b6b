"""The commands for mappings from files."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from shared.ops.cli import show
from shared.ops.cli.asking import AsJson, answer, ask, write
from shared.ops.cli.client import BAD_INPUT

mappings = typer.Typer(no_args_is_help=True, help="IDs and assignments' fields of our own table, as CSV files.")

CsvFile = Annotated[Path, typer.Argument(metavar="FILE", help="CSV of people or of assignments.", exists=True)]
Replace = Annotated[bool, typer.Option("--replace", help="The file is the whole: rows that it does not name go.")]


@mappings.command("preview")
def mappings_preview(context: typer.Context, file: CsvFile, replace: Replace = False, as_json: AsJson = False) -> None:
    """Whose calendars an import would change; changes nothing."""
    found = ask(context, "Checking the file", "mappings_preview", file=_text(file), replace=replace)
    answer(found, show.lines, as_json=as_json)


@mappings.command("import")
def mappings_import(
    context: typer.Context,
    file: CsvFile,
    replace: Replace = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: AsJson = False,
) -> None:
    """Put a file in force, whole or not at all; then every calendar follows."""
    asked = {"file": _text(file), "replace": replace}
    if not yes:
        show.lines(Console(stderr=True), ask(context, "Checking the file", "mappings_preview", **asked))
        typer.confirm("Put it in force?", abort=True, err=True)
    answer(ask(context, "Importing", "mappings_import", **asked), show.lines, as_json=as_json)


@mappings.command("export")
def mappings_export(
    context: typer.Context,
    kind: Annotated[str, typer.Argument(metavar="people|assignments")],
    file: Annotated[Path, typer.Option(help="Write it there (- : to standard output).")] = Path("-"),
) -> None:
    """What is in force, as a file that an import takes back."""
    write(file, ask(context, "Reading the table", "mappings_export", kind=kind)["text"])


def _text(file: Path) -> str:
    try:
        return file.read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        show.say(Console(stderr=True), f"error: {file}: cannot be read as UTF-8 text ({error})", "bold red")
        raise typer.Exit(BAD_INPUT) from None
