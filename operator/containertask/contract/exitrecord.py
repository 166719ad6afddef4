"""The exit record: what the launcher says, once, about the end of the user's command.

It travels as one JSON object through the exit FIFO and lies in a file beside the captured streams.
``main`` can write both places: nothing here may be believed about anything but ``main`` itself.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Any, Final

from containertask.contract import RECORD_MAX_BYTES
from containertask.contract.fields import FieldError, member, optional, parse_object, required

RECORD_VERSION: Final = 1


class Cause(enum.StrEnum):
    """How ``main`` came to its end, as the launcher saw it."""

    EXITED = "Exited"
    """The command ended by itself or by its handler of our signal; ``exit_code`` is its own."""
    SIGNALED = "Signaled"
    """The command died by ``signal``."""
    COMMAND_NOT_FOUND = "CommandNotFound"
    COMMAND_NOT_EXECUTABLE = "CommandNotExecutable"
    START_FAILED = "StartFailed"
    """The kernel refused to start the command for want of memory, processes or argument space."""
    GATE_ABORTED = "GateAborted"
    STOPPED_AT_GATE = "StoppedAtGate"
    """A signal that asks for the end came before the command was started."""


class Stop(enum.StrEnum):
    """Why the launcher told a running command to end."""

    EXECUTION_TIMEOUT = "ExecutionTimeout"
    SIGNAL = "Signal"
    """The launcher itself received SIGTERM, SIGINT or SIGRTMIN+3 and passed it on."""


class RecordError(FieldError):
    """The bytes are not an exit record; the message says where they differ."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """What became of one captured stream: bytes seen (not kept), and why keeping ended early."""

    bytes: int
    error: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExitRecord:
    """What the launcher says once, after the command's end. Times are Unix milliseconds.

    ``exit_code`` is always the launcher's own; ``stop`` is set only where the command was running. A
    control volume that is not as agreed is ``GateAborted`` with a message. What is None is unknown.
    """

    cause: Cause
    exit_code: int
    signal: int | None = None
    stop: Stop | None = None
    killed: bool = False
    message: str | None = None
    gate_opened_ms: int | None = None
    started_ms: int | None = None
    finished_ms: int
    cpu_milliseconds: int | None = None
    memory_peak_bytes: int | None = None
    oom_kills: int | None = None
    stdout: Stream | None = None
    stderr: Stream | None = None
    unreadable_outputs: int = 0
    outputs_error: str | None = None

    @classmethod
    def parse(cls, data: bytes) -> ExitRecord:
        """Read a record as the FIFO or the record file gives it.

        ``main`` can write both places, so anything may stand there: raises RecordError, never else.
        """
        if len(data) > RECORD_MAX_BYTES:
            raise RecordError(f"exit record: {len(data)} bytes, at most {RECORD_MAX_BYTES} are valid")
        try:
            return _record(parse_object(data))
        except FieldError as error:
            raise RecordError(f"exit record: {error}") from None


def _record(raw: dict[str, Any]) -> ExitRecord:
    if (version := required(raw, "version", int)) != RECORD_VERSION:
        raise FieldError(f"version {version}, {RECORD_VERSION} is known")
    return ExitRecord(
        cause=member(Cause, required(raw, "cause", str)),
        exit_code=required(raw, "exitCode", int),
        signal=optional(raw, "signal", int),
        stop=member(Stop, required(raw, "stop", str)) if "stop" in raw else None,
        killed=optional(raw, "killed", bool) or False,
        message=_text(raw, "message"),
        gate_opened_ms=optional(raw, "gateOpenedMs", int),
        started_ms=optional(raw, "startedMs", int),
        finished_ms=required(raw, "finishedMs", int),
        cpu_milliseconds=optional(raw, "cpuMilliseconds", int),
        memory_peak_bytes=optional(raw, "memoryPeakBytes", int),
        oom_kills=optional(raw, "oomKills", int),
        stdout=_stream(raw, "stdout"),
        stderr=_stream(raw, "stderr"),
        unreadable_outputs=optional(raw, "unreadableOutputs", int) or 0,
        outputs_error=_text(raw, "outputsError"),
    )


def _stream(raw: dict[str, Any], name: str) -> Stream | None:
    found = optional(raw, name, dict)
    if found is None:
        return None
    return Stream(bytes=required(found, "bytes", int), error=_text(found, "error"))


def _text(raw: dict[str, Any], name: str) -> str | None:
    """Take a text that can be encoded again: JSON may smuggle in half a surrogate pair."""
    value = optional(raw, name, str)
    return value if value is None else value.encode(errors="replace").decode()
