"""Progress lines with times: one when a step begins, one when it ends. Safe to use from threads."""

from __future__ import annotations

import contextlib
import sys
import threading
import time
from collections.abc import Iterator

_START = time.monotonic()
_LOCK = threading.Lock()


def say(text: str) -> None:
    """Print one line to stderr, led by the seconds since the program began."""
    with _LOCK:
        sys.stderr.write(f"[{time.monotonic() - _START:7.1f} s] {text}\n")
        sys.stderr.flush()


@contextlib.contextmanager
def step(name: str) -> Iterator[None]:
    """Announce a step and say how long it took; a failed one says so and lets the error through."""
    say(f"{name} …")
    begun = time.monotonic()
    try:
        yield
    except BaseException:
        say(f"{name}: FAILED after {time.monotonic() - begun:.1f} s")
        raise
    say(f"{name}: done in {time.monotonic() - begun:.1f} s")
