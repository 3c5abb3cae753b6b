"""httpx over aiohttp, which the Azure clients use as well: httpx's own way through httpcore takes three times as much
computing for a request.
"""

import aiohttp
import httpx
from yarl import URL

KEEP_SECONDS = 30.0
_LEFT_OUT = ("User-Agent", "Accept", "Accept-Encoding", "Content-Type")
"""Headers that aiohttp would add by itself."""


class AiohttpTransport(httpx.AsyncBaseTransport):
    """One per event loop. Reads answers whole; follows nothing and repeats nothing."""

    def __init__(self, connect_seconds: float) -> None:
        self._timeout = aiohttp.ClientTimeout(total=None, sock_connect=connect_seconds)
        self._session: aiohttp.ClientSession | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Raises ConnectError or ConnectTimeout where no connection came about, ReadError for what broke later."""
        try:
            async with self._open().request(
                request.method,
                URL(str(request.url), encoded=True),
                headers=request.headers.multi_items(),
                data=await request.aread() or None,
                allow_redirects=False,
            ) as answer:
                body = await answer.read()
                return httpx.Response(answer.status, headers=answer.raw_headers, content=body, request=request)
        except aiohttp.ClientConnectorError as error:
            raise httpx.ConnectError(type(error).__name__, request=request) from None
        except aiohttp.ConnectionTimeoutError as error:
            raise httpx.ConnectTimeout(type(error).__name__, request=request) from None
        except aiohttp.InvalidURL:
            raise httpx.InvalidURL("not an address") from None
        except aiohttp.ClientError as error:
            raise httpx.ReadError(type(error).__name__, request=request) from None

    async def aclose(self) -> None:
        """Closes connections."""
        if self._session is not None:
            await self._session.close()

    def _open(self) -> aiohttp.ClientSession:
        """Made at the first request: aiohttp wants to be inside the loop."""
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=KEEP_SECONDS),
                timeout=self._timeout,
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                skip_auto_headers=_LEFT_OUT,
            )
            self._session._retry_connection = False  # a GET whose connection broke is the engine's to repeat
        return self._session
