"""How much of the inputs has come: counted by all workers, logged now and then."""

from __future__ import annotations

import threading
import time
from typing import Final

from containertask.copilot.journal import Journal

_SECONDS: Final = 10.0
"""Between two lines in the log."""


class Progress:
    """Counts bytes; ``moved`` is how many have come so far."""

    def __init__(self, journal: Journal) -> None:
        self.moved = 0
        self._journal = journal
        self._lock = threading.Lock()
        self._expected, self._unknown = 0, 0
        self._told = time.monotonic()

    def expect(self) -> None:
        """Reckon with something whose size is not known yet."""
        with self._lock:
            self._unknown += 1

    def know(self, size: int, *, first: bool) -> None:
        """Reckon with so many bytes more; ``first``: of something that was expected, and is known by now."""
        with self._lock:
            self._expected += size
            self._unknown -= first

    def came(self, size: int) -> None:
        """Count bytes that have come, and log it if that was not done lately."""
        with self._lock:
            self.moved += size
            now = time.monotonic()
            if now - self._told < _SECONDS:
                return
            self._told = now
            whole = "" if self._unknown else f" of {self._expected}"
            text = f"input bytes so far {self.moved}{whole}"
        self._journal.note(text)
