"""The commands. Each asks for one verb, prints what the app answers, and ends with a code that a script can use."""

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from shared.ops.cli import show
from shared.ops.cli.asking import AsJson, answer, ask, write
from shared.ops.cli.client import FOUND_WRONG, CallError, Client
from shared.ops.cli.follow import follow, follow_adoption, follow_removal
from shared.ops.cli.mappings import mappings
from shared.ops.cli.plain import as_csv, as_html

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Asks the running app, here or in Azure, what is the matter, and tells it what to do. "
    "Exit codes: 0 all is well, 1 something is not, 2 wrong input, 3 nobody answers, 4 not allowed, 5 the app failed.",
)
hold = typer.Typer(no_args_is_help=True, help="Removals that wait for you.")
failures = typer.Typer(no_args_is_help=True, help="Calendars that could not be brought in step.")
poison = typer.Typer(no_args_is_help=True, help="Messages that failed for good.")
app.add_typer(hold, name="hold")
app.add_typer(failures, name="failures")
app.add_typer(poison, name="poison")
app.add_typer(mappings, name="mappings")

ViewId = Annotated[int | None, typer.Option("--view", help="A view's id; all views where none is named.")]
Months = Annotated[list[str] | None, typer.Option("--month", help="As 2026-12; may be given more than once.")]
PersonId = Annotated[str | None, typer.Option("--person", help="A person's emp_id.")]
ScheduleId = Annotated[str | None, typer.Option("--schedule", help="A schedule's template_id.")]


@app.callback()
def connect(
    context: typer.Context,
    address: Annotated[str, typer.Option("--app", envvar="OPS_APP", help="The app's address.")],
    key: Annotated[str, typer.Option(envvar="OPS_KEY", help="A function key of the app.", show_envvar=True)] = "",
    entra: Annotated[str, typer.Option(envvar="OPS_ENTRA", help="The app's id URI: signs in with Entra.")] = "",
) -> None:
    """Whom all commands ask."""
    context.obj = Client(address, key, entra)


@app.command()
def doctor(
    context: typer.Context,
    people: Annotated[int, typer.Option(help="Of how many the mailbox is tried.", min=0, max=20)] = 5,
    as_json: AsJson = False,
) -> None:
    """Try everything that the app stands on; changes nothing. 1: something is wrong."""
    found = ask(context, "Trying settings, storage, Lightning Bolt and mailboxes", "doctor", people=people)
    answer(found, show.doctor, as_json=as_json)
    if found["fail"]:
        raise typer.Exit(FOUND_WRONG)


@app.command()
def preview(
    context: typer.Context,
    view: ViewId = None,
    month: Months = None,
    person: PersonId = None,
    as_json: AsJson = False,
) -> None:
    """What a publish would do now; writes nothing. With --person, event by event. 1: a month could not be read."""
    found = ask(context, "Reading Lightning Bolt", "preview", view=view, months=month, person=person)
    answer(found, show.preview, as_json=as_json)
    if found["unread"]:
        raise typer.Exit(FOUND_WRONG)


@app.command()
def status(
    context: typer.Context,
    schedule: ScheduleId = None,
    person: Annotated[str | None, typer.Option("--person", help="A person's emp_id, or part of a name.")] = None,
    search: Annotated[str | None, typer.Option(help="Part of a name or address.")] = None,
    as_json: AsJson = False,
) -> None:
    """How things stand: all schedules, or a person shift by shift. 1: not healthy."""
    if person and not person.isdigit():  # a name, as people say it
        person, search = None, person
    found = ask(context, "Reading the tables", "status", schedule=schedule, person=person, search=search)
    answer(found, show.status, as_json=as_json)
    if not (person or search or found["overview"]["healthy"]):
        raise typer.Exit(FOUND_WRONG)


@app.command()
def report(
    context: typer.Context,
    view: ViewId = None,
    month: Months = None,
    csv: Annotated[Path | None, typer.Option(help="Write it there as CSV (- : to standard output).")] = None,
    html: Annotated[Path | None, typer.Option(help="Write it there as a page (- : to standard output).")] = None,
    as_json: AsJson = False,
) -> None:
    """Who and what is not sent, and why, in this and the next month: IDs, mailboxes, assignments, rows."""
    found = ask(context, "Reading Lightning Bolt", "report", view=view, months=month)
    columns = ("category", "id", "name", "where", "detail")
    if csv:
        write(csv, as_csv(columns, found["lines"]))
    if html:
        write(html, as_html("Mapping report", columns, found["lines"]))
    if as_json or not (csv or html):
        answer(found, show.report, as_json=as_json)


@app.command()
def sync(
    context: typer.Context,
    view: ViewId = None,
    schedule: ScheduleId = None,
    person: PersonId = None,
    month: Months = None,
    wait: Annotated[bool, typer.Option("--wait", help="Follow it to the end.")] = False,
    timeout: Annotated[float, typer.Option(help="Seconds that --wait waits.")] = 600,
    as_json: AsJson = False,
) -> None:
    """Have it read and written now. With --wait, 1: something failed or could not be read."""
    asked = {"view": view, "schedule": schedule, "person": person, "months": month}
    started = ask(context, "Asking", "sync", **asked)
    if not wait:
        answer(started, _started, as_json=as_json)
        return
    errors = Console(stderr=True)
    try:
        ended = follow(context.obj, started, timeout, errors)
    except CallError as error:
        show.say(errors, f"error: {error}", "bold red")
        raise typer.Exit(error.code) from None
    answer(ended, show.progress, as_json=as_json)
    if ended["failed"] or ended["refused"] or ended["stuck"]:
        raise typer.Exit(FOUND_WRONG)


def _started(console: Console, found: Any) -> None:
    for each in found["views"]:
        show.say(console, f"View {each['view']}: {', '.join(each['months'])} will be read now.")


@hold.command("list")
def hold_list(context: typer.Context, as_json: AsJson = False) -> None:
    """What is held, why, and whose."""
    answer(ask(context, "Reading the tables", "hold_list"), show.holds, as_json=as_json)


@hold.command("release")
def hold_release(
    context: typer.Context,
    hold_id: Annotated[str, typer.Argument(metavar="HOLD", help="From `hold list`.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: AsJson = False,
) -> None:
    """Let the removals go: the shifts leave the calendars."""
    if not yes:
        typer.confirm("Remove these shifts from people's calendars?", abort=True, err=True)
    found = ask(context, "Asking", "hold_release", hold=hold_id)
    answer(
        found,
        lambda console, it: show.say(console, f"{it['count']} shifts of {it['month']} will leave the calendars now."),
        as_json=as_json,
    )


@failures.command("list")
def failures_list(context: typer.Context, person: PersonId = None, as_json: AsJson = False) -> None:
    """What failed, why, and what to do."""
    answer(ask(context, "Reading the tables", "failures_list", person=person), show.failures, as_json=as_json)


@failures.command("retry")
def failures_retry(context: typer.Context, person: PersonId = None, as_json: AsJson = False) -> None:
    """Try them at once: everybody's, or one person's."""
    found = ask(context, "Asking", "failures_retry", person=person)
    answer(
        found,
        lambda console, it: show.say(console, f"{it['months']} months of {it['people']} people are tried again now."),
        as_json=as_json,
    )


@poison.command("list")
def poison_list(context: typer.Context, as_json: AsJson = False) -> None:
    """What lies on the poison queues."""
    answer(ask(context, "Looking", "poison_list"), show.poison, as_json=as_json)


QueueName = Annotated[str, typer.Argument(metavar="QUEUE", help="From `poison list`.")]
MessageId = Annotated[str, typer.Argument(metavar="MESSAGE", help="From `poison list`.")]


@poison.command("requeue")
def poison_requeue(context: typer.Context, queue: QueueName, message: MessageId, as_json: AsJson = False) -> None:
    """Send a message once more, after the cause was mended."""
    found = ask(context, "Asking", "poison_requeue", queue=queue, message=message)
    answer(found, lambda console, it: show.say(console, f"Sent once more: {it['about']}"), as_json=as_json)


@poison.command("drop")
def poison_drop(
    context: typer.Context,
    queue: QueueName,
    message: MessageId,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: AsJson = False,
) -> None:
    """Delete a message. Nothing is lost by it: a sweep finds what it was about."""
    if not yes:
        typer.confirm("Delete the message?", abort=True, err=True)
    found = ask(context, "Asking", "poison_drop", queue=queue, message=message)
    answer(found, lambda console, it: show.say(console, f"Deleted: {it['message']}"), as_json=as_json)


@app.command()
def audit(context: typer.Context, person: PersonId = None, as_json: AsJson = False) -> None:
    """Have calendars looked at now for what was changed by hand: everybody's, or one person's."""
    found = ask(context, "Asking", "audit", person=person)
    answer(
        found, lambda console, it: show.say(console, f"{it['people']} calendars are looked at now."), as_json=as_json
    )


@app.command()
def remove(
    context: typer.Context,
    person: PersonId = None,
    schedule: ScheduleId = None,
    everything: Annotated[bool, typer.Option("--everything", help="Of the whole installation.")] = False,
    begun: Annotated[bool, typer.Option("--begun", help="Also events that have started.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    timeout: Annotated[float, typer.Option(help="Seconds that it is followed for.")] = 600,
    as_json: AsJson = False,
) -> None:
    """Take our events out of calendars, and the rows about them out of the tables: for leaving the product."""
    scope = {"person": person, "schedule": schedule, "everything": everything}
    found = ask(context, "Counting", "remove_preview", **scope)
    if not yes:
        show.removal(Console(stderr=True), found)
        typer.confirm("Remove them?", abort=True, err=True)
    ask(context, "Asking", "remove", events="all" if begun else "future", **scope)
    left = follow_removal(context.obj, scope, found["people"], timeout, Console(stderr=True))
    answer(
        {**found, "left": left},
        lambda console, it: show.say(console, f"{it['people'] - it['left']} people done, {it['left']} left."),
        as_json=as_json,
    )
    if left:
        raise typer.Exit(FOUND_WRONG)


@app.command()
def adopt(
    context: typer.Context,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    timeout: Annotated[float, typer.Option(help="Seconds that it is followed for.")] = 600,
    as_json: AsJson = False,
) -> None:
    """Take over the events of an earlier INSTALLATION_ID: each gets the present one's mark. 1: not everybody's yet."""
    found = ask(context, "Counting", "adopt_preview")
    if not yes:
        show.adoption(Console(stderr=True), found)
        typer.confirm("Adopt them?", abort=True, err=True)
    started = ask(context, "Asking", "adopt", earlier=found["earlier"])
    left = follow_adoption(context.obj, started, timeout, Console(stderr=True))
    answer({**found, **left}, show.adopted, as_json=as_json)
    if left["left"] or left["failed"]:
        raise typer.Exit(FOUND_WRONG)
