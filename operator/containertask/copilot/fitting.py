"""Making a report fit the termination message. Pure: no I/O."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from containertask.contract import MESSAGE_MAX
from containertask.contract.outcome import Outcome
from containertask.contract.report import Kept, Report, ReportTooLargeError
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


def fit_kept(
    report: Report, found: Sequence[Found], documents: Mapping[str, Kept], budget: int
) -> Report | None:
    """Return the report with the outputs that fit, the smallest first, and the documents of the others.

    The report may have others that are kept, of which the digests go if nothing else does: they are in the
    manifest of outputs. None where it does not fit even so.
    """
    return _fit_kept(report, found, documents, budget) or _fit_kept(
        replace(report, kept={name: _bare(one) for name, one in report.kept.items()}),
        found,
        documents,
        budget,
    )


def _bare(one: Kept) -> Kept:
    """Leave the digest out, but for that by which an empty folder is known."""
    return one._replace(sha256="") if one.size else one


def _fit_kept(
    report: Report, found: Sequence[Found], documents: Mapping[str, Kept], budget: int
) -> Report | None:
    by_size = sorted(found, key=lambda item: item.size)
    for count in range(sum(item.value is not TOO_LARGE for item in found), -1, -1):
        names = {item.name for item in by_size[:count]}
        others = {name: kept for name, kept in documents.items() if name not in names}
        partial = replace(report, kept={**report.kept, **others})
        inline = [item for item in found if item.name in names]
        if _fits(partial, inline, budget):
            return _with(partial, inline)
    return None


def unstored(report: Report, why: str) -> Report:
    """Return the report of what has failed in any case, and whose outputs could not be stored besides."""
    text = f"its outputs could not be stored: {why}"
    return replace(report, message=f"{report.message}; {text}" if report.message else text)


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
