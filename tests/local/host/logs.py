"""Logs at INFO, one line a record: time, level, logger, message."""

import logging
import sys
from datetime import UTC, datetime
from pathlib import Path


class OneLine(logging.Formatter):
    """A record on one line, whatever is in it; an exception's traceback follows the message, its lines joined."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        when = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        text = record.getMessage()
        if record.exc_info:
            text += " | " + self.formatException(record.exc_info)
        return f"{when} {record.levelname} {record.name} " + " ⏎ ".join(text.splitlines())


def log_to(file: Path | None) -> None:
    """Send everything at INFO and above to a file, or to standard error."""
    handler = logging.FileHandler(file, encoding="utf-8") if file else logging.StreamHandler(sys.stderr)
    handler.setFormatter(OneLine())
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    logging.captureWarnings(True)
