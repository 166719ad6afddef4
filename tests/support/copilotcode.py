"""Code that downloader and uploader may begin with in a test, and signals that they may get."""

from __future__ import annotations

import os
import signal
import sysconfig

COPILOT_UID = 65532

_LATE = "import fnmatch, os, shutil, traceback"
"""Code: have what the copilot imports of the standard library only when it needs it."""

AS_COPILOT = f"{_LATE}; os.setgroups([]); os.setgid({COPILOT_UID}); os.setuid({COPILOT_UID})"
"""Code: from here on be the copilot's user. Not earlier: the interpreter may lie in root's home."""

UNPRIVILEGED = AS_COPILOT if os.geteuid() == 0 else ""
"""The same where a tester is root; anybody else is unprivileged already."""

WITH_LIBRARIES = f"import sys; sys.path.append({sysconfig.get_path('purelib')!r})"
"""Code: know other people's packages, as in the image; without it only the standard library is there."""

ASKING = [int(signal.SIGTERM), int(signal.SIGINT), signal.SIGRTMIN + 3]
"""Signals that ask a sidecar to end: the last is systemd's, which images may have as their STOPSIGNAL."""
