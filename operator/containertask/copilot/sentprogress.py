"""How much has been sent, with a line in the log now and then."""

from __future__ import annotations

import threading
import time
from typing import Final

from containertask.copilot.journal import Journal

_SECONDS: Final = 10.0


class Progress:
    """Counts for all workers; ``bytes`` is what has been sent."""

    def __init__(self, journal: Journal) -> None:
        self.bytes = 0
        self._journal = journal
        self._lock = threading.Lock()
        self._next = time.monotonic() + _SECONDS

    def moved(self, size: int) -> None:
        """Count bytes that were sent."""
        with self._lock:
            self.bytes += size
            now, due = time.monotonic(), self._next
            if now < due:
                return
            self._next, total = now + _SECONDS, self.bytes
        self._journal.note(f"{total} bytes of outputs are sent")
