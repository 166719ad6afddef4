"""How the command ended: the classification of everything that ``main`` itself can come to."""

from __future__ import annotations

import re
from typing import Final

from containertask.api.reasons import Reason
from containertask.contract.exitrecord import Cause, Stop
from containertask.contract.manifest import Mode
from containertask.contract.outcome import Outcome
from containertask.contract.report import End, Report
from containertask.core.clocks import EXECUTION_TEXT
from containertask.core.disruption import disruption
from containertask.core.podview import PodView, Terminated

Failure = tuple[Reason, str]

START_REASONS: Final = frozenset({"StartError", "ContainerCannotRun"})
_KILLED: Final = 137
_NOT_FOUND: Final = re.compile(r'exec: "[^"]*": (executable file not found|stat [^:]*: no such file)')
_NOT_EXECUTABLE: Final = re.compile(r'exec: "[^"]*": (permission denied|exec format error|is a directory)')
"""The words of runc. A missing folder, such as ``workingDir``, has others."""
_FAULTS: Final = {
    4: "SIGILL",
    5: "SIGTRAP",
    6: "SIGABRT",
    7: "SIGBUS",
    8: "SIGFPE",
    11: "SIGSEGV",
    31: "SIGSYS",
}
"""Signals that a program brings upon itself: its own failure, not an interruption."""


def failure_of_main(pod: PodView, main: Terminated, report: Report | None) -> Failure | None:
    """Return why the command failed, or None if it ended well, whatever became of its outputs."""
    if main.reason in START_REASONS:
        return _unstarted(pod, main)
    end = report.end if report else None
    told = _told(pod, end, report) if end else None
    if told is not None or main.exit_code == 0:
        return told
    if main.reason == "OOMKilled" or (end and end.oom_kills):
        return Reason.OOM_KILLED, "the command used more memory than resources.limits.memory"
    if end is None and (failure := _without_record(pod, main)) is not None:
        return failure
    if end is not None and end.cause is Cause.SIGNALED:
        return _by_signal(pod, end)
    if report is not None and report.outcome is Outcome.USER_ERROR:
        return Reason.USER_ERROR, report.message or ""
    text = f"the command ended with exit code {main.exit_code}: see kubectl logs {pod.name} --container main"
    return Reason.NON_ZERO_EXIT, text


def _told(pod: PodView, end: End, report: Report | None) -> Failure | None:
    """Return what the launcher says about an end that the command did not choose."""
    message = (report.message if report else None) or ""
    if end.stop is Stop.EXECUTION_TIMEOUT:
        return Reason.EXECUTION_TIMEOUT, EXECUTION_TEXT
    if end.stop is Stop.SIGNAL:
        return _interrupted(pod, "the command was told to end from outside")
    match end.cause:
        case Cause.COMMAND_NOT_FOUND:
            text = "the first element of command is not in the image"
            return Reason.COMMAND_NOT_FOUND, message or text
        case Cause.COMMAND_NOT_EXECUTABLE:
            text = "the first element of command cannot be executed"
            return Reason.COMMAND_NOT_EXECUTABLE, message or text
        case Cause.START_FAILED:
            return Reason.CONTAINER_START_FAILED, message
        case Cause.GATE_ABORTED:
            return Reason.COPILOT_FAILED, message
        case Cause.STOPPED_AT_GATE:
            return _interrupted(pod, "the Pod was told to end before the command started")
        case Cause.EXITED | Cause.SIGNALED:
            return None


def _unstarted(pod: PodView, main: Terminated) -> Failure:
    """Judge what the node's runtime could not start: without the launcher that may be the user's command."""
    if pod.mode is Mode.SIGNAL and _NOT_FOUND.search(main.message):
        text = f"the command is not in the image: {main.message}"
        return Reason.COMMAND_NOT_FOUND, text
    if pod.mode is Mode.SIGNAL and _NOT_EXECUTABLE.search(main.message):
        text = f"the command cannot be executed: {main.message}"
        return Reason.COMMAND_NOT_EXECUTABLE, text
    return Reason.CONTAINER_START_FAILED, f"main: {main.message or main.reason}"


def _without_record(pod: PodView, main: Terminated) -> Failure | None:
    """Judge an end of which only the kubelet tells; None where the exit code alone says enough."""
    found = disruption(pod)
    if found is not None:
        return found[0], found[1]
    if main.unknown:
        return Reason.INTERRUPTED, f"the node lost sight of main: {main.message}"
    if main.exit_code == _KILLED:
        text = "main was killed and left no record: most probably it used more memory than its limit"
        return Reason.OOM_KILLED, text
    if pod.mode is Mode.SIGNAL:
        return None
    return Reason.NON_ZERO_EXIT, f"main ended with exit code {main.exit_code} and left no record"


def _by_signal(pod: PodView, end: End) -> Failure:
    if end.signal in _FAULTS:
        text = f"the command died by a fault of its own: {_FAULTS[end.signal]}, exit code {end.exit_code}"
        return Reason.NON_ZERO_EXIT, text
    return _interrupted(pod, f"the command was ended by signal {end.signal}, which nobody here sent")


def _interrupted(pod: PodView, text: str) -> Failure:
    reason, message = disruption(pod) or (Reason.INTERRUPTED, text)
    return reason, message
