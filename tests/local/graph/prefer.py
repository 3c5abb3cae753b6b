"""The Prefer header: immutable ids, the time zone of answers, the form of bodies."""

import re
from dataclasses import dataclass
from functools import lru_cache

_PART = re.compile(r'\s*([\w.\-]+)\s*(?:=\s*(?:"([^"]*)"|([^,;\s]*)))?\s*(?:[,;]|$)')


@dataclass(frozen=True, slots=True)
class Prefer:
    """What a request prefers, of what the simulator knows."""

    immutable_ids: bool = False
    time_zone: str | None = None
    text_bodies: bool = False

    @property
    def applied(self) -> str:
        """The answer's Preference-Applied header; empty: none."""
        parts = []
        if self.immutable_ids:
            parts.append('IdType="ImmutableId"')
        if self.time_zone is not None:
            parts.append(f'outlook.timezone="{self.time_zone}"')
        if self.text_bodies:
            parts.append('outlook.body-content-type="text"')
        return ", ".join(parts)


@lru_cache(maxsize=256)
def parse(header: str) -> Prefer:
    """The preferences in a header; unknown ones are ignored, as Graph does."""
    found = {name.lower(): quoted or bare for name, quoted, bare in _PART.findall(header)}
    return Prefer(
        immutable_ids=found.get("idtype", "").lower() == "immutableid",
        time_zone=found.get("outlook.timezone"),
        text_bodies=found.get("outlook.body-content-type", "").lower() == "text",
    )
