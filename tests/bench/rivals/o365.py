"""One request per event with the O365 library, a thread per mailbox in flight. Runs with `.bench` on its path alone."""

import sys
import time
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path
from typing import Any

from tests.bench.rivals.task import Task, given

LIBRARY = Path(__file__).parents[3] / ".bench"


def main(task: Task) -> float:
    """Seconds from the first request to the last answer."""
    from O365.calendar import Event, Schedule  # type: ignore[import-not-found]
    from O365.connection import Connection, MSGraphProtocol  # type: ignore[import-not-found]

    class Protocol(MSGraphProtocol):  # type: ignore[misc]
        _protocol_url = task.url.removesuffix("v1.0")

    class Anonymous(Connection):  # type: ignore[misc]
        """Without a token: the simulator asks for none."""

        @cached_property
        def _session(self) -> Any:
            return self.get_naive_session()

        def oauth_request(self, url: str, method: str, **options: object) -> object:
            """As the library, without looking for a token first."""
            return self._internal_request(self._session, url, method, **options)

    class Plain(Event):  # type: ignore[misc]
        """The library spells flags like names, which makes text of them; the simulator wants flags."""

        def to_api_data(self, restrict_keys: set[str] | None = None) -> dict[str, Any]:
            """The body that is sent."""
            data: dict[str, Any] = super().to_api_data(restrict_keys)
            return {**data, "isOnlineMeeting": False}

    def fill(numbered: tuple[int, str]) -> None:
        person, address = numbered
        connection = Anonymous(("local", "local"), auth_flow_type="credentials", tenant_id="local")
        protocol = Protocol(timezone="America/Chicago")
        schedule = Schedule(con=connection, protocol=protocol, main_resource=address)
        for start, end, note in task.shift_times(person):
            event = Plain(parent=schedule, subject="Day Rounds")
            event.start, event.end, event.body = start, end, note
            event.remind_before_minutes = 0
            assert event.save()

    began = time.monotonic()
    with ThreadPoolExecutor(task.in_flight) as pool:
        list(pool.map(fill, enumerate(task.mailboxes)))
    return time.monotonic() - began


if __name__ == "__main__":
    sys.path.insert(0, str(LIBRARY))
    print(main(given()))
