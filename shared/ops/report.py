"""`report`: who and what is not sent, and why. Reads Lightning Bolt now, because nothing is stored of who has no ID."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from shared.errors import ScheduleRefusedError, ScheduleUnavailableError
from shared.month import Month
from shared.ops.asked import BadRequestError, Scoped, views_of
from shared.ops.ports import OpsPorts
from shared.ops.stand import Stand, look
from shared.schedule.fields_found import fields_found, mapping_keys
from shared.schedule.model import MonthRead, Person, Problem
from shared.settings import Settings, View
from shared.sync.window import present_month, window

CATEGORIES = {
    "opted out": "no Microsoft ID: nothing is sent; enter the ID in Lightning Bolt if this is not meant",
    "unusable ID": "Outlook cannot know this ID; correct it in Lightning Bolt",
    "mailbox refuses": "no such mailbox, or it is out of the app's scope; correct the ID, the mailbox or the group",
    "shared mailbox": "two people have the same ID; correct one of them in Lightning Bolt",
    "never configured": "none of the four Outlook fields is set: its shifts are not sent; set them in Lightning Bolt",
    "bad flag": "neither true nor false: its shifts stay as they are; correct it in Lightning Bolt",
    "unreadable row": "it cannot be understood, so its event stays as it is; correct it in Lightning Bolt",
    "not read": "nothing is known of this month; see `doctor`",
    "no time zone": "its view is not among LIGHTNING_BOLT_VIEWS, so its time zone is not known; add the view",
}
"""Kinds of lines, in their order, with what each means and asks for."""


@dataclass(frozen=True, slots=True)
class ReportLine:
    """One thing to mend, or to know."""

    category: str
    id: str
    """`emp_id`, `assign_structure_id`, `slot 48201`, `template_id`."""
    name: str
    where: str
    """Schedules or months."""
    detail: str


@dataclass(frozen=True, slots=True)
class Report:
    """All of them, by category."""

    months: tuple[str, ...]
    lines: tuple[ReportLine, ...]
    meanings: dict[str, str] = field(default_factory=lambda: dict(CATEGORIES))


@dataclass(slots=True)
class _Seen:
    """What the reads showed, of all views together."""

    people: dict[str, Person] = field(default_factory=dict)
    schedules: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """Of each person, the names of schedules with shifts of theirs."""
    problems: dict[Problem, None] = field(default_factory=dict)
    never: dict[str, str] = field(default_factory=dict)
    """Assignments by id: name."""
    months: list[str] = field(default_factory=list)
    unread: list[ReportLine] = field(default_factory=list)


async def report(asked: Scoped, ports: OpsPorts) -> Report:
    """Of the named months, or the present and the next. Raises BadRequestError."""
    views = views_of(ports.settings, asked.view)
    seen = _Seen()
    for view in views:
        await _read(view, asked.months, seen, ports)
    stand = await look(ports, views)
    lines = [
        *_people(seen, asked.person),
        *_refusing(stand),
        *_shared(seen),
        *_problems(seen, ports.settings),
        *(ReportLine("never configured", number, name, "", "") for number, name in seen.never.items()),
        *seen.unread,
        *_without_zone(stand, ports.settings),
    ]
    order = list(CATEGORIES)
    lines.sort(key=lambda line: (order.index(line.category), line.name.casefold(), line.id, line.where))
    return Report(tuple(seen.months), tuple(lines))


async def _read(view: View, months: tuple[Month, ...], seen: _Seen, ports: OpsPorts) -> None:
    reads = await ports.ledger.reads(view.view_id)
    known = window(ports.settings, view, reads.now, reads.months)
    present = present_month(view, reads.now)
    if outside := [month for month in months if month not in known]:
        raise BadRequestError("months", f"{outside[0]} is not among those that are kept in step")
    for number, month in enumerate(months or [each for each in (present, present.plus(1)) if each in known]):
        try:
            read = await ports.schedules.read_month(view, month)
            if number == 0:
                seen.never |= await _never_configured(view, read, ports)
        except (ScheduleRefusedError, ScheduleUnavailableError) as error:
            seen.unread.append(ReportLine("not read", f"view {view.view_id}", "", str(month), str(error)))
            continue
        _take(read, seen)
        seen.months.append(f"{view.view_id} {month}")


async def _never_configured(view: View, read: MonthRead, ports: OpsPorts) -> dict[str, str]:
    """Assignments of which nobody has said whether they are sent: id to name."""
    if ports.settings.mapping_source == "table":
        known = (await ports.mappings.load()).assignments or {}
        return {each.assignment: each.name for each in read.assignments.values() if each.assignment not in known}
    answer = await ports.lightning_bolt.answer(view, read.month)
    return dict(fields_found(answer, ports.settings).never_configured)


def _take(read: MonthRead, seen: _Seen) -> None:
    seen.people |= read.people
    seen.problems |= dict.fromkeys(read.problems)
    for slot in read.slots:
        seen.schedules[slot.person].add(read.schedules[slot.schedule].name)


def _people(seen: _Seen, only: str | None) -> Iterable[ReportLine]:
    for person, schedules in seen.schedules.items():
        record = seen.people.get(person)
        if record is not None and record.mailbox is None and only in (None, person):
            yield ReportLine("opted out", person, record.name, ", ".join(sorted(schedules)), "")


def _refusing(stand: Stand) -> Iterable[ReportLine]:
    lines = {}
    for row in stand.rows():
        if row.status.outcome == "mailbox refuses":
            lines[row.person] = ReportLine(
                "mailbox refuses", row.person, row.name, row.mailbox or "", row.status.problem
            )
    return lines.values()


def _shared(seen: _Seen) -> Iterable[ReportLine]:
    owners = defaultdict[str, list[Person]](list)
    for person in seen.people.values():
        if person.mailbox is not None:
            owners[person.mailbox].append(person)
    for mailbox, people in owners.items():
        if len(people) > 1:
            for person in people:
                others = ", ".join(f"{other.name} ({other.person})" for other in people if other is not person)
                yield ReportLine("shared mailbox", person.person, person.name, mailbox, f"also of {others}")


def _problems(seen: _Seen, settings: Settings) -> Iterable[ReportLine]:
    ids, flags = mapping_keys(settings)
    for problem in seen.problems:
        kind, _, number = problem.row.partition(" ")
        detail = f"{problem.field}: {problem.reason}"
        if kind == "person" and problem.field in ids:
            name = seen.people[number].name if number in seen.people else ""
            yield ReportLine("unusable ID", number, name, ", ".join(sorted(seen.schedules[number])), detail)
        elif kind in ("assignment", "assignments") and problem.field in flags:
            yield ReportLine("bad flag", problem.row, "", "", detail)
        elif kind != "view":
            yield ReportLine("unreadable row", problem.row, "", "", detail)


def _without_zone(stand: Stand, settings: Settings) -> Iterable[ReportLine]:
    for owner in stand.owners.values():
        if settings.view(owner.view) is None:
            yield ReportLine("no time zone", owner.schedule, owner.name, f"view {owner.view}", "")
