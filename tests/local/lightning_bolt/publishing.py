"""Publishing schedules, and telling the callback."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

from tests.local.lightning_bolt.callback import Called, Caller
from tests.local.lightning_bolt.model import State
from tests.local.lightning_bolt.schedules import Schedule
from tests.local.lightning_bolt.slot_edits import SlotEdits
from tests.local.lightning_bolt.world import Unknown, World


@dataclass(frozen=True, slots=True)
class Published:
    """What a publish did."""

    publish_id: str
    schedules: tuple[int, ...]
    """`sched_id`s."""
    views: tuple[int, ...]
    """Views that show any of them: each is announced in a call of its own."""
    calls: tuple[Called, ...]
    renumbered: Mapping[int, int]
    """Old slot id to new, with `renumber_on_publish`."""


class Publishing:
    """Sets the states of schedules."""

    def __init__(self, world: World, caller: Caller) -> None:
        self._world = world
        self._caller = caller

    async def publish(
        self,
        templates: tuple[int, ...] | None = None,
        first: date | None = None,
        last: date | None = None,
        state: State = State.EVERYONE,
        callback: bool = True,
        body: Mapping[str, Any] | None = None,
        but: tuple[tuple[date, date], ...] = (),
    ) -> Published:
        """Gives every schedule of the templates (None: all) that touches the range its state, and the draft as it is.

        Days of the range that no schedule has get an empty one for their month. `but`: schedules that touch any of
        these ranges are left as they are. `body` is laid over the callback's body; a null in it takes the key out. The
        state `draft` unpublishes.
        """
        world = self._world
        chosen = tuple(world.templates) if templates is None else templates
        for template in chosen:
            if template not in world.templates:
                raise Unknown(f"no template {template}")
            _fill(world, template, first, last)
        schedules = [
            schedule
            for schedule in world.schedules_of(chosen, first, last)
            if not any(schedule.touches(*days) for days in but)
        ]
        renumbered = self._renumber(schedules) if world.options.renumber_on_publish else {}
        now = world.now()
        for schedule in schedules:
            schedule.set_state(state, now + timedelta(seconds=world.options.lag_seconds), now)
        world.touch()
        publish_id = str(uuid4())
        published = {schedule.template_id for schedule in schedules}
        views = tuple(view.view_id for view in world.views.values() if published & set(view.templates))
        common = {
            "start_date": str(first or min((item.first for item in schedules), default=world.today())),
            "end_date": str(last or max((item.last for item in schedules), default=world.today())),
            "published_at": now.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "publish_id": publish_id,
            "publish_state": str(state),
            **(body or {}),
        }
        bodies = [
            {key: value for key, value in {"view_id": view, **common}.items() if value is not None} for view in views
        ]
        calls = await self._caller.call(bodies) if callback else []
        ids = tuple(schedule.sched_id for schedule in schedules)
        return Published(publish_id, ids, views, tuple(calls), renumbered)

    async def call_again(self, publish_id: str) -> list[Called]:
        """Sends a publish's callbacks once more, unchanged."""
        return await self._caller.call(
            [dict(call.body) for call in self._caller.calls if call.body.get("publish_id") == publish_id]
        )

    def settle(self) -> None:
        """Ends the lag of answers behind publishes."""
        now = self._world.now()
        for schedule in self._world.schedules.values():
            schedule.settle(now)
        self._world.touch()

    def _renumber(self, schedules: list[Schedule]) -> dict[int, int]:
        return SlotEdits(self._world).renumber([slot_id for schedule in schedules for slot_id in schedule.draft])


def _fill(world: World, template: int, first: date | None, last: date | None) -> None:
    """Schedules for every day of a range."""
    day = first
    while day is not None and last is not None and day <= last:
        day = world.schedule_on(template, day).last + timedelta(days=1)
