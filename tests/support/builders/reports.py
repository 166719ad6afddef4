"""Termination messages of downloader and uploader."""

from __future__ import annotations

from collections.abc import Mapping

from containertask.contract.exitrecord import Cause
from containertask.contract.outcome import Outcome
from containertask.contract.report import End, Figures, Report
from support.builders.clock import at

_ROOM = 4096


def downloaded(seconds: float = 4.25) -> str:
    """Return what a downloader says that has written all inputs."""
    return said(Report(outcome=Outcome.DOWNLOADED, figures=Figures(inputs_ready_ms=at(seconds))))


def uploaded(
    outputs: Mapping[str, object] | None = None,
    *,
    outcome: Outcome = Outcome.UPLOADED,
    end: End | None = None,
    message: str | None = None,
    origin: str | None = None,
) -> str:
    """Return what an uploader says, by default of a command that ended well."""
    figures = Figures(
        started_ms=at(5.125),
        finished_ms=at(9.5),
        uploaded_ms=at(9.625),
        cpu_milliseconds=1200,
        memory_peak_bytes=9_000_000,
    )
    end = end or End(cause=Cause.EXITED, exit_code=0)
    return said(
        Report(
            outcome=outcome, message=message, origin=origin, end=end, outputs=outputs or {}, figures=figures
        )
    )


def left(
    outputs: Mapping[str, object] | None = None,
    *,
    outcome: Outcome = Outcome.UPLOADED,
    message: str | None = None,
    origin: str | None = None,
) -> str:
    """Return what an uploader says in Signal mode: what is there, and nothing of the command's end."""
    figures = Figures(uploaded_ms=at(9.625))
    return said(
        Report(outcome=outcome, message=message, origin=origin, outputs=outputs or {}, figures=figures)
    )


def said(report: Report) -> str:
    """Return a report as text."""
    return report.encode(_ROOM).decode()
