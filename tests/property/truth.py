"""The oracle: what every mailbox should hold, worked out from Lightning Bolt's world alone; nothing of the engine's."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from tests.local.graph.event import Event
from tests.local.lightning_bolt.model import Slot
from tests.property.hospital import PEOPLE, VIEW, Hospital
from tests.property.invariants import require
from tests.town import ZONE

MARK = "lightningboltshift"


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


@dataclass(frozen=True, slots=True)
class Foreign:
    """An event that is none of ours, as it was put there."""

    mailbox: str
    event: str
    looks: object


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


def published(hospital: Hospital) -> Iterator[tuple[Where, Slot]]:
    """Every slot that somebody should see, and where."""
    world = hospital.world
    view = world.views[VIEW]
    truth = world.published()
    horizons = {template.template_id: template.horizon for template in truth.templates}
    for slot in truth.slots:
        kind = world.assignments[slot.assign_structure_id]
        horizon = horizons[slot.template_id]
        person = world.people.get(slot.emp_id)
        if (
            slot.template_id not in view.templates
            or not isinstance(horizon, date)
            or slot.day > horizon
            or (view.people is not None and slot.emp_id not in view.people)
            or person is None
            or kind.mapping.get("send_to_outlook") is not True
        ):
            continue
        address = str(person.fields.get("unique_id") or "").strip().lower()
        mailbox = hospital.graph.directory.find(address) if address else None
        if mailbox:
            yield Where(mailbox.id, str(slot.emp_id)), slot


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


def agree(hospital: Hospital, touched: Counter[str], allowed: Calendars | None = None) -> None:
    """Every mailbox equals the published schedule.

    `touched`: how many events of a person users have changed by hand: so many may be missing or too many, before an
    audit. `allowed`: what may be there besides, or not.
    """
    want, have = wanted(hospital), shown(hospital)
    for where in sorted({*want, *have}):
        missing = want.get(where, Counter()) - have.get(where, Counter())
        extra = have.get(where, Counter()) - want.get(where, Counter()) - (allowed or {}).get(where, Counter())
        budget = touched[where.person]
        detail = f"{where}: missing {_list(missing)}, too many {_list(extra)}"
        require("no published shift is missing", missing.total() <= budget, detail)
        twice = [each for each in extra if want.get(where, Counter())[each]]
        if where not in want and where.mailbox in hospital.renamed:
            continue
        require("no slot has two events", len(twice) <= budget, detail)
        require("nothing is left over", extra.total() <= budget, detail)


def _list(events: Counter[Shown]) -> list[str]:
    return [f"{each.subject} {each.start:%m-%d %H:%M} {each.note} ×{count}" for each, count in events.items()]
