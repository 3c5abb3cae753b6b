"""Follows a sync to its end, with a bar."""

import time
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from shared.ops.cli.client import NO_ANSWER, CallError, Client

PAUSE = 1.0
"""Seconds between two looks."""


def follow(client: Client, started: dict[str, Any], within: float, console: Console) -> Any:
    """The last progress: done, or stuck. Raises CallError where it takes longer than `within` seconds."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    end = time.monotonic() + within
    with Progress(*columns, console=console, transient=True) as bar:
        reads = bar.add_task("months read", total=None)
        people = bar.add_task("calendars", total=None)
        stuck = 0
        while True:
            seen = client.call("progress", **started)
            bar.update(reads, completed=seen["read"] + len(seen["refused"]), total=seen["months"])
            bar.update(people, completed=seen["people"] - seen["pending"], total=max(seen["people"], seen["pending"]))
            stuck = stuck + 1 if seen["stuck"] else 0
            if seen["done"] or stuck > 2:
                return seen
            if time.monotonic() > end:
                why = f"not done after {within:.0f} s: {seen['read']} of {seen['months']} months read, "
                raise CallError(
                    NO_ANSWER, why + f"{seen['pending']} calendars pending. It goes on by itself; see `status`"
                )
            time.sleep(PAUSE)
