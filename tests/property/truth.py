"""The oracle: what every mailbox should hold, worked out from Lightning Bolt's world alone; nothing of the engine's."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from tests.local.graph.event import Event
from tests.local.graph.mailboxes import Mailbox
from tests.local.lightning_bolt.model import Slot
from tests.property.hospital import Hospital
from tests.property.invariants import require
from tests.property.place import PEOPLE, SEEN
from tests.town import ZONE

MARK = "lightningboltshift"
RENAMED = "Mine "
"""How subjects begin that somebody has changed by hand."""


class Shown(NamedTuple):
    """An event as somebody sees it."""

    subject: str
    start: datetime
    end: datetime
    free: bool
    all_day: bool
    note: str


class Where(NamedTuple):
    """One person's events in one mailbox."""

    mailbox: str
    person: str


type Calendars = dict[Where, Counter[Shown]]


def mark_of(event: Event) -> list[str]:
    """The parts of an event's mark, if it has one."""
    for key, found in event.extended.items():
        if key[-1].lower() == MARK:
            return found.value.split(":")
    return []


def is_ours(event: Event) -> bool:
    """Whether an event's mark is of this installation and of one of our people."""
    mark = mark_of(event)
    return len(mark) == 6 and mark[0] == "town" and mark[2] in {str(person) for person in PEOPLE}


def seen(event: Event) -> Shown:
    """An event as it stands in the calendar."""
    times = event.times
    all_day = times.all_day
    start, end = (times.start, times.end) if all_day else (times.first.instant, times.last.instant)
    values = event.values
    return Shown(
        str(values["subject"]), start.astimezone(UTC), end.astimezone(UTC), values["showAs"] == "free", all_day,
        event.body.content,
    )  # fmt: skip


def shown(hospital: Hospital) -> Calendars:
    """Our events, in every mailbox."""
    found: Calendars = {}
    for mailbox in hospital.graph.directory:
        for event in mailbox.present:
            if is_ours(event):
                found.setdefault(Where(mailbox.id, mark_of(event)[2]), Counter())[seen(event)] += 1
    return found


def is_out_of_sight(mailbox: Mailbox, event: Event) -> bool:
    """Whether a look at the window finds it only by its link: in another calendar, or dragged beyond all months."""
    return event.calendar != mailbox.default_calendar or not SEEN[0] < event.times.first.instant < SEEN[1]


def is_linked(hospital: Hospital, person: str, event: str) -> bool:
    """Whether a link names that event."""
    return any(link.event == event for links in hospital.links(person).values() for link in links)


def pardoned(hospital: Hospital) -> Calendars:
    """Events that may lie where nothing wants them: what DESIGN.md says of begun events, and its known limits.

    | an event | why |
    | --- | --- |
    | out of its look's sight, and no link names it | it was moved before it was linked, or the links were lost |
    | moved in time by hand, of an opted-out person | whether it has begun is told by the shift, not by the event |
    | in another mailbox, or of a person-month without a row | a removal let it lie: begun, or the address was gone |
    """
    found: Calendars = {}
    ids = hospital.strayed | hospital.dragged | hospital.removals.keys()
    for mailbox in hospital.graph.directory if ids else ():
        for event in mailbox.present:
            if event.immutable_id in ids and is_ours(event) and _is_pardoned(hospital, mailbox, event):
                found.setdefault(Where(mailbox.id, mark_of(event)[2]), Counter())[seen(event)] += 1
    return found


def _is_pardoned(hospital: Hospital, mailbox: Mailbox, event: Event) -> bool:
    _, _, person, schedule, month, _ = mark_of(event)
    key, begun = event.immutable_id, seen(event).start <= hospital.clock.now()
    if key in hospital.strayed and is_out_of_sight(mailbox, event):
        return not is_linked(hospital, person, key)
    if key in hospital.dragged and is_opted_out(hospital, person):
        return True
    what = hospital.removals.get(key)
    let_lie = what and ((what == "future" and begun) or mailbox.id in hospital.renamed)
    home = home_of(hospital, person) == mailbox.id
    return bool(let_lie) and not (home and hospital.has_row(person, f"{schedule}|{month}"))


def is_listed(hospital: Hospital, template: int) -> bool:
    """Whether any view shows a schedule."""
    return any(template in hospital.world.views[view].templates for view in hospital.views)


def view_of(hospital: Hospital, template: int) -> int:
    """The view that answers for a schedule: the first that shows it, or just the first."""
    views = hospital.world.views
    return next((view for view in hospital.views if template in views[view].templates), hospital.views[0])


def home_of(hospital: Hospital, person: str) -> str | None:
    """The id of somebody's mailbox; None where there is none."""
    address = str(hospital.person(int(person)).fields["unique_id"] or "").strip().lower()
    mailbox = hospital.graph.directory.find(address) if address else None
    return mailbox.id if mailbox else None


def published(hospital: Hospital) -> Iterator[tuple[Where, Slot]]:
    """Every slot that somebody should see, and where."""
    world = hospital.world
    truth = world.published()
    horizons = {template.template_id: template.horizon for template in truth.templates}
    for slot in truth.slots:
        kind = world.assignments[slot.assign_structure_id]
        horizon = horizons[slot.template_id]
        view = world.views[view_of(hospital, slot.template_id)]
        if (
            slot.template_id not in view.templates
            or not isinstance(horizon, date)
            or slot.day > horizon
            or (view.people is not None and slot.emp_id not in view.people)
            or slot.emp_id not in PEOPLE
            or kind.mapping.get("send_to_outlook") is not True
        ):
            continue
        home = home_of(hospital, str(slot.emp_id))
        if home:
            yield Where(home, str(slot.emp_id)), slot


def looks(hospital: Hospital, slot: Slot) -> Shown:
    """A slot as its holder should see it."""
    kind = hospital.world.assignments[slot.assign_structure_id]
    template = hospital.world.templates[slot.template_id]
    subject = hospital.settings.event_subject.replace("{assignment}", kind.display_name)
    subject = subject.replace("{assignment_short}", kind.compact_name).replace("{schedule}", template.name)
    all_day = slot.start.hour == slot.stop.hour == 0
    zone = UTC if all_day else ZoneInfo(ZONE)
    start, end = slot.start.replace(tzinfo=zone).astimezone(UTC), slot.stop.replace(tzinfo=zone).astimezone(UTC)
    return Shown(subject, start, end, kind.mapping.get("send_as_free") is True, all_day, slot.note or "")


def wanted(hospital: Hospital) -> Calendars:
    """What every mailbox should hold."""
    found: Calendars = {}
    for where, slot in published(hospital):
        if not slot.raw:
            found.setdefault(where, Counter())[looks(hospital, slot)] += 1
    return found


def lacking(hospital: Hospital) -> Calendars:
    """What every mailbox should hold, and does not."""
    have = shown(hospital)
    missing = {where: events - have.get(where, Counter()) for where, events in wanted(hospital).items()}
    return {where: events for where, events in missing.items() if events}


def agree(hospital: Hospital, touched: Counter[str]) -> None:
    """Every mailbox equals the published schedule.

    `touched`: how many events of a person users have changed by hand: so many may be missing or too many, before an
    audit. What has begun stays in the mailbox where it is when its person moves or opts out.
    """
    want, have, spare = wanted(hospital), shown(hospital), pardoned(hospital)
    for person in sorted({where.person for where in (*have, *want)}):
        _agree_on(hospital, person, _of(want, person), _of(have, person), _of(spare, person), touched[person])


def _agree_on(
    hospital: Hospital,
    person: str,
    want: dict[str, Counter[Shown]],
    have: dict[str, Counter[Shown]],
    spare: dict[str, Counter[Shown]],
    budget: int,
) -> None:
    now = hospital.clock.now()
    wanted_here = next(iter(want.values()), Counter[Shown]())
    home = next(iter(want), None)
    missing, extra = Counter(wanted_here), Counter[Shown]()
    for mailbox in sorted(have, key=lambda mailbox: mailbox != home):
        forgiven = mailbox != home and (mailbox in hospital.renamed or (mailbox, person) in hospital.left_behind)
        for event, count in have[mailbox].items():
            begun = event.start <= now
            found = min(count, missing[event]) if begun or mailbox == home else 0
            missing[event] -= found
            if forgiven and begun and event.subject.startswith(RENAMED):  # not put right: its address is gone
                for same in [each for each in missing if (each.start, each.end) == (event.start, event.end)]:
                    changed = min(count - found, missing[same])
                    missing[same] -= changed
                    found += changed
            if forgiven or (begun and (is_opted_out(hospital, person) or is_hidden(hospital, person))):
                continue
            extra[event] += max(count - found - spare.get(mailbox, Counter())[event], 0)
    missing, extra = +missing, +extra
    detail = f"{person}, now {now:%m-%d %H:%M}: missing {_list(missing)}, too many {_list(extra)}"
    require("no published shift is missing", missing.total() <= budget, detail)
    twice = sum(count for event, count in extra.items() if wanted_here[event])
    require("no slot has two events", twice <= budget, detail)
    require("nothing is left over", extra.total() <= budget, detail)


def is_opted_out(hospital: Hospital, person: str) -> bool:
    """Whether somebody has no mailbox now."""
    return not str(hospital.person(int(person)).fields["unique_id"] or "").strip()


def is_hidden(hospital: Hospital, person: str) -> bool:
    """Whether filters hide somebody whose rows still say: opted out. Nobody can see that the ID is back."""
    return all(hides(hospital, view, person) for view in hospital.views) and not hospital.tells_id(person)


def still_tells(hospital: Hospital, person: str) -> bool:
    """Whether somebody's ID stands in rows, and only in such as no read can change: a filter hides the person."""
    told = hospital.telling(person)
    return bool(told) and all(hides(hospital, view_of(hospital, template), person) for template in told)


def hides(hospital: Hospital, view: int, person: str) -> bool:
    """Whether a view's filter leaves somebody out."""
    shown = hospital.world.views[view].people
    return bool(shown) and int(person) not in (shown or ())


def _of(calendars: Calendars, person: str) -> dict[str, Counter[Shown]]:
    return {where.mailbox: events for where, events in calendars.items() if where.person == person}


def _list(events: Counter[Shown]) -> list[str]:
    return [f"{each.subject} {each.start:%m-%d %H:%M} {each.note} ×{count}" for each, count in events.items()]
