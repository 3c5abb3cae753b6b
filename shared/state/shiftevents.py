"""Table `shiftevents`: PartitionKey `<person>`, RowKey `<schedule>|<yyyy-mm>`: the mapping between shifts and events.

One row per person-month with its links inside, one line a slot. Person row `!`: lease, open months, refusals.
"""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from datetime import datetime
from itertools import batched
from typing import Any

from shared.messages import ScheduleMonth
from shared.state.entities import HEAD, MOST_WRITES, join, split, time_of, time_text, transactions
from shared.state.table import Row, Table, Write
from shared.sync.ports import LinkKey
from shared.sync.records import Link, PersonState, Refusal

SCHEMA = 1


class ShiftEventTable:
    """See `sync.ports.ShiftEvents`."""

    def __init__(self, table: Table) -> None:
        self._table = table

    async def person(self, person: str) -> tuple[datetime, PersonState]:
        """See ShiftEvents."""
        now, rows = await self._table.rows(person)
        own = next((row for row in rows if row.row == HEAD), None)
        state = _state(person, own)
        for row in rows:
            if row.row != HEAD:
                state.links[ScheduleMonth.parse(row.row)] = [_link(line) for line in join("links", row.values) or ()]
        return now, state

    async def store(
        self, state: PersonState, links: Mapping[ScheduleMonth, Sequence[Link]], *, owner: str | None
    ) -> datetime:
        """See ShiftEvents. Where the links do not fit one transaction, the last brings the person row up to date."""
        rows = [
            Write("replace", str(month), {"schema": SCHEMA, **split("links", [_link_json(link) for link in some])})
            for month, some in links.items()
        ]
        *earlier, final = transactions(rows, self._own(state, owner))
        for batch in earlier:
            if state.etag is None:
                raise RuntimeError("links are stored under a lease only")
            await self._store(state, Write("merge", HEAD, {"schema": SCHEMA}, state.etag), batch)
        state.leased_at = await self._store(state, self._own(state, owner), final)
        state.owner = owner
        return state.leased_at

    async def _store(self, state: PersonState, head: Write, rows: Sequence[Write]) -> datetime:
        now, etags = await self._table.write(state.person, [head, *rows])
        state.etag = etags[0]
        return now

    async def keys(self) -> AsyncIterator[LinkKey]:
        """See ShiftEvents."""
        async for row in self._table.scan(["links_0", "person_parts", "person_0"]):
            if row.row != HEAD:
                yield LinkKey(row.partition, ScheduleMonth.parse(row.row), row.values.get("links_0") != "[]")
            elif row.values.get("person_parts") == 1:
                for month in _state(row.partition, row).open:
                    yield LinkKey(row.partition, month, tied=True)

    async def forget(self, state: PersonState, months: Collection[ScheduleMonth]) -> None:
        """See ShiftEvents."""
        for month in months:
            state.open.pop(month, None)
        there = [month for month in months if state.links.pop(month, None) is not None]
        for some in batched(there, MOST_WRITES - 1, strict=False):
            await self._store(state, self._own(state, None), [Write("delete", str(month)) for month in some])
        if not (state.links or state.open):
            await self._table.write(state.person, [Write("delete", HEAD, etag=state.etag)])
        elif not there:
            await self._store(state, self._own(state, None), [])

    def _own(self, state: PersonState, owner: str | None) -> Write:
        """The person row."""
        values = {
            "schema": SCHEMA,
            "owner": owner or "",
            "look_again_at": time_text(state.look_again_at),
            **split("person", _person_json(state)),
        }
        return Write("insert" if state.etag is None else "replace", HEAD, values, state.etag)


def _person_json(state: PersonState) -> dict[str, Any]:
    return {
        "open": {str(month): sorted(mailboxes) for month, mailboxes in state.open.items()},
        "observed": sorted(state.observed),
        "refusals": {
            mailbox: [time_text(refusal.since), time_text(refusal.next_try_at), refusal.gone, refusal.code]
            for mailbox, refusal in state.refusals.items()
        },
    }


def _state(person: str, row: Row | None) -> PersonState:
    if row is None:
        return PersonState(person, None)
    inside = join("person", row.values)
    return PersonState(
        person=person,
        etag=row.etag,
        owner=str(row.values.get("owner", "")) or None,
        leased_at=row.stored_at,
        open={ScheduleMonth.parse(month): set(mailboxes) for month, mailboxes in inside["open"].items()},
        look_again_at=time_of(row.values.get("look_again_at")),
        refusals={
            mailbox: Refusal(datetime.fromisoformat(since), datetime.fromisoformat(next_try_at), gone, code)
            for mailbox, (since, next_try_at, gone, code) in inside["refusals"].items()
        },
        observed=set(inside["observed"]),
    )


def _link_json(link: Link) -> dict[str, Any]:
    return {
        "link": link.link,
        "mailbox": link.mailbox,
        "event": link.event,
        "slot": link.slot,
        "digest": link.digest,
        "start": link.start.isoformat(),
        "end": link.end.isoformat(),
        **({"seen": link.seen} if link.seen else {}),
    }


def _link(line: dict[str, Any]) -> Link:
    return Link(
        link=line["link"],
        mailbox=line["mailbox"],
        event=line["event"],
        slot=line["slot"],
        digest=line["digest"],
        start=datetime.fromisoformat(line["start"]),
        end=datetime.fromisoformat(line["end"]),
        seen=line.get("seen", ""),
    )
