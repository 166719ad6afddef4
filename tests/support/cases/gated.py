"""What a task in Gated mode can come to: downloader, command and uploader start at once."""

from __future__ import annotations

from typing import Final

from containertask.contract.exitrecord import Cause
from containertask.contract.manifest import Mode
from containertask.contract.outcome import Outcome
from containertask.contract.report import End as ToldEnd
from containertask.core.names import DOWNLOADER, MAIN, UPLOADER
from support.builders import a_pod, a_task, rfc, uploaded
from support.builders.pods import PodBuilder
from support.cases.end import an_end
from support.cases.standing import standing_at

_X: Final = a_task().with_output("x", "integer")
_GATED: Final = a_pod(mode=Mode.GATED)
_AT_WORK: Final = _GATED.at_work()
_BESIDE: Final = _GATED.scheduled().downloading().running()
"""All three run: the command waits at the gate, or has passed it."""
NO_IMAGE: Final = "main: ImagePullBackOff: 404"
_ABORTED: Final = uploaded(
    {},
    outcome=Outcome.MAIN_FAILED,
    end=ToldEnd(cause=Cause.GATE_ABORTED, exit_code=125),
    message="the inputs did not come",
)


def failed_download(outcome: Outcome, message: str = "", pod: PodBuilder = _BESIDE) -> PodBuilder:
    """Let the downloader fail with a word; nothing else has ended."""
    return pod.ends(
        DOWNLOADER, 1, message=uploaded({}, outcome=outcome, message=message, origin="a"), after=6
    )


def killed_download(pod: PodBuilder = _BESIDE) -> PodBuilder:
    """Let the downloader be killed without a word."""
    return pod.ends(DOWNLOADER, 137, reason="OOMKilled", after=6)


def _and_the_gate_aborted(pod: PodBuilder) -> PodBuilder:
    return pod.main_ended(125).uploader_ended(_ABORTED)


def _and_stopped(pod: PodBuilder) -> PodBuilder:
    """Stop what waits at the gate, as the operator does after 5 s."""
    stop = "the downloader failed, and the command still waits for its inputs"
    ended = pod.main_ended(143).uploader_ended("", 1)
    return ended.stopped("CopilotFailed", stop, after=11).over("Failed", "DeadlineExceeded")


GATED_ENDS: Final = {
    "gated: exit 0 with all outputs": an_end(
        a_pod(task=_X, mode=Mode.GATED).done({"x": 7}), "Succeeded", "", 0, task=_X
    ),
    "gated: exit 0, and the node never told of the downloader's end": an_end(
        _BESIDE.main_ended().uploader_ended(uploaded()).over("Succeeded"), "Succeeded", "", 0
    ),
    "gated: exit 7": an_end(a_pod(mode=Mode.GATED).failed(7), "NonZeroExit/User", "exit code 7", 7),
    "gated: a bad input": an_end(
        _and_the_gate_aborted(failed_download(Outcome.INVALID_INPUT, "input `a`")),
        "InvalidInput/Permanent",
        "input `a`",
    ),
    "gated: a bad input, and the command could not start": an_end(
        failed_download(Outcome.INVALID_INPUT, "input `a`", _GATED.scheduled())
        .stopped("CopilotFailed", "the downloader failed", after=11)
        .over("Failed", "DeadlineExceeded"),
        "InvalidInput/Permanent",
        "input `a`",
    ),
    "gated: the download clock": an_end(
        _and_the_gate_aborted(failed_download(Outcome.DOWNLOAD_TIMEOUT, "late")),
        "DownloadTimeout/System",
        "late",
    ),
    "gated: the downloader's disk is full": an_end(
        _and_the_gate_aborted(failed_download(Outcome.COPILOT_FAILED, "ENOSPC")),
        "CopilotFailed/System",
        "ENOSPC",
    ),
    "gated: the downloader is killed for want of memory, and the rest stopped": an_end(
        _and_stopped(killed_download()),
        "CopilotFailed/System",
        "downloader ended without a report (OOMKilled)",
    ),
    "gated: the downloader fails with a word and without an abort, and the rest is stopped": an_end(
        _and_stopped(failed_download(Outcome.INVALID_INPUT, "input `a`")),
        "InvalidInput/Permanent",
        "input `a`",
    ),
    "gated: the downloader never started, and the rest is stopped": an_end(
        _BESIDE.ends(DOWNLOADER, 128, reason="StartError", message="no exec", after=4)
        .main_ended(143)
        .uploader_ended("", 1)
        .stopped("ContainerStartFailed", "downloader: no exec", after=5),
        "ContainerStartFailed/System",
        "downloader: no exec",
    ),
    "gated: the gate is aborted by nobody who fails": an_end(
        _and_the_gate_aborted(_AT_WORK), "CopilotFailed/System", "did not come", 125
    ),
    "gated: stopped at the gate from outside": an_end(
        a_pod(mode=Mode.GATED).failed(143, cause=Cause.STOPPED_AT_GATE),
        "Interrupted/System",
        "before the command",
        143,
    ),
    "gated: a cancel at the gate": an_end(
        a_pod(mode=Mode.GATED).failed(143, cause=Cause.STOPPED_AT_GATE).stopped("Cancelled", "spec.cancel"),
        "Cancelled/User",
        "spec.cancel",
        143,
        task=a_task().cancelled(),
    ),
    "gated: the user's image does not come": an_end(
        _GATED.scheduled()
        .initialized()
        .uploader_ended("", 1)
        .stopped("ImagePullFailed", NO_IMAGE, after=184)
        .over("Failed", "DeadlineExceeded"),
        "ImagePullFailed/User",
        "404",
    ),
    "gated: the folder of workingDir is missing": an_end(
        _GATED.scheduled()
        .initialized()
        .main_ended(128, "StartError", "chdir to cwd")
        .uploader_ended("", 1)
        .stopped("ContainerStartFailed", "main: chdir to cwd", after=10),
        "ContainerStartFailed/System",
        "chdir to cwd",
        128,
    ),
}

GATED_STANDINGS: Final = {
    "gated: the command is at the gate": standing_at(_BESIDE, "Running/MainRunning"),
    "gated: the command has passed the gate": standing_at(_AT_WORK, "Running/MainRunning"),
    "gated: main is not there yet": standing_at(_GATED.scheduled().downloading(), "Initializing/Starting"),
    "gated: the user's image is pulled in vain": standing_at(
        _GATED.scheduled()
        .initialized()
        .state(UPLOADER, {"running": {"startedAt": rfc(5)}})
        .waiting(MAIN, "ImagePullBackOff", "Back-off"),
        "Initializing/ImagePull",
        waits=True,
    ),
    "gated: the downloader has failed, and the command is at the gate": standing_at(
        failed_download(Outcome.INVALID_INPUT), "Running/MainRunning", now=10.9
    ),
    "gated: the downloader is killed, and the command is at the gate": standing_at(
        killed_download(), "Running/MainRunning", now=10.9
    ),
    "gated: the downloader has failed, and the uploader reads the record": standing_at(
        failed_download(Outcome.INVALID_INPUT).main_ended(125), "Uploading/ReadingOutputs", now=15
    ),
    "gated: the downloader has failed, and the command's container waits": standing_at(
        failed_download(Outcome.INVALID_INPUT, pod=_GATED.scheduled()), "Initializing/Starting", now=10.9
    ),
}
