"""What the commands print, from the app's JSON."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from shared.ops.cli.plain import cell, moment, plain, seconds, short

type Json = Any

SIGNS = {"ok": ("✓", "green"), "warn": ("!", "yellow"), "fail": ("✗", "bold red")}
LEVELS = {"bad": ("✗", "bold red"), "warn": ("!", "yellow"), "note": ("·", "")}
STATES = {"in step": "green", "failed": "bold red", "due": "yellow", "left alone": "yellow"}


def say(console: Console, text: str, style: str = "") -> None:
    """A line of our own words with others' in it."""
    console.print(Text(text, style=style), soft_wrap=True)


def lines(console: Console, found: Json) -> None:
    """As the app says it."""
    for line in found["lines"]:
        say(console, plain(line))


def removal(console: Console, found: Json) -> None:
    """What a removal would take away."""
    say(
        console,
        f"{found['people']} people, {found['person_months']} months: {found['future']} events to come, "
        f"{found['begun']} that have started.",
    )


def adoption(console: Console, found: Json) -> None:
    """What would be adopted, and what stands in a few calendars."""
    say(console, f"From {found['earlier']} to {found['installation']}:", "bold")
    say(console, f"{found['people']} people, {found['person_months']} months, {found['events']} events are known.")
    for each in found["sample"]:
        why = f" (not all read: {plain(each['problem'])})" if each["problem"] else ""
        marks = f"{each['earlier']} events with the earlier id, {each['present']} with the present one"
        say(console, f"  person {plain(each['person'])}: {marks}{why}")
    say(console, "If another installation still writes under the earlier id, stop it first.", "yellow")


def adopted(console: Console, it: Json) -> None:
    """How far that has come."""
    say(console, f"{it['people'] - it['left'] - it['failed']} people done, {it['left']} left, {it['failed']} failed.")
    if it["left"]:
        say(console, "It goes on by itself; see `status`.")
    if it["failed"]:
        say(console, "See `failures list`.", "bold red")


def doctor(console: Console, found: Json) -> None:
    """A line each, and below it what to do."""
    table = Table(box=None, show_header=False, padding=(0, 1))
    for check in found["checks"]:
        sign, style = SIGNS[check["result"]]
        what = Text(plain(check["what"]))
        if check["todo"]:
            what.append(f"\n→ {plain(check['todo'])}", style="italic")
        table.add_row(Text(sign, style=style), cell(check["about"], "bold"), what)
    console.print(table)
    say(console, f"{found['ok']} in order, {found['warn']} to look at, {found['fail']} wrong")


def preview(console: Console, found: Json) -> None:
    """Who would get what, and totals."""
    if found["people"]:
        _people(console, found)
    else:
        say(console, "A publish now would change nothing.", "bold")
    for why in found["unread"]:
        say(console, f"not read: {plain(why)}", "bold red")
    if found["follows"]:
        say(console, "A mapping has changed: a publish reads the other months, too, which are not in these numbers.")
    say(console, f"{len(found['months'])} months of views were read. Nothing was written.")


def _people(console: Console, found: Json) -> None:
    names = ("create", "update", "delete", "move", "hold")
    table = Table("person", "name", *names, "", title="A publish now would")
    for plan in found["people"]:
        counts = [cell(plan[name] or "", "bold" if plan[name] else "") for name in names]
        table.add_row(cell(plan["person"]), cell(plan["name"], longest=40), *counts, cell(plan["words"]))
    table.add_section()
    table.add_row("", f"{len(found['people'])} people", *(str(found["totals"][name]) for name in names), "")
    _right(table, names)
    console.print(table)
    steps = [(plan, step) for plan in found["people"] for step in plan["steps"]]
    if steps:
        _steps(console, steps)


def _steps(console: Console, steps: Iterable[tuple[Json, Json]]) -> None:
    table = Table("", "when", "shift", "schedule", "mailbox")
    for _, step in steps:
        table.add_row(
            cell(step["action"], "bold"),
            *(cell(step[name], longest=40) for name in ("when", "subject", "schedule", "mailbox")),
        )
    console.print(table)


def status(console: Console, found: Json) -> None:
    """At a glance; or one person; or whom a search found."""
    if found["person"]:
        person(console, found["person"])
    elif found["search"]:
        table = Table("person", "name", "mailbox", title=Text(f"Found for “{plain(found['search'])}”"))
        for each in found["found"]:
            table.add_row(*(cell(each[name], longest=60) for name in ("person", "name", "mailbox")))
        console.print(table)
    else:
        overview(console, found["overview"])


def overview(console: Console, glance: Json) -> None:
    """All schedules."""
    healthy = glance["healthy"]
    say(console, "Healthy" if healthy else "Not healthy", "bold green" if healthy else "bold red")
    if more := sum(trouble["level"] == "warn" for trouble in glance["troubles"]):
        say(console, f"To correct: {more}", "yellow")
    if glance["paused"]:
        say(console, "PAUSED: nothing is written", "yellow")
    if glance["pilot"] is not None:
        say(console, f"PILOT_PEOPLE: {glance['pilot']} people are written to", "yellow")
    numbers = ("p50", "p95", "in step", "due", "failed", "left", "opted", "held")
    table = Table("schedule", "month", "last publish", "last read", *numbers)
    for schedule in glance["schedules"]:
        for number, line in enumerate(schedule["months"]):
            name = f"{schedule['name']} ({schedule['schedule']})" if number == 0 else ""
            counts = [line[key] for key in ("in_step", "due", "failed", "left_alone", "opted_out", "held")]
            table.add_row(
                cell(name, longest=36),
                cell(line["month"]),
                cell(short(line["last_publish"])),
                cell(short(line["last_read"])),
                cell(seconds(line["p50"])),
                cell(seconds(line["p95"])),
                *(cell(count or "·") for count in counts),
            )
        table.add_section()
    _right(table, numbers)
    console.print(table)
    say(console, f"Publish to calendar: p50 {seconds(glance['p50'])}, p95 {seconds(glance['p95'])}")
    troubles(console, glance["troubles"])
    if glance["more_troubles"]:
        say(console, f"… and {glance['more_troubles']} more")
    for each in glance["operations"][:10]:
        about = " ".join(f"{name} {value}" for name, value in each["about"].items())
        say(console, f"{moment(each['at'])} {plain(each['who'])}: {each['verb']} {plain(about)}")


def troubles(console: Console, some: Json) -> None:
    """What is wrong, and what to do."""
    table = Table(box=None, show_header=False, padding=(0, 1))
    for trouble in some:
        sign, style = LEVELS[trouble["level"]]
        what = Text(plain(trouble["what"]))
        if trouble["remedy"]:
            what.append(f"\n→ {plain(trouble['remedy'])}", style="italic")
        table.add_row(Text(sign, style=style), cell(trouble["about"], "bold"), what)
    console.print(table)


def person(console: Console, it: Json) -> None:
    """Shift by shift."""
    say(console, f"{plain(it['name']) or 'Person'} ({it['person']}) {plain(it['mailbox'])}", "bold")
    for words in it["words"]:
        say(console, plain(words))
    troubles(console, it["troubles"])
    for month in it["months"]:
        say(console, "")
        title = Text(f"{plain(month['name'])}, {month['month']}: ").append(
            month["state"], style=STATES.get(month["state"], "")
        )
        console.print(title)
        say(console, f"  {plain(month['words'])} {plain(month['remedy'])}".rstrip())
        say(console, f"  {_history(month)}")
        if month["shifts"]:
            table = Table("shift", "when", "now", "note, place", "slot")
            for shift in month["shifts"]:
                subject = (shift["subject"] or "(no shift)") + (" (free)" if shift["free"] else "")
                table.add_row(
                    cell(subject, longest=30),
                    cell(shift["when"]),
                    cell(shift["words"], "green" if shift["well"] else "yellow"),
                    cell(f"{shift['location']} {shift['note']}", longest=60),
                    cell(shift["slot"]),
                )
            console.print(table)


def _history(month: Json) -> str:
    said = []
    if month["published_at"]:
        said.append(f"published {moment(month['published_at'])}")
    if month["applied_at"]:
        counts = ", ".join(f"{count} {name}" for name, count in month["written"].items())
        said.append(f"in the calendar since {moment(month['applied_at'])} ({counts})")
    if month["next_attempt_at"]:
        said.append(f"{month['attempts']} attempts, the next at {moment(month['next_attempt_at'])}")
    return "; ".join(said) or "not written yet"


def report(console: Console, found: Json) -> None:
    """By category, with what each means."""
    counts = Counter(line["category"] for line in found["lines"])
    for category, meaning in found["meanings"].items():
        if not counts[category]:
            continue
        table = Table(
            "id", "name", "where", "detail", title=Text(f"{category}: {counts[category]}"), title_justify="left"
        )
        for line in found["lines"]:
            if line["category"] == category:
                table.add_row(*(cell(line[name], longest=60) for name in ("id", "name", "where", "detail")))
        console.print(table)
        say(console, f"→ {meaning}", "italic")
    say(console, f"{len(found['lines'])} lines; {len(found['months'])} months of views were read")


def progress(console: Console, it: Json) -> None:
    """How a sync ended."""
    names = ("created", "updated", "deleted", "moved", "held")
    table = Table(*names, "in step", "later", "failed", "left alone", title="Done")
    ends = ("in_step", "later", "failed", "left_alone")
    table.add_row(*(cell(it[name]) for name in (*names, *ends)))
    _right(table, (*names, "in step", "later", "failed", "left alone"))
    console.print(table)
    say(console, f"{it['read']} of {it['months']} months of views were read")
    for why in it["refused"]:
        say(console, f"not read: {plain(why)}", "bold red")
    if it["stuck"]:
        say(
            console, "Lightning Bolt could not be read, so the rest waits for the next sweep; try `doctor`.", "bold red"
        )
    if it["failed"]:
        say(console, "See `failures list`.", "bold red")


def holds(console: Console, found: Json) -> None:
    """Each with its people."""
    if not found:
        say(console, "Nothing is held.")
    for hold in found:
        say(console, f"Hold {hold['hold']}", "bold")
        where = f"{plain(hold['name'])} (schedule {hold['schedule']}, view {hold['view']}), {hold['month']}"
        say(console, f"  {where}: {hold['count']} shifts since {moment(hold['since'])}")
        say(console, f"  {hold['cause']}: {hold['words']}")
        for each in hold["people"]:
            say(console, f"    {plain(each['name'], 40)} ({each['person']}): {', '.join(each['days'])}")
        say(console, f"  → {hold['remedy']}", "italic")


def failures(console: Console, found: Json) -> None:
    """Each with its reason."""
    if not found:
        say(console, "Nothing has failed.")
        return
    alike: dict[tuple[str, str, str], list[Json]] = {}
    for line in found:
        alike.setdefault((line["person"], line["outcome"], line["problem"]), []).append(line)
    table = Table("person", "name", "outcome", "problem", "schedules", "months", "next attempt")
    for lines in alike.values():
        first = lines[0]
        table.add_row(
            cell(first["person"]),
            *(cell(first[name], longest=40) for name in ("name", "outcome", "problem")),
            cell(", ".join(dict.fromkeys(line["schedule_name"] for line in lines))),
            cell(", ".join(sorted({line["month"] for line in lines}))),
            cell(short(min((line["next_attempt_at"] for line in lines if line["next_attempt_at"]), default=None))),
        )
    console.print(table)
    for remedy in dict.fromkeys(f"{line['outcome']}: {line['remedy']}" for line in found):
        say(console, f"→ {remedy}", "italic")


def poison(console: Console, found: Json) -> None:
    """Messages that failed for good."""
    if not found:
        say(console, "Nothing has failed for good.")
        return
    table = Table("queue", "message", "about", "problem")
    for line in found:
        table.add_row(*(cell(line[name], longest=60) for name in ("queue", "message", "about", "problem")))
    console.print(table)


def _right(table: Table, names: Iterable[str]) -> None:
    for column in table.columns:
        if str(column.header) in names:
            column.justify = "right"
