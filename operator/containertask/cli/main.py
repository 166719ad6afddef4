"""The program ``ctask``: one command and its exit code. What a command takes is imported when it runs."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from io import TextIOWrapper
from pathlib import Path
from typing import Final

from containertask.cli.errors import CommandError
from containertask.cli.parser import parsed
from containertask.cli.plain import flat
from containertask.errors import ContainerTaskError

_BROKEN_PIPE: Final = 141
"""As of a program that SIGPIPE has ended."""
_INTERRUPTED: Final = 130
"""As of a program that SIGINT has ended."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return the exit code.

    0; 1 for what it has found wrong or could not do; 2 for a wrong call; 130 after Ctrl-C; 141 if whoever
    reads its output does so no further. ``run --wait`` has more.
    """
    _prepare_streams()
    try:
        return _done(sys.argv[1:] if arguments is None else arguments)
    except KeyboardInterrupt:
        return _INTERRUPTED


def _done(arguments: Sequence[str]) -> int:
    given = parsed(arguments)
    try:
        command: Callable[[object], int] = import_module(f"containertask.cli.{given.module}").command
        return command(given)
    except CommandError as error:
        return _fail(given.command, str(error), error.exit_code)
    except ContainerTaskError as error:
        return _fail(given.command, str(error), 1)
    except ModuleNotFoundError as error:
        missing = f"the package {error.name} is missing: pip install 'containertask[cli]'"
        return _fail(given.command, missing, 1)
    except BrokenPipeError:
        # Python flushes what is left at its end, and would complain of the pipe once more.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _BROKEN_PIPE
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        return _fail(given.command, f"{where}{(error.strerror or 'unknown error').lower()}", 1)


def _prepare_streams() -> None:
    """Have streams that take every letter, also where the caller has closed one."""
    sys.stdout = sys.stdout or Path(os.devnull).open("w")  # noqa: SIM115 - as long as the program
    sys.stderr = sys.stderr or Path(os.devnull).open("w")  # noqa: SIM115 - as above
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal may not have all letters


def _fail(command: str, text: str, code: int) -> int:
    sys.stderr.write(f"ctask {command}: {flat(text)}\n")
    return code
