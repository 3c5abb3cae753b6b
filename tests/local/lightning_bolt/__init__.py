"""Lightning Bolt's stand-in: a real server on this machine that behaves as the real one does, traps included."""

from tests.local.lightning_bolt.server import LightningBolt

__all__ = ["LightningBolt"]
