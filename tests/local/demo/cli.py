"""`python -m tests.local demo`: the main job, end to end, checked after each step."""

import argparse
import asyncio
import signal
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from rich.console import Console

from tests.local.demo import show
from tests.local.demo.artifacts import leave
from tests.local.demo.demo import MONTHS_AHEAD, MONTHS_BACK, Demo, rules_of
from tests.local.demo.expectation import Expectation
from tests.local.demo.outcome import Outcome
from tests.local.demo.stage import FOLDER, set_stage
from tests.local.hospital import make_hospital
from tests.local.hospital.calendar import demo_months
from tests.local.pieces import ROOT, PieceError

ZONE = "America/Chicago"


def main(arguments: list[str]) -> int:
    """0: every calendar was right after every step; 1: it was not, and the differences stand there; 130: stopped."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.local demo",
        description="Publishes a made-up hospital in Lightning Bolt and shows it arriving in Outlook.",
    )
    parser.add_argument("--keep", action="store_true", help="keep everything running afterwards, until Ctrl-C")
    parser.add_argument(
        "--tamper", action="store_true", help="change an event by hand before the last check, which names it"
    )
    parser.add_argument(
        "--mapping-source",
        choices=("lightning_bolt", "table"),
        default="lightning_bolt",
        help="table: Lightning Bolt returns neither IDs nor assignments' fields; they are imported",
    )
    parser.add_argument("--people", type=int, default=40)
    parser.add_argument("--shifts", type=int, default=12, help="per person and month")
    parser.add_argument("--seed", type=int, default=9)
    parser.add_argument("--deadline", type=float, default=180, help="seconds that a step may take")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="for the host's log and what was sent to Graph")
    options = parser.parse_args(arguments)
    try:
        return asyncio.run(_run(options))
    except PieceError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except (KeyboardInterrupt, asyncio.CancelledError):
        return 130


async def _run(options: argparse.Namespace) -> int:
    task = asyncio.current_task()
    assert task
    _on_signals(lambda: task.cancel())
    console = Console(width=None if sys.stdout.isatty() else 120)
    now = datetime.now(UTC)
    months = demo_months(now.astimezone(ZoneInfo(ZONE)).date(), ZONE, MONTHS_BACK, MONTHS_AHEAD)
    hospital = make_hospital(
        months, people=options.people, shifts_per_month=options.shifts, seed=options.seed, time_zone=ZONE
    )
    show.hospital(console, hospital)
    async with set_stage(hospital.view_ids, ZONE, options.seed, options.folder, options.mapping_source) as stage:
        demo = Demo(stage, hospital, Expectation(rules_of(hospital, now)), options.deadline)
        show.imports(console, await demo.prepare())
        outcomes = await _steps(console, demo, options.tamper)
        await leave(demo, options.folder)
        show.totals(console, outcomes)
        show.pages(console, _pages(demo))
        log = stage.log.path
        shown = log.relative_to(ROOT) if log.is_relative_to(ROOT) else log
        console.print(f"The host's log: {shown}", highlight=False, soft_wrap=True)
        right = all(outcome.right for outcome in outcomes) and len(outcomes) == 3
        console.print(
            "[bold green]All calendars are right.[/]" if right else "[bold red]Not all calendars are right.[/]"
        )
        if options.keep:
            await stage.restart_host_with_timers()
            stop = asyncio.Event()
            _on_signals(stop.set)
            console.print(
                f"Lightning Bolt {stage.lightning_bolt_address}, Graph {stage.graph_address}", highlight=False
            )
            print(f"demo ready on {stage.host.address}", flush=True)
            await stop.wait()
    return 0 if right else 1


def _on_signals(act: Callable[[], object]) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, act)


async def _steps(console: Console, demo: Demo, tamper: bool) -> list[Outcome]:
    """All three, or as many as go well."""
    outcomes: list[Outcome] = []
    steps = (
        ("1 First publish", demo.first_publish),
        ("2 A swap, a moved time, a removed shift, a new note, an opt-out", demo.change_and_publish),
        ("3 The same once more", demo.publish_nothing),
    )
    for title, step in steps:
        with show.bar(console, title) as progress:
            outcome = await step(progress)
        outcomes.append(outcome)
        if step == demo.publish_nothing:
            if tamper:
                console.print(
                    f"  an event of {await demo.tamper()} was changed by hand", style="yellow", highlight=False
                )
                outcome.differences = await demo.check()
            show.reads(console, outcome.reads)
        show.summary(console, outcome)
        if step == demo.change_and_publish and demo.changes is not None:
            show.single_changes(console, demo.changes, outcome)
        if not outcome.right:
            break
    return outcomes


def _pages(demo: Demo) -> list[tuple[str, str]]:
    """Three calendars: who gave a shift away, who got it, and who opted out."""
    changes = demo.changes
    if changes is None:
        addresses = [plan.address for plan in demo.hospital.mailboxes[:3]]
        return [("calendar", demo.stage.page(address)) for address in addresses]
    of, month = changes.addresses, f"{changes.swapped.day:%Y-%m}"
    return [
        ("gave a shift away", demo.stage.page(of[changes.swapped.emp_id], month)),
        ("got it", demo.stage.page(of[changes.swapped_to], month)),
        ("opted out", demo.stage.page(of[changes.opted_out])),
    ]
