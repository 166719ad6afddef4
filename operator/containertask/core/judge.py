"""Whether an attempt has ended, and how; ``api.classification`` says what that means for the next one.

Judged by container statuses and the reports in them, never by the Pod's phase alone: success is exit
code 0 of ``main`` **and** an uploader that says all outputs are read. The Pod's phase lags behind by a
second or two and counts containers that are not ours.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from containertask.api.reasons import Reason
from containertask.contract.manifest import Mode
from containertask.contract.outcome import Outcome
from containertask.contract.report import Report, ReportError
from containertask.core.disruption import DISRUPTIONS, disruption
from containertask.core.mainend import START_REASONS, Failure, failure_of_main
from containertask.core.names import DOWNLOADER, MAIN, UPLOADER
from containertask.core.podview import PodView, Terminated
from containertask.core.stop import Stop, of_attempt
from containertask.core.verdict import Verdict

_STORES: Final = {
    Outcome.STORE_UNAVAILABLE: Reason.STORE_UNAVAILABLE,
    Outcome.STORE_FORBIDDEN: Reason.STORE_FORBIDDEN,
    Outcome.DISK_FULL: Reason.DISK_FULL,
}
_DOWNLOADS: Final = {
    **_STORES,
    Outcome.INVALID_INPUT: Reason.INVALID_INPUT,
    Outcome.INPUT_NOT_FOUND: Reason.INPUT_NOT_FOUND,
    Outcome.INPUT_DIGEST_MISMATCH: Reason.INPUT_DIGEST_MISMATCH,
    Outcome.INPUT_TOO_LARGE: Reason.INPUT_TOO_LARGE,
    Outcome.INPUT_CHANGED: Reason.INPUT_CHANGED,
    Outcome.DOWNLOAD_TIMEOUT: Reason.DOWNLOAD_TIMEOUT,
}
_UPLOADS: Final = {
    **_STORES,
    Outcome.OUTPUTS_EXIST: Reason.OUTPUTS_EXIST,
    Outcome.OUTPUT_MISSING: Reason.OUTPUT_MISSING,
    Outcome.OUTPUT_INVALID: Reason.OUTPUT_INVALID,
    Outcome.OUTPUT_TOO_LARGE: Reason.OUTPUT_TOO_LARGE,
    Outcome.OUTPUT_UNREADABLE: Reason.OUTPUT_UNREADABLE,
    Outcome.UPLOAD_TIMEOUT: Reason.UPLOAD_TIMEOUT,
    Outcome.USER_ERROR: Reason.USER_ERROR,
}
_STREAMS: Final = {
    Outcome.INPUT_UNAVAILABLE: Reason.STORE_UNAVAILABLE,
    Outcome.INPUT_FORBIDDEN: Reason.STORE_FORBIDDEN,
    **{
        one: _DOWNLOADS[one]
        for one in (
            Outcome.INVALID_INPUT,
            Outcome.INPUT_NOT_FOUND,
            Outcome.INPUT_DIGEST_MISMATCH,
            Outcome.INPUT_TOO_LARGE,
            Outcome.INPUT_CHANGED,
        )
    },
}
"""Of inputs that are fed: the command may have taken a part for the whole, its end says nothing."""
_BELIEVED: Final = frozenset({Reason.NON_ZERO_EXIT, Reason.USER_ERROR})
"""Ends of a command that took a part of its input for the whole."""
_OURS: Final = frozenset({DOWNLOADER, MAIN, UPLOADER})
_SECOND: Final = 1_000
"""Milliseconds: the kubelet knows ends by the second."""
_LONG: Final = 5_000
"""Milliseconds: more than the second that the kubelet rounds to, less than any patience with an uploader."""


def judge(pod: PodView) -> Verdict | None:
    """Return how the attempt ended, or None while that is not settled. A stop of ours explains failures."""
    found, stop = _judged(pod), None if pod.stop is None else of_attempt(pod.stop)
    if found is None or stop is None or not _explains(pod, stop, found):
        return found
    return replace(found, reason=stop.reason, message=stop.message, origin=None, container=None)


def _explains(pod: PodView, stop: Stop, found: Verdict) -> bool:
    """Tell whether the stop is why it came to this end."""
    if stop.reason is Reason.EXECUTION_TIMEOUT:
        # Who is told that the time is over, and ends well then, has still taken too long.
        return not _ended_before(pod, stop, _SECOND)
    if found.succeeded:
        return False
    if stop.reason is not Reason.COPILOT_FAILED:
        return True
    # Else the stop was only for a part of ours that did not end by itself.
    return found.container != DOWNLOADER and not _ended_before(pod, stop, _LONG)


def _ended_before(pod: PodView, stop: Stop, margin: int) -> bool:
    main = pod.container(MAIN).ended
    ended = main.finished if main else None
    return ended is not None and ended + margin <= stop.at


def _judged(pod: PodView) -> Verdict | None:
    downloader = pod.container(DOWNLOADER).ended
    main, uploader = pod.container(MAIN).ended, pod.container(UPLOADER).ended
    if pod.mode is Mode.GATED and not pod.over and None in (downloader, main, uploader):
        return None
    if downloader is not None and downloader.exit_code != 0:
        return _failed_download(pod, downloader)
    if main is not None and uploader is not None:
        return _ended(pod, main, uploader)
    return _lost(pod, main) if pod.over else None


def _failed_download(pod: PodView, ended: Terminated) -> Verdict:
    report = _report(ended)
    if report is None:
        return _not_started(DOWNLOADER, ended) or _disturbed(pod) or _silent(DOWNLOADER, ended)
    reason = _DOWNLOADS.get(report.outcome, Reason.COPILOT_FAILED)
    return Verdict(reason=reason, message=report.message or "", origin=report.origin, container=DOWNLOADER)


def _ended(pod: PodView, main: Terminated, uploader: Terminated) -> Verdict:
    report = _report(uploader)
    failure = failure_of_main(pod, main, report)
    if (broken := _broken(pod, uploader, report, failure)) is not None:
        verdict = broken
    elif failure is not None:
        reason, message = failure
        container = None if reason in DISRUPTIONS else MAIN
        verdict = Verdict(reason=reason, message=message, container=container)
    elif report is None:
        verdict = _without_report(pod, uploader)
    else:
        verdict = _read(report)
    known = report or Report(outcome=Outcome.COPILOT_FAILED)
    return replace(
        verdict,
        exit_code=main.own_exit_code,
        outputs=dict(known.outputs or {}),
        kept=dict(known.kept),
        figures=replace(known.figures, bytes_in=_bytes_in(pod, known)),
        final=known.final and verdict.reason is Reason.USER_ERROR,
    )


def _broken(
    pod: PodView, uploader: Terminated, report: Report | None, failure: Failure | None
) -> Verdict | None:
    """Return what broke off before the command's eyes, where it may explain how that ended."""
    if failure is not None and failure[0] not in _BELIEVED:
        return None
    if report is not None and (reason := _STREAMS.get(report.outcome)) is not None:
        return Verdict(reason=reason, message=report.message or "", origin=report.origin, container=UPLOADER)
    if pod.streams and report is None:
        return _without_report(pod, uploader)
    if pod.streams and report is not None and report.outcome is Outcome.COPILOT_FAILED and report.end is None:
        return _read(report)
    return None


def _bytes_in(pod: PodView, uploaded: Report) -> int | None:
    """Return how much was fetched before the command, and fed to it."""
    downloader = pod.container(DOWNLOADER).ended
    report = _report(downloader) if downloader is not None else None
    found = [one.figures.bytes_in for one in (report, uploaded) if one is not None]
    known = [size for size in found if size is not None]
    return sum(known) if known else None


def _read(report: Report) -> Verdict:
    """Judge the outputs of a command that ended well."""
    if report.outcome is Outcome.UPLOADED and report.outputs is not None:
        return Verdict(reason=None)
    if report.outcome is Outcome.UPLOADED:
        text = "the uploader's report was cut: containers that others added to the Pod leave no room for it"
        return Verdict(reason=Reason.MESSAGE_TRUNCATED, message=text, container=UPLOADER)
    reason = _UPLOADS.get(report.outcome, Reason.COPILOT_FAILED)
    text = report.message or f"the uploader says {report.outcome.value} of a main that ended with code 0"
    return Verdict(reason=reason, message=text, origin=report.origin, container=UPLOADER)


def _without_report(pod: PodView, uploader: Terminated) -> Verdict:
    if (failed := _not_started(UPLOADER, uploader)) is not None:
        return failed
    if uploader.exit_code == 0:
        text = f"the uploader's report is not one of this operator's: {uploader.message[:100]!r}"
        return Verdict(reason=Reason.MESSAGE_UNREADABLE, message=text, container=UPLOADER)
    return _disturbed(pod) or _silent(UPLOADER, uploader)


def _lost(pod: PodView, main: Terminated | None) -> Verdict:
    """Judge a Pod that is over although its containers did not all say how they ended."""
    for one in (*pod.init_containers, *pod.containers):
        if one.ended is not None and (failed := _not_started(one.name, one.ended)) is not None:
            return failed
    exit_code = main.own_exit_code if main else None
    found = _disturbed(pod)
    if found is not None:
        return replace(found, exit_code=exit_code)
    text = f"Pod {pod.name} ended as {pod.phase}: {pod.reason} {pod.message}".rstrip()
    for one in pod.init_containers:
        if one.name not in _OURS and one.ended is not None and one.ended.exit_code != 0:
            text = f"init container {one.name}, none of ours, ended with exit code {one.ended.exit_code}"
    return Verdict(reason=Reason.POD_FAILED, message=text, exit_code=exit_code)


def _not_started(container: str, ended: Terminated) -> Verdict | None:
    if ended.reason not in START_REASONS:
        return None
    text = f"{container}: {ended.message or ended.reason}"
    return Verdict(reason=Reason.CONTAINER_START_FAILED, message=text, container=container[:63])


def _disturbed(pod: PodView) -> Verdict | None:
    found = disruption(pod)
    if found is None:
        return None
    return Verdict(reason=found[0], message=found[1])


def _silent(container: str, ended: Terminated) -> Verdict:
    how = f"exit code {ended.exit_code}" if ended.reason in {"", "Error", "Completed"} else ended.reason
    text = f"{container} ended without a report ({how}) {ended.message[:200]}".rstrip()
    return Verdict(reason=Reason.COPILOT_FAILED, message=text, container=container)


def _report(ended: Terminated) -> Report | None:
    try:
        return Report.decode(ended.message)
    except ReportError:
        return None
