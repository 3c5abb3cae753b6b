"""One answer of `POST /viewerapi` for one month, as values. Pure: no clock, no network, no guess.

What an answer can be worth as a whole:

    not an object, a required key missing, another view   ScheduleUnavailableError: nothing changes, read again
    read with an administrator's account                  ScheduleRefusedError: drafts would be shown
    most rows contradict their UTC columns                ScheduleRefusedError: the view's zone is set wrongly
    most rows are bad for whatever reason                 ScheduleRefusedError, with all their problems
    else                                                  a MonthRead; bad rows are reported, the others go through
"""

from dataclasses import dataclass, replace

from shared.errors import ScheduleRefusedError, ScheduleUnavailableError
from shared.month import Month
from shared.schedule.cells import Row
from shared.schedule.directory import TWICE, read_assignments, read_people, read_schedules
from shared.schedule.mapping import FALSE, FieldKeys
from shared.schedule.model import MonthRead, Problem, Slot, Unreadable
from shared.schedule.own_mappings import OWN_KEYS, Mappings, lay_over
from shared.schedule.rows import BadRow, RowReader
from shared.schedule.view_filter import filter_digest

COMPARABLE_AT_LEAST = 2
"""With fewer rows, a contradiction is a bad row, not a bad zone."""
JUDGED_AT_LEAST = 4
"""With fewer rows, bad ones are only reported: each protects what is stored, so nothing is lost by going on."""


@dataclass(frozen=True, slots=True)
class _Answer:
    slots: list[object]
    personnel: list[object]
    assignments: list[object]
    departments: list[object]
    context: Row
    permissions: object


def parse_month(
    answer: object, *, view: int, zone: str, month: Month, keys: FieldKeys, own: Mappings | None = None
) -> MonthRead:
    """One month of one view from a decoded answer of whatever form.

    `zone` is the IANA name of the view's wall clock (one that has a Windows name), `keys` are the mapping's JSON keys.
    `own`: both mappings are these, whatever the answer has under those keys.
    Raises ScheduleUnavailableError and ScheduleRefusedError as in the table above, and nothing else.
    """
    whole = _whole(answer, view)
    _refuse_administrator(whole.permissions, view)
    if own is not None:
        keys = OWN_KEYS
        whole = replace(
            whole,
            personnel=lay_over(whole.personnel, "emp_id", own.people),
            assignments=lay_over(whole.assignments, "assign_structure_id", own.assignments),
        )
    schedules = read_schedules(whole.departments)
    people = read_people(whole.personnel, keys)
    assignments = read_assignments(whole.assignments, keys)
    reader = RowReader(month, zone, schedules, people, assignments)
    slots, bad = _sorted_out([reader.read(row, number) for number, row in enumerate(whole.slots, start=1)])
    problems = (
        *_doubts(whole, view, keys, "is in the table of mappings" if own else "has this key"),
        *schedules.problems,
        *people.problems,
        *assignments.problems,
        *(row.problem for row in bad),
    )
    _refuse_wrong_zone(view, zone, len(slots), bad)
    if len(slots) + len(bad) >= JUDGED_AT_LEAST and len(bad) > len(slots):
        raise ScheduleRefusedError(
            f"view {view}, {month}: {len(bad)} of {len(bad) + len(slots)} rows cannot be read, so none is used; "
            f"the first: {bad[0].problem.row}, {bad[0].problem.field}: {bad[0].problem.reason}",
            problems,
        )
    return MonthRead(
        view=view,
        zone=zone,
        month=month,
        schedules=schedules.listed,
        people=people.listed,
        assignments=assignments.listed,
        slots=tuple(slots),
        unreadable=(*schedules.protect, *(row.unreadable for row in bad)),
        problems=problems,
        filter=filter_digest(whole.context),
        mapped_at=own.as_of if own else None,
    )


def _whole(answer: object, view: int) -> _Answer:
    """The parts of an answer that a read cannot do without."""
    if not isinstance(answer, dict):
        raise ScheduleUnavailableError(f"view {view}: the answer is no JSON object")
    schedule_data = answer.get("schedule_data")
    parts = {
        "schedule_data.data": schedule_data.get("data") if isinstance(schedule_data, dict) else None,
        **{key: answer.get(key) for key in ("personnel", "assignments", "departments")},
    }
    missing = [key for key, value in parts.items() if not isinstance(value, list)]
    context = answer.get("view_context")
    if not isinstance(context, dict):
        missing.append("view_context")
    if missing or not isinstance(context, dict):
        raise ScheduleUnavailableError(f"view {view}: the answer is not whole, it lacks {', '.join(missing)}")
    shown = context.get("view_id")
    if isinstance(shown, bool) or not isinstance(shown, int | str) or shown not in (view, str(view)):
        raise ScheduleUnavailableError(f"view {view}: the answer is of another view (view_context.view_id)")
    slots, personnel, assignments, departments = (value if isinstance(value, list) else [] for value in parts.values())
    return _Answer(slots, personnel, assignments, departments, context, answer.get("permissions"))


def _refuse_administrator(permissions: object, view: int) -> None:
    if not isinstance(permissions, dict):
        return
    for key in ("is_admin", "is_super_admin"):
        value = permissions.get(key)
        if value and not (isinstance(value, str) and value.strip().lower() in FALSE | {""}):
            raise ScheduleRefusedError(
                f"view {view}: Lightning Bolt's account has administrator rights (permissions.{key}), so drafts would "
                "reach calendars; give the service account a role without them, then wait for the next sweep",
                (Problem(f"view {view}", f"permissions.{key}", "the account has administrator rights"),),
            )


def _refuse_wrong_zone(view: int, zone: str, agreeing: int, bad: list[BadRow]) -> None:
    """Every slot has been compared with its UTC columns, and every row that contradicts them."""
    contradicting = [row for row in bad if row.contradicts]
    comparable = agreeing + len(contradicting)
    if comparable < COMPARABLE_AT_LEAST or len(contradicting) <= agreeing:
        return
    example = contradicting[0].problem
    raise ScheduleRefusedError(
        f"view {view}: its time zone {zone} contradicts Lightning Bolt's UTC columns in {len(contradicting)} of "
        f"{comparable} rows, so nothing is written; {example.row}: {example.reason}. "
        f"Correct the view's time_zone in LIGHTNING_BOLT_VIEWS",
        (Problem(f"view {view}", example.field, example.reason),),
    )


def _sorted_out(outcomes: list[Slot | BadRow | None]) -> tuple[list[Slot], list[BadRow]]:
    """Slots and bad rows. A slot id that stands there twice with the same content counts once; with different content
    (a split has ids of its own, so this is none) nobody can tell which is meant: all rows of that id are bad."""
    slots: dict[str, Slot] = {}
    bad: list[BadRow] = []
    twice: list[Slot] = []
    for outcome in outcomes:
        if isinstance(outcome, BadRow):
            bad.append(outcome)
        elif outcome is not None and slots.setdefault(outcome.slot, outcome) != outcome:
            twice.append(outcome)
    doubtful = {slot.slot for slot in twice} | {row.unreadable.slot for row in bad if row.unreadable.slot in slots}
    twice += [slots.pop(slot) for slot in list(slots) if slot in doubtful]
    bad += [
        BadRow(
            Unreadable(slot.slot, slot.schedule, slot.person, dated=True),
            Problem(f"slot {slot.slot}", "slot_id", TWICE),
        )
        for slot in twice
    ]
    return list(slots.values()), bad


def _doubts(whole: _Answer, view: int, keys: FieldKeys, has: str) -> list[Problem]:
    """What looks wrong with the answer as a whole, though it can be used. `has`: how a record has its mapping."""
    found = []
    permissions = whole.permissions if isinstance(whole.permissions, dict) else {}
    if permissions.get("is_admin") is None:
        found.append(("permissions.is_admin", "the answer does not say whether the account has administrator rights"))
    if permissions.get("my_admin_depts"):
        found.append(("permissions.my_admin_depts", "the account administers departments: drafts of theirs may show"))
    if whole.personnel and not _has(whole.personnel, keys.person_id):
        found.append((keys.person_id, f"no personnel record {has}, so everybody counts as opted out"))
    if whole.assignments and not _has(whole.assignments, keys.send):
        found.append((keys.send, f"no assignment {has}, so nothing is sent"))
    return [Problem(f"view {view}", field, reason) for field, reason in found]


def _has(rows: list[object], key: str) -> bool:
    return any(isinstance(row, dict) and key in row for row in rows)
