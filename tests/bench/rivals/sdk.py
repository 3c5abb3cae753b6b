"""One request per event with msgraph-sdk, one at a time in each mailbox: what in-house scripts do."""

import asyncio
import time
import warnings

import httpx

from tests.bench.rivals.task import WINDOWS_ZONE, Task, given


async def main(task: Task) -> float:
    """Seconds from the first request to the last answer."""
    from kiota_abstractions.authentication import AnonymousAuthenticationProvider
    from msgraph.generated.models.body_type import BodyType
    from msgraph.generated.models.date_time_time_zone import DateTimeTimeZone
    from msgraph.generated.models.event import Event
    from msgraph.generated.models.item_body import ItemBody
    from msgraph.graph_request_adapter import GraphRequestAdapter
    from msgraph.graph_service_client import GraphServiceClient

    limits = httpx.Limits(max_connections=None, max_keepalive_connections=64)
    adapter = GraphRequestAdapter(AnonymousAuthenticationProvider(), httpx.AsyncClient(limits=limits, timeout=60))
    adapter.base_url = task.url
    client = GraphServiceClient(request_adapter=adapter)
    left = iter(enumerate(task.mailboxes))

    async def one_after_the_other() -> None:
        for person, address in left:
            for start, end, note in task.shift_times(person):
                event = Event(
                    subject="Day Rounds",
                    body=ItemBody(content_type=BodyType.Text, content=note),
                    start=DateTimeTimeZone(date_time=start.isoformat(), time_zone=WINDOWS_ZONE),
                    end=DateTimeTimeZone(date_time=end.isoformat(), time_zone=WINDOWS_ZONE),
                    is_reminder_on=False,
                )
                made = await client.users.by_user_id(address).events.post(event)
                assert made and made.id

    began = time.monotonic()
    async with asyncio.TaskGroup() as group:
        for _ in range(task.in_flight):
            group.create_task(one_after_the_other())
    return time.monotonic() - began


if __name__ == "__main__":
    warnings.simplefilter("ignore", DeprecationWarning)
    print(asyncio.run(main(given())))
