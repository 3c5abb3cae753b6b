"""What the protocol is without one of its parts: each a patch of the imported engine, in a process of its own."""

import dataclasses
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextvars import ContextVar
from datetime import datetime
from typing import Any

from shared.messages import ScheduleChange, ScheduleMonth
from shared.month import Month
from shared.outlook import batch, found
from shared.outlook.mark import Mark
from shared.outlook.outcome import Kind, Outcome
from shared.schedule.model import MonthRead
from shared.state.personmonths import PersonMonthTable
from shared.sync import audit, coalesce, diff, match, observe, sending, status, store_read, write_calendar
from shared.sync.guard import Verdict
from shared.sync.lease import Lease
from shared.sync.observe import Look
from shared.sync.ports import Specification
from shared.sync.records import Desired, DesiredSlot, Head, PersonMonthRow, PersonState, ScheduleMonthRows, Status
from tests.property import hospital, outside


def no_observation() -> None:
    """A person-month that is found open is written as if nothing had happened."""
    real: Callable[..., list[Look]] = _get(write_calendar, "looks")

    def looks(
        state: PersonState,
        rows: Mapping[ScheduleMonth, PersonMonthRow],
        _: Collection[ScheduleMonth],
        refusing: set[str],
        now: datetime,
    ) -> list[Look]:
        return real(state, rows, (), refusing, now)

    _put(write_calendar, "looks", looks)


def no_second_look() -> None:
    """The first look at an open person-month closes it."""
    _put(write_calendar, "has_come", lambda *_: True)


def mark_without_digest() -> None:
    """What was last sent is known from the links alone: observing an event does not tell."""
    real: Callable[..., None] = _get(observe, "file_marks")

    def file_marks(state: PersonState, *given: Any) -> None:
        known = {link.event: link.digest for links in state.links.values() for link in links}
        real(state, *given)
        for month, links in state.links.items():
            state.links[month] = [
                dataclasses.replace(link, digest=known.get(link.event, link.digest)) for link in links
            ]

    _put(observe, "file_marks", file_marks)


def past_its_lease() -> None:
    """A batch is sent whatever is left of the lease."""

    async def cover(_: Lease) -> None:
        return

    _put(Lease, "cover_next_request", cover)


def due_by_digest() -> None:
    """In step is what was applied with the same digest, whatever came between."""
    applied: dict[tuple[str, ScheduleMonth], str] = {}
    _forget_with_each_hospital(applied)
    real = PersonMonthTable.store_status

    async def store_status(self: PersonMonthTable, row: PersonMonthRow, new: Status) -> None:
        await real(self, row, new)
        if new.applied_version == row.version:
            applied[row.person, row.month] = row.digest

    _put(PersonMonthTable, "store_status", store_status)
    _put(PersonMonthRow, "in_step", property(lambda row: applied.get((row.person, row.month)) == row.digest))


def not_by_digest() -> None:
    """Links are matched with slots by slot id, then by times."""

    def paired(slots: Sequence[DesiredSlot], links: Any, now: datetime) -> tuple[match.Pairs, list[Any]]:
        blind = [dataclasses.replace(link, digest="") for link in links]
        whole = dict(zip(map(id, blind), links, strict=True))
        pairs, free = match.match(slots, blind, now)
        return {key: whole[id(link)] for key, link in pairs.items()}, [whole[id(link)] for link in free]

    _put(diff, "match", paired)


def duplicate_is_permanent() -> None:
    """ErrorDuplicateTransactionId counts as a refusal of that event."""
    real: Callable[..., Outcome] = _get(batch, "outcome_of")

    def outcome_of(*given: Any, **named: Any) -> Outcome:
        outcome = real(*given, **named)
        return dataclasses.replace(outcome, kind=Kind.EVENT_REFUSED) if outcome.kind is Kind.DUPLICATE else outcome

    _put(batch, "outcome_of", outcome_of)


def link_id_again() -> None:
    """An event that is created again gets the link id that it had."""
    ids: dict[tuple[str, ScheduleMonth, str | None], str] = {}
    _forget_with_each_hospital(ids)
    real = sending.Sender._mark

    def mark(self: sending.Sender, link: str, month: ScheduleMonth, slot: DesiredSlot) -> Mark:
        return real(self, ids.setdefault((self._state.person, month, slot.slot), link), month, slot)

    _put(sending.Sender, "_mark", mark)


def no_guard() -> None:
    """Nothing is ever kept or held."""
    _put(store_read, "judge", lambda *_: Verdict())


def late_reader_accepted() -> None:
    """Rows are stored under the head as it is now, not as it was when the read began."""
    real = PersonMonthTable.store

    async def store(
        self: PersonMonthTable, month: ScheduleMonth, head: Head, specifications: Sequence[Specification]
    ) -> AsyncIterator[tuple[str, ...]]:
        present = (await self.rows(month)).head
        if present:
            head = dataclasses.replace(head, etag=present.etag)
        async for people in real(self, month, head, specifications):
            yield people

    _put(PersonMonthTable, "store", store)


def unreadable_is_absent() -> None:
    """A row that cannot be read is passed over."""
    real: Callable[..., MonthRead] = _get(outside, "parse_month")

    def parse_month(answer: object, **named: Any) -> MonthRead:
        return dataclasses.replace(real(answer, **named), unreadable=())

    _put(outside, "parse_month", parse_month)


def hold_withholds_edits() -> None:
    """Nothing of a schedule-month changes as long as anything of it is held."""
    real: Callable[..., dict[str, Desired]] = _get(store_read, "changed")

    def changed(desired: Mapping[str, Desired], stored: ScheduleMonthRows) -> dict[str, Desired]:
        return {} if stored.head and stored.head.holds else real(desired, stored)

    _put(store_read, "changed", changed)


def applied_early() -> None:
    """A month that is still open is in step already."""
    real: Callable[..., Status] = _get(write_calendar, "status_after")

    def status_after(ending: status.Ending, *given: Any) -> Status:
        if ending.name in ("second look", "unknown"):
            ending = status.Ending("applied")
        return real(ending, *given)

    _put(write_calendar, "status_after", status_after)


def repeat_swallowed() -> None:
    """A repeat is covered by any read that started after its callback came."""

    def covered(change: ScheduleChange, reads: Any, month: Month) -> bool:
        finished = reads.of(month).finished
        return bool(finished and change.first and finished > change.first)

    _put(coalesce, "_covered", covered)
    _put(coalesce, "_overtaken", lambda change, reads, month: False)


def audit_trusts_ids() -> None:
    """The audit keeps a link whose event id is known, though a look at the calendar has not shown the event."""
    auditing = _audits()
    real: Callable[..., None] = _get(observe, "file_marks")

    def file_marks(state: PersonState, look: Look, *given: Any) -> None:
        before = {month: list(links) for month, links in state.links.items()} if auditing.get() else {}
        real(state, look, *given)
        for month, links in before.items():
            there = {link.event for link in state.links.get(month, [])}
            state.links[month] = [*state.links.get(month, []), *(link for link in links if link.event not in there)]

    _put(observe, "file_marks", file_marks)


def audit_takes_others_marks() -> None:
    """The audit files every mark of the installation as the person's own, whomever it names."""
    auditing = _audits()
    real: Callable[..., Mark | None] = _get(found, "_ours")
    mark_of: Callable[..., Mark | None] = _get(found, "_mark")

    def ours(row: Mapping[str, Any], installation: str, person: str, earlier: Collection[str]) -> Mark | None:
        mark = mark_of(row)
        return real(row, installation, mark.person if mark and auditing.get() else person, earlier)

    _put(found, "_ours", ours)


def _audits() -> ContextVar[bool]:
    """True while an audit looks into a mailbox."""
    auditing = ContextVar("auditing", default=False)
    real = audit.Audit._look

    async def look(self: audit.Audit, *given: Any) -> bool:
        token = auditing.set(True)
        try:
            return await real(self, *given)
        finally:
            auditing.reset(token)

    _put(audit.Audit, "_look", look)
    return auditing


def _forget_with_each_hospital(memory: dict[Any, str]) -> None:
    """What a mutation remembers must not outlive its example: else it fails for what no engine would do."""
    real = hospital.Hospital.__init__

    def begin(self: hospital.Hospital, *given: Any, **named: Any) -> None:
        memory.clear()
        real(self, *given, **named)

    _put(hospital.Hospital, "__init__", begin)


def _get(where: Any, name: str) -> Any:
    return getattr(where, name)


def _put(where: Any, name: str, what: Any) -> None:
    assert hasattr(where, name), f"{where} has no {name} any more"
    setattr(where, name, what)


MUTATIONS: dict[str, tuple[Callable[[], None], str]] = {
    "no observation of open person-months": (no_observation, ""),
    "no second look": (no_second_look, "late_create"),
    "mark without the digest": (mark_without_digest, "undone_after_crash"),
    "a batch sent past its lease": (past_its_lease, "stalled_writer"),
    "due by digest instead of version": (due_by_digest, "undone_after_crash"),
    "links not matched by digest first": (not_by_digest, "exchanged_ids"),
    "duplicate transactionId taken as permanent": (duplicate_is_permanent, "duplicate_answer"),
    "link id reused after a 404": (link_id_again, "gone_by_hand"),
    "the guard skipped": (no_guard, "shrunk_answer"),
    "a late reader's write accepted": (late_reader_accepted, "late_reader"),
    "an unreadable row taken as absent": (unreadable_is_absent, ""),
    "a hold that withholds edits": (hold_withholds_edits, ""),
    "applied stored before the month is closed": (applied_early, "late_create"),
    "a repeat read swallowed by the first": (repeat_swallowed, "lagging_answer"),
    "audit that trusts ids": (audit_trusts_ids, "deleted_by_hand"),
    "audit that touches another person's mark": (audit_takes_others_marks, "shared_mailbox"),
}
"""Each with the directed scenario that catches it, if there is one; the state machine tries first."""
