"""Finding a command as the launcher does, and saying why one cannot be started."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import Final

from containertask import contract
from containertask.contract.exitrecord import Cause
from containertask.local.standinrecord import RefusedError

_PATH: Final = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
"""Where PATH is not set: what container runtimes set it to."""
_MISSING: Final = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENAMETOOLONG})
_FULL: Final = frozenset({errno.ENOMEM, errno.EAGAIN, errno.EMFILE, errno.ENFILE, errno.ENOSPC})
_SHOWN: Final = 80
_HEAD: Final = 256


def find(name: str) -> str:
    """Return the path of a command as execvp finds it.

    A name with a slash is a path, an empty part of PATH is the working folder, and what may not be executed
    counts only if nothing better follows. Raises OSError.
    """
    if "/" in name:
        return name
    failure = OSError(errno.ENOENT, "")
    for folder in os.environ.get("PATH", _PATH).split(":") if name else ():
        path = f"{folder or '.'}/{name}"
        try:
            why = _trouble(Path(path))
        except OSError:  # not there, or in a folder that may not be searched, which holds nothing
            continue
        if why is None:
            return path
        if failure.errno == errno.ENOENT:
            failure = OSError(why, os.strerror(why), path)
    raise failure


def _trouble(path: Path) -> int | None:
    """Return why what is there may not be executed, as an error number; raises OSError."""
    if stat.S_ISDIR(path.stat().st_mode):
        return errno.EISDIR
    return None if os.access(path, os.X_OK) else errno.EACCES


def refusal(name: str, error: OSError) -> RefusedError:
    """Say why a command could not be started: the three cases that are cured in different places."""
    path = str(error.filename or name)
    cause, exit_code = Cause.COMMAND_NOT_EXECUTABLE, contract.EXIT_NOT_EXECUTABLE
    reason = (error.strerror or "unknown error").lower()
    if error.errno in _MISSING:
        if (missing := _missing_interpreter(path)) is not None:
            reason = missing
        else:
            cause, exit_code = Cause.COMMAND_NOT_FOUND, contract.EXIT_NOT_FOUND
            reason = reason if "/" in name and reason else "not found in PATH"
    elif error.errno == errno.EACCES and Path(path).is_dir():
        reason = "is a directory"
    elif error.errno == errno.E2BIG:
        cause, reason = Cause.START_FAILED, "arguments and environment together are too long"
    elif error.errno in _FULL:
        cause = Cause.START_FAILED
    return RefusedError(cause, exit_code, f"cannot start {_shortened(path)}: {reason}")


def _shortened(path: str) -> str:
    """Keep both ends of a long path: the reason behind it must not be cut off."""
    return path if len(path) <= 2 * _SHOWN else f"{path[:_SHOWN]}...{path[-_SHOWN:]}"


def _missing_interpreter(path: str) -> str | None:
    """Explain why a file that is there is not found."""
    try:
        if _trouble(Path(path)) is not None:
            return None
        with Path(path).open("rb") as file:
            line = file.read(_HEAD).partition(b"\n")[0]
    except OSError:
        return None
    if not line.startswith(b"#!"):
        return "its interpreter or dynamic loader is not here"
    words = line[2:].split()
    named = words[0].decode(errors="replace") if words else ""
    return f"its interpreter {_shortened(named)} is not here"
