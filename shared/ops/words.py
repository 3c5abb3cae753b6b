"""In plain words: what is wrong, and what to do about it. Pure."""

from dataclasses import dataclass
from typing import Literal

from shared.outlook.event import Event
from shared.schedule.model import Problem
from shared.sync.records import Hold, PersonMonthRow

Level = Literal["bad", "warn", "note"]


@dataclass(frozen=True, slots=True)
class Trouble:
    """A line of the list of problems."""

    level: Level
    about: str
    """What it is about: a view and month, a schedule, a person."""
    what: str
    remedy: str
    person: str = ""
    """`emp_id`, where it is about one person."""


OUTCOMES: dict[str, tuple[str, str]] = {
    "": ("Nothing has been tried yet.", "Nothing: it is on its way. If it stays so, look at `poison list`."),
    "applied": ("The calendar has what the schedule says.", ""),
    "again": ("Graph was busy, or could not be reached.", "Nothing at first; it is tried again by itself."),
    "unknown": ("An answer of Graph's was lost.", "Nothing at first; it is looked at and tried again."),
    "drifted": ("An event was gone that should be changed.", "Nothing: it is created anew."),
    "second look": ("The events are there; they are looked at once more.", "Nothing."),
    "mailbox refuses": (
        "The mailbox takes nothing.",
        "Check the ID in Lightning Bolt, the mailbox, and the group that limits what the app may write to; then "
        "`failures retry`.",
    ),
    "event refused": (
        "Outlook does not accept one of the events; the others are there.",
        "Correct the shift in Lightning Bolt and publish; then `failures retry`.",
    ),
    "installation refused": (
        "Graph refuses the app itself.",
        "Check the app's identity and its permission for calendars. All people are affected.",
    ),
    "expired": ("The month was over before the calendar had it.", "Nothing, if nobody misses it."),
}
"""By the outcome of a row (docs/outcomes.md): what it means, and what an operator does."""

CAUSES: dict[str, tuple[str, str]] = {
    "shrink": (
        "a read lacks more shifts than one publish should take away",
        "If they were meant to go, `hold release`; else publish them again: the hold ends by itself.",
    ),
    "ids": (
        "several people lost their Microsoft ID at once",
        "If they are to be opted out, `hold release`; else enter the IDs again.",
    ),
    "horizon": (
        "the schedule's last published day moved back",
        "If the schedule was unpublished on purpose, `hold release`; else publish it again.",
    ),
    "filter": (
        "the view's filter was changed, and hides them",
        "If the view is right as it is, `hold release`; else put its filter back.",
    ),
    "unlisted": (
        "the view lists the schedule no more",
        "If the schedule is to go, `hold release`; else put it back into a view.",
    ),
}
"""By the cause of a hold."""

FIELDS: dict[str, str] = {
    "slot_date": "Correct the row's date in Lightning Bolt.",
    "start_time": "Correct the shift's times in Lightning Bolt.",
    "stop_time": "Correct the shift's times in Lightning Bolt.",
    "start_time_utc": "Correct the shift's times, or the view's time_zone in LIGHTNING_BOLT_VIEWS.",
    "stop_time_utc": "Correct the shift's times, or the view's time_zone in LIGHTNING_BOLT_VIEWS.",
    "emp_id": "Correct the personnel record, or let the view show it.",
    "assign_structure_id": "Correct the assignment, or let the view show it.",
    "template_id": "Correct the schedule, or let the view show it.",
    "note": "Correct the shift's note.",
    "permissions.is_admin": "Ask for a service account without administrator's rights.",
    "permissions.is_super_admin": "Ask for a service account without administrator's rights.",
    "permissions.my_admin_depts": "Take the right to administer departments from the service account.",
    "requeued": "Look at the host's log, mend the cause, then `poison requeue` or `poison drop`.",
    "mailbox": OUTCOMES["mailbox refuses"][1],
    "event": OUTCOMES["event refused"][1],
}
"""By the field that a problem names."""


def of_problem(problem: Problem, about: str, *, flags: tuple[str, ...], ids: tuple[str, ...]) -> Trouble:
    """A reported problem. `flags`, `ids`: Lightning Bolt's keys for assignments' fields and for people's IDs."""
    if problem.field in ids:
        remedy = "Correct the person's Microsoft ID in Lightning Bolt (or LIGHTNING_BOLT_PERSON_ID_FIELD)."
    elif problem.field in flags:
        remedy = "Set the assignment's field to true or false in Lightning Bolt."
    else:
        remedy = FIELDS.get(problem.field, "Correct it in Lightning Bolt.")
    person = problem.row.removeprefix("person ") if problem.row.startswith("person ") else ""
    return Trouble("warn", about, f"{problem.row}, {problem.field}: {problem.reason}", remedy, person)


def of_hold(hold_id: str, hold: Hold, about: str) -> Trouble:
    """Removals that wait."""
    why, remedy = CAUSES[hold.cause]
    what = f"Removals are held ({hold.count} shifts): {why}. They stay in the calendars. Hold {hold_id}."
    return Trouble("bad", about, what, remedy)


def of_rows(row: PersonMonthRow, where: str) -> Trouble:
    """Person-months of one person that failed in the same way. One person's mailbox or shift is not the app's fault."""
    what, remedy = OUTCOMES[row.status.outcome]
    level: Level = "warn" if row.status.outcome in ("mailbox refuses", "event refused") else "bad"
    return Trouble(
        level, f"{row.name or 'person'} ({row.person})", f"{with_reason(what, row)} {where}.", remedy, row.person
    )


def when(event: Event) -> str:
    """When an event is, in its own wall clock: the second day is told where there is one."""
    first, last = event.start[:10], event.end[:10]
    if event.all_day:
        return f"{first}, all day"
    return f"{first} {event.start[11:16]} – {'' if first == last else last[5:] + ' '}{event.end[11:16]}"


def with_reason(what: str, row: PersonMonthRow) -> str:
    """The sentence, with Graph's own status and code where there is one."""
    return f"{what.removesuffix('.')}: {row.status.problem}." if row.status.problem else what
