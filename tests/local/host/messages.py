"""What the worker sees of a queue message."""

import base64
import binascii
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast

from azure.functions.meta import Datum
from azure.functions.queue import QueueMessageInConverter
from azure.storage.queue import QueueMessage

from tests.local.host.functions import Function

_WHITESPACE = str.maketrans("", "", " \t\r\n")


def decode(content: str) -> bytes | None:
    """The bytes of a base64 message; None if it is none to .NET (which allows white space and wants the padding)."""
    try:
        return base64.b64decode(content.translate(_WHITESPACE), validate=True)
    except (binascii.Error, ValueError):
        return None


def argument(function: Function, body: str, metadata: Mapping[str, Datum]) -> object:
    """The function's argument: the text where it is annotated `str` or `bytes`, else an `azure.functions.QueueMessage`.

    Made by the worker's own decoder; raises ValueError where that does (the body overwrote metadata with nonsense).
    """
    if function.annotation in (str, bytes):
        return body  # the host sends text, and the worker leaves it as it comes
    return QueueMessageInConverter.decode(Datum(body, "string"), trigger_metadata=overwritten(body, metadata))


def metadata_of(message: QueueMessage) -> dict[str, Datum]:
    """The trigger metadata of a received message."""
    values = {
        "Id": message.id,
        "DequeueCount": message.dequeue_count,
        "InsertionTime": message.inserted_on,
        "ExpirationTime": message.expires_on,
        "NextVisibleTime": message.next_visible_on,
        "PopReceipt": message.pop_receipt,
    }
    return {name: _datum(value) for name, value in values.items() if value is not None}


def overwritten(body: str, metadata: Mapping[str, Datum]) -> dict[str, Datum]:
    """The metadata as the worker gets them.

    The host puts a JSON object's top-level properties over them, in any case; lists and nulls are left.
    """
    text = body.strip()
    if not (text.startswith("{") and text.endswith("}")):
        return dict(metadata)
    try:
        content = cast(dict[str, Any], json.loads(text))
    except ValueError:
        return dict(metadata)
    names = {name.lower(): name for name in metadata}
    over = {
        names.get(key.lower(), key): _property(value)
        for key, value in content.items()
        if value is not None and not isinstance(value, list)
    }
    return dict(metadata) | over


def _property(value: Any) -> Datum:
    return Datum(json.dumps(value), "json") if isinstance(value, dict) else Datum(str(value), "string")


def _datum(value: str | int | datetime) -> Datum:
    if isinstance(value, str):
        return Datum(value, "string")
    return Datum(json.dumps(value.isoformat() if isinstance(value, datetime) else value), "json")
