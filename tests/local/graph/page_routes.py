"""`/calendar`: what the mailboxes' owners would see."""

from collections import Counter
from datetime import UTC, tzinfo
from zoneinfo import ZoneInfo

from aiohttp import web

from tests.local.graph import page, zones
from tests.local.graph.answers import GraphError
from tests.local.graph.mailboxes import Mailbox
from tests.local.graph.page_days import month_of
from tests.local.graph.state import State

_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'",
    "Cache-Control": "no-store",
}


class PageRoutes:
    """Answers the calendar pages."""

    def __init__(self, state: State) -> None:
        self._state = state

    def routes(self) -> list[web.RouteDef]:
        """All routes."""
        return [
            web.get("/", self.home),
            web.get("/calendar", self.index),
            web.get("/calendar/", self.index),
            web.get("/calendar/{mailbox}", self.month),
        ]

    async def home(self, request: web.Request) -> web.Response:
        """To the list."""
        raise web.HTTPFound("/calendar")

    async def index(self, request: web.Request) -> web.Response:
        """All mailboxes."""
        return _page(page.index_page(self._state.directory, self._state.clock()))

    async def month(self, request: web.Request) -> web.Response:
        """One month (`?month=2026-11`, default the present one) of a mailbox in a zone (`?zone=`)."""
        mailbox = self._state.directory.find(request.match_info["mailbox"])
        if mailbox is None:
            return _page(page.problem_page(f"There is no mailbox {request.match_info['mailbox']}."), 404)
        name = request.query.get("zone") or _usual_zone(mailbox)
        try:
            zone = _zone(name)
            today = self._state.clock().astimezone(zone).date()
            first = month_of(request.query["month"]) if "month" in request.query else today.replace(day=1)
        except ValueError as error:
            return _page(page.problem_page(str(error)), 400)
        return _page(page.month_page(mailbox, first, zone, name, today))


def _usual_zone(mailbox: Mailbox) -> str:
    """The zone that most of its events were given in."""
    names = Counter(event.times.first.zone for event in mailbox.present)
    return names.most_common(1)[0][0] if names else "UTC"


def _zone(name: str) -> tzinfo:
    """A zone by its Windows or IANA name. Raises ValueError."""
    if name == "UTC":
        return UTC
    try:
        return zones.zone(name)
    except GraphError:
        pass
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError(f"There is no time zone {name}.") from None


def _page(text: str, status: int = 200) -> web.Response:
    return web.Response(text=text, status=status, content_type="text/html", headers=_HEADERS)
