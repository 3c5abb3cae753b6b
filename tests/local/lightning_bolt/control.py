"""A typed client of the stand-in's `/_sim/` endpoints, for tests and the demo.

`async with LightningBoltControl(url) as lightning_bolt: await lightning_bolt.swap(48201, 2102)`.
Method names and arguments are those of slot_edits.py, record_edits.py, publishing.py and verbs.py.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Literal, Self

from pydantic import TypeAdapter

from tests.local.lightning_bolt.callback import Callback, Called
from tests.local.lightning_bolt.control_records import RecordsControl
from tests.local.lightning_bolt.faults import Fault
from tests.local.lightning_bolt.journal import Reads, Request
from tests.local.lightning_bolt.model import Options, Setup, State
from tests.local.lightning_bolt.publishing import Published
from tests.local.lightning_bolt.slot_edits import Spoilt
from tests.local.lightning_bolt.wire import ControlError, Wire

__all__ = ["ControlError", "LightningBoltControl"]

_SETUP = TypeAdapter(Setup)
_PUBLISHED = TypeAdapter(Published)
_CALLS = TypeAdapter(list[Called])
_REQUESTS = TypeAdapter(list[Request])
_READS = TypeAdapter(list[Reads])
_OPTIONS = TypeAdapter(Options)
_IDS = TypeAdapter(dict[int, int])


class LightningBoltControl(RecordsControl):
    """The stand-in, from outside its process."""

    def __init__(self, url: str, timeout: float = 120) -> None:
        super().__init__(Wire(url, timeout))

    async def __aenter__(self) -> Self:
        await self._wire.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._wire.close()

    # Slots

    async def add_slot(
        self,
        template_id: int,
        emp_id: int,
        assign_structure_id: int,
        day: date,
        *,
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
        return int(
            await self._call(
                "add_slot",
                template_id=template_id,
                emp_id=emp_id,
                assign_structure_id=assign_structure_id,
                day=day,
                start=start,
                stop=stop,
                note=note,
                locations=locations,
                slot_id=slot_id,
                start_fold=start_fold,
                stop_fold=stop_fold,
                live=live,
            )
        )

    async def retime(
        self,
        slot_id: int,
        start: datetime,
        stop: datetime,
        *,
        start_fold: int = 0,
        stop_fold: int = 0,
        live: bool = False,
    ) -> None:
        """Other times. `slot_date` stays."""
        await self._call(
            "retime", slot_id=slot_id, start=start, stop=stop, start_fold=start_fold, stop_fold=stop_fold, live=live
        )

    async def move(self, slot_id: int, day: date, *, template_id: int | None = None, live: bool = False) -> None:
        """To another day (or month, or template), at the same hours."""
        await self._call("move", slot_id=slot_id, day=day, template_id=template_id, live=live)

    async def swap(self, slot_id: int, emp_id: int, *, live: bool = False) -> None:
        """The same slot gets another holder."""
        await self._call("swap", slot_id=slot_id, emp_id=emp_id, live=live)

    async def reassign(self, slot_id: int, assign_structure_id: int, *, live: bool = False) -> None:
        """Another kind of shift, at the same times."""
        await self._call("reassign", slot_id=slot_id, assign_structure_id=assign_structure_id, live=live)

    async def set_pending(
        self, slot_id: int, pending: bool = True, *, offered_to: int | None = None, live: bool = False
    ) -> None:
        """A swap or an offer is open (or no more); the holder stays."""
        await self._call("set_pending", slot_id=slot_id, pending=pending, offered_to=offered_to, live=live)

    async def remove(self, slot_id: int, *, live: bool = False) -> None:
        """Deletes a shift."""
        await self._call("remove", slot_id=slot_id, live=live)

    async def split(self, slot_id: int, at: datetime, emp_id: int, *, live: bool = False) -> int:
        """The part from `at` on becomes a slot of its own, somebody else's. Gives its id."""
        return int(await self._call("split", slot_id=slot_id, at=at, emp_id=emp_id, live=live))

    async def set_notes(
        self,
        slot_id: int,
        note: str | None = None,
        *,
        request_note: str | None = None,
        decision_note: str | None = None,
        live: bool = False,
    ) -> None:
        """All three notes, as given; only `note` is the schedule note."""
        await self._call(
            "set_notes",
            slot_id=slot_id,
            note=note,
            request_note=request_note,
            decision_note=decision_note,
            live=live,
        )

    async def set_locations(self, slot_id: int, locations: tuple[str, ...], *, live: bool = False) -> None:
        """Where the shift is."""
        await self._call("set_locations", slot_id=slot_id, locations=locations, live=live)

    async def renumber(self, slot_ids: Sequence[int], *, live: bool = False) -> dict[int, int]:
        """New ids for slots that are otherwise the same. Gives old to new."""
        return _IDS.validate_python(await self._call("renumber", slot_ids=list(slot_ids), live=live))

    async def exchange_ids(self, one: int, other: int, *, live: bool = False) -> None:
        """Two slots take each other's id."""
        await self._call("exchange_ids", one=one, other=other, live=live)

    async def set_raw(
        self,
        slot_id: int,
        fields: Mapping[str, Any] | None = None,
        absent: tuple[str, ...] = (),
        *,
        live: bool = False,
    ) -> None:
        """Lays any values over the row's keys, and takes keys out. Without arguments the row is whole again."""
        await self._call("set_raw", slot_id=slot_id, fields=fields, absent=absent, live=live)

    async def spoil(self, slot_id: int, how: Spoilt, *, live: bool = False) -> None:
        """Makes the row unreadable in one of the ways that matter."""
        await self._call("spoil", slot_id=slot_id, how=how, live=live)

    # Publishing

    async def publish(
        self,
        templates: tuple[int, ...] | None = None,
        first: date | None = None,
        last: date | None = None,
        *,
        state: State | Literal["draft", "administrators", "everyone"] = State.EVERYONE,
        callback: bool = True,
        body: Mapping[str, Any] | None = None,
        but: tuple[tuple[date, date], ...] = (),
    ) -> Published:
        """Publishes (or, as `draft`, takes back) and calls the callback; see Publishing.publish."""
        answer = await self._call(
            "publish", templates=templates, first=first, last=last, state=state, callback=callback, body=body, but=but
        )
        return _PUBLISHED.validate_python(answer)

    async def call_again(self, publish_id: str) -> list[Called]:
        """Sends a publish's callbacks once more, unchanged."""
        return _CALLS.validate_python(await self._call("call_again", publish_id=publish_id))

    async def settle(self) -> None:
        """Ends the lag of answers behind publishes."""
        await self._call("settle")

    # The stand-in itself

    async def load(self, setup: Setup) -> None:
        """Replaces everything that Lightning Bolt knows; all of it drafts."""
        await self._call("load", setup=setup)

    async def published(self, *, settled: bool = True) -> Setup:
        """The published truth; see World.published."""
        return _SETUP.validate_python(await self._call("published", settled=settled))

    async def drafts(self) -> Setup:
        """Everything as schedulers see it."""
        return _SETUP.validate_python(await self._call("drafts"))

    async def options(self) -> Options:
        """How the stand-in behaves."""
        return _OPTIONS.validate_python(await self._call("options"))

    async def set_options(self, options: Options) -> None:
        """All options; what is left out goes back to its default."""
        await self._call("set_options", options=options)

    async def announce_to(
        self, url: str | None, *, key: str | None = None, secret: str | None = None, on: bool = True
    ) -> None:
        """Publishes call this address from now on."""
        await self._call("set_callback", callback=Callback(url, key, secret, on))

    async def calls(self) -> list[Called]:
        """Callbacks that were sent, with their answers."""
        return _CALLS.validate_python(await self._call("calls"))

    async def add_fault(self, fault: Fault) -> int:
        """Switches a fault on; gives its id."""
        return int(await self._call("add_fault", fault=fault))

    async def clear_faults(self, fault_id: int | None = None) -> None:
        """Takes one fault away, or all."""
        await self._call("clear_faults", fault_id=fault_id)

    async def struck(self) -> dict[int, int]:
        """How often each fault that is on has struck."""
        return _IDS.validate_python(await self._call("struck"))

    async def journal(self, after: int = 0) -> list[Request]:
        """Requests with a number above `after`."""
        return _REQUESTS.validate_python(await self._call("journal", after=after))

    async def reads(self) -> list[Reads]:
        """Reads per view and month since the journal was cleared."""
        return _READS.validate_python(await self._call("reads"))

    async def clear_journal(self) -> None:
        """Forgets requests and callbacks."""
        await self._call("clear_journal")

    async def revoke_tokens(self) -> None:
        """All bearers so far are stale."""
        await self._call("revoke_tokens")

    async def new_refresh_token(self) -> str:
        """A refresh token, as somebody who signed in by hand would have it."""
        return str(await self._call("new_refresh_token"))

    async def issued_tokens(self) -> list[str]:
        """Every bearer and refresh token that was handed out."""
        return list(await self._call("issued_tokens"))
