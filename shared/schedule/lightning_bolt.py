"""The client of Lightning Bolt's web API: reads one month of one view, whole or not at all.

No public contract exists; what is known of `POST /viewerapi` is in FACTS.md, section 1. All of it is kept here, in
`access.py`, `wire.py` and the parser.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterable
from typing import Self
from urllib.parse import urlsplit

import httpx
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, wait_random_exponential

from shared import telemetry
from shared.decode import decoded
from shared.errors import ScheduleRefusedError, ScheduleUnavailableError
from shared.month import Month
from shared.schedule.access import Access, Account
from shared.schedule.mapping import FieldKeys
from shared.schedule.model import MonthRead, Problem
from shared.schedule.own_mappings import Mappings
from shared.schedule.parse import parse_month
from shared.schedule.wire import Answer, NotNowError, post
from shared.settings import Settings, View

ORIGIN = "https://lblite.lightning-bolt.com"
"""Required in the header of that name."""
TRIES = 4
LONGEST_PAUSE = 5.0
"""Seconds between two tries. When Lightning Bolt asks for more, the read ends and its message comes back later."""
LARGEST_ANSWER = 64 * 1024 * 1024
"""Bytes. A view's month has about 5 MB; far more than that is no month, and would not fit into memory decoded."""
SMALL_ANSWER = 256 * 1024
LOGGED_ROWS = 50

_log = logging.getLogger("shared.schedule.lightning_bolt")


class LightningBolt:
    """Reads published schedules. One per event loop; `aclose` at the end.

    `timeout_seconds` bounds a read with all its tries; it must be well below the reader's lease, which is renewed
    between months only. `clock` is monotonic, in seconds; `sleep` is what pauses between tries.
    """

    def __init__(
        self,
        url: str,
        account: Account,
        keys: FieldKeys,
        http: httpx.AsyncClient,
        *,
        timeout_seconds: float = 60.0,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._url = f"{url.rstrip('/')}/viewerapi"
        self._host = urlsplit(url).hostname or ""
        self._keys = keys
        self._http = http
        self._access = Access(account, http, clock)
        self._seconds = timeout_seconds
        self._timeout = httpx.Timeout(timeout_seconds / 2, connect=min(10.0, timeout_seconds / 4))
        self._clock = clock
        self._sleep = sleep
        self._pause = wait_random_exponential(multiplier=0.5, max=LONGEST_PAUSE)

    @classmethod
    def from_settings(cls, settings: Settings, http: httpx.AsyncClient | None = None) -> Self:
        """The client that settings describe; a read may take half a lease."""
        return cls(
            settings.lightning_bolt_url,
            Account(
                settings.lightning_bolt_token_url,
                settings.lightning_bolt_client_id,
                settings.lightning_bolt_client_secret,
            ),
            field_keys(settings),
            http or httpx.AsyncClient(),
            timeout_seconds=settings.lease_seconds / 2,
        )

    async def aclose(self) -> None:
        """Closes the connections."""
        await self._http.aclose()

    async def read_month(self, view: View, month: Month, own: Mappings | None = None) -> MonthRead:
        """One month of a view. Logs one event, and a warning for each bad row. `own`: mappings that replace its own.

        Raises ScheduleUnavailableError (no whole answer this time) and ScheduleRefusedError (somebody has to mend
        something first); their texts hold no body, token, name or note.
        """
        started = self._clock()
        with telemetry.call("read_month", self._host, view=view.view_id, month=str(month)) as span:
            body = await self._read(view, month)
            telemetry.answered(span, 200)
        try:
            # Decoding and parsing 5 MB takes about a tenth of a second of pure computing. In a thread, the parser's
            # share of it lets the loop (and the worker's gRPC on it) run every few milliseconds; for a small answer,
            # the thread would cost more than it saves.
            if len(body) > SMALL_ANSWER:
                read = await asyncio.to_thread(self._parsed, body, view, month, own)
            else:
                read = self._parsed(body, view, month, own)
        except ScheduleRefusedError as error:
            _warn(view, month, error.problems)
            raise
        _warn(view, month, read.problems)
        _log.info(
            "schedule_read view=%d month=%s slots=%d unreadable=%d problems=%d ms=%d",
            view.view_id,
            month,
            len(read.slots),
            len(read.unreadable),
            len(read.problems),
            (self._clock() - started) * 1000,
        )
        return read

    async def answer(self, view: View, month: Month) -> object:
        """One month of a view as it comes, decoded: for whoever looks at Lightning Bolt's own keys.

        Raises ScheduleUnavailableError.
        """
        try:
            return decoded(await self._read(view, month))
        except (ValueError, RecursionError):
            raise ScheduleUnavailableError(f"view {view.view_id}: the answer is no whole JSON") from None

    def _parsed(self, body: bytes, view: View, month: Month, own: Mappings | None) -> MonthRead:
        try:
            answer = decoded(body)
        except (ValueError, RecursionError):
            raise ScheduleUnavailableError(f"view {view.view_id}: the answer is no whole JSON") from None
        return parse_month(answer, view=view.view_id, zone=view.time_zone, month=month, keys=self._keys, own=own)

    async def _read(self, view: View, month: Month) -> bytes:
        """The body of a read that came with status 200, after as many tries as it takes and time allows."""
        deadline = self._clock() + self._seconds

        def is_enough(state: RetryCallState) -> bool:
            late = self._clock() + state.upcoming_sleep >= deadline
            return state.attempt_number >= TRIES or state.upcoming_sleep > LONGEST_PAUSE or late

        tries = AsyncRetrying(
            sleep=self._sleep,
            stop=is_enough,
            wait=self._wait,
            retry=retry_if_exception_type(NotNowError),
            reraise=True,
        )
        name = f"view {view.view_id}, {month}"
        try:
            async with asyncio.timeout(self._seconds):
                answer: Answer = await tries(self._try, view, month)
        except TimeoutError:
            raise ScheduleUnavailableError(f"{name}: no whole answer within {self._seconds:g} s") from None
        except NotNowError as error:
            raise ScheduleUnavailableError(
                f"{name}: Lightning Bolt cannot be read: {error}", error.retry_after
            ) from None
        if answer.status == 413:
            raise ScheduleUnavailableError(f"{name}: refused as too large, or an answer of over {LARGEST_ANSWER} bytes")
        if answer.status in (401, 403):
            raise ScheduleUnavailableError(
                f"{name}: Lightning Bolt answered {answer.status} to a fresh token: check the service account's "
                "credentials and its right to open the view"
            )
        if answer.status != 200:
            raise ScheduleUnavailableError(f"{name}: Lightning Bolt answered {answer.status}: check LIGHTNING_BOLT_URL")
        return answer.body

    async def _try(self, view: View, month: Month) -> Answer:
        """One try. A token that is refused is renewed once."""
        token = await self._access.token(timeout=self._timeout)
        answer = await self._ask(token, view, month)
        if answer.status == 401:
            token = await self._access.token(timeout=self._timeout, instead_of=token)
            answer = await self._ask(token, view, month)
        return answer

    async def _ask(self, token: str, view: View, month: Month) -> Answer:
        return await post(
            self._http,
            self._url,
            headers={"Authorization": f"Bearer {token}", "Origin": ORIGIN, "Accept": "application/json"},
            timeout=self._timeout,
            limit=LARGEST_ANSWER,
            # Dates of any other form, and fields of any other name, are silently ignored.
            body={
                "view_id": view.view_id,
                "tz": "UTC",
                "start_date": f"{month.first:%Y%m%d}",
                "end_date": f"{month.last:%Y%m%d}",
            },
        )

    def _wait(self, state: RetryCallState) -> float:
        """Seconds before the next try: growing, with jitter; never less than Lightning Bolt asked for."""
        error = state.outcome.exception() if state.outcome else None
        asked_for = error.retry_after if isinstance(error, NotNowError) else None
        return max(self._pause(state), asked_for or 0.0)


def field_keys(settings: Settings) -> FieldKeys:
    """The mapping's JSON keys as settings name them."""
    return FieldKeys(
        person_id=settings.key_of(settings.lightning_bolt_person_id_field),
        send=settings.key_of("send_to_outlook"),
        notes=settings.key_of("include_schedule_notes"),
        information=settings.key_of("include_assignment_information"),
        free=settings.key_of("send_as_free"),
    )


def _warn(view: View, month: Month, problems: Iterable[Problem]) -> None:
    """One warning per problem, up to a bound: the rest are counted (and stand on the status page)."""
    left_out = 0
    for number, problem in enumerate(problems):
        if number >= LOGGED_ROWS:
            left_out += 1
            continue
        _log.warning(
            "schedule_row_bad view=%d month=%s row=%r field=%s reason=%r",
            view.view_id,
            month,
            problem.row,
            problem.field,
            problem.reason,
        )
    if left_out:
        _log.warning("schedule_rows_bad view=%d month=%s more=%d", view.view_id, month, left_out)
