"""``ctask version``."""

from __future__ import annotations

import sys


def command(_: object) -> int:
    """Print the version."""
    from importlib.metadata import version  # noqa: PLC0415 - slow to load

    sys.stdout.write(f"ctask {version('containertask')}\n")
    return 0
