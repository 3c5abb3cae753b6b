"""Schedules: dated pieces of a template. Edits go to the draft; publishing copies it."""

from dataclasses import dataclass, field
from datetime import date, datetime

from tests.local.lightning_bolt.model import Slot, State


@dataclass(frozen=True, slots=True)
class Copy:
    """What a schedule showed, and in which state, from a moment on."""

    visible_from: datetime
    state: State
    slots: dict[int, Slot]


@dataclass(slots=True)
class Schedule:
    """One dated piece of a template, the thing that has a publish state."""

    sched_id: int
    template_id: int
    first: date
    last: date
    draft: dict[int, Slot] = field(default_factory=dict)
    copies: list[Copy] = field(default_factory=list)
    """Oldest first; the last one is the newest publish, which answers may lag behind."""

    @property
    def state(self) -> State:
        """The state that was set last."""
        return self.copies[-1].state if self.copies else State.DRAFT

    def set_state(self, state: State, visible_from: datetime, now: datetime) -> None:
        """Publishes (or takes back) the draft as it is now."""
        shown = self.shown(now)
        slots = {} if state is State.DRAFT else dict(self.draft)
        self.copies = [*([shown] if shown else []), Copy(visible_from, state, slots)]

    def shown(self, now: datetime) -> Copy | None:
        """The copy that answers show at that moment."""
        return next((copy for copy in reversed(self.copies) if copy.visible_from <= now), None)

    def for_everyone(self, now: datetime) -> dict[int, Slot] | None:
        """Slots that everyone sees, or None where the schedule is not published to everyone."""
        copy = self.shown(now)
        return copy.slots if copy and copy.state is State.EVERYONE else None

    def touches(self, first: date | None, last: date | None) -> bool:
        """Whether any of its days lies in the range; an open end takes all."""
        return (last is None or self.first <= last) and (first is None or self.last >= first)

    def settle(self, now: datetime) -> None:
        """Ends the lag: the newest copy shows at once."""
        if self.copies and self.copies[-1].visible_from > now:
            newest = self.copies[-1]
            self.copies = [Copy(now, newest.state, newest.slots)]
