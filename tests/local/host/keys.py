"""Function keys: who may call what."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum


class Access(Enum):
    """What a request's key opens."""

    NONE = "none"
    """No key, or a wrong one."""
    FUNCTION = "function"
    """A function or host key."""
    MASTER = "master"
    """The master key, which opens everything."""


@dataclass(frozen=True)
class Keys:
    """The keys that this host knows."""

    function: str
    master: str

    def access(self, headers: Mapping[str, str], query: Mapping[str, str]) -> Access:
        """Of the key in the header `x-functions-key`, and only if that is absent in the query's `code`."""
        key = headers.get("x-functions-key", query.get("code", ""))
        if self._same(key, self.master):
            return Access.MASTER
        return Access.FUNCTION if self._same(key, self.function) else Access.NONE

    @staticmethod
    def opens(access: Access, level: str) -> bool:
        """Whether a request with this access may call a function of this `authLevel`."""
        match level.lower():
            case "anonymous":
                return True
            case "function":
                return access is not Access.NONE
            case _:
                return access is Access.MASTER

    @staticmethod
    def _same(given: str, key: str) -> bool:
        return bool(key) and hmac.compare_digest(given.encode(), key.encode())
