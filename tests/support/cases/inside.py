"""Ends that come from inside a Pod: by the command, by downloader and uploader."""

from __future__ import annotations

from typing import Final

from containertask.contract.exitrecord import Cause, Stop
from containertask.contract.outcome import Outcome
from containertask.contract.report import End as ToldEnd
from containertask.core.names import DOWNLOADER
from support.builders import a_pod, a_task, uploaded
from support.builders.pods import PodBuilder
from support.cases.end import an_end

_X: Final = a_task().with_output("x", "integer")
_WITH_X: Final = a_pod(task=_X)
_AT_WORK: Final = a_pod().at_work()
_CANCEL: Final = a_task().cancelled()


def _uploader_says(outcome: Outcome, message: str = "output `x`: wrong") -> PodBuilder:
    report = uploaded({}, outcome=outcome, message=message, origin="x")
    return _WITH_X.at_work().main_ended().uploader_ended(report)


_ERROR_FILE: Final = uploaded(
    outcome=Outcome.USER_ERROR, message="bad weather", end=ToldEnd(cause=Cause.EXITED, exit_code=3)
)


def _no_download(outcome: Outcome, message: str) -> PodBuilder:
    report = uploaded({}, outcome=outcome, message=message)
    return a_pod().scheduled().ends(DOWNLOADER, 1, message=report, after=4)


BY_THE_COMMAND: Final = {
    "exit 0 with all outputs": an_end(_WITH_X.done({"x": 7}), "Succeeded", "", 0, task=_X),
    "exit 0 without any outputs declared": an_end(a_pod().done(), "Succeeded", "", 0),
    "exit 0 without an optional output": an_end(
        a_pod().done(), "Succeeded", "", 0, task=a_task().with_output("o", optional=True)
    ),
    "exit 0 that the kubelet calls OOMKilled": an_end(
        _AT_WORK.main_ended(0, "OOMKilled").uploader_ended(uploaded()), "Succeeded", "", 0
    ),
    "exit 0 whose Pod is evicted a moment later": an_end(
        a_pod().done().over("Failed", "Evicted"), "Succeeded", "", 0
    ),
    "exit 0 before the stop of a cancel": an_end(
        a_pod().done().stopped("Cancelled"), "Succeeded", "", 0, task=_CANCEL
    ),
    "exit 7": an_end(a_pod().failed(7), "NonZeroExit/User", "exit code 7", 7),
    "exit 7 while the uploader crashed": an_end(
        _AT_WORK.main_ended(7).uploader_ended("", 1), "NonZeroExit/User", "left no record", 7
    ),
    "exit 137 by itself": an_end(a_pod().failed(137), "NonZeroExit/User", "137", 137),
    "out of memory by the kubelet's reason": an_end(
        a_pod().failed(137, "OOMKilled"), "OOMKilled/User", "memory", 137
    ),
    "out of memory by the record of a killed child": an_end(
        a_pod().failed(1, oom_kills=1), "OOMKilled/User", "", 1
    ),
    "137 without a record": an_end(
        _AT_WORK.main_ended(137).uploader_ended("", 1), "OOMKilled/User", "most probably", 137
    ),
    "a segmentation fault": an_end(
        a_pod().failed(139, cause=Cause.SIGNALED, signal=11), "NonZeroExit/User", "SIGSEGV", 139
    ),
    "a signal of somebody else's": an_end(
        a_pod().failed(137, cause=Cause.SIGNALED, signal=9), "Interrupted/System", "signal 9", 137
    ),
    "SIGTERM to the launcher from inside": an_end(
        a_pod().failed(143, stop=Stop.SIGNAL), "Interrupted/System", "from outside", 143
    ),
    "SIGTERM before the command started": an_end(
        a_pod().failed(143, cause=Cause.STOPPED_AT_GATE), "Interrupted/System", "before the command", 143
    ),
    "an aborted gate": an_end(
        a_pod().failed(125, cause=Cause.GATE_ABORTED, message="odd"), "CopilotFailed/System", "odd", 125
    ),
    "command not found": an_end(
        a_pod().failed(127, cause=Cause.COMMAND_NOT_FOUND),
        "CommandNotFound/User",
        "not in the image",
        127,
    ),
    "command not executable": an_end(
        a_pod().failed(126, cause=Cause.COMMAND_NOT_EXECUTABLE),
        "CommandNotExecutable/User",
        "executed",
        126,
    ),
    "no processes left for the command": an_end(
        a_pod().failed(125, cause=Cause.START_FAILED, message="EAGAIN"),
        "ContainerStartFailed/System",
        "EAGAIN",
        125,
    ),
    "the execution clock": an_end(
        a_pod().failed(143, stop=Stop.EXECUTION_TIMEOUT), "ExecutionTimeout/User", "timeout.execution", 143
    ),
    "the execution clock, and the command then exits with 0": an_end(
        a_pod().failed(0, stop=Stop.EXECUTION_TIMEOUT), "ExecutionTimeout/User", "timeout.execution", 0
    ),
    "_ERROR beside exit 0": an_end(
        _uploader_says(Outcome.USER_ERROR, "bad weather"), "UserError/User", "bad weather", 0, task=_X
    ),
    "_ERROR beside exit 3": an_end(
        _AT_WORK.main_ended(3).uploader_ended(_ERROR_FILE), "UserError/User", "bad weather", 3
    ),
}

BY_THE_COPILOT: Final = {
    "an output is missing": an_end(
        _uploader_says(Outcome.OUTPUT_MISSING), "OutputMissing/User", "`x`", 0, task=_X
    ),
    "an output is of the wrong type": an_end(
        _uploader_says(Outcome.OUTPUT_INVALID), "OutputInvalid/User", "`x`", 0, task=_X
    ),
    "an output is too large": an_end(
        _uploader_says(Outcome.OUTPUT_TOO_LARGE), "OutputTooLarge/User", "", 0, task=_X
    ),
    "an output is a link": an_end(
        _uploader_says(Outcome.OUTPUT_UNREADABLE), "OutputUnreadable/User", "", 0, task=_X
    ),
    "the upload clock": an_end(
        _uploader_says(Outcome.UPLOAD_TIMEOUT), "UploadTimeout/System", "", 0, task=_X
    ),
    "the uploader fails by itself": an_end(
        _uploader_says(Outcome.COPILOT_FAILED), "CopilotFailed/System", "", 0
    ),
    "the uploader says that main failed, which it did not": an_end(
        _uploader_says(Outcome.MAIN_FAILED, ""), "CopilotFailed/System", "ended with code 0", 0
    ),
    "the uploader is killed for want of memory": an_end(
        _AT_WORK.main_ended().uploader_ended("", 137, "OOMKilled"), "CopilotFailed/System", "OOMKilled", 0
    ),
    "the uploader never started": an_end(
        _AT_WORK.main_ended().uploader_ended("no exec", 128, "StartError"),
        "ContainerStartFailed/System",
        "uploader: no exec",
        0,
    ),
    "the report is no report": an_end(
        _AT_WORK.main_ended().uploader_ended("hello"), "MessageUnreadable/System", "hello", 0
    ),
    "the report is of a later version": an_end(
        _AT_WORK.main_ended().uploader_ended('{"version":2}'), "MessageUnreadable/System", "version", 0
    ),
    "line 2 of the report is cut": an_end(
        _AT_WORK.main_ended().uploader_ended(uploaded({"x": 7})[:-9]), "MessageTruncated/System", "others", 0
    ),
    "a value of the report is not of its type": an_end(
        _WITH_X.done({"x": "seven"}), "MessageUnreadable/System", "for x", 0, task=_X
    ),
    "a value of the report is absent": an_end(
        _WITH_X.done({}), "MessageUnreadable/System", "for x", 0, task=_X
    ),
    "a bad input": an_end(
        _no_download(Outcome.INVALID_INPUT, "input `a`"), "InvalidInput/Permanent", "input `a`"
    ),
    "the download clock": an_end(
        _no_download(Outcome.DOWNLOAD_TIMEOUT, "late"), "DownloadTimeout/System", "late"
    ),
    "the downloader fails by itself": an_end(
        _no_download(Outcome.COPILOT_FAILED, "odd"), "CopilotFailed/System", "odd"
    ),
    "the downloader says nothing": an_end(
        a_pod().scheduled().ends(DOWNLOADER, 1, after=4), "CopilotFailed/System", "exit code 1"
    ),
    "the downloader never started": an_end(
        a_pod().scheduled().ends(DOWNLOADER, 128, reason="StartError", message="no exec", after=4),
        "ContainerStartFailed/System",
        "downloader: no exec",
    ),
    "main never started, and the uploader was stopped for it": an_end(
        _AT_WORK.main_ended(128, "StartError", "no exec")
        .uploader_ended("", 143)
        .stopped("ContainerStartFailed", "no"),
        "ContainerStartFailed/System",
        "no",
        128,
    ),
    "main never started, and the uploader ended by itself": an_end(
        _AT_WORK.main_ended(128, "StartError", "no exec").uploader_ended("", 143),
        "ContainerStartFailed/System",
        "main: no exec",
        128,
    ),
}
