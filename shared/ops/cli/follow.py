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
    end = time.monotonic() + within
    with _bar(console) as bar:
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


def follow_removal(client: Client, scope: dict[str, Any], people: int, within: float, console: Console) -> int:
    """How many people still have rows: none, or those that are left when the time is over."""
    end = time.monotonic() + within
    with _bar(console) as bar:
        task = bar.add_task("calendars", total=people)
        while True:
            left: int = client.call("remove_left", **scope)["people"]
            bar.update(task, completed=max(people - left, 0))
            if not left or time.monotonic() > end:
                return left
            time.sleep(PAUSE)


def follow_adoption(client: Client, started: dict[str, Any], within: float, console: Console) -> dict[str, int]:
    """Of how many people events are adopted, are left when the time is over, or could not be written."""
    end = time.monotonic() + within
    with _bar(console) as bar:
        task = bar.add_task("calendars", total=started["people"])
        while True:
            seen: dict[str, int] = client.call("adopt_left", since=started["since"])
            bar.update(task, completed=max(started["people"] - seen["left"], 0))
            if not seen["left"] or time.monotonic() > end:
                return seen
            time.sleep(PAUSE)


def _bar(console: Console) -> Progress:
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
        transient=True,
    )
