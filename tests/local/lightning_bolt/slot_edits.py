"""What schedulers and providers do to slots. Edits change the draft; `live` ones what is published, too."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any, Literal

from tests.local.lightning_bolt.model import Slot
from tests.local.lightning_bolt.world import Unknown, World

type Spoilt = Literal["bad_date", "end_before_start", "end_at_start", "bad_start", "no_person", "wrong_utc"]


class SlotEdits:
    """Edits of slots. Each raises Unknown for what is not there."""

    def __init__(self, world: World) -> None:
        self._world = world

    def add_slot(
        self,
        template_id: int,
        emp_id: int,
        assign_structure_id: int,
        day: date,
        start: datetime | None = None,
        stop: datetime | None = None,
        note: str | None = None,
        locations: tuple[str, ...] = (),
        slot_id: int | None = None,
        start_fold: int = 0,
        stop_fold: int = 0,
        live: bool = False,
    ) -> int:
        """A new shift, by default at its assignment's times. Gives the slot's id."""
        world = self._world
        if emp_id not in world.people:
            raise Unknown(f"no person {emp_id}")
        usual = default_times(world, assign_structure_id, day)
        slot_id = world.new_slot_id() if slot_id is None else slot_id
        slot = Slot(
            slot_id, template_id, emp_id, assign_structure_id, day, start or usual[0], stop or usual[1], note=note,
            locations=locations, start_fold=start_fold, stop_fold=stop_fold,
        )  # fmt: skip
        self._store(slot_id, slot, live)
        return slot_id

    def retime(
        self,
        slot_id: int,
        start: datetime,
        stop: datetime,
        start_fold: int = 0,
        stop_fold: int = 0,
        live: bool = False,
    ) -> None:
        """Other times. `slot_date` stays."""
        self._change(slot_id, live, "times changed", start=start, stop=stop, start_fold=start_fold, stop_fold=stop_fold)

    def move(self, slot_id: int, day: date, template_id: int | None = None, live: bool = False) -> None:
        """To another day (or month, or template), at the same hours."""
        slot = self._world.slot(slot_id)
        by = timedelta(days=(day - slot.day).days)
        template_id = slot.template_id if template_id is None else template_id
        moved = {"day": day, "start": slot.start + by, "stop": slot.stop + by, "template_id": template_id}
        self._change(slot_id, live, "moved", **moved)

    def swap(self, slot_id: int, emp_id: int, live: bool = False) -> None:
        """The same slot gets another holder, as when a swap is granted."""
        world = self._world
        slot = world.slot(slot_id)
        if emp_id not in world.people:
            raise Unknown(f"no person {emp_id}")
        first = slot.emp_id if slot.original_emp_id is None else slot.original_emp_id
        self._change(
            slot_id,
            live,
            f"{slot.emp_id} swapped with {emp_id}",
            emp_id=emp_id,
            original_emp_id=first,
            pending=False,
            pending_emp_id=None,
        )

    def reassign(self, slot_id: int, assign_structure_id: int, live: bool = False) -> None:
        """Another kind of shift, at the same times."""
        self._change(slot_id, live, "assignment changed", assign_structure_id=assign_structure_id)

    def set_pending(
        self, slot_id: int, pending: bool = True, offered_to: int | None = None, live: bool = False
    ) -> None:
        """A swap or an offer is open (or no more); the holder stays."""
        self._change(slot_id, live, "offered", pending=pending, pending_emp_id=offered_to if pending else None)

    def remove(self, slot_id: int, live: bool = False) -> None:
        """Deletes a shift."""
        self._store(slot_id, None, live)

    def split(self, slot_id: int, at: datetime, emp_id: int, live: bool = False) -> int:
        """The part from `at` on becomes a slot of its own, somebody else's. Gives its id."""
        slot = self._world.slot(slot_id)
        if not slot.start < at < slot.stop:
            raise ValueError(f"slot {slot_id} cannot be split at {at}")
        self._change(slot_id, live, "split", stop=at, stop_fold=0)
        return self.add_slot(
            slot.template_id, emp_id, slot.assign_structure_id, slot.day, start=at, stop=slot.stop, live=live
        )

    def set_notes(
        self,
        slot_id: int,
        note: str | None = None,
        request_note: str | None = None,
        decision_note: str | None = None,
        live: bool = False,
    ) -> None:
        """All three notes, as given; only `note` is the schedule note."""
        notes = {"note": note, "request_note": request_note, "decision_note": decision_note}
        self._change(slot_id, live, "", **notes)

    def set_locations(self, slot_id: int, locations: tuple[str, ...], live: bool = False) -> None:
        """Where the shift is."""
        self._change(slot_id, live, "", locations=locations)

    def renumber(self, slot_ids: Sequence[int], live: bool = False) -> dict[int, int]:
        """New ids (and uuids) for slots that are otherwise the same. Gives old to new."""
        new_ids = {}
        for slot_id in slot_ids:
            slot = self._world.slot(slot_id)
            new_ids[slot_id] = self._world.new_slot_id()
            self._store(slot_id, None, live)
            self._store(new_ids[slot_id], with_id(slot, new_ids[slot_id]), live)
        return new_ids

    def exchange_ids(self, one: int, other: int, live: bool = False) -> None:
        """Two slots take each other's id: the nastiest renumbering."""
        first, second = self._world.slot(one), self._world.slot(other)
        self._store(one, with_id(second, one), live)
        self._store(other, with_id(first, other), live)

    def set_raw(
        self,
        slot_id: int,
        fields: Mapping[str, Any] | None = None,
        absent: tuple[str, ...] = (),
        live: bool = False,
    ) -> None:
        """Lays any values over the row's keys, and takes keys out. Without arguments the row is whole again."""
        self._change(slot_id, live, "", raw=dict(fields or {}), absent=absent)

    def spoil(self, slot_id: int, how: Spoilt, live: bool = False) -> None:
        """Makes the row unreadable in one of the ways that matter."""
        if how == "no_person":
            self._change(slot_id, live, "", raw={"emp_id": 999_999})
            return
        slot = self._world.slot(slot_id)
        raw: dict[str, dict[str, Any]] = {
            "bad_date": {"slot_date": f"{slot.day:%Y-%m}-32"},
            "bad_start": {"start_time": "soon"},
            "end_at_start": {"stop_time": f"{slot.start:%Y-%m-%dT%H:%M:%S}"},
            "end_before_start": {"stop_time": f"{slot.start - timedelta(hours=1):%Y-%m-%dT%H:%M:%S}"},
            "wrong_utc": {"start_time_utc": f"{slot.start + timedelta(hours=1):%Y-%m-%dT%H:%M:%S}"},
        }
        self._change(slot_id, live, "", raw=raw[how])

    def _change(self, slot_id: int, live: bool, what: str, **changes: Any) -> None:
        world = self._world
        slot = world.slot(slot_id)
        self._store(slot_id, slot.changed(world.local_now(), what, **changes), live)

    def _store(self, slot_id: int, slot: Slot | None, live: bool) -> None:
        world = self._world
        if slot is None:
            world.drop(slot_id)
        else:
            world.put(slot)
        if live:
            for schedule in world.schedules.values():
                if schedule.copies:
                    schedule.copies[-1].slots.pop(slot_id, None)
            if slot is not None and (copies := world.schedule_of(slot_id).copies):
                copies[-1].slots[slot_id] = slot
            world.touch()


def with_id(slot: Slot, slot_id: int) -> Slot:
    """The same shift under another id."""
    return replace(slot, slot_id=slot_id)


def default_times(world: World, assign_structure_id: int, day: date) -> tuple[datetime, datetime]:
    """An assignment's usual start and stop on a day."""
    if assign_structure_id not in world.assignments:
        raise Unknown(f"no assignment {assign_structure_id}")
    start_text, stop_text = world.assignments[assign_structure_id].times.split("~")
    start = datetime.fromisoformat(f"{day}T{start_text}")
    stop = datetime.fromisoformat(f"{day}T{stop_text}")
    return start, stop if stop > start else stop + timedelta(days=1)
