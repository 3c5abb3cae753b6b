"""The Azure Functions host's stand-in: runs a `function_app.py` on this machine, with the real host's semantics.

What it imitates, line by line, is FACTS.md's section "How the real host behaves". Where it differs:

- the worker is a thread of the host's process with its own event loop, not a process: a function that runs longer than
  `functionTimeout` makes everything in flight fail, as in Azure, but is cancelled (or, in a thread, abandoned) where
  Azure kills the process and starts it anew;
- a function whose bindings are wrong is an error here, where Azure leaves it out and runs the others;
- one function key and one master key are given on the command line; timers' statuses and locks are in a table of the
  same storage account instead of blobs.
"""

from tests.local.host.errors import HostError
from tests.local.host.run import Host, running_host

__all__ = ["Host", "HostError", "running_host"]
