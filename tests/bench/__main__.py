"""`python -m tests.bench`: all measurements, or some of them.

Prints a table and writes bench-results.json and bench-results.svg. Ends with 1 if a ratio or a count misses its target.
"""

import argparse
import asyncio
import importlib
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from tests.bench import report
from tests.bench.bench import Bench
from tests.bench.figures import Figure
from tests.bench.ground import FOLDER, ground
from tests.bench.sizes import FULL, QUICK, TINY, Sizes

PARTS = {
    "first_publish": "against the bare loop, one request per event, the O365 library",
    "own_cost": "CPU, storage and Graph requests with Graph at 0 ms; the profile",
    "one_change": "one changed shift: counts, and time from callback to event",
    "nothing_changed": "a republish and a sweep of nothing new",
    "growth": "more people: time, memory, messages, storage requests",
    "throttled": "a tenth of all items refused",
    "cold_start": "import, first answer, first write; peaks of memory",
    "bill": "executions, GB-seconds, transactions; what a month costs",
}


def main(arguments: list[str]) -> int:
    """Measures and reports; the exit code."""
    options = _parser().parse_args(arguments)
    names = options.only or list(PARTS)
    if options.markdown:
        known = report.load(options.out)
        print(report.markdown(report.figures_of({name: known[name] for name in names if name in known})))
        return 0
    sizes = TINY if options.tiny else QUICK if options.quick else FULL
    console = Console()
    began = time.monotonic()
    about = report.machine(sizes)
    asyncio.run(_measure(names, sizes, console, lambda part: report.save(options.out, about, part)))
    figures = report.figures_of({name: report.load(options.out)[name] for name in PARTS if name in names})
    report.show(console, figures)
    console.print(
        f"{about['cores']} cores, {about['mailboxes_in_flight']} mailboxes in flight at most, "
        f"{time.monotonic() - began:.0f} s; written to {options.out}",
        highlight=False,
    )
    return 1 if report.missed(figures) and not options.tiny else 0


def _parser() -> argparse.ArgumentParser:
    lines = "\n".join(f"  {name:16} {meaning}" for name, meaning in PARTS.items())
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench",
        description=f"{__doc__}\nThe measurements:\n{lines}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--only", action="append", metavar="NAME", choices=[*PARTS], help="this one (may be repeated)")
    parser.add_argument("--quick", action="store_true", help="smaller numbers: five minutes instead of thirty")
    parser.add_argument("--tiny", action="store_true", help="a few people, once: whether it runs, not how fast")
    parser.add_argument("--markdown", action="store_true", help="only print the last run's table, for a page")
    parser.add_argument("--out", type=Path, default=FOLDER, help="where results go (default: .local/bench)")
    return parser


async def _measure(names: list[str], sizes: Sizes, console: Console, keep: Callable[[dict[str, Any]], None]) -> None:
    """Each part is kept when it has been measured: a run that is cut off has measured something."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("starting", total=len(names))
        async with ground() as stage:
            bench = Bench(stage, sizes, lambda step: progress.update(task, description=step))
            for name in names:
                measure = importlib.import_module(f"tests.bench.parts.{name}").measure
                figures: list[Figure] = await measure(bench)
                raw = bench.raw.pop(name, {})
                keep({name: {"figures": [asdict(figure) for figure in figures], "raw": raw}})
                progress.advance(task)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
