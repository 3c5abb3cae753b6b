"""The table on the screen, and the files that a run leaves."""

import json
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from tests.bench.bench import in_flight
from tests.bench.figures import Figure, Target, shown
from tests.bench.plot import plot
from tests.bench.sizes import Sizes

RESULTS, PLOT = "bench-results.json", "bench-results.svg"
_MARKS = {"met": "[green]✓[/]", "missed": "[red]✗[/]", "": ""}


def table(figures: Sequence[Figure]) -> Table:
    """All figures, by part, with targets and marks."""
    shape = Table("", "measured", "target", "", title="Benchmarks, medians")
    shape.columns[1].justify = "right"
    part = ""
    for figure in figures:
        if figure.part != part:
            part = figure.part
            shape.add_section()
            shape.add_row(f"[bold]{part}[/]")
        name = f"  {figure.name}" + (f" ({figure.note})" if figure.note else "")
        value = f"{shown(figure.value)} {figure.unit}".strip()
        shape.add_row(name, value, str(figure.target or ""), _MARKS[figure.mark])
    return shape


def markdown(figures: Sequence[Figure]) -> str:
    """The same for a page."""
    lines = ["| | measured | target | |", "| --- | ---: | --- | --- |"]
    part = ""
    for figure in figures:
        if figure.part != part:
            part = figure.part
            lines.append(f"| **{part}** | | | |")
        value = f"{shown(figure.value)} {figure.unit}".strip()
        note = f" ({figure.note})" if figure.note else ""
        lines.append(f"| {figure.name}{note} | {value} | {figure.target or ''} | {figure.mark} |")
    return "\n".join(lines)


def missed(figures: Sequence[Figure]) -> list[str]:
    """Ratios and counts that miss their targets, in words."""
    return [
        f"{figure.part}: {figure.name} is {shown(figure.value)} {figure.unit}".rstrip() + f", not {figure.target}"
        for figure in figures
        if figure.fails
    ]


def machine(sizes: Sizes) -> dict[str, Any]:
    """Where and how it was measured."""
    return {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "mailboxes_in_flight": in_flight(),
        "sizes": asdict(sizes),
    }


def save(folder: Path, about: Mapping[str, Any], parts: Mapping[str, Any]) -> None:
    """Writes JSON and plot; parts that were not measured this time are kept from the last run of the same folder."""
    folder.mkdir(parents=True, exist_ok=True)
    whole = {**load(folder), **parts}
    text = json.dumps({"machine": about, "parts": whole}, indent=1, ensure_ascii=False)
    (folder / RESULTS).write_text(text + "\n", encoding="utf-8")
    (folder / PLOT).write_text(plot(whole), encoding="utf-8")


def load(folder: Path) -> dict[str, Any]:
    """The parts of the last run."""
    path = folder / RESULTS
    parts: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))["parts"] if path.is_file() else {}
    return parts


def figures_of(parts: Mapping[str, Any]) -> list[Figure]:
    """As they were saved."""
    return [
        Figure(**{**line, "target": Target(**line["target"]) if line["target"] else None})
        for part in parts.values()
        for line in part["figures"]
    ]


def show(console: Console, figures: Sequence[Figure]) -> None:
    """Prints the table, and what was missed."""
    console.print(table(figures))
    for line in missed(figures):
        console.print(f"[red]missed[/] {line}", highlight=False)
