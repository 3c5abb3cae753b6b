"""What storage refuses whatever is stored: sizes, keys and names, as Azure has them.

Azurite is more lenient in some, and so is no judge of them: it takes any name and number of properties, and measures an
entity by the bytes of the last request's JSON, where Azure counts the whole entity in UTF-16.

Sources: https://learn.microsoft.com/rest/api/storageservices/understanding-the-table-service-data-model,
https://learn.microsoft.com/rest/api/storageservices/performing-entity-group-transactions,
https://learn.microsoft.com/rest/api/storageservices/table-service-error-codes,
https://learn.microsoft.com/rest/api/storageservices/put-message.
"""

import json
import math
import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import lru_cache

from shared.state.table import Value, Write

_MOST_WRITES = 100
_LARGEST_REQUEST = 4 * 1024 * 1024
_LARGEST_ENTITY = 1024 * 1024
_LARGEST_PROPERTY = 64 * 1024
_LARGEST_KEY = 1024
_LARGEST_MESSAGE = 64 * 1024
_LONGEST_NAME = 255
_MOST_PROPERTIES = 252
"""Besides the three that are storage's own. Sizes are bytes, of UTF-16 but for the request's and the message's."""
TIME_TO_LIVE = timedelta(days=7)
"""A message's, where none is asked for; a delay must be shorter."""

_PART = 700
"""Bytes of a transaction's request that each write takes besides its JSON: boundaries, address, headers."""
_FORBIDDEN = re.compile("[/\\\\#?\x00-\x1f\x7f-\x9f]")
_ETAG = re.compile(r'\*|W/"[^"]*"')
_OWN_NAMES = frozenset({"PartitionKey", "RowKey", "Timestamp"})


class RefusedError(ValueError):
    """A request that storage takes in no case: what Azure answers with 400 or 413. Nothing was done.

    `code`: Azure's word for it.
    """

    def __init__(self, code: str, what: str) -> None:
        super().__init__(f"{code}: {what}")
        self.code = code


def _utf16(text: str) -> int:
    """Bytes of UTF-16. Halves of surrogate pairs count as what they are: JSON carries them."""
    return len(text) * 2 if text.isascii() else len(text.encode("utf-16-le", "surrogatepass"))


def check_transaction(partition: str, writes: Sequence[Write]) -> None:
    """All that can be said against a transaction without looking at the table."""
    if len(writes) > _MOST_WRITES:
        raise RefusedError("InvalidInput", f"{len(writes)} writes in one transaction")
    if len({write.row for write in writes}) < len(writes):
        raise RefusedError("InvalidDuplicateRow", "a row is named twice in one transaction")
    check_key(partition)
    characters = 0
    for write in writes:
        check_key(write.row)
        if write.etag is not None and (write.kind == "insert" or not _ETAG.fullmatch(write.etag)):
            raise RefusedError("InvalidInput", f"etag {write.etag!r} of {write.kind}")
        for name, value in write.values.items():
            _check_property(name, value)
            characters += len(name) + (len(value) if isinstance(value, str) else 0) + 10
    if characters * 12 + len(writes) * (_PART + 100) > _LARGEST_REQUEST:  # worth a closer look
        size = sum(_PART + len(json.dumps(dict(write.values))) for write in writes)
        if size > _LARGEST_REQUEST:
            raise RefusedError("RequestBodyTooLarge", f"about {size} bytes")


@lru_cache(maxsize=100_000)
def check_key(key: str) -> None:
    if _FORBIDDEN.search(key):
        raise RefusedError("OutOfRangeInput", f"key {key!r}")
    if _utf16(key) > _LARGEST_KEY:
        raise RefusedError("PropertyValueTooLarge", f"key of {len(key)} characters")
    key.encode()  # raises UnicodeEncodeError, as the SDK, for half a surrogate pair


@lru_cache(maxsize=10_000)
def _check_name(name: str) -> None:
    """Azure wants C# identifiers; Azurite takes anything."""
    if not name.isidentifier() or name in _OWN_NAMES:
        raise RefusedError("PropertyNameInvalid", repr(name))
    if len(name) > _LONGEST_NAME:
        raise RefusedError("PropertyNameTooLong", f"{len(name)} characters")


def _check_property(name: str, value: Value) -> None:
    _check_name(name)
    kind = type(value)
    if kind is str:
        assert isinstance(value, str)
        if len(value) * 4 > _LARGEST_PROPERTY and _utf16(value) > _LARGEST_PROPERTY:
            raise RefusedError("PropertyValueTooLarge", f"{name}, of {len(value)} characters")
    elif kind is int:
        if not -(2**31) <= value < 2**31:  # type: ignore[operator]
            raise TypeError(f"{name}: {value!r} does not fit 32 bits")
    elif kind is not bool:
        raise TypeError(f"{name}: {kind.__name__} is no type of a property here")


def check_entity(partition: str, row: str, values: Mapping[str, Value]) -> None:
    """Azure counts UTF-16. Azurite counts the bytes of the last request's JSON: half of that for plain letters."""
    if len(values) > _MOST_PROPERTIES:
        raise RefusedError("TooManyProperties", f"{len(values)} properties")
    longest = sum(
        len(name) * 2 + (len(value) * 4 if isinstance(value, str) else 8) + 12 for name, value in values.items()
    )
    if longest + _LARGEST_KEY * 4 > _LARGEST_ENTITY:  # worth a closer look
        size = 4 + _utf16(partition) + _utf16(row)
        for name, value in values.items():
            size += 8 + _utf16(name) + (4 + _utf16(value) if isinstance(value, str) else 4)
        if size > _LARGEST_ENTITY:
            raise RefusedError("EntityTooLarge", f"{size} bytes")


def check_message(text: str, delay: timedelta) -> None:
    """Raises RefusedError for a message that is too long as base64, or a delay that no message may have."""
    if not timedelta() <= delay < TIME_TO_LIVE:
        raise RefusedError("OutOfRangeQueryParameterValue", f"a delay of {delay}")
    if (size := math.ceil(len(text.encode()) / 3) * 4) > _LARGEST_MESSAGE:
        raise RefusedError("MessageTooLarge", f"{size} bytes of base64")
