"""The report: what downloader and uploader say, once, in their termination message.

Line 1, at most 700 bytes, is what decides: it arrives even where the kubelet cuts a message. Line 2
holds the values of outputs and the figures. Both lines are JSON objects. Standard library only.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, NamedTuple

from containertask.contract import MESSAGE_MAX, MESSAGE_POOL
from containertask.contract.exitrecord import Cause, ExitRecord, Stop
from containertask.contract.fields import FieldError, member, optional, parse_object, required
from containertask.contract.outcome import Outcome

REPORT_VERSION: Final = 1
MAX_FIRST_LINE: Final = 700
_LAYOUT: Final = "\n\t\u00a0\u3000"
SPARE_CONTAINERS: Final = 2
"""Webhooks add containers to a Pod, and each makes everyone's share of the messages smaller."""


def message_budget(containers: int) -> int:
    """Return how long a message may be in a Pod that we build with so many containers, in bytes."""
    return min(MESSAGE_MAX, MESSAGE_POOL // (containers + SPARE_CONTAINERS))


class ReportError(ValueError):
    """The message is not a report."""


class ReportTooLargeError(ValueError):
    """The values do not fit the message; ``excess`` is by how many bytes."""

    def __init__(self, excess: int) -> None:
        super().__init__(f"{excess} bytes too many")
        self.excess = excess


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """How the command ended, as the exit record says."""

    cause: Cause
    exit_code: int
    signal: int | None = None
    stop: Stop | None = None
    oom_kills: int | None = None

    @classmethod
    def of(cls, record: ExitRecord) -> End:
        """Return what of an exit record decides."""
        return cls(
            cause=record.cause,
            exit_code=record.exit_code,
            signal=record.signal,
            stop=record.stop,
            oom_kills=record.oom_kills,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Times in Unix milliseconds and what the command used."""

    inputs_ready_ms: int | None = None
    started_ms: int | None = None
    finished_ms: int | None = None
    uploaded_ms: int | None = None
    bytes_in: int | None = None
    bytes_out: int | None = None
    cpu_milliseconds: int | None = None
    memory_peak_bytes: int | None = None


class Kept(NamedTuple):
    """An output that lies in a store, ``size`` in bytes, ``sha256`` in hex, or empty for want of room.

    ``key`` is below the folder of the attempt, or a URI. A file, directory or dataset is there itself; of any
    other type its value is, as ``InputItem.document`` has it.
    """

    key: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One report.

    Attributes:
        outputs: values as JSON by name; None where line 2 did not arrive whole.
        kept: outputs that are not among these.
        stored: SHA-256 of the manifest of outputs in the store, in hex, once that is there.
    """

    outcome: Outcome
    message: str | None = None
    origin: str | None = None
    """Name of the input or output at fault."""
    final: bool = False
    """The command itself says that another attempt would be no use."""
    end: End | None = None
    stored: str | None = None
    outputs: Mapping[str, object] | None = field(default_factory=dict)
    kept: Mapping[str, Kept] = field(default_factory=dict)
    figures: Figures = field(default_factory=Figures)

    def encode(self, budget: int) -> bytes:
        """Return the two lines.

        Raises:
            ReportTooLargeError: more than ``budget`` bytes.
        """
        first = self._first_line()
        figures = {name: getattr(self.figures, key) for name, key in _FIGURES.items()}
        second: dict[str, Any] = {"outputs": dict(self.outputs or {})}
        if self.kept:
            from containertask.contract.keptline import packed  # noqa: PLC0415 - most Pods have no store

            second["kept"] = {name: packed(name, *one) for name, one in self.kept.items()}
        second |= {name: value for name, value in figures.items() if value is not None}
        text = f"{first}\n{_compact(second)}\n".encode()
        if len(text) > budget:
            raise ReportTooLargeError(len(text) - budget)
        return text

    def _first_line(self) -> str:
        """Cut the message so far that the line fits: what a letter takes in JSON varies."""
        if self.message is None:
            return self._decisive(None)
        message = readable(self.message)
        cut = "…" if len(message) > MAX_FIRST_LINE else ""
        message = message[:MAX_FIRST_LINE]
        line = self._decisive(message + cut)
        while (excess := len(line.encode()) - MAX_FIRST_LINE) > 0 and message:
            message = message[: -(excess // 6 + 1)]
            line = self._decisive(message + "…")
        return line

    def _decisive(self, message: str | None) -> str:
        end = None
        if self.end is not None:
            end = {name: getattr(self.end, key) for name, key in _END.items()}
            end = {name: value for name, value in end.items() if value is not None}
        raw = {
            "version": REPORT_VERSION,
            "outcome": self.outcome.value,
            "message": message,
            "origin": self.origin,
            "final": True if self.final else None,
            "end": end,
            "stored": self.stored,
        }
        return _compact({name: value for name, value in raw.items() if value is not None})

    @classmethod
    def decode(cls, text: str) -> Report:
        """Read a termination message; a line 2 that is cut or absent leaves ``outputs`` None.

        Raises:
            ReportError: line 1 is no report of a version that is known here.
        """
        first, _, second = text.partition("\n")
        try:
            report = _with_first_line(parse_object(first))
        except FieldError as error:
            raise ReportError(f"termination message: {error}") from None
        try:
            return _with_second_line(report, parse_object(second))
        except FieldError:
            return replace(report, outputs=None)


_END: Final = {
    "cause": "cause",
    "exitCode": "exit_code",
    "signal": "signal",
    "stop": "stop",
    "oomKills": "oom_kills",
}
_FIGURES: Final = {
    "inputsReadyMs": "inputs_ready_ms",
    "startedMs": "started_ms",
    "finishedMs": "finished_ms",
    "uploadedMs": "uploaded_ms",
    "bytesIn": "bytes_in",
    "bytesOut": "bytes_out",
    "cpuMilliseconds": "cpu_milliseconds",
    "memoryPeakBytes": "memory_peak_bytes",
}


def _with_first_line(raw: dict[str, Any]) -> Report:
    if (version := required(raw, "version", int)) != REPORT_VERSION:
        raise FieldError(f"version {version}, {REPORT_VERSION} is known")
    end = optional(raw, "end", dict)
    message, origin = optional(raw, "message", str), optional(raw, "origin", str)
    return Report(
        outcome=member(Outcome, required(raw, "outcome", str)),
        message=readable(message) if message is not None else None,
        origin=readable(origin) if origin is not None else None,
        final=bool(optional(raw, "final", bool)),
        end=_end(end) if end is not None else None,
        stored=optional(raw, "stored", str),
    )


def _with_second_line(report: Report, raw: dict[str, Any]) -> Report:
    figures = Figures(**{key: optional(raw, name, int) for name, key in _FIGURES.items()})
    kept = {name: _kept(name, one) for name, one in (optional(raw, "kept", dict) or {}).items()}
    return replace(report, outputs=required(raw, "outputs", dict), kept=kept, figures=figures)


def _kept(name: str, raw: object) -> Kept:
    from containertask.contract.keptline import unpacked  # noqa: PLC0415 - as above

    if (found := unpacked(name, raw)) is not None:
        return Kept(*found)
    raise FieldError("kept has something other than [key, size, sha256 if known] in it")


def _end(raw: dict[str, Any]) -> End:
    stop = optional(raw, "stop", str)
    return End(
        cause=member(Cause, required(raw, "cause", str)),
        exit_code=required(raw, "exitCode", int),
        signal=optional(raw, "signal", int),
        stop=member(Stop, stop) if stop is not None else None,
        oom_kills=optional(raw, "oomKills", int),
    )


def readable(text: str) -> str:
    """Return the text without what steers a terminal or cannot be encoded: a command may have written it.

    Lines, tabs and blanks of other widths stay.
    """
    text = text.replace("\r\n", "\n")
    return "".join(letter if letter.isprintable() or letter in _LAYOUT else "?" for letter in text)


def _compact(raw: object) -> str:
    return json.dumps(raw, ensure_ascii=False, separators=(",", ":"))
