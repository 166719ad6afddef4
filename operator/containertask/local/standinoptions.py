"""The command line of the launcher, as its stand-in reads it: ``--flag value`` or ``--flag=value``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from containertask import contract

_TERM: Final = re.compile(r"([0-9]+(?:\.[0-9]*)?|\.[0-9]+)(ms|s|m|h)")
_UNITS: Final = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000}
_KNOWN: Final = ("--control", "--main", "--outputs", "--execution-timeout", "--grace", "--capture-bytes")


class OptionsError(ValueError):
    """What is wrong with the command line."""


@dataclass(slots=True)
class Options:
    """What a launcher is told. Lengths are milliseconds; 0 is no limit."""

    control: str = ""
    main: str = ""
    outputs: str = ""
    execution_ms: int = 0
    grace_ms: int = 5000
    capture_bytes: int = contract.CAPTURE_BYTES
    command: tuple[str, ...] = ()


def parse(given: Sequence[str]) -> Options:
    """Read the arguments behind the program's name. Raises OptionsError."""
    if not given or given[0] != "run":
        raise OptionsError(
            "the first argument is run, such as: launcher run --control DIR --main DIR -- command"
        )
    options, rest = Options(), list(given[1:])
    while rest and rest[0] != "--":
        flag, inline, value = rest.pop(0).partition("=")
        if not inline:
            if not flag.startswith("--") or not rest or rest[0] == "--":
                raise OptionsError(f"{flag}: expected --flag value; the command follows a separate --")
            value = rest.pop(0)
        _set(options, flag, value)
    options.command = tuple(rest[1:])
    if not options.control:
        raise OptionsError("--control: missing; give the control volume, such as --control /ct/control")
    if not options.main:
        raise OptionsError("--main: missing; give the volume main may write, such as --main /ct/main")
    if not options.command:
        raise OptionsError("--: no command; put it behind --, such as -- python train.py")
    return options


def _set(options: Options, flag: str, value: str) -> None:
    match flag:
        case "--control":
            options.control = value
        case "--main":
            options.main = value
        case "--outputs":
            options.outputs = value
        case "--execution-timeout":
            options.execution_ms = _milliseconds(flag, value)
        case "--grace":
            options.grace_ms = _milliseconds(flag, value)
        case "--capture-bytes":
            if not re.fullmatch("0*[1-9][0-9]*", value):
                raise OptionsError(f"{flag}: {value!r} is not a number of bytes above 0, such as 67108864")
            options.capture_bytes = int(value)
        case _:
            raise OptionsError(f"{flag}: unknown; known are {', '.join(_KNOWN)}")


def _milliseconds(flag: str, value: str) -> int:
    if value != "0" and not re.fullmatch(f"(?:{_TERM.pattern})+", value):
        raise OptionsError(f"{flag}: {value!r} is not a duration such as 90s or 1h30m")
    return round(sum(float(number) * _UNITS[unit] for number, unit in _TERM.findall(value)))
