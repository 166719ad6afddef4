"""Log lines of the operator: one line a transition, as text or as JSON. No value of a user's in any."""

from __future__ import annotations

import json
import logging
import sys
from typing import Final

_TEXT: Final = "%(asctime)s %(levelname)s %(name)s %(message)s"
_QUIET: Final = ("kopf.objects", "kopf.activities", "kopf._core", "kopf._cogs", "asyncio", "aiohttp")
"""They log each event of each object at INFO."""


class _JsonLines(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        # Half a surrogate pair cannot be written; escaped as here it is what JSON itself would write.
        return json.dumps(line, ensure_ascii=False).encode(errors="backslashreplace").decode()


def set_up(level: str, form: str) -> None:
    """Log to stderr; ``level`` and ``form`` as in the settings."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_JsonLines() if form == "json" else logging.Formatter(_TEXT))
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    if level != "debug":
        for name in _QUIET:
            logging.getLogger(name).setLevel(logging.WARNING)
