"""`operate`: every verb that an operator may ask for, by name. JSON in, JSON out; the command line is its client."""

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from azure.core.exceptions import AzureError
from pydantic_core import to_jsonable_python

from shared.errors import PreconditionError
from shared.ops.adoption import adopt, adopt_left, adopt_preview
from shared.ops.asked import (
    Asked,
    BadRequestError,
    Followed,
    Looked,
    OfAdopting,
    OfAdoption,
    OfHold,
    OfKind,
    OfMappings,
    OfMessage,
    OfPerson,
    OfRemoval,
    OfScope,
    Sampled,
    Scoped,
    Synced,
    read_asked,
)
from shared.ops.calendars import audit_now, remove, remove_left, remove_preview
from shared.ops.doctor import doctor
from shared.ops.failures import failures_list, failures_retry
from shared.ops.holds import hold_list, hold_release
from shared.ops.mapping_verbs import mappings_export, mappings_import, mappings_preview
from shared.ops.poisoned import poison_drop, poison_list, poison_requeue
from shared.ops.ports import OpsPorts
from shared.ops.preview import preview
from shared.ops.report import report
from shared.ops.status import status
from shared.ops.sync import progress, sync
from shared.sync.reads import Operation

log = logging.getLogger(__name__)

KEY = "function key"
"""Who asked, where Entra does not say."""


@dataclass(frozen=True, slots=True)
class Verb:
    """One thing that may be asked for."""

    kind: type[Asked]
    run: Callable[[Any, OpsPorts], Awaitable[object]]
    changes: bool = False
    """It is logged, and shown in `status`, with who asked."""


VERBS: Mapping[str, Verb] = {
    "doctor": Verb(Sampled, doctor),
    "preview": Verb(Scoped, preview),
    "status": Verb(Looked, status),
    "report": Verb(Scoped, report),
    "sync": Verb(Synced, sync, changes=True),
    "progress": Verb(Followed, progress),
    "hold_list": Verb(Asked, hold_list),
    "hold_release": Verb(OfHold, hold_release, changes=True),
    "failures_list": Verb(OfPerson, failures_list),
    "failures_retry": Verb(OfPerson, failures_retry, changes=True),
    "poison_list": Verb(Asked, poison_list),
    "poison_requeue": Verb(OfMessage, poison_requeue, changes=True),
    "poison_drop": Verb(OfMessage, poison_drop, changes=True),
    "mappings_preview": Verb(OfMappings, mappings_preview),
    "mappings_import": Verb(OfMappings, mappings_import, changes=True),
    "mappings_export": Verb(OfKind, mappings_export),
    "audit": Verb(OfPerson, audit_now, changes=True),
    "remove_preview": Verb(OfScope, remove_preview),
    "remove": Verb(OfRemoval, remove, changes=True),
    "remove_left": Verb(OfScope, remove_left),
    "adopt_preview": Verb(Asked, adopt_preview),
    "adopt": Verb(OfAdoption, adopt, changes=True),
    "adopt_left": Verb(OfAdopting, adopt_left),
}


@dataclass(frozen=True, slots=True)
class OperateAnswer:
    """What the caller is told."""

    status: int
    body: object


async def operate(verb: str, body: bytes, who: str, ports: OpsPorts) -> OperateAnswer:
    """Does what is asked for. A wrong field is answered 400, an unknown verb 404, storage that is away 503."""
    found = VERBS.get(verb)
    if found is None:
        return _refused(404, "verb", f"{verb!r} is none of {', '.join(VERBS)}")
    try:
        asked = read_asked(found.kind, body)
        result = await found.run(asked, ports)
        if found.changes:
            await _note(verb, asked, who, ports)
    except BadRequestError as error:
        return _refused(400, error.field, error.why)
    except PreconditionError:
        return _refused(409, "verb", "somebody else was quicker; try again")
    except AzureError as error:
        return _refused(503, "storage", f"does not answer ({type(error).__name__})")
    return OperateAnswer(200, as_json(result))


async def _note(verb: str, asked: Asked, who: str, ports: OpsPorts) -> None:
    log.info("operated verb=%s who=%s", verb, who)
    known = to_jsonable_python(asked, exclude_none=True, serialize_unknown=True)
    about = {
        name: " ".join(map(str, value)) if isinstance(value, list) else str(value)
        for name, value in known.items()
        if value not in ([], ()) and name != "file"
    }
    now = (await ports.ledger.reads(ports.settings.lightning_bolt_views[0].view_id)).now
    await ports.ledger.note_operation(Operation(now, who, verb, about))


def as_json(value: object) -> Any:
    """A result as JSON's own types."""
    return to_jsonable_python(value)


def asker(headers: Mapping[str, str], *, signed_in: bool) -> str:
    """Who asks: ids only. `headers`: names in lower case; `signed_in`: Entra's sign-in stands before the app.

    Without it, anybody who has the key can send the header: then it says no more than what they claim.
    """
    principal = headers.get("x-ms-client-principal-id", "")
    if not (principal.isascii() and 0 < len(principal) <= 64 and principal.replace("-", "").isalnum()):
        return KEY
    return principal if signed_in else f"{KEY}, saying {principal}"


def _refused(status_code: int, field: str, why: str) -> OperateAnswer:
    return OperateAnswer(status_code, {"status": "refused", "field": field, "error": f"{field} {why}"})
