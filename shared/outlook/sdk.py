"""What we use of msgraph-sdk: its request builders, its authentication and its adapter. Imported at the first
connection only: it takes a quarter of a second.

What FACTS.md says of the SDK is dealt with here: its `client.batch` is not used, no model of it is ever filled or
decoded, its retries and redirects are left out, its base URL has no slash at the end, it gets its scopes and the one
host that may see a token, and it records no spans: ten a request, which say nothing that ours do not.
"""

import warnings
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date
from functools import lru_cache
from typing import Any, cast
from urllib.parse import quote, urlsplit

import httpx
import kiota_abstractions.request_information
import kiota_authentication_azure.azure_identity_access_token_provider
import kiota_http.httpx_request_adapter
import kiota_http.middleware.middleware
from kiota_abstractions.authentication import AnonymousAuthenticationProvider, AuthenticationProvider
from kiota_abstractions.base_request_configuration import RequestConfiguration
from kiota_abstractions.method import Method
from kiota_abstractions.native_response_handler import NativeResponseHandler
from kiota_abstractions.request_information import RequestInformation
from kiota_abstractions.serialization import Parsable, ParseNode, SerializationWriter
from kiota_authentication_azure.azure_identity_authentication_provider import AzureIdentityAuthenticationProvider
from kiota_http.middleware.options import ResponseHandlerOption
from kiota_http.observability_options import ObservabilityOptions
from msgraph.generated.users.item.calendar_view.calendar_view_request_builder import CalendarViewRequestBuilder
from msgraph.graph_request_adapter import GraphRequestAdapter
from msgraph.graph_request_adapter import options as sdk_options
from msgraph.graph_service_client import GraphServiceClient
from msgraph_core import GraphClientFactory  # type: ignore[import-untyped]
from msgraph_core.middleware import GraphTelemetryHandler  # type: ignore[import-untyped]
from msgraph_core.middleware.options import GraphTelemetryHandlerOption  # type: ignore[import-untyped]
from opentelemetry.trace import NoOpTracer

from shared.outlook.access import Tokens, scope_of
from shared.outlook.batch import Create, Update, Write

_MOST_CALENDARS = 100
_MAILBOX, _EVENT = "0mailbox0", "0event0"
"""Stand in addresses where a mailbox and an event's id will: nothing in them needs to be escaped."""
_PREFER = 'IdType="ImmutableId"'
"""On every request, and on every item of a batch: an id stays good when somebody moves the event."""

for _module in (
    kiota_abstractions.request_information,
    kiota_authentication_azure.azure_identity_access_token_provider,
    kiota_http.httpx_request_adapter,
    kiota_http.middleware.middleware,
):
    cast(Any, _module).tracer = NoOpTracer()


class _NoBody(Parsable):
    """Stands for a model where a builder asks for one: bodies are put into the batch as they were rendered."""

    def serialize(self, writer: SerializationWriter) -> None:
        """Writes nothing."""

    def get_field_deserializers(self) -> dict[str, Callable[[ParseNode], None]]:
        """Reads nothing."""
        return {}


class Sdk:
    """msgraph-sdk, set up for one API address and one event loop.

    Its builders fill an address's template once, not for each mailbox: that takes longer than all else of a request.
    """

    def __init__(self, url: str, http: httpx.AsyncClient, tokens: Tokens | None) -> None:
        """`url` without a slash at the end. Without `tokens` requests say nothing of who we are."""
        telemetry = sdk_options[GraphTelemetryHandlerOption.get_key()]
        GraphClientFactory.create_with_custom_middleware([GraphTelemetryHandler(options=telemetry)], client=http)
        self._adapter = GraphRequestAdapter(_authentication(url, tokens), http)
        self._adapter.base_url = url
        self._adapter.observability_options = ObservabilityOptions(include_euii_attributes=False)
        self._users = GraphServiceClient(request_adapter=self._adapter).users
        self._url = url
        self.host = urlsplit(url).hostname or ""
        self._option = ResponseHandlerOption(NativeResponseHandler())
        # The SDK imports its builders when they are first used: now, not under a lease.
        events, body = self._users.by_user_id(_MAILBOX).events, cast(Any, _NoBody())
        self._create = _template(events.to_post_request_information(body))
        self._update = _template(events.by_event_id(_EVENT).to_patch_request_information(body))
        self._delete = _template(events.by_event_id(_EVENT).to_delete_request_information())
        self._view_of = lru_cache(maxsize=64)(self._make_view)

    async def send(self, request: RequestInformation, request_id: str) -> httpx.Response:
        """The answer as it is, whatever its status. Raises httpx's errors and NoTokenError.

        `request_id`: by which Microsoft's support finds the request (header `client-request-id`).
        """
        request.headers.try_add("Prefer", _PREFER)
        request.headers.try_add("client-request-id", request_id)
        request.add_request_options([self._option])
        return cast(httpx.Response, await self._adapter.send_primitive_async(request, "bytes", None))

    def batch(self, body: bytes) -> RequestInformation:
        """The request of a batch. Source: https://learn.microsoft.com/graph/json-batching"""
        request = RequestInformation(Method.POST)
        request.url = f"{self._url}/$batch"
        request.headers.try_add("Accept", "application/json")
        request.set_stream_content(body, "application/json")
        return request

    def view(
        self,
        mailbox: str,
        start: date,
        end: date,
        *,
        select: tuple[str, ...],
        expand: str,
        top: int,
        calendar: str | None = None,
    ) -> RequestInformation:
        """A calendar view's first page, from a day's midnight (UTC) to another's. `calendar`: not the default one."""
        template = self._view_of(start, end, select, expand, top, calendar)
        return self.following(self._url + template.format(mailbox=quote(mailbox, safe="")))

    def _make_view(
        self, start: date, end: date, select: tuple[str, ...], expand: str, top: int, calendar: str | None
    ) -> str:
        query = CalendarViewRequestBuilder.CalendarViewRequestBuilderGetQueryParameters(
            start_date_time=f"{start.isoformat()}T00:00:00Z",
            end_date_time=f"{end.isoformat()}T00:00:00Z",
            select=list(select),
            expand=[expand],
            top=top,
        )
        view = self._users.by_user_id(_MAILBOX).calendar_view
        if calendar is not None:
            with _deprecations_ignored():
                view = cast(Any, self._users.by_user_id(_MAILBOX).calendars.by_calendar_id(calendar).calendar_view)
        return _template(view.to_get_request_information(RequestConfiguration(query_parameters=query)))

    def event(self, mailbox: str, event: str, *, select: tuple[str, ...], expand: str) -> RequestInformation:
        """One event, wherever it is; in Deleted Items, too. Seldom asked for, as the calendars are."""
        with _deprecations_ignored():
            from msgraph.generated.users.item.events.item.event_item_request_builder import EventItemRequestBuilder

        query = EventItemRequestBuilder.EventItemRequestBuilderGetQueryParameters(select=[*select], expand=[expand])
        item = self._users.by_user_id(mailbox).events.by_event_id(event)
        return item.to_get_request_information(RequestConfiguration(query_parameters=query))

    def calendars(self, mailbox: str) -> RequestInformation:
        """The list of a mailbox's calendars. Seldom asked for: what it needs is imported at its first use."""
        with _deprecations_ignored():
            from msgraph.generated.users.item.calendars.calendars_request_builder import CalendarsRequestBuilder

            calendars = self._users.by_user_id(mailbox).calendars
        query = CalendarsRequestBuilder.CalendarsRequestBuilderGetQueryParameters(
            select=["id", "isDefaultCalendar"], top=_MOST_CALENDARS
        )
        return calendars.to_get_request_information(RequestConfiguration(query_parameters=query))

    def is_own(self, link: str) -> bool:
        """Whether a `nextLink` leads to the host that it came from."""
        try:
            return urlsplit(link)[:2] == urlsplit(self._url)[:2]
        except ValueError:
            return False

    def following(self, link: str) -> RequestInformation:
        """The page at an address. A `nextLink` is taken unchanged: its `$skip` is not ours to compute."""
        return self._users.by_user_id("").calendar_view.with_url(link).to_get_request_information()

    def url_of(self, write: Write) -> str:
        """A write's address within a batch: relative to the API's root."""
        mailbox = quote(write.mailbox, safe="")
        if isinstance(write, Create):
            return self._create.format(mailbox=mailbox)
        template = self._update if isinstance(write, Update) else self._delete
        return template.format(mailbox=mailbox, event=quote(write.event_id, safe=""))

    def headers_of(self, request_id: str) -> dict[str, str]:
        """A write's headers within a batch; those of the whole do not count for its items."""
        return {"Prefer": _PREFER, "client-request-id": request_id}


def _deprecations_ignored() -> AbstractContextManager[None]:
    """The SDK warns of its own classes as it imports them."""
    return warnings.catch_warnings(action="ignore", category=DeprecationWarning)


def _template(request: RequestInformation) -> str:
    """An address relative to the API's root, to be formatted with `mailbox` and `event`."""
    request.path_parameters["baseurl"] = ""
    address = request.url.replace("{", "{{").replace("}", "}}")
    return address.replace(_MAILBOX, "{mailbox}").replace(_EVENT, "{event}")


def _authentication(url: str, tokens: Tokens | None) -> AuthenticationProvider:
    if tokens is None:
        return AnonymousAuthenticationProvider()
    host = urlsplit(url).hostname or ""
    return AzureIdentityAuthenticationProvider(
        cast(Any, tokens), scopes=[scope_of(url)], allowed_hosts=[host], is_cae_enabled=False
    )
