"""`doctor`: tries everything that the app stands on, with the app's own rights, clock and network.

Changes nothing. Each line says what was found and, where that is not well, what to do.
"""

from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from azure.core.exceptions import AzureError

from shared.errors import ScheduleRefusedError, ScheduleUnavailableError
from shared.messages import CALENDAR_CHANGES, SCHEDULE_CHANGES, ScheduleMonth
from shared.month import Month
from shared.ops.asked import Sampled
from shared.ops.ports import OpsPorts
from shared.outlook.outcome import Kind, Outcome, ReadFailure
from shared.schedule.fields_found import FieldsFound, fields_found
from shared.schedule.model import MonthRead, Person
from shared.settings import Settings, View
from shared.sync.desired import desired_slot, sendable
from shared.sync.installation import NAME, changed
from shared.sync.mapped import BrokenMappingsError
from shared.sync.window import present_month

Result = Literal["ok", "warn", "fail"]
GRAPH_SECONDS = 15.0
"""For one look at a mailbox."""
SEND_FIELD = "send_to_outlook"


@dataclass(frozen=True, slots=True)
class Check:
    """One line."""

    about: str
    result: Result
    what: str
    todo: str = ""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """All of them."""

    at: datetime | None
    """Storage's clock; None where storage does not answer."""
    checks: tuple[Check, ...]
    ok: int
    warn: int
    fail: int


async def doctor(asked: Sampled, ports: OpsPorts) -> Diagnosis:
    """Reads Lightning Bolt's present month of each view twice (parsed, and by its own keys), and a few mailboxes."""
    checks = list(_settings(ports.settings))
    now: datetime | None = None
    try:
        known = await ports.ledger.reads(ports.settings.lightning_bolt_views[0].view_id)
        now = known.now
        checks += _installation(ports.settings, known.installation)
        checks += [check async for check in _storage(now, ports)]
    except AzureError as error:
        todo = "Look at the storage account, its network, and the app's identity and its roles there."
        checks.append(Check("storage", "fail", f"does not answer: {type(error).__name__}", todo))
    reads: list[MonthRead] = []
    if now is not None:
        for view in ports.settings.lightning_bolt_views:
            checks += [check async for check in _view(view, now, reads, ports)]
        checks += _overlaps(reads)
        checks += [check async for check in _mailboxes(reads, asked.people, ports)]
    counts = Counter(check.result for check in checks)
    return Diagnosis(now, tuple(checks), counts["ok"], counts["warn"], counts["fail"])


def _settings(settings: Settings) -> Iterator[Check]:
    yield Check("settings", "ok", f"read; installation {settings.installation_id}")
    if settings.paused:
        yield Check("settings", "warn", "PAUSED is on: nothing is written", "Set PAUSED to false when it is time.")
    if settings.pilot_people is not None:
        what = f"PILOT_PEOPLE: only {len(settings.pilot_people)} people are written to"
        yield Check("settings", "warn", what, "Take the setting away when everybody is to get their shifts.")
    if not settings.publish_secrets:
        what = "PUBLISH_SECRET is not set: the callback is not signed, its function key alone protects it"
        yield Check("settings", "warn", what, "Agree on a secret with whoever sends the callback, and set it.")


def _installation(settings: Settings, written_under: str | None) -> Iterator[Check]:
    if why := changed(settings, written_under):
        yield Check(NAME, "fail", why, "`adopt` shows first whose events it would take over.")
    elif settings.earlier_installation_ids:
        what = f"events of {', '.join(settings.earlier_installation_ids)} count as ours"
        yield Check(NAME, "ok", what)


async def _storage(now: datetime, ports: OpsPorts) -> AsyncIterator[Check]:
    await ports.person_months.rows(ScheduleMonth("0", Month.of(now)))
    await ports.shift_events.person("0")
    await ports.ledger.problems("queue")
    yield Check("tables", "ok", "personmonths, shiftevents, schedules and problems answer")
    waiting = {queue: await ports.poison.depth(queue) for queue in (SCHEDULE_CHANGES, CALENDAR_CHANGES)}
    yield Check("queues", "ok", ", ".join(f"{queue}: {count} waiting" for queue, count in waiting.items()))
    fallen = sum([len(await ports.poison.peek(queue)) for queue in waiting])
    if fallen:
        what = f"{fallen} messages failed for good"
        yield Check("poison queues", "fail", what, "`poison list`; mend the cause; `poison requeue` or `poison drop`.")
    else:
        yield Check("poison queues", "ok", "nothing has failed for good")


async def _view(view: View, now: datetime, reads: list[MonthRead], ports: OpsPorts) -> AsyncIterator[Check]:
    about, month = f"view {view.view_id}", present_month(view, now)
    try:
        fields = fields_found(await ports.lightning_bolt.answer(view, month), ports.settings)
    except ScheduleUnavailableError as error:
        yield Check(about, "fail", str(error), "Nothing changes in the calendars until it can be read.")
        return
    yield Check(about, "ok", f"token and read: {month}, {fields.people} people, {fields.assignments} assignments")
    if ports.settings.mapping_source == "table":
        yield await _own_mappings(ports)
    else:
        for check in _fields(fields, ports.settings):
            yield Check(about, check.result, check.what, check.todo)
    try:
        read = await ports.schedules.read_month(view, month)
    except (ScheduleRefusedError, ScheduleUnavailableError) as error:
        yield Check(about, "fail", str(error), "Nothing changes in the calendars until this is mended.")
        return
    reads.append(read)
    yield _rights(read)
    if read.slots:
        yield Check(about, "ok", f"time zone {view.time_zone}: {len(read.slots)} rows agree with their UTC columns")
    else:
        what = f"time zone {view.time_zone}: no shift of {month} to compare with its UTC columns"
        yield Check(about, "warn", what, "Publish a month, and look again.")
    if read.unreadable:
        what = f"{len(read.unreadable)} rows cannot be read; their events stay as they are"
        yield Check(about, "warn", what, "`report` lists them; correct them in Lightning Bolt.")


async def _own_mappings(ports: OpsPorts) -> Check:
    about, todo = "mappings", "Import both files (docs/mappings.md). Calendars stay as they are until then."
    try:
        stored = await ports.mappings.load()
    except BrokenMappingsError as error:
        return Check(about, "fail", str(error), todo)
    if stored.people is None or stored.assignments is None:
        return Check(about, "fail", "MAPPING_SOURCE is table, but not both files have been imported", todo)
    what = f"from our own table: {len(stored.people)} people, {len(stored.assignments)} assignments"
    return Check(about, "ok", what)


def _fields(fields: FieldsFound, settings: Settings) -> Iterator[Check]:
    chosen = settings.key_of(settings.lightning_bolt_person_id_field)
    there, filled = fields.ids[chosen]
    others = [key for key, (_, some) in fields.ids.items() if some and key != chosen]
    if not there:
        hint = f"; filled in are {', '.join(others)}" if others else "; nor is any of the other ID fields filled in"
        todo = (
            "Correct LIGHTNING_BOLT_PERSON_ID_FIELD or LIGHTNING_BOLT_FIELDS; if Lightning Bolt does not return these "
            "fields at all, ask the vendor for them."
        )
        yield Check("", "fail", f"no personnel record has the ID field {chosen}{hint}", todo)
    elif not filled:
        hint = f" Filled in are {', '.join(others)}: see LIGHTNING_BOLT_PERSON_ID_FIELD." if others else ""
        yield Check("", "warn", f"{chosen} is there, but empty for everybody", f"Enter Microsoft IDs.{hint}")
    else:
        yield Check("", "ok", f"{chosen}: filled in for {filled} of {fields.people} people")
    absent = [key for key, some in fields.flags.items() if not some]
    send = settings.key_of(SEND_FIELD)
    if send in absent:
        todo = "Correct LIGHTNING_BOLT_FIELDS, or ask the vendor for these fields. Nothing is sent without them."
        yield Check("", "fail", f"no assignment has the field {send}", todo)
    elif absent:
        todo = "Correct LIGHTNING_BOLT_FIELDS if they have other names; without them they count as false."
        yield Check("", "warn", f"no assignment has {', '.join(absent)}", todo)
    else:
        yield Check("", "ok", f"assignments have {', '.join(fields.flags)}")
    if fields.never_configured:
        what = f"{len(fields.never_configured)} assignments were never configured for Outlook: they are not sent"
        yield Check("", "warn", what, "`report` lists them.")


def _rights(read: MonthRead) -> Check:
    about = f"view {read.view}"
    for problem in read.problems:
        if problem.field.startswith("permissions."):
            todo = "Ask for a service account without administrator's rights."
            return Check(about, "warn", f"the account's rights: {problem.reason}", todo)
    return Check(about, "ok", "the account has no administrator's rights")


def _overlaps(reads: Sequence[MonthRead]) -> Iterator[Check]:
    shown = defaultdict[str, list[int]](list)
    for read in reads:
        for schedule in read.schedules:
            shown[schedule].append(read.view)
    twice = {schedule: views for schedule, views in shown.items() if len(views) > 1}
    for schedule, views in sorted(twice.items()):
        what = f"shown by views {', '.join(map(str, views))}; view {views[0]} answers for it"
        yield Check(f"schedule {schedule}", "warn", what, "In order if meant: the settings' order decides.")
    if reads and not twice:
        yield Check("views", "ok", "no schedule is shown by two views")


async def _mailboxes(reads: Sequence[MonthRead], people: int, ports: OpsPorts) -> AsyncIterator[Check]:
    sample = list(_sample(reads, people))
    if not sample:
        yield Check("Microsoft Graph", "warn", "not tried: no mapped person has a shift", "Map somebody and publish.")
    reached = False
    for read, person in sample:
        about = f"person {person.person}"
        days = [slot.day for slot in read.slots if slot.person == person.person]
        answer = await ports.graph.strangers(person.mailbox or "", min(days), max(days), timeout=GRAPH_SECONDS)
        if isinstance(answer, ReadFailure):
            yield _unreached(about, answer.outcome)
            if answer.outcome.kind is Kind.INSTALLATION_REFUSED:
                return
            continue
        if not reached:
            reached = True
            yield Check("Microsoft Graph", "ok", "gives a token, and answers")
        same = _looks_like(read, person, ports) & Counter((each.subject, each.start, each.end) for each in answer)
        if same:
            what = f"mailbox reachable; {same.total()} events there look like published shifts and are not ours"
            todo = (
                "Most likely an earlier feed wrote them. They are never touched: end that feed, and have its events "
                "removed by whoever made them."
            )
            yield Check(about, "warn", what, todo)
        else:
            yield Check(about, "ok", "mailbox reachable and in scope; no events of an earlier feed")


def _sample(reads: Sequence[MonthRead], people: int) -> Iterable[tuple[MonthRead, Person]]:
    """Mapped people with shifts that are sent, evenly from all."""
    candidates = {
        slot.person: (read, read.people[slot.person]) for read in reads for slot in read.slots if sendable(read, slot)
    }
    some = [candidates[person] for person in sorted(candidates)]
    step = max(1, len(some) // people) if people else 1
    return some[::step][:people]


def _looks_like(read: MonthRead, person: Person, ports: OpsPorts) -> Counter[tuple[str, datetime, datetime]]:
    """The person's shifts as they would look in the calendar."""
    events = (
        desired_slot(read, slot, ports.options).event
        for slot in read.slots
        if slot.person == person.person and sendable(read, slot)
    )
    return Counter((event.subject, event.start_utc, event.end_utc) for event in events)


def _unreached(about: str, outcome: Outcome) -> Check:
    why = f"{outcome.status or ''} {outcome.code}".strip()
    match outcome.kind:
        case Kind.INSTALLATION_REFUSED:
            todo = "Check the app's identity, its permission Calendars.ReadWrite, and GRAPH_URL."
            return Check("Microsoft Graph", "fail", f"refuses the app itself, or gives no token ({why})", todo)
        case Kind.MAILBOX_GONE:
            todo = "Correct the Microsoft ID in Lightning Bolt, or have the mailbox made."
            return Check(about, "fail", f"there is no such mailbox ({why})", todo)
        case Kind.MAILBOX_REFUSED:
            todo = "Add the mailbox to the group that the app may write to; it may take two hours to work."
            return Check(about, "fail", f"the mailbox is out of the app's scope, or takes nothing ({why})", todo)
        case _:
            todo = "Try again; look at Microsoft's service health and at the network."
            return Check(about, "warn", f"no answer about the mailbox now ({why or 'time-out'})", todo)
