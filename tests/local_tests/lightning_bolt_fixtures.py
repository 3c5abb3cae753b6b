"""A small Lightning Bolt for the stand-in's own tests: two departments, three templates, two views."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx

from tests.local.lightning_bolt import LightningBolt
from tests.local.lightning_bolt.control import LightningBoltControl
from tests.local.lightning_bolt.endpoints import ORIGIN
from tests.local.lightning_bolt.model import Assignment, Department, Person, Setup, Slot, Template, View

MEDICINE, SURGERY = 5, 7
MEDICINE_APP = 6
ROUNDS, NIGHT, CALL = 301, 302, 303
MARLOW, QUILL, BRANDT, OPEN = 2101, 2102, 2103, 2001
YES = {"send_to_outlook": True, "include_schedule_notes": True, "include_assignment_information": False}


def wall(text: str) -> datetime:
    """A wall clock, naive: `2026-12-10T07:00`."""
    return datetime.fromisoformat(text)


def day_slot(slot_id: int, day: date, emp_id: int = MARLOW, template_id: int = MEDICINE, **more: Any) -> Slot:
    """07:00 to 17:00."""
    start = wall(f"{day}T07:00")
    return Slot(slot_id, template_id, emp_id, ROUNDS, day, start, start + timedelta(hours=10), **more)


def small(*slots: Slot) -> Setup:
    """The small Lightning Bolt with these slots."""
    return Setup(
        time_zone="America/Chicago",
        departments=(Department(10, "Hospital Medicine", "HM"), Department(20, "Surgery", "SU")),
        templates=(
            Template(MEDICINE, "HM MD", "Hospital Medicine Physicians", 10),
            Template(MEDICINE_APP, "HM APP", "Hospital Medicine APPs", 10),
            Template(SURGERY, "SU MD", "Surgeons", 20),
        ),
        people=(
            Person.placeholder(OPEN, "OPEN 1", (10,)),
            Person(
                MARLOW, "Tessa", "Marlow", "Marlow, Tessa MD", "T Marlow", (10,), fields={"unique_id": "t@x.example"}
            ),
            Person(QUILL, "Jonas", "Quill", "Quill, Jonas MD", "J Quill", (10,)),
            Person(BRANDT, "Ines", "Brandt", "Brandt, Ines NP", "I Brandt", (10, 20)),
        ),
        assignments=(
            Assignment(ROUNDS, "Day Rounds", "R1", (MEDICINE, MEDICINE_APP), mapping=YES),
            Assignment(NIGHT, "Night", "N1", (MEDICINE,), "21:00:00~07:00:00", mapping=YES),
            Assignment(CALL, "Call", "C", (SURGERY,), "07:00:00~07:00:00", mapping=YES),
        ),
        views=(View(50, "Medicine", (MEDICINE, MEDICINE_APP)), View(60, "Surgery", (SURGERY, MEDICINE_APP))),
        slots=slots,
    )


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.at = datetime(2026, 11, 24, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at

    def move(self, seconds: float) -> None:
        """Forward."""
        self.at += timedelta(seconds=seconds)


class Reader:
    """A reader as the app is one."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self.http = http
        self.headers = {"Origin": ORIGIN}

    async def sign_in(self) -> None:
        """Gets a bearer."""
        form = {"grant_type": "client_credentials", "client_id": "local", "client_secret": "local-secret"}
        answer = await self.http.post("/token", data=form)
        self.headers["Authorization"] = f"Bearer {answer.raise_for_status().json()['access_token']}"

    async def ask(self, view_id: Any = 50, first: str = "20261201", last: str = "20261231") -> httpx.Response:
        """The whole response to a read."""
        body = {"view_id": view_id, "tz": "UTC", "start_date": first, "end_date": last}
        return await self.http.post("/viewerapi", json=body, headers=self.headers)

    async def read(self, view_id: int = 50, first: str = "20261201", last: str = "20261231") -> dict[str, Any]:
        """The answer of a read that succeeds."""
        answer: dict[str, Any] = (await self.ask(view_id, first, last)).raise_for_status().json()
        return answer

    async def rows(
        self, view_id: int = 50, first: str = "20261201", last: str = "20261231"
    ) -> dict[int, dict[str, Any]]:
        """Rows of the answer by slot id."""
        return {row["slot_id"]: row for row in (await self.read(view_id, first, last))["schedule_data"]["data"]}


class Rig:
    """A running stand-in, its control client, a reader, and its clock."""

    def __init__(self, server: LightningBolt, control: LightningBoltControl, reader: Reader, clock: Clock) -> None:
        self.server = server
        self.control = control
        self.reader = reader
        self.clock = clock


@asynccontextmanager
async def rig(*slots: Slot, publish: bool = True) -> AsyncIterator[Rig]:
    """The small Lightning Bolt, running; with `publish`, everything in December 2026 is published to everyone."""
    clock = Clock()
    async with (
        LightningBolt(now=clock) as server,
        LightningBoltControl(server.url) as control,
        httpx.AsyncClient(base_url=server.url, timeout=10) as http,
    ):
        await control.load(small(*slots))
        if publish:
            await control.publish(first=date(2026, 12, 1), last=date(2026, 12, 31))
        reader = Reader(http)
        await reader.sign_in()
        yield Rig(server, control, reader, clock)
