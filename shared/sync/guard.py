"""Rule 5, refuse to shrink; rule 7, unreadable is kept. Pure: stored slots × a read → what stays, and why.

| a stored slot that the read does not account for | stays as |
| --- | --- |
| whose person has no ID any more | nothing: opting out flows; `ids` hold, where people lose their IDs in bulk |
| that the answer has under another schedule | nothing: moved |
| that an unreadable row protects | wanted |
| of a schedule that the answer does not list | `unlisted` hold |
| beyond its schedule's horizon | `horizon` hold |
| whose schedule-month was judged by another filter of the view | `filter` hold |
| whose schedule-month, and the read, lose too much | `shrink` hold |
| else | nothing: removed |

A held slot stays held until it is accounted for again, moved, its person opts out alone, or an operator releases it.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from shared.schedule.model import MonthRead
from shared.sync.account import Account, Stored, account, times_of, times_of_row
from shared.sync.desired import sendable
from shared.sync.records import Cause, DesiredSlot

FEWEST_PEOPLE = 3
"""So many people who lose their IDs in one read are not opting out one by one."""


@dataclass(frozen=True, slots=True)
class Limits:
    """`SHRINK_LIMIT` and `SHRINK_MINIMUM`."""

    share: float
    slots: int


@dataclass(slots=True)
class Verdict:
    """What stays of stored desired although the read does not want it."""

    kept: defaultdict[tuple[str, str], list[DesiredSlot]] = field(default_factory=lambda: defaultdict(list))
    """By schedule and person. Each with the hold that it waits under, or none (protected by an unreadable row)."""
    causes: defaultdict[str, dict[str, Cause]] = field(default_factory=lambda: defaultdict(dict))
    """New holds, by schedule: id to cause."""
    keep_mailbox: set[str] = field(default_factory=set)
    """People whose lost IDs are held: their mailbox stays what it was."""


def judge(
    read: MonthRead,
    stored: Sequence[Stored],
    filters: Mapping[str, str | None],
    causes: Mapping[str, Cause],
    limits: Limits,
    new_id: Callable[[], str],
) -> Verdict:
    """Judges the stored slots of every schedule that the read shows, or that its view owns.

    `filters`: per schedule, the filter that its schedule-month was last judged by, or None. `causes`: of the holds
    that stored slots wait under.
    """
    refiltered = {schedule for schedule, known in filters.items() if known not in (None, read.filter)}
    found = account(read, stored, refiltered)
    court = _Court(read, stored, found, causes, limits, refiltered)
    verdict = Verdict()
    ids = {row.slot for row in read.slots}

    def hold(item: Stored, cause: Cause) -> DesiredSlot:
        known = verdict.causes[item.schedule]
        hold_id = next((each for each, why in known.items() if why == cause), None) or new_id()
        known[hold_id] = cause
        return replace(item.slot, hold=hold_id)

    for position, item in enumerate(stored):
        cause = court.judge(position)
        if cause is None:
            continue
        if cause == "held":
            kept = item.slot
        elif cause == "protected":
            kept = replace(item.slot, slot=None) if item.slot.slot in ids else item.slot
        else:
            kept = hold(item, cause)
        verdict.kept[item.schedule, item.person].append(kept)
        if cause == "ids" or (cause == "held" and court.unmapped(item.person)):
            verdict.keep_mailbox.add(item.person)
    return verdict


class _Court:
    """The counting behind one verdict."""

    def __init__(
        self,
        read: MonthRead,
        stored: Sequence[Stored],
        found: Account,
        causes: Mapping[str, Cause],
        limits: Limits,
        refiltered: Collection[str],
    ) -> None:
        self._refiltered = refiltered
        self._read = read
        self._stored = stored
        self._found = found
        self._limits = limits
        self._schedules_of_id: dict[str, set[str]] = defaultdict(set)
        self._schedules_of_times: dict[tuple[Hashable, ...], set[str]] = defaultdict(set)
        for row in read.slots:
            self._schedules_of_id[row.slot].add(row.schedule)
            self._schedules_of_times[times_of_row(row)].add(row.schedule)
        self._lost_ids = self._people_who_lost_their_ids()
        self._held_ids = {
            (item.schedule, item.person)
            for item in stored
            if item.slot.hold is not None and causes.get(item.slot.hold) == "ids" and self.unmapped(item.person)
        }
        self._shrunk = self._shrunk_schedules()

    def judge(self, position: int) -> Cause | Literal["held", "protected"] | None:
        """Why a stored slot stays; None where it goes, or is served from its own row."""
        item, row = self._stored[position], self._found.rows.get(position)
        unmapped = self.unmapped(item.person)
        given = row is not None and row.person != item.person and not self.unmapped(row.person)
        if item.held:
            return self._judge_held(position, given)
        if unmapped:
            return "ids" if item.person in self._lost_ids and not given else None
        if position in self._found.protected:
            return "protected"
        if row is not None or self._moved(position):
            return None
        if item.schedule not in self._read.schedules:
            return "unlisted"
        if self._beyond(item):
            return "horizon"
        if item.schedule in self._refiltered:
            return "filter"
        return "shrink" if item.schedule in self._shrunk else None

    def _judge_held(self, position: int, given: bool) -> Literal["held"] | None:
        item, row = self._stored[position], self._found.rows.get(position)
        if self._moved(position):
            return None
        unmapped = self.unmapped(item.person)
        ids = (item.schedule, item.person) in self._held_ids or item.person in self._lost_ids
        if unmapped and not ids and not given:
            return None
        if row is None or (row.schedule == item.schedule and unmapped and not given and ids):
            return "held"
        return None

    def unmapped(self, person: str) -> bool:
        """Whether the read shows the person without an ID."""
        record = self._read.people.get(person)
        return record is not None and record.mailbox is None

    def _moved(self, position: int) -> bool:
        """Whether the answer has the slot under another schedule, stored there already or not."""
        item = self._stored[position]
        if position in self._found.rows or position in self._found.protected:
            return False
        elsewhere = self._schedules_of_id.get(item.slot.slot or "", set()) | self._schedules_of_times.get(
            times_of(item), set()
        )
        return bool(elsewhere - {item.schedule})

    def _beyond(self, item: Stored) -> bool:
        schedule = self._read.schedules.get(item.schedule)
        return schedule is not None and (schedule.horizon is None or item.slot.day > schedule.horizon)

    def _people_who_lost_their_ids(self) -> set[str]:
        people = {item.person for item in self._stored if not item.held}
        lost = {person for person in people if self.unmapped(person)}
        return lost if len(lost) >= FEWEST_PEOPLE and len(lost) > self._limits.share * len(people) else set()

    def _shrunk_schedules(self) -> set[str]:
        """Schedules that lose more than their share, net of what they gain, in a read that loses enough in all."""
        base, net = Counter[str](), Counter[str]()
        for position, item in enumerate(self._stored):
            if item.held or self.unmapped(item.person):
                continue
            base[item.schedule] += 1
            row = self._found.rows.get(position)
            if row is not None and row.schedule != item.schedule and sendable(self._read, row):
                net[row.schedule] -= 1
            gone = row is None and position not in self._found.protected
            if gone and not self._moved(position) and not self._beyond(item):
                net[item.schedule] += 1
        for row in self._found.new:
            if sendable(self._read, row):
                net[row.schedule] -= 1
        total = sum(loss for loss in net.values() if loss > 0)
        if total < self._limits.slots:
            return set()
        return {schedule for schedule, loss in net.items() if loss > self._limits.share * base[schedule]}
