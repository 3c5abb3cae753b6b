"""`POST /_sim/<verb>` with a JSON object: every edit, publish and switch, by its Python name and arguments.

Answers: 200 `{"result": ...}`; 400 with what is wrong with the arguments; 404 for an unknown verb or thing.
"""

import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from aiohttp import web
from pydantic import TypeAdapter, ValidationError, validate_call

from tests.local.lightning_bolt.callback import Callback, Called
from tests.local.lightning_bolt.faults import Fault
from tests.local.lightning_bolt.journal import Reads, Request
from tests.local.lightning_bolt.model import Options, Setup
from tests.local.lightning_bolt.world import Unknown

if TYPE_CHECKING:
    from tests.local.lightning_bolt.server import LightningBolt

_ANY: TypeAdapter[Any] = TypeAdapter(Any)


class Verbs:
    """All verbs, and the route that leads to them."""

    def __init__(self, simulator: "LightningBolt") -> None:
        self._simulator = simulator
        self._verbs: dict[str, Callable[..., Any]] = {}
        for part in (simulator.slots, simulator.records, simulator.publishing, self):
            for name, verb in inspect.getmembers(part, inspect.ismethod):
                if not name.startswith("_") and name not in ("routes", "handle"):
                    self._verbs[name] = validate_call(verb)

    def routes(self) -> list[web.RouteDef]:
        """For the application."""
        return [web.post("/_sim/{verb}", self.handle)]

    async def handle(self, request: web.Request) -> web.Response:
        """Calls the verb."""
        verb = self._verbs.get(request.match_info["verb"])
        if verb is None:
            return _answer(404, {"error": f"no such verb; there are {', '.join(sorted(self._verbs))}"})
        try:
            arguments = _ANY.validate_json(await request.read() or b"{}")
            if not isinstance(arguments, dict):
                return _answer(400, {"error": "not a JSON object"})
            result = verb(**arguments)
            if inspect.isawaitable(result):
                result = await result
        except ValidationError as error:
            return _answer(400, {"error": str(error)})
        except ValueError as error:
            return _answer(400, {"error": str(error)})
        except Unknown as error:
            return _answer(404, {"error": str(error)})
        return _answer(200, {"result": result})

    # What belongs to the stand-in rather than to Lightning Bolt

    def load(self, setup: Setup) -> None:
        """Replaces everything that Lightning Bolt knows; all of it drafts."""
        self._simulator.world.load(setup)

    def published(self, settled: bool = True) -> Setup:
        """The published truth; see World.published."""
        return self._simulator.world.published(settled=settled)

    def drafts(self) -> Setup:
        """Everything as schedulers see it."""
        return self._simulator.world.drafts()

    def options(self) -> Options:
        """How the stand-in behaves."""
        return self._simulator.world.options

    def set_callback(self, callback: Callback) -> None:
        """Where publishes are announced."""
        self._simulator.caller.callback = callback

    def calls(self) -> list[Called]:
        """Callbacks that were sent, with their answers."""
        return self._simulator.caller.calls

    def add_fault(self, fault: Fault) -> int:
        """Switches a fault on; gives its id."""
        return self._simulator.faults.add(fault)

    def clear_faults(self, fault_id: int | None = None) -> None:
        """Takes one fault away, or all."""
        self._simulator.faults.clear(fault_id)

    def struck(self) -> dict[int, int]:
        """How often each fault that is on has struck."""
        return self._simulator.faults.struck()

    def journal(self, after: int = 0) -> list[Request]:
        """Requests with a number above `after`."""
        return [request for request in self._simulator.journal.requests if request.number > after]

    def reads(self) -> list[Reads]:
        """Reads per view and month since the journal was cleared."""
        return self._simulator.journal.reads()

    def clear_journal(self) -> None:
        """Forgets requests and callbacks."""
        self._simulator.journal.clear()
        self._simulator.caller.calls.clear()

    def revoke_tokens(self) -> None:
        """All bearers so far are stale."""
        self._simulator.tokens.revoke()

    def new_refresh_token(self) -> str:
        """A refresh token, as somebody who signed in by hand would have it."""
        return self._simulator.tokens.new_refresh_token()

    def issued_tokens(self) -> list[str]:
        """Every bearer and refresh token that was handed out."""
        return self._simulator.tokens.issued


def _answer(status: int, body: dict[str, Any]) -> web.Response:
    return web.Response(status=status, body=_ANY.dump_json(body), content_type="application/json")
