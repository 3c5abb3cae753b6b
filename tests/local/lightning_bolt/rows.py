"""Rows of an answer, with Lightning Bolt's own keys."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid5

from tests.local.lightning_bolt.clock import span_in_utc
from tests.local.lightning_bolt.model import Assignment, Department, Person, Slot, Template
from tests.local.lightning_bolt.slot_edits import default_times
from tests.local.lightning_bolt.world import World

type Row = dict[str, Any]

_SLOTS = UUID("5b0d6f7e-31c5-4a49-9f0a-6a1f0cfb1f4a")


def midnight(day: date | None) -> str | None:
    """A date as Lightning Bolt writes it; `strftime` would not pad the year 1."""
    return None if day is None else f"{day.isoformat()}T00:00:00"


def _stamp(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")


def slot_row(world: World, slot: Slot, sched_id: int) -> Row:
    """One row of `schedule_data.data`."""
    person = world.people.get(slot.emp_id) or Person(slot.emp_id, "", "", str(slot.emp_id), str(slot.emp_id))
    template = world.templates[slot.template_id]
    kind = world.assignments[slot.assign_structure_id]
    usual = default_times(world, slot.assign_structure_id, slot.day)
    start_utc, stop_utc = span_in_utc(
        slot.start, slot.stop, world.zone_of(slot.template_id), (slot.start_fold, slot.stop_fold)
    )
    row: Row = {
        "slot_id": slot.slot_id,
        "slot_uuid": str(uuid5(_SLOTS, str(slot.slot_id))),
        "sched_id": sched_id,
        "emp_id": slot.emp_id,
        "display_name": person.display_name,
        "compact_name": person.compact_name,
        "last_name": person.last_name,
        "emp_ptype": person.ptype_id,
        "template": template.name,
        "template_id": slot.template_id,
        "department_id": template.department_id,
        "slot_date": slot.day.isoformat(),
        "start_time": _stamp(slot.start),
        "stop_time": _stamp(slot.stop),
        "start_time_utc": _stamp(start_utc),
        "stop_time_utc": _stamp(stop_utc),
        "assign_id": kind.assign_id(slot.template_id),
        "assign_structure_id": kind.assign_structure_id,
        "condensed_structure_id": kind.assign_structure_id,
        "assign_display_name": kind.display_name,
        "assign_compact_name": kind.compact_name,
        "assign_atype": 1,
        "is_pending": slot.pending,
        "is_manual_slot": True,
        "is_default_time": (slot.start, slot.stop) == usual,
        "has_change": slot.modified is not None,
        "note": slot.note,
        "request_note": slot.request_note,
        "decision_note": slot.decision_note,
        "emp_request_status": None,
        "status": None,
        "work_units": kind.work_units,
    }
    row.update(_sometimes(slot))
    row.update(slot.raw)
    for key in slot.absent:
        row.pop(key, None)
    return renamed(world, "slot", row)


def _sometimes(slot: Slot) -> Row:
    """Keys that only some rows have."""
    row: Row = {}
    if slot.note is not None:
        row["has_note"] = True
    if slot.original_emp_id is not None:
        row["original_emp_id"] = slot.original_emp_id
    if slot.pending and slot.pending_emp_id is not None:
        row["pending_emp_id"] = slot.pending_emp_id
        row["pending_info"] = {"preswaps": [{"emp_id": slot.pending_emp_id, "response": None}]}
    if slot.modified is not None:
        row["modified_date"] = _stamp(slot.modified)
    if slot.history and slot.modified is not None:
        row["slot_history"] = [{"text": text, "timestamp": _stamp(slot.modified)} for text in slot.history]
    if slot.locations:
        row["location_ids"] = [sum(name.encode()) % 1000 for name in slot.locations]
        row["location_names"] = list(slot.locations)
    if slot.loa_reason is not None:
        row["loa_reason_id"], row["loa_reason_name"] = 1, slot.loa_reason
    if slot.call_order is not None:
        row["call_order"] = slot.call_order
    return row


def person_row(world: World, person: Person) -> Row:
    """One row of `personnel`."""
    row = {
        "emp_id": person.emp_id,
        "first_name": person.first_name,
        "last_name": person.last_name,
        "display_name": person.display_name,
        "compact_name": person.compact_name,
        "ptype_id": person.ptype_id,
        "departments": list(person.departments),
        "scheduled": not person.expired,
        "expired": person.expired,
        **({} if world.options.hide_mappings else person.fields),
    }
    return renamed(world, "personnel", row)


def assignment_row(world: World, kind: Assignment, order: int) -> Row:
    """One row of `assignments`."""
    structure = str(kind.assign_structure_id)
    assign_ids = {str(template): kind.assign_id(template) for template in kind.templates}
    departments = {world.templates[t].department_id for t in kind.templates if t in world.templates}
    places = {"is_location_editable": False, "is_location_multiple": False, "locations": []}
    in_force = [] if kind.expired else [kind.assign_structure_id]
    row = {
        "assign_structure_id": kind.assign_structure_id,
        "display_name": kind.display_name,
        "compact_name": kind.compact_name,
        "description": kind.description,
        "color": "#7fb3d5",
        "colorText": "#000000",
        "departments": sorted(departments),
        "templates": list(kind.templates),
        "structures": in_force,
        "structures_include_expired": [kind.assign_structure_id],
        "structure_mapping_lookup": {},
        "structure_to_category_map": {structure: None},
        "structure_to_default_times_map": {structure: kind.times},
        "structure_to_desc_map": {structure: kind.compact_name},
        "structure_to_template_map": {structure: kind.templates[0]} if kind.templates else {},
        "template_to_assign_id_map": assign_ids,
        "template_to_assign_type_map": dict.fromkeys(assign_ids, 1),
        "template_to_default_times_map": dict.fromkeys(assign_ids, kind.times),
        "assignment_to_denial_reason_map": {str(assign_id): [] for assign_id in assign_ids.values()},
        "assignment_to_loa_reason_map": {str(assign_id): [] for assign_id in assign_ids.values()},
        "assignment_to_locations_map": {str(assign_id): places for assign_id in assign_ids.values()},
        "assignment_to_note_map": {str(assign_id): "" for assign_id in assign_ids.values()},
        "block_duration": 0,
        "block_start_day": -2,
        "call_order": None,
        "expired": kind.expired,
        "is_block": False,
        "is_location_editable": False,
        "is_location_multiple": False,
        "is_vrm": False,
        "last_recurrence_date": "3000-12-31T00:00:00",
        "loa_reasons": [],
        "locations": [],
        "order": order,
        "tallies": [4, 17],
        **({} if world.options.hide_mappings else kind.mapping),
    }
    return renamed(world, "assignment", row)


def department_row(world: World, department: Department, templates: list[Template]) -> Row:
    """One row of `departments`, with the templates that the view shows."""
    return {
        "department_id": department.department_id,
        "name": department.name,
        "compact_name": department.compact_name,
        "desc": department.name,
        "is_hidden": False,
        "medical_specialty": department.name,
        "templates": [template_row(world, template) for template in templates],
    }


def template_row(world: World, template: Template) -> Row:
    """One row of `departments[].templates`."""
    row = {
        "template_id": template.template_id,
        "name": template.name,
        "name_full": template.name_full,
        "first_published_date": midnight(world.first_published(template.template_id)),
        "last_published_date": midnight(world.horizon(template.template_id)),
        "request_horizon_start": "2021-01-01T00:00:00",
        "request_horizon_end": "3000-12-31T00:00:00",
        "request_window_start": None,
        "request_window_end": None,
    }
    return renamed(world, "template", row)


def renamed(world: World, section: str, row: Mapping[str, Any]) -> Row:
    """The row with its section's renamed keys."""
    names = world.renames.get(section)
    return {names.get(key, key): value for key, value in row.items()} if names else dict(row)
