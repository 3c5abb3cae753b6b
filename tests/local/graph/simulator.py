"""The stand-in for Microsoft Graph: its state, and a server on this machine.

async with GraphSimulator(seed=1).serve() as server:
    server.simulator.directory.put("ada@example.org")
    … requests to server.graph_url …
"""

import copy
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from aiohttp import web

from tests.local.graph.behaviour import Behaviour
from tests.local.graph.control_routes import ControlRoutes
from tests.local.graph.event import Event
from tests.local.graph.faults import Fault, Faults
from tests.local.graph.graph_routes import VERSION, GraphRoutes
from tests.local.graph.journal import Counts, Journal, Record
from tests.local.graph.mailboxes import Directory, Mailbox, MailboxState
from tests.local.graph.owner import Owner
from tests.local.graph.page_routes import PageRoutes
from tests.local.graph.runner import Runner
from tests.local.graph.state import Clock, State

LARGEST_REQUEST = 4 * 2**20
HOST = "127.0.0.1"


def _now() -> datetime:
    return datetime.now(UTC)


class GraphSimulator:
    """A tenant's mailboxes, and everything that can be told to happen to requests for them."""

    def __init__(self, *, seed: int = 0, clock: Clock = _now, behaviour: Behaviour | None = None) -> None:
        self.state = State(seed, clock, behaviour or Behaviour())
        self._first = self.behaviour.as_json()
        self.journal = Journal()
        """Every request and item, oldest first."""
        self.faults = Faults(self.state.random)
        """What goes wrong; `faults.add(Fault("throttled", times=3))`."""
        self.owner = Owner(self.state)
        """What people do by hand."""
        self.runner = Runner(self.state, self.faults, self.journal)

    @property
    def behaviour(self) -> Behaviour:
        """The switches; set its attributes."""
        return self.state.behaviour

    @property
    def directory(self) -> Directory:
        """The mailboxes; `directory.put("ada@example.org")` makes one."""
        return self.state.directory

    def add_mailboxes(self, *addresses: str, state: MailboxState = MailboxState.OPEN) -> list[Mailbox]:
        """Make a mailbox per address."""
        return [self.directory.put(address, state=state) for address in addresses]

    def fault(self, fault: Fault) -> Fault:
        """Put one more fault in force; it is returned, so that its `struck` can be read."""
        return self.faults.add(fault)

    def events(self, mailbox: str) -> list[Event]:
        """The events of a mailbox that are not deleted, of all calendars, by start."""
        present = self.owner.mailbox(mailbox).present
        return sorted(present, key=lambda event: (event.times.start, event.number))

    def operations(self, method: str | None = None) -> list[Record]:
        """The journal's records of operations, of one method or all."""
        return [record for record in self.journal.operations if method is None or record.method == method]

    def counts(self) -> Counts:
        """Sums over the journal."""
        return self.journal.counts()

    def land(self) -> int:
        """Let everything that is late take effect now; how many requests it was."""
        return self.runner.late.land_all()

    def reset(self, *, keep_mailboxes: bool = False) -> None:
        """Start afresh: no events, journal or faults, switches as at first; no mailboxes either, unless kept."""
        self.runner.late.forget()
        self.faults.put(())
        self.journal.clear()
        self.behaviour.change(copy.deepcopy(self._first))
        kept = list(self.directory) if keep_mailboxes else []
        self.directory.clear()
        for mailbox in kept:
            self.directory.put(
                mailbox.address, addresses=mailbox.addresses, mailbox_id=mailbox.id, name=mailbox.name
            ).state = mailbox.state

    def application(self) -> web.Application:
        """The web application: Graph, its control, and the calendar pages."""
        graph = GraphRoutes(self.state, self.runner)
        app = web.Application(client_max_size=LARGEST_REQUEST)
        app.router.add_route("*", VERSION + "/{rest:.*}", graph.answer)
        app.router.add_routes(ControlRoutes(self).routes())
        app.router.add_routes(PageRoutes(self.state).routes())
        return app

    @asynccontextmanager
    async def serve(self, port: int = 0, host: str = HOST) -> AsyncIterator["GraphServer"]:
        """Serve for the time of the `async with`; port 0 takes a free one. Raises OSError for one that is taken."""
        runner = web.AppRunner(self.application(), access_log=None, shutdown_timeout=0.5)
        await runner.setup()
        try:
            await web.TCPSite(runner, host, port).start()
            yield GraphServer(self, f"http://{host}:{runner.addresses[0][1]}")
        finally:
            self.runner.late.forget()
            await runner.cleanup()


@dataclass(frozen=True, slots=True)
class GraphServer:
    """A simulator that is being served."""

    simulator: GraphSimulator
    url: str
    """Of the server, without a slash at the end."""

    @property
    def graph_url(self) -> str:
        """What the app's GRAPH_URL is set to."""
        return self.url + VERSION
