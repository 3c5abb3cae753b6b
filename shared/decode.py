"""JSON from outside, whatever it may hold."""

import json
from typing import Any

import pydantic_core


def decoded(raw: bytes) -> Any:
    """The value. Raises ValueError or RecursionError.

    pydantic's decoder takes half the time, makes no text of the whole, and keeps once what repeats, as most texts of a
    month do. What it does not take (halves of surrogate pairs, other encodings than UTF-8), Python's own may: where
    both do, they agree.
    """
    try:
        return pydantic_core.from_json(raw)
    except ValueError:
        return json.loads(raw)
