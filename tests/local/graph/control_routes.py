"""`/_sim`: the simulator's control over HTTP, JSON in and out. `GET /_sim` lists what there is."""

import json
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from aiohttp import web

from tests.local.graph.answers import GraphError, Json
from tests.local.graph.event import Event
from tests.local.graph.faults import Fault
from tests.local.graph.mailboxes import DEFAULT_CALENDAR, Mailbox, MailboxState

if TYPE_CHECKING:
    from tests.local.graph.simulator import GraphSimulator

Handler = Callable[[web.Request], Awaitable[Any]]

_MAILBOX = "/_sim/mailboxes/{mailbox}"
_EVENT = _MAILBOX + "/events/{event}"


class ControlRoutes:
    """Answers everything under `/_sim`."""

    def __init__(self, simulator: "GraphSimulator") -> None:
        self._simulator = simulator

    def routes(self) -> list[web.RouteDef]:
        """All routes. The first line of a handler's docstring is its help text."""
        table: list[tuple[str, str, Handler]] = [
            ("GET", "/_sim", self.help),
            ("GET", "/_sim/mailboxes", self.mailboxes),
            ("PUT", "/_sim/mailboxes", self.put_mailboxes),
            ("GET", _MAILBOX, self.mailbox),
            ("PUT", _MAILBOX, self.put_mailbox),
            ("DELETE", _MAILBOX, self.remove_mailbox),
            ("GET", _MAILBOX + "/events", self.events),
            ("POST", _MAILBOX + "/events", self.add_event),
            ("GET", _EVENT, self.event),
            ("PATCH", _EVENT, self.edit_event),
            ("DELETE", _EVENT, self.delete_event),
            ("POST", _EVENT + "/copy", self.copy_event),
            ("POST", _EVENT + "/move", self.move_event),
            ("POST", _EVENT + "/restore", self.restore_event),
            ("GET", "/_sim/journal", self.journal),
            ("DELETE", "/_sim/journal", self.clear_journal),
            ("GET", "/_sim/counts", self.counts),
            ("GET", "/_sim/faults", self.faults),
            ("PUT", "/_sim/faults", self.put_faults),
            ("POST", "/_sim/faults", self.add_fault),
            ("GET", "/_sim/behaviour", self.behaviour),
            ("PUT", "/_sim/behaviour", self.put_behaviour),
            ("POST", "/_sim/land", self.land),
            ("POST", "/_sim/reset", self.reset),
        ]
        self._help = [
            {"method": method, "path": path, "what": (handler.__doc__ or "").partition("\n")[0]}
            for method, path, handler in table
        ]
        return [web.route(method, path, _answered(handler)) for method, path, handler in table]

    async def help(self, request: web.Request) -> Any:
        """This list."""
        return {"control": self._help}

    async def mailboxes(self, request: web.Request) -> Any:
        """All mailboxes, without their events."""
        return {"mailboxes": [_shown(mailbox) for mailbox in self._simulator.directory]}

    async def put_mailboxes(self, request: web.Request) -> Any:
        """Make or change mailboxes: {"mailboxes": [{"address", "addresses"?, "id"?, "name"?, "state"?}]}."""
        given = (await _body(request)).get("mailboxes")
        if not isinstance(given, list) or not all(isinstance(each, dict) and "address" in each for each in given):
            raise ValueError("mailboxes: a list of objects with an address is needed")
        made = [self._put(str(each["address"]), {**each, "address": None}) for each in given]
        return {"mailboxes": [_shown(mailbox) for mailbox in made]}

    async def mailbox(self, request: web.Request) -> Any:
        """One mailbox, without its events."""
        return _shown(self._mailbox(request))

    async def put_mailbox(self, request: web.Request) -> Any:
        """Make or change a mailbox: {"addresses"?, "id"?, "name"?, "state"?}; addresses replace the present ones."""
        return _shown(self._put(request.match_info["mailbox"], await _body(request)))

    async def remove_mailbox(self, request: web.Request) -> Any:
        """Take a mailbox away."""
        self._simulator.directory.remove(self._mailbox(request))
        return {}

    async def events(self, request: web.Request) -> Any:
        """Events as they are stored; ?deleted=true shows deleted ones too, ?calendar=NAME those of one calendar."""
        deleted, calendar = _flag(request, "deleted"), request.query.get("calendar")
        name = request.match_info["mailbox"]
        return {"events": self._simulator.owner.stored(name, deleted=deleted, calendar=calendar)}

    async def add_event(self, request: web.Request) -> Any:
        """Put in an event by hand: {"event": {Graph's JSON}, "calendar"?: NAME}."""
        given = await _body(request)
        calendar = str(given.get("calendar", DEFAULT_CALENDAR))
        return self._event(request, self._simulator.owner.add(request.match_info["mailbox"], given["event"], calendar))

    async def event(self, request: web.Request) -> Any:
        """One event as it is stored, a deleted one too."""
        return self._event(request, self._simulator.owner.event(*_names(request)))

    async def edit_event(self, request: web.Request) -> Any:
        """Edit an event by hand; the body is that of Graph's PATCH."""
        return self._event(request, self._simulator.owner.edit(*_names(request), await _body(request)))

    async def delete_event(self, request: web.Request) -> Any:
        """Delete an event by hand; ?purge=true takes it out of Deleted Items as well."""
        owner = self._simulator.owner
        how = owner.purge if _flag(request, "purge") else owner.delete
        return self._event(request, how(*_names(request)))

    async def copy_event(self, request: web.Request) -> Any:
        """Copy an event by hand: {"to"?: mailbox, "calendar"?: NAME}."""
        given = await _body(request)
        to = given.get("to")
        calendar = str(given.get("calendar", DEFAULT_CALENDAR))
        copy = self._simulator.owner.copy(*_names(request), to=to, calendar=calendar)
        return self._simulator.owner.shown(self._simulator.owner.mailbox(to or request.match_info["mailbox"]), copy)

    async def move_event(self, request: web.Request) -> Any:
        """Move an event to another calendar of the mailbox by hand: {"calendar": NAME}."""
        given = await _body(request)
        return self._event(request, self._simulator.owner.move(*_names(request), str(given["calendar"])))

    async def restore_event(self, request: web.Request) -> Any:
        """Put a deleted event back."""
        return self._event(request, self._simulator.owner.restore(*_names(request)))

    async def journal(self, request: web.Request) -> Any:
        """All records; ?since=SEQUENCE, ?operations=true (without batches' own), ?mailbox=, ?method=."""
        query = request.query
        since, mailbox, method = int(query.get("since", "0")), query.get("mailbox"), query.get("method")
        box = self._simulator.directory.find(mailbox) if mailbox else None
        wanted = box.address if box else mailbox and mailbox.lower()
        records = [
            record.as_json()
            for record in self._simulator.journal
            if record.sequence > since
            and (record.operation or not _flag(request, "operations"))
            and (wanted is None or record.mailbox == wanted)
            and (method is None or record.method == method.upper())
        ]
        return {"records": records}

    async def clear_journal(self, request: web.Request) -> Any:
        """Forget all records."""
        self._simulator.journal.clear()
        return {}

    async def counts(self, request: web.Request) -> Any:
        """Sums over the journal."""
        return {**self._simulator.counts().as_json(), "late": len(self._simulator.runner.late)}

    async def faults(self, request: web.Request) -> Any:
        """The faults in force, with how often each has struck."""
        return {"faults": [fault.as_json() for fault in self._simulator.faults.all]}

    async def put_faults(self, request: web.Request) -> Any:
        """Put faults in place of all others: {"faults": [{"kind", …}]}; an empty list ends them all."""
        given = (await _body(request)).get("faults")
        if not isinstance(given, list):
            raise ValueError("faults: a list is needed")
        self._simulator.faults.put([Fault.of(each) for each in given])
        return await self.faults(request)

    async def add_fault(self, request: web.Request) -> Any:
        """Add one fault: {"kind", …}."""
        self._simulator.faults.add(Fault.of(await _body(request)))
        return await self.faults(request)

    async def behaviour(self, request: web.Request) -> Any:
        """All switches."""
        return self._simulator.behaviour.as_json()

    async def put_behaviour(self, request: web.Request) -> Any:
        """Set the switches that are given."""
        self._simulator.behaviour.change(await _body(request))
        return self._simulator.behaviour.as_json()

    async def land(self, request: web.Request) -> Any:
        """Let everything that is late take effect now."""
        return {"landed": self._simulator.land()}

    async def reset(self, request: web.Request) -> Any:
        """Start afresh; {"keep_mailboxes": true} leaves the mailboxes, empty."""
        given = await _body(request)
        self._simulator.reset(keep_mailboxes=given.get("keep_mailboxes") is True)
        return {}

    def _mailbox(self, request: web.Request) -> Mailbox:
        return self._simulator.owner.mailbox(request.match_info["mailbox"])

    def _event(self, request: web.Request, event: Event) -> Json:
        return self._simulator.owner.shown(self._mailbox(request), event)

    def _put(self, address: str, given: Json) -> Mailbox:
        unknown = given.keys() - {"address", "addresses", "id", "name", "state"}
        if unknown:
            raise ValueError(f"unknown: {sorted(unknown)}; a mailbox has addresses, id, name, state")
        addresses = given.get("addresses")
        if addresses is not None and not (
            isinstance(addresses, list) and all(isinstance(each, str) for each in addresses)
        ):
            raise ValueError("addresses: a list of texts is needed")
        state = None if given.get("state") is None else MailboxState(given["state"])
        return self._simulator.directory.put(
            address, addresses=addresses, mailbox_id=given.get("id"), name=given.get("name"), state=state
        )


def _answered(handler: Handler) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def answer(request: web.Request) -> web.Response:
        try:
            return web.json_response(await handler(request))
        except GraphError as error:
            return web.json_response({"error": str(error)}, status=error.status)
        except KeyError as error:
            return web.json_response({"error": f"{error.args[0]} is missing"}, status=400)
        except LookupError as error:
            return web.json_response({"error": str(error)}, status=404)
        except (ValueError, TypeError) as error:
            return web.json_response({"error": str(error)}, status=400)

    return answer


async def _body(request: web.Request) -> Json:
    raw = await request.read()
    if not raw:
        return {}
    try:
        body = json.loads(raw)
    except ValueError as error:
        raise ValueError(f"not JSON: {error}") from None
    if not isinstance(body, dict):
        raise ValueError("a JSON object is needed")
    return body


def _names(request: web.Request) -> tuple[str, str]:
    return request.match_info["mailbox"], request.match_info["event"]


def _flag(request: web.Request, name: str) -> bool:
    return request.query.get(name, "").lower() in ("1", "true", "yes")


def _shown(mailbox: Mailbox) -> Json:
    return {
        "id": mailbox.id,
        "address": mailbox.address,
        "addresses": mailbox.addresses,
        "name": mailbox.name,
        "state": str(mailbox.state),
        "calendars": list(mailbox.calendars.values()),
        "events": len(mailbox.present),
    }
