"""`health`: whether the app works, for a probe. No names, no calls to Lightning Bolt or Graph."""

from dataclasses import dataclass

from azure.core.exceptions import AzureError

from shared.settings import Settings
from shared.sync.ports import Ledger
from shared.sync.window import window


@dataclass(frozen=True, slots=True)
class Health:
    """503 only where the app cannot work at all."""

    status: int
    body: dict[str, object]


async def health(settings: Settings, ledger: Ledger) -> Health:
    """`ok`, or `degraded` with the reasons: what the last reads of a view's months were refused for."""
    reasons = []
    try:
        for view in settings.lightning_bolt_views:
            reads = await ledger.reads(view.view_id)
            for month in window(settings, view, reads.now, reads.months):
                known = reads.of(month)
                refusal = known.refusal.removeprefix(f"view {view.view_id}").removeprefix(f", {month}").lstrip(": ")
                what = [refusal] if refusal else []
                what += [f"removals are held, {hold}" for hold in known.holds]
                reasons += [f"view {view.view_id}, {month}: {each}" for each in what]
        if refusal := (await ledger.graph_access()).refusal:
            reasons.append(f"Graph refuses the app itself, at every mailbox: {refusal}")
        for queue, count in (await ledger.fallen()).items():
            reasons.append(f"queue {queue}: {count} messages failed for good")
    except AzureError as error:
        return down([f"storage: {type(error).__name__}"])
    body: dict[str, object] = {"status": "degraded" if reasons else "ok", "reasons": reasons, "paused": settings.paused}
    return Health(200, body)


def down(reasons: list[str]) -> Health:
    """The app cannot work at all."""
    return Health(503, {"status": "down", "reasons": reasons})
