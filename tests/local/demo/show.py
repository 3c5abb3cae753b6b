"""What the demonstration prints."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from tests.local.demo import demo
from tests.local.demo.changes import Changes
from tests.local.demo.outcome import Outcome
from tests.local.hospital import Hospital
from tests.local.lightning_bolt.journal import Reads

MOST_DIFFERENCES = 40


def hospital(console: Console, it: Hospital) -> None:
    """Who and what is on the stage."""
    setup = it.setup
    months = ", ".join(f"{month:%b %Y}" for month in it.months.published)
    console.print(
        f"{len(it.staff)} people ({sum(member.opted_out for member in it.staff)} opted out), "
        f"{len(setup.departments)} departments, {len(setup.templates)} schedules, {len(setup.assignments)} kinds of "
        f"assignment, {len(setup.views)} views; published: {months}; a draft: "
        + (", ".join(f"{month:%b %Y}" for month in it.months.draft) or "none"),
        highlight=False,
    )


def imports(console: Console, lines: Sequence[str]) -> None:
    """What imports of mappings printed, if there were any."""
    if lines:
        console.print("Imported, because Lightning Bolt returns neither IDs nor the fields of assignments:")
    for line in lines:
        console.print(f"  {escape(line)}", highlight=False, soft_wrap=True)


@contextmanager
def bar(console: Console, title: str) -> Iterator["demo.Progress"]:
    """A progress bar, and what tells it."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console) as progress:
        task = progress.add_task(title, total=None)

        def tell(done: int, total: int) -> None:
            progress.update(task, completed=min(done, total), total=total)

        yield tell


def summary(console: Console, outcome: Outcome) -> None:
    """A step, in one or two lines, and whatever is wrong with it."""
    write = (
        "nothing written" if outcome.last_write is None else f"last write {outcome.last_write:.1f} s after the callback"
    )
    created, updated, deleted = (outcome.changed(method) for method in ("POST", "PATCH", "DELETE"))
    console.print(
        f"  {created} created, {updated} updated, {deleted} deleted, "
        f"{outcome.requests} Graph requests, {outcome.pointers} messages in calendar-changes; {write}",
        highlight=False,
    )
    if outcome.failed_runs:
        console.print(f"  {outcome.failed_runs} runs of functions failed; see the host's log", style="yellow")
    if outcome.right:
        text = (
            f"  checked {outcome.mailboxes} mailboxes: all {outcome.shifts} shifts are there, and nothing else changed"
        )
        console.print(text, style="green", highlight=False)
        return
    wrong(console, [*outcome.problems, *map(str, outcome.differences)])


def wrong(console: Console, lines: Sequence[str]) -> None:
    """What is wrong, a line each."""
    console.print(f"  [bold red]{len(lines)} differences[/]", highlight=False)
    for line in lines[:MOST_DIFFERENCES]:
        console.print(f"  [red]✗[/] {escape(line)}", highlight=False, soft_wrap=True)
    if len(lines) > MOST_DIFFERENCES:
        console.print(f"  … and {len(lines) - MOST_DIFFERENCES} more", highlight=False)


def single_changes(console: Console, changes: Changes, outcome: Outcome) -> None:
    """What each change must cost, and cost."""
    was = Counter((record.mailbox, record.method) for record in outcome.operations)
    table = Table("change", "mailbox", "Graph item", "must be", "was", title="Graph items of the single changes")
    for what, mailbox, method, count in changes.table:
        table.add_row(what, mailbox, method, str(count), str(was[mailbox, method]))
    rest = len(outcome.operations) - sum(was[mailbox, method] for _, mailbox, method, _ in changes.table)
    table.add_row("anything else", "", "", "0", str(rest))
    console.print(table)
    console.print(
        f"  the swapped shift left {changes.addresses[changes.swapped.emp_id]} and is in "
        f"{changes.addresses[changes.swapped_to]}; {changes.addresses[changes.opted_out]} opted out: "
        f"{changes.future} future events gone, {changes.past} past ones stay",
        highlight=False,
    )


def reads(console: Console, some: Iterable[Reads]) -> None:
    """Lightning Bolt reads of a step."""
    table = Table("view", "month", "reads", title="Lightning Bolt reads per view and month")
    for read in some:
        table.add_row(str(read.view_id), read.month, str(read.asked))
    console.print(table)


def totals(console: Console, outcomes: Sequence[Outcome]) -> None:
    """The final table."""
    table = Table("", *(outcome.title for outcome in outcomes), title="The main job, counted")
    rows: dict[str, list[int] | list[str]] = {
        "shifts in calendars": [outcome.shifts for outcome in outcomes],
        "events created": [outcome.changed("POST") for outcome in outcomes],
        "events updated": [outcome.changed("PATCH") for outcome in outcomes],
        "events deleted": [outcome.changed("DELETE") for outcome in outcomes],
        "Graph requests (HTTP)": [outcome.requests for outcome in outcomes],
        "Graph operations (items)": [len(outcome.operations) for outcome in outcomes],
        "messages in calendar-changes": [outcome.pointers for outcome in outcomes],
        "Lightning Bolt reads": [sum(read.asked for read in outcome.reads) for outcome in outcomes],
        "seconds, callback to last write": [
            "–" if outcome.last_write is None else f"{outcome.last_write:.1f}" for outcome in outcomes
        ],
        "differences": [len(outcome.differences) + len(outcome.problems) for outcome in outcomes],
    }
    for name, values in rows.items():
        table.add_row(name, *(str(value) for value in values))
    for column in table.columns[1:]:
        column.justify = "right"
    console.print(table)


def pages(console: Console, addresses: Iterable[tuple[str, str]]) -> None:
    """Calendars to look at."""
    console.print("Calendars to look at:")
    for what, address in addresses:
        console.print(f"  {what}: {address}", highlight=False, soft_wrap=True)
