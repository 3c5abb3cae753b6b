"""Ids as Graph makes them. An event has two: an immutable one, and one that changes whenever it changes folders."""

import base64
import hashlib
import random
import re
import uuid

IMMUTABLE = "AAkALgAAAAAAHYQDEapmEc2byACqAC-EWg0A"
MUTABLE = "AAMkAG"
_FORM = re.compile(r"[A-Za-z0-9_=-]{16,}\Z")


def well_formed(identifier: str) -> bool:
    """Whether it could be an event's id; anything else is ErrorInvalidIdMalformed."""
    return identifier.startswith((IMMUTABLE, "AAMk", "AQMk")) and _FORM.match(identifier) is not None


class Ids:
    """Makes ids, the same ones for the same seed. Case matters in them, as in Graph's."""

    def __init__(self, random_source: random.Random) -> None:
        self._random = random_source
        self._salt = random_source.randbytes(8)
        self._count = 0

    def number(self) -> int:
        """The next number of an event or calendar."""
        self._count += 1
        return self._count

    def request(self) -> str:
        """A request-id."""
        return str(uuid.UUID(int=self._random.getrandbits(128), version=4))

    def immutable(self, mailbox: str, number: int) -> str:
        """The id that an event keeps for as long as it stays in its mailbox."""
        return IMMUTABLE + self._text(24, mailbox, number)

    def mutable(self, mailbox: str, number: int, moves: int, folder: str) -> str:
        """The id that an event has in one folder."""
        return MUTABLE + self._text(108, mailbox, number, moves, folder)

    def calendar(self, mailbox: str, number: int) -> str:
        """A calendar's id."""
        return MUTABLE + self._text(84, mailbox, "calendar", number)

    def change_key(self, number: int, change: int) -> str:
        """A changeKey: another one after every change."""
        digest = hashlib.blake2b(f"{number} {change}".encode(), digest_size=22, key=self._salt).digest()
        return base64.b64encode(digest).decode()

    def ical(self, mailbox: str, number: int) -> str:
        """An iCalUId."""
        digest = hashlib.blake2b(f"{mailbox} {number}".encode(), digest_size=24, key=self._salt).hexdigest().upper()
        return f"040000008200E00074C5B7101A82E00800000000{digest}"

    def _text(self, size: int, *parts: object) -> str:
        """Base64 of `size` bytes that depend on the parts and the seed."""
        text = " ".join(map(str, parts)).encode()
        block = hashlib.blake2b(text, digest_size=min(size, 64), key=self._salt).digest()
        block += bytes(max(0, size - 64 - 8)) + block[: max(0, min(8, size - 64))]
        return base64.urlsafe_b64encode(block).decode()
