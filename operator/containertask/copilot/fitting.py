"""Making a report fit the termination message. Pure: no I/O."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from containertask.contract import MESSAGE_MAX
from containertask.contract.report import Outcome, Report, ReportTooLargeError
from containertask.copilot.outputs import TOO_LARGE, Found


def fit_all(report: Report, found: Sequence[Found], budget: int) -> Report:
    """Return the report with all outputs, or, where they do not fit, the report that says so."""
    if not found or _fits(report, found, budget):
        return _with(report, found)
    largest = max(found, key=lambda item: item.size)
    room = max(0, min(budget, MESSAGE_MAX) - len(report.encode(MESSAGE_MAX)))
    message = (
        f"output `{largest.name}`: takes {largest.size} bytes as JSON, and all outputs together have "
        f"{room}: write less, or split the task"
    )
    return replace(report, outcome=Outcome.OUTPUT_TOO_LARGE, message=message, origin=largest.name)


def fit_some(report: Report, found: Sequence[Found], budget: int) -> Report:
    """Return the report with the outputs that fit, the smallest first; the message names the others."""
    kept = list(found)
    while True:
        names = {item.name for item in kept}
        partial = _naming(report, [item.name for item in found if item.name not in names])
        if not kept or _fits(partial, kept, budget):
            return _with(partial, kept)
        kept.remove(max(kept, key=lambda item: item.size))


def _with(report: Report, found: Sequence[Found]) -> Report:
    return replace(report, outputs={item.name: item.value for item in found})


def _naming(report: Report, dropped: Sequence[str]) -> Report:
    if not dropped:
        return report
    text = f"outputs left out, too large: {', '.join(f'`{name}`' for name in dropped)}"
    return replace(report, message=f"{report.message}; {text}" if report.message else text)


def _fits(report: Report, found: Sequence[Found], budget: int) -> bool:
    if any(item.value is TOO_LARGE for item in found):
        return False
    try:
        _with(report, found).encode(min(budget, MESSAGE_MAX))
    except ReportTooLargeError:
        return False
    return True
