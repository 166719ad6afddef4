"""Environments with Flyte's SDKs, for ``tests/interop``: ``sync`` (default), ``lock``, ``check``."""

from __future__ import annotations

import sys
from typing import Final

from testbed import sdks
from testbed.cli import reporting
from testbed.versions import load

WAYS: Final = {"sync": sdks.sync, "lock": sdks.lock, "check": sdks.check}

if __name__ == "__main__":
    if len(sys.argv) > 2 or (sys.argv[1:] and sys.argv[1] not in WAYS):  # noqa: PLR2004 - itself and a way
        sys.exit(f"usage: hack/sdks.py [{'|'.join(WAYS)}]")
    sys.exit(reporting(lambda: WAYS[(sys.argv[1:] or ["sync"])[0]](load())))
