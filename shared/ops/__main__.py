"""`python -m shared.ops`: the operators' command line."""

from shared.ops.cli.commands import app

app(prog_name="python -m shared.ops")
