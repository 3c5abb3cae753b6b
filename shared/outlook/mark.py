"""The mark: an extended property by which an event of ours is known, whatever becomes of our tables (rule 6).

Source: https://learn.microsoft.com/graph/api/resources/singlevaluelegacyextendedproperty
"""

import re
from dataclasses import dataclass
from urllib.parse import quote, unquote

from shared.month import Month

MARK_ID = "String {702382a2-6180-43cb-9056-6accc03ab134} Name LightningBoltShift"
"""Id of the property. Never change it: events that carry another one are not ours."""

_INSTALLATION = re.compile(r"[a-z0-9-]{1,32}")
_LINK = re.compile(r"[0-9a-f-]{1,64}")
_DIGEST = re.compile(r"[0-9a-f]{8,64}")


@dataclass(frozen=True, slots=True)
class Mark:
    """What the property of an event says."""

    installation: str
    """`INSTALLATION_ID` of the installation that owns the event."""
    link: str
    """Link id: a UUID in lower case, also the event's `transactionId`."""
    person: str
    schedule: str
    month: Month
    """Of the slot's day: the person-month that the event belongs to, wherever somebody may have moved it."""
    digest: str
    """Of the event as it was last sent; empty where that does not count, because an earlier installation sent it."""

    def text(self) -> str:
        """`<installation>:<link>:<person>:<schedule>:<yyyy-mm>:<digest>`; a colon inside an id is percent-encoded."""
        person, schedule = quote(self.person, safe=""), quote(self.schedule, safe="")
        return f"{self.installation}:{self.link}:{person}:{schedule}:{self.month}:{self.digest}"

    @classmethod
    def parse(cls, text: str) -> "Mark | None":
        """Reads a property's value; None for whatever `text` of a mark would not have written.

        Upper case is read as lower case in the parts that are always lower: Graph compares values without case.
        """
        parts = text.split(":")
        if len(parts) != 6 or not text.isascii():
            return None
        installation, link, person, schedule, month, digest = parts
        installation, link, digest = installation.lower(), link.lower(), digest.lower()
        if not (_INSTALLATION.fullmatch(installation) and _LINK.fullmatch(link) and _DIGEST.fullmatch(digest)):
            return None
        try:
            mark = cls(
                installation,
                link,
                unquote(person, errors="strict"),
                unquote(schedule, errors="strict"),
                Month.parse(month),
                digest,
            )
        except ValueError:
            return None
        if not (person and schedule) or (quote(mark.person, safe=""), quote(mark.schedule, safe="")) != (
            person,
            schedule,
        ):
            return None
        return mark
