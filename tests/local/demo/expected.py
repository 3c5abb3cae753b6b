"""What calendars must show, by the design's rules: worked out from the published truth, not with the app's code."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from tests.local.demo.shown import Shown, lines_of
from tests.local.lightning_bolt.clock import span_in_utc
from tests.local.lightning_bolt.model import Assignment, Person, Setup, Slot, Template, View

NOBODY = "z.Administrative"


@dataclass(frozen=True, slots=True)
class Rules:
    """The app's settings, as far as calendars depend on them."""

    installation: str
    views: tuple[int, ...]
    """In the order of settings: the first one that lists a schedule decides what is seen of it."""
    first_day: date
    """Of the window."""
    last_day: date
    person_id_field: str = "unique_id"
    subject: str = "{assignment}"
    categories: tuple[str, ...] = ()
    sensitivity: str = "normal"
    reminder: int | None = None


def mailbox_name(person: Person, rules: Rules) -> str | None:
    """Where a person's events go: what stands in the ID field, trimmed, in lower case. None: opted out."""
    value = person.fields.get(rules.person_id_field)
    return (value.strip().lower() or None) if isinstance(value, str) else None


def people_of(truth: Setup) -> dict[int, Person]:
    """Real people, by `emp_id`."""
    return {person.emp_id: person for person in truth.people if person.last_name != NOBODY and not person.missing}


def events_of(truth: Setup, rules: Rules) -> Iterator[tuple[int, Shown]]:
    """Every event that a mapped person's calendar must show, with its person."""
    people = people_of(truth)
    kinds = {kind.assign_structure_id: kind for kind in truth.assignments}
    templates = {template.template_id: template for template in truth.templates}
    owners = _owners(truth, rules)
    for slot in truth.slots:
        view = owners.get(slot.template_id)
        template, kind = templates[slot.template_id], kinds[slot.assign_structure_id]
        if (
            view is not None
            and slot.emp_id in people
            and rules.first_day <= slot.day <= rules.last_day
            and slot.day <= _horizon(template)
            and (view.people is None or slot.emp_id in view.people)
            and (view.assignments is None or slot.assign_structure_id in view.assignments)
            and kind.mapping.get("send_to_outlook") is True
        ):
            yield slot.emp_id, _event(slot, kind, template, truth, rules)


def _owners(truth: Setup, rules: Rules) -> dict[int, View]:
    views = {view.view_id: view for view in truth.views}
    owners: dict[int, View] = {}
    for view_id in rules.views:
        for template_id in views[view_id].templates:
            owners.setdefault(template_id, views[view_id])
    return owners


def _horizon(template: Template) -> date:
    assert template.horizon != "auto", "the published truth has dates"
    return template.horizon or date.min


def _event(slot: Slot, kind: Assignment, template: Template, truth: Setup, rules: Rules) -> Shown:
    zone = template.time_zone or truth.time_zone
    instants = [
        instant.replace(tzinfo=UTC)
        for instant in span_in_utc(slot.start, slot.stop, zone, (slot.start_fold, slot.stop_fold))
    ]
    plain = all(_is_plain(wall, zone) for wall in (slot.start, slot.stop))
    all_day = plain and slot.start.time() == slot.stop.time() == time.min
    start, end = (wall.replace(tzinfo=UTC) for wall in (slot.start, slot.stop)) if all_day else instants
    parts = {
        "assignment": kind.display_name,
        "assignment_short": kind.compact_name,
        "schedule": template.name,
    }
    body = [kind.display_name] if kind.mapping.get("include_assignment_information") is True else []
    body += [slot.note or ""] if kind.mapping.get("include_schedule_notes") is True else []
    return Shown(
        subject=" ".join(rules.subject.format(**parts).split()),
        start=start,
        end=end,
        all_day=all_day,
        show_as="free" if kind.mapping.get("send_as_free") is True else "busy",
        body=lines_of("\n".join(body)),
        location=", ".join(slot.locations),
        person=str(slot.emp_id),
        schedule=str(slot.template_id),
        month=f"{slot.day:%Y-%m}",
        categories=rules.categories,
        sensitivity=rules.sensitivity,
        reminder=rules.reminder,
        begins=instants[0],
    )


def _is_plain(wall: datetime, zone: str) -> bool:
    """Whether a wall clock shows exactly one instant."""
    first, second = (wall.replace(tzinfo=ZoneInfo(zone), fold=fold) for fold in (0, 1))
    return first.utcoffset() == second.utcoffset()
