"""The little world of the property test: few people, few days, so that whatever can collide does."""

from datetime import UTC, date, datetime

from tests.local.lightning_bolt import model
from tests.town import SENT, ZONE

START = datetime(2026, 11, 3, 15, 0, 0, 250_000, tzinfo=UTC)
LATER = datetime(2026, 11, 19, 20, 0, 0, 250_000, tzinfo=UTC)
"""The evening before the first shift: soon some have begun."""
LAST_PEACE = datetime(2026, 11, 26, tzinfo=UTC)
"""After which no more than the last peace is made: it lasts a bit more than a day, and November must not end."""
VIEW, SECOND_VIEW = 50, 51
TEMPLATES = (5, 6)
PEOPLE = (2101, 2102, 2103)
DAY, NIGHT, LEAVE, MEETING = 301, 302, 303, 304
ADDRESSES = ("ada@example.org", "ben@example.org", "b.okoro@example.org", "cleo@example.org")
TYPO = "adda@example.org"
DAYS = tuple(date(2026, 11, day) for day in (20, 21, 22, 29)) + tuple(date(2026, 12, day) for day in (1, 2, 9))
SEEN = datetime(2026, 10, 31, tzinfo=UTC), datetime(2027, 1, 2, tzinfo=UTC)
"""What a look at the window sees: its months, and a day or two around them."""
BEYOND = tuple(datetime(2027, month, 15, tzinfo=UTC).date() for month in (2, 8))
LEASE, LOOK_AGAIN, READ_AGAIN = 120, 600, 120
BOUND = LEASE * 3 / 8 + LOOK_AGAIN - 1
"""Seconds after it was sent that a request may still take effect: what the design assumes."""


UNSENT = SENT | {"send_to_outlook": False}


def setup() -> model.Setup:
    """What Lightning Bolt knows in the beginning."""
    return model.Setup(
        time_zone=ZONE,
        departments=(model.Department(10, "Hospital Medicine", "HM"),),
        templates=(
            model.Template(5, "HM MD", "Hospital Medicine Physicians", 10),
            model.Template(6, "HM APP", "Hospital Medicine APPs", 10),
        ),
        people=(
            _person(2101, "Ada", "Byrne", ADDRESSES[0]),
            _person(2102, "Ben", "Okoro", ADDRESSES[1]),
            _person(2103, "Cleo", "Marsh", ADDRESSES[3]),
            model.Person.placeholder(2001, departments=(10,)),
        ),
        assignments=(
            model.Assignment(DAY, "Day Rounds", "D", TEMPLATES, "07:00:00~17:00:00", SENT),
            model.Assignment(NIGHT, "Night Call", "N", TEMPLATES, "19:00:00~07:00:00", SENT | {"send_as_free": True}),
            model.Assignment(LEAVE, "Leave", "L", TEMPLATES, "00:00:00~00:00:00", SENT),
            model.Assignment(
                MEETING, "Committee", "C", TEMPLATES, "12:00:00~13:00:00", SENT | {"send_to_outlook": False}
            ),
        ),
        views=(
            model.View(VIEW, "Hospital Medicine", TEMPLATES),
            model.View(SECOND_VIEW, "Hospital Medicine APPs", (6,)),
        ),
    )


def _person(emp_id: int, first: str, last: str, unique_id: str | None) -> model.Person:
    fields = {"unique_id": unique_id, "custom1": None, "custom2": None, "custom3": None, "custom4": None}
    return model.Person(emp_id, first, last, f"{last}, {first} MD", f"{first[0]} {last}", (10,), fields=fields)
