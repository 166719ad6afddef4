"""The exit record as the launcher's stand-in writes it; ``contract.exitrecord`` reads it."""

from __future__ import annotations

import json
import os
import time
from dataclasses import dataclass
from pathlib import Path

from containertask import contract
from containertask.contract.exitrecord import RECORD_VERSION, Cause, Stop

_TEXT_BYTES = 300
_SHARED = 0o644
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


class RefusedError(Exception):
    """The command is not run, and why."""

    def __init__(self, cause: Cause, exit_code: int, message: str) -> None:
        super().__init__(message)
        self.cause = cause
        self.exit_code = exit_code


@dataclass(slots=True)
class Captured:
    """What became of a stream."""

    bytes: int = 0
    error: str | None = None


@dataclass(slots=True)
class Record:
    """What is known of the command's end."""

    cause: Cause = Cause.GATE_ABORTED
    exit_code: int = 0
    signal: int | None = None
    stop: Stop | None = None
    killed: bool = False
    message: str = ""
    gate_opened_ms: int | None = None
    started_ms: int | None = None
    finished_ms: int = 0
    stdout: Captured | None = None
    stderr: Captured | None = None
    outputs: tuple[int, str] = (0, "")
    """How many outputs cannot be made readable, and the first one."""


def encoded(record: Record) -> bytes:
    """Return the record as one line of JSON, short enough for one piece."""
    unreadable, first = record.outputs
    raw = {
        "version": RECORD_VERSION,
        "cause": record.cause.value,
        "exitCode": record.exit_code,
        "signal": record.signal,
        "stop": record.stop.value if record.stop is not None else None,
        "killed": record.killed or None,
        "message": text(record.message) or None,
        "gateOpenedMs": record.gate_opened_ms,
        "startedMs": record.started_ms,
        "finishedMs": record.finished_ms,
        "stdout": _stream(record.stdout),
        "stderr": _stream(record.stderr),
        "unreadableOutputs": unreadable or None,
        "outputsError": text(first) or None,
    }
    found = {name: value for name, value in raw.items() if value is not None}
    return f"{json.dumps(found, ensure_ascii=False, separators=(',', ':'))}\n".encode()


def _stream(one: Captured | None) -> dict[str, object] | None:
    if one is None:
        return None
    return {"bytes": one.bytes} | ({"error": text(one.error)} if one.error else {})


def text(raw: str) -> str:
    """Return a text fit for JSON and terminals: no control characters, and not long."""
    clean = "".join(letter if letter.isprintable() else "?" for letter in raw)
    return clean.encode(errors="replace")[:_TEXT_BYTES].decode(errors="ignore")


def write(folder: str, data: bytes) -> str:
    """Rename a record into place; return what was in the way, if anything was."""
    unfinished = f"{folder}/.{contract.RECORD_FILE}.{time.monotonic_ns():x}"
    try:
        create(unfinished, data)
        Path(unfinished).rename(f"{folder}/{contract.RECORD_FILE}")
    except OSError as error:
        return str(error)
    return ""


def create(path: str, data: bytes = b"") -> None:
    """Make a file that the uploader can read; raises OSError where something has that name."""
    fd = os.open(path, _NEW, _SHARED)
    try:
        os.fchmod(fd, _SHARED)
        while data:
            data = data[os.write(fd, data) :]
    finally:
        os.close(fd)
