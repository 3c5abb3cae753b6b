"""`health`: whether the app works, for a probe. No names, no calls to Lightning Bolt or Graph."""

from dataclasses import dataclass

from azure.core.exceptions import AzureError

from shared.settings import Settings
from shared.sync.ports import Ledger


@dataclass(frozen=True, slots=True)
class Health:
    """503 only where the app cannot work at all."""

    status: int
    body: dict[str, object]


async def health(settings: Settings, ledger: Ledger) -> Health:
    """`ok`, or `degraded` with the reasons: what the last read of a view was refused for; `paused` says so, too."""
    reasons = []
    try:
        for view in settings.lightning_bolt_views:
            reads = await ledger.reads(view.view_id)
            if reads.refusal:
                reasons.append(f"view {view.view_id}: {reads.refusal}")
    except AzureError as error:
        return Health(503, {"status": "down", "reasons": [f"storage: {type(error).__name__}"]})
    body: dict[str, object] = {"status": "degraded" if reasons else "ok", "reasons": reasons, "paused": settings.paused}
    return Health(200, body)
