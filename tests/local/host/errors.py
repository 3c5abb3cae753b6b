"""What the stand-in refuses, and what stops it."""


class HostError(RuntimeError):
    """The app, its host.json or its storage cannot be run; the message says what is wrong and what to do."""
