"""The bare loop: ready-made batches, one read per mailbox as first contact demands, no tables, no queues.

What Graph's limits allow: nobody who keeps to them can be faster with as many mailboxes in flight.
"""

import asyncio
import json
import time

import aiohttp

from tests.bench.rivals.task import WINDOWS_ZONE, Task, given, mark

ITEMS = 20
MARK = "String {702382a2-6180-43cb-9056-6accc03ab134} Name LightningBoltShift"
PREFER = 'IdType="ImmutableId"'
READ = "/calendarView?startDateTime=2026-10-01T00:00:00Z&endDateTime=2027-08-01T00:00:00Z&$top=1000"


def bodies(task: Task, person: int, address: str) -> list[bytes]:
    """The batches of one mailbox."""
    items = [
        {
            "id": str(number % ITEMS + 1),
            "method": "POST",
            "url": f"/users/{address}/events",
            "headers": {"Prefer": PREFER, "Content-Type": "application/json"},
            "body": {
                "subject": "Day Rounds",
                "body": {"contentType": "text", "content": note},
                "start": {"dateTime": start.isoformat(), "timeZone": WINDOWS_ZONE},
                "end": {"dateTime": end.isoformat(), "timeZone": WINDOWS_ZONE},
                "isAllDay": False,
                "showAs": "busy",
                "sensitivity": "normal",
                "isReminderOn": False,
                "responseRequested": False,
                "categories": [],
                "location": {"displayName": ""},
                "transactionId": f"{person}-{number}",
                "singleValueExtendedProperties": [{"id": MARK, "value": mark(person, number)}],
            },
        }
        for number, (start, end, note) in enumerate(task.shift_times(person))
    ]
    return [json.dumps({"requests": items[first : first + ITEMS]}).encode() for first in range(0, len(items), ITEMS)]


async def main(task: Task) -> float:
    """Seconds from the first request to the last answer."""
    work = [(address, bodies(task, person, address)) for person, address in enumerate(task.mailboxes)]
    left = iter(work)
    headers = {"Content-Type": "application/json"}
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:

        async def one_after_the_other() -> None:
            for address, batches in left:
                async with session.get(f"{task.url}/users/{address}{READ}", headers={"Prefer": PREFER}) as answer:
                    await answer.read()
                for body in batches:
                    async with session.post(f"{task.url}/$batch", data=body, headers=headers) as answer:
                        responses = json.loads(await answer.read())["responses"]
                        assert all(response["status"] == 201 for response in responses)

        began = time.monotonic()
        async with asyncio.TaskGroup() as group:
            for _ in range(task.in_flight):
                group.create_task(one_after_the_other())
        return time.monotonic() - began


if __name__ == "__main__":
    print(asyncio.run(main(given())))
