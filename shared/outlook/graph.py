"""The client for Microsoft Graph: batches of writes, and reads of a calendar, in the words of `outcome`.

Nothing waits and nothing is sent twice in here, but for one new token after a 401: what follows a failure is the
engine's to say. No address, subject, body or token leaves in a log or an exception (rule 10).
"""

import asyncio
import uuid
import warnings
from collections.abc import Callable, Collection, Sequence
from datetime import date, timedelta
from functools import partial
from typing import TYPE_CHECKING, Literal

import httpx

from shared import telemetry
from shared.errors import SettingsError
from shared.outlook.access import CredentialFactory, NoTokenError, Tokens, default_credential, quiet_loggers
from shared.outlook.answers import outcome_of_read, outcomes_of_batch
from shared.outlook.batch import BATCH_LIMIT, UNKNOWN, Write, request_body
from shared.outlook.found import (
    EXPAND,
    SELECT,
    Found,
    FoundEvent,
    Stranger,
    other_calendars,
    read_event,
    read_page,
    read_strangers,
)
from shared.outlook.measures import measure_requests, measure_writes
from shared.outlook.outcome import Kind, Outcome, ReadFailure
from shared.outlook.transport import AiohttpTransport
from shared.settings import is_loopback

if TYPE_CHECKING:
    from kiota_abstractions.request_information import RequestInformation
    from opentelemetry.trace import Span

    from shared.outlook.sdk import Sdk

__all__ = ["Graph", "quiet_loggers"]

LONGEST_VIEW = timedelta(days=1825)
"""Of one calendar view: Graph's limit."""
PAGE_SIZE = 1000
"""Graph's largest page."""
_MOST_PAGES = 200
_MOST_STRAYS = 5
"""Events that are looked for one by one; more of them, by the widest view that Graph gives."""
_CONNECT_SECONDS = 10.0


class Graph:
    """A client for one event loop, made once per process inside a coroutine and closed with `aclose`."""

    def __init__(
        self,
        sdk: "Sdk",
        transport: httpx.AsyncBaseTransport,
        tokens: Tokens | None,
        installation: str,
        earlier: Collection[str] = (),
    ) -> None:
        """Use `connect`."""
        self._sdk = sdk
        self._host = sdk.host
        self._transport = transport
        self._tokens = tokens
        self._installation = installation
        self._earlier = earlier

    @classmethod
    def connect(
        cls,
        url: str,
        auth: Literal["default", "none"],
        installation: str,
        earlier: Collection[str] = (),
        *,
        credential: CredentialFactory = default_credential,
    ) -> "Graph":
        """A client for the API at `url` (`https://graph.microsoft.com/v1.0`, another cloud's, a simulator's).

        Sends nothing yet. `auth` as in settings: without tokens only to this machine, else SettingsError.
        `earlier`: ids that the installation had before, whose events are ours. `credential` makes the credential, and
        makes another when Graph has refused its token.
        """
        if auth == "none" and not is_loopback(url):
            raise SettingsError(["GRAPH_AUTH: 'none' is for a simulator on this machine; GRAPH_URL leads elsewhere"])
        url = url.rstrip("/")
        tokens = None if auth == "none" else Tokens(credential)
        transport = AiohttpTransport(_CONNECT_SECONDS)
        timeout = httpx.Timeout(None)  # all but connecting is under the methods' own time-outs
        with warnings.catch_warnings(action="ignore", category=DeprecationWarning):  # the SDK's, of its own classes
            from shared.outlook.sdk import Sdk

            sdk = Sdk(url, httpx.AsyncClient(transport=transport, timeout=timeout), tokens)
        return cls(sdk, transport, tokens, installation, earlier)

    async def aclose(self) -> None:
        """Closes connections. The client cannot be used any more."""
        await self._transport.aclose()  # the SDK wraps it, and does not pass the client's `aclose` on
        if self._tokens:
            await self._tokens.close()

    async def write(self, writes: Sequence[Write], *, timeout: float) -> list[Outcome]:
        """Sends writes to one mailbox, 20 at most, as one batch; gives their outcomes in the same order.

        `timeout`, in seconds, is for all of it: what is not known by then is UNKNOWN. So is everything after a broken
        connection, a 5xx or an answer that cannot be read. A connection that never came about is NOT_DONE. Items that
        are refused for their token (401) are sent once more with a new one. Where Graph refuses the whole as
        malformed or too large, its halves are sent, so that one event cannot hold up the others. Raises ValueError
        for more than a batch, and nothing for what Graph does.
        """
        if len(writes) > BATCH_LIMIT or len({write.mailbox for write in writes}) > 1:
            raise ValueError(f"a batch is for one mailbox and holds {BATCH_LIMIT} items at most")
        deadline = asyncio.get_running_loop().time() + timeout
        generation = self._generation
        outcomes = await self._batch(writes, deadline) if writes else []
        refused = [index for index, outcome in enumerate(outcomes) if outcome.status == 401]
        if refused:
            await self._renew(generation)
            again = await self._batch([writes[index] for index in refused], deadline)
            for index, outcome in zip(refused, again, strict=True):
                outcomes[index] = outcome
        return outcomes

    async def marked(
        self,
        mailbox: str,
        person: str,
        first: date,
        last: date,
        known: Collection[str] = (),
        *,
        timeout: float,
    ) -> Found | ReadFailure:
        """The events of this installation and person in a mailbox, from `first` to `last` and a little around.

        Events that are `known` by their ids, and not in the calendar that events are created in, are looked for in the
        mailbox's other calendars: their owner may have moved them. In Deleted Items, which is no calendar, they count
        as gone.

        `timeout`, in seconds, is per page. The whole calendar view is read, because Graph cannot filter one by an
        extended property (500), and a day wider on both sides, because it matches all-day events as UTC days. Other
        people's events and those without a mark are passed over. A range over Graph's 1825 days is cut at its end.
        """
        start = first - timedelta(days=1)
        end = min(last + timedelta(days=2), start + LONGEST_VIEW)

        async def view(calendar: str | None) -> dict[str, FoundEvent] | Outcome:
            return await self._pages(self._view(mailbox, start, end, calendar), person, timeout)

        events = await view(None)
        if isinstance(events, Outcome):
            return ReadFailure(events)
        missing = set(known) - events.keys()
        others = await self._other_calendars(mailbox, timeout) if missing else []
        if isinstance(others, Outcome):
            return ReadFailure(others)
        for calendar in others:
            there = await view(calendar)
            if isinstance(there, dict):
                events |= {event: found for event, found in there.items() if event in missing}
            elif not there.mailbox_refuses:  # of a shared calendar: not ours to read
                return ReadFailure(there)
        strays = await self._strays(mailbox, person, missing - events.keys(), (start, end), timeout)
        if isinstance(strays, Outcome):
            return ReadFailure(strays)
        events |= strays
        telemetry.OBSERVATIONS.add(1)
        return Found(tuple(events.values()))

    async def _strays(
        self, mailbox: str, person: str, missing: Collection[str], seen: tuple[date, date], timeout: float
    ) -> dict[str, FoundEvent] | Outcome:
        """Events that are in no view so far, if their owner has dragged them beyond the days that were seen."""
        if len(missing) > _MOST_STRAYS:
            spare = (LONGEST_VIEW - (seen[1] - seen[0])) // 2
            first, last = seen[0] - spare, seen[1] + spare
            there = await self._pages(self._view(mailbox, first, last), person, timeout)
            return there if isinstance(there, Outcome) else {key: there[key] for key in there.keys() & missing}
        found: dict[str, FoundEvent] = {}
        for event in sorted(missing):
            stray = await self._stray(mailbox, person, event, seen, timeout)
            if isinstance(stray, Outcome):
                return stray
            found |= stray
        return found

    async def _stray(
        self, mailbox: str, person: str, event: str, seen: tuple[date, date], timeout: float
    ) -> dict[str, FoundEvent] | Outcome:
        """An event that is in no view, if its owner has dragged it beyond the days that were seen; else nothing.

        Asked for by its id it is answered from Deleted Items, too: so a view of its own days must show it.
        """
        raw = await self._read(partial(self._sdk.event, mailbox, event, select=SELECT, expand=EXPAND), timeout)
        if isinstance(raw, Outcome):
            return raw if raw.kind in (Kind.NOT_DONE, Kind.UNKNOWN, Kind.INSTALLATION_REFUSED) else {}
        try:
            found = read_event(raw, self._installation, person, self._earlier)
        except ValueError:
            return UNKNOWN
        if found is None or (found.end.date() >= seen[0] and found.start.date() <= seen[1]):
            return {}
        first, last = found.start.date() - timedelta(days=1), found.end.date() + timedelta(days=2)
        there = await self._pages(self._view(mailbox, first, last), person, timeout)
        return there if isinstance(there, Outcome) else {key: each for key, each in there.items() if key == event}

    def _view(
        self, mailbox: str, first: date, last: date, calendar: str | None = None
    ) -> Callable[[], "RequestInformation"]:
        """Makes requests for a view's first page. `calendar`: not the default one."""
        return partial(
            self._sdk.view, mailbox, first, last, select=SELECT, expand=EXPAND, top=PAGE_SIZE, calendar=calendar
        )

    async def _pages(
        self, page_of: Callable[[], "RequestInformation"], person: str, timeout: float
    ) -> dict[str, FoundEvent] | Outcome:
        """The events of this installation and person in one calendar view, by id."""
        events: dict[str, FoundEvent] = {}
        for _ in range(_MOST_PAGES):
            raw = await self._read(page_of, timeout)
            if isinstance(raw, Outcome):
                return raw
            try:
                page = read_page(raw, self._installation, person, self._earlier)
            except ValueError:
                break
            events |= {event.event_id: event for event in page.events}
            if page.next_link is None:
                return events
            if not self._sdk.is_own(page.next_link):
                break
            page_of = partial(self._sdk.following, page.next_link)
        return UNKNOWN

    async def _other_calendars(self, mailbox: str, timeout: float) -> list[str] | Outcome:
        """The ids of a mailbox's calendars but the one that events are created in."""
        raw = await self._read(partial(self._sdk.calendars, mailbox), timeout)
        if isinstance(raw, Outcome):
            return raw
        try:
            return other_calendars(raw)
        except ValueError:
            return UNKNOWN

    async def strangers(
        self, mailbox: str, first: date, last: date, *, timeout: float
    ) -> tuple[Stranger, ...] | ReadFailure:
        """The events of a mailbox's first page that are not this installation's; to be counted, never touched."""
        start, end = first - timedelta(days=1), last + timedelta(days=2)
        raw = await self._read(self._view(mailbox, start, end), timeout)
        if isinstance(raw, Outcome):
            return ReadFailure(raw)
        try:
            return tuple(read_strangers(raw, self._installation, self._earlier))
        except ValueError:
            return ReadFailure(UNKNOWN)

    async def _batch(self, writes: Sequence[Write], deadline: float) -> list[Outcome]:
        stem = str(uuid.uuid4())[:-2]
        request_ids = [f"{stem}{number:02x}" for number in range(len(writes))]
        body = request_body(writes, [*map(self._sdk.url_of, writes)], [*map(self._sdk.headers_of, request_ids)])
        with telemetry.call("graph_batch", self._host, items=len(writes)) as span:
            answer = await self._send(self._sdk.batch(body), deadline, span)
            outcomes = outcomes_of_batch(answer, writes)
            measure_writes(span, writes, request_ids, outcomes)
        refused_whole = isinstance(answer, httpx.Response) and answer.status_code in (400, 413)
        if refused_whole and len(writes) > 1:
            half = len(writes) // 2
            return [*await self._batch(writes[:half], deadline), *await self._batch(writes[half:], deadline)]
        return outcomes

    async def _read(self, make: Callable[[], "RequestInformation"], seconds: float) -> bytes | Outcome:
        deadline = asyncio.get_running_loop().time() + seconds
        generation = self._generation
        answer = await self._page(make(), deadline)
        if isinstance(answer, Outcome) and answer.status == 401:
            await self._renew(generation)
            answer = await self._page(make(), deadline)
        return answer

    async def _page(self, request: "RequestInformation", deadline: float) -> bytes | Outcome:
        """One page's body; the outcome where there is none."""
        with telemetry.call("observe", self._host) as span:
            answer = await self._send(request, deadline, span)
        whole = isinstance(answer, httpx.Response) and answer.status_code == 200
        outcome = Outcome(Kind.DONE, status=200) if whole else outcome_of_read(answer)
        measure_requests([outcome])
        return answer.content if isinstance(answer, httpx.Response) and whole else outcome

    async def _send(self, request: "RequestInformation", deadline: float, span: "Span") -> httpx.Response | Outcome:
        """The answer, of any status; the outcome where there is none. Tells the span of it."""
        request_id = str(uuid.uuid4())
        span.set_attribute("client_request_id", request_id)
        answer = await self._answer(request, deadline, request_id)
        if isinstance(answer, Outcome):
            telemetry.answered(span, None, answer.code or answer.kind.value)
        else:
            telemetry.answered(span, answer.status_code, "" if answer.is_success else str(answer.status_code))
        return answer

    async def _answer(
        self, request: "RequestInformation", deadline: float, request_id: str
    ) -> httpx.Response | Outcome:
        if asyncio.get_running_loop().time() >= deadline:
            return Outcome(Kind.NOT_DONE)
        try:
            async with asyncio.timeout_at(deadline):
                return await self._sdk.send(request, request_id)
        except NoTokenError:
            return Outcome(Kind.INSTALLATION_REFUSED, code="NoToken")
        except (httpx.ConnectError, httpx.ConnectTimeout):
            return Outcome(Kind.NOT_DONE, code="NoConnection")
        except (OSError, httpx.HTTPError, httpx.InvalidURL):  # asyncio's TimeoutError is an OSError
            return UNKNOWN

    @property
    def _generation(self) -> int:
        return self._tokens.generation if self._tokens else 0

    async def _renew(self, generation: int) -> None:
        if self._tokens:
            await self._tokens.renew(generation)
