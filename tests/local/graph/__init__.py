"""The stand-in for Microsoft Graph: a real HTTP server that behaves like it, on this machine.

It imports nothing of the app. `GraphSimulator` is the way in for tests, `GraphControl` for those in another process.
"""

from tests.local.graph.behaviour import Behaviour
from tests.local.graph.faults import Fault
from tests.local.graph.mailboxes import MailboxState
from tests.local.graph.simulator import GraphServer, GraphSimulator

__all__ = ["Behaviour", "Fault", "GraphServer", "GraphSimulator", "MailboxState"]
