"""What a task in Signal mode can come to: its command runs untouched, and nobody records how it ended."""

from __future__ import annotations

from typing import Final

from containertask.contract.manifest import Mode
from containertask.contract.outcome import Outcome
from containertask.core.names import DOWNLOADER, MAIN, UPLOADER
from support.builders import a_pod, a_task, left, rfc, uploaded
from support.builders.pods import PodBuilder
from support.builders.tasks import TaskBuilder
from support.cases.end import End, an_end
from support.cases.standing import standing_at

TASK: Final = a_task(command=None)
_X: Final = TASK.with_output("x", "integer")
_CLOCK: Final = TASK.timeout(execution="10s")
_FULL: Final = {"x": 7}
_RUNC: Final = (
    "failed to create containerd task: failed to create shim task: OCI runtime create failed: "
    "runc create failed: unable to start container process: "
)


def signal_pod(task: TaskBuilder = TASK) -> PodBuilder:
    """Return the Pod of a task in Signal mode just after its creation."""
    return a_pod(task=task, mode=Mode.SIGNAL)


def _end(exit_code: int, outcome: str, says: str = "", report: str = left({"x": 7})) -> End:
    """Return the row of a task with the output `x`."""
    pod = signal_pod(_X).at_work().main_ended(exit_code).uploader_ended(report)
    return an_end(pod, outcome, says, exit_code, task=_X)


def unstarted(text: str) -> PodBuilder:
    """Return a Pod whose command the runtime could not start, and whose sidecar has ended."""
    end = {
        "exitCode": 128,
        "reason": "StartError",
        "message": f"{_RUNC}{text}",
        "startedAt": "1970-01-01T00:00:00Z",
        "finishedAt": rfc(9),
    }
    pod = signal_pod().scheduled().initialized().state(UPLOADER, {"running": {"startedAt": rfc(3)}})
    return pod.state(MAIN, {"terminated": end}).uploader_ended(left())


_MISSING: Final = left(outcome=Outcome.OUTPUT_MISSING, message="output `x`: no file", origin="x")
_INVALID: Final = left(outcome=Outcome.OUTPUT_INVALID, message="output `x`: no integer", origin="x")
_UNREADABLE: Final = left(outcome=Outcome.OUTPUT_UNREADABLE, message="output `x`: not ours", origin="x")
_LATE: Final = left(outcome=Outcome.UPLOAD_TIMEOUT, message="late")
_ERROR_FILE: Final = left({"x": 7}, outcome=Outcome.USER_ERROR, message="bad weather")
_NO_DOWNLOAD: Final = uploaded({}, outcome=Outcome.INVALID_INPUT, message="input `a`", origin="a")
_AT_WORK: Final = signal_pod().at_work()

SIGNAL_ENDS: Final = {
    "signal: exit 0 with all outputs": _end(0, "Succeeded"),
    "signal: exit 0 without an output": _end(0, "OutputMissing/User", "`x`", _MISSING),
    "signal: exit 0 with an output of the wrong type": _end(0, "OutputInvalid/User", "`x`", _INVALID),
    "signal: exit 0 with an output of another user's": _end(0, "OutputUnreadable/User", "`x`", _UNREADABLE),
    "signal: the upload clock": _end(0, "UploadTimeout/System", "late", _LATE),
    "signal: exit 7 with all outputs": _end(7, "NonZeroExit/User", "exit code 7"),
    "signal: exit 7 without its output": _end(7, "NonZeroExit/User", "exit code 7", _MISSING),
    "signal: exit 127 of a shell": _end(127, "NonZeroExit/User", "exit code 127"),
    "signal: exit 128 by itself": _end(128, "NonZeroExit/User", "exit code 128"),
    "signal: killed by the kernel, as the kubelet says": an_end(
        signal_pod().at_work().main_ended(137, "OOMKilled").uploader_ended(left()),
        "OOMKilled/User",
        "resources.limits.memory",
        137,
        task=TASK,
    ),
    "signal: killed, and the kubelet does not say for what": _end(137, "OOMKilled/User", "most probably"),
    "signal: a segmentation fault": _end(139, "NonZeroExit/User", "exit code 139"),
    "signal: ended by a SIGTERM that nobody here sent": _end(143, "NonZeroExit/User", "exit code 143"),
    "signal: _ERROR beside exit 0": _end(0, "UserError/User", "bad weather", _ERROR_FILE),
    "signal: _ERROR beside exit 3": _end(3, "UserError/User", "bad weather", _ERROR_FILE),
    "signal: _ERROR of a command that was killed": _end(137, "OOMKilled/User", "", _ERROR_FILE),
    "signal: its node loses sight of the command": an_end(
        signal_pod().at_work().main_ended(137, "ContainerStatusUnknown").uploader_ended(left()),
        "Interrupted/System",
        "lost sight",
        task=TASK,
    ),
    "signal: evicted": an_end(
        signal_pod().left(143).over("Failed", "Evicted", "low"), "Evicted/System", "low", 143, task=TASK
    ),
    "signal: deleted by somebody": an_end(
        signal_pod().left(143).deleting(), "PodDeleted/System", "was deleted", 143, task=TASK
    ),
    "signal: a cancel": an_end(
        signal_pod().left(143).stopped("Cancelled", "spec.cancel"),
        "Cancelled/User",
        "spec.cancel",
        143,
        task=TASK.cancelled(),
    ),
    "signal: the command is nowhere on PATH": an_end(
        unstarted('exec: "absent": executable file not found in $PATH'),
        "CommandNotFound/User",
        "not in the image",
        task=TASK,
    ),
    "signal: the command's path has no file": an_end(
        unstarted('exec: "/absent": stat /absent: no such file or directory'),
        "CommandNotFound/User",
        "not in the image",
        task=TASK,
    ),
    "signal: the command is a plain file": an_end(
        unstarted('exec: "/etc/hostname": permission denied'),
        "CommandNotExecutable/User",
        "cannot be executed",
        task=TASK,
    ),
    "signal: the command is a folder": an_end(
        unstarted('exec: "/etc": is a directory'),
        "CommandNotExecutable/User",
        "cannot be executed",
        task=TASK,
    ),
    "signal: the folder of workingDir is missing": an_end(
        unstarted('error during container init: chdir to cwd ("/absent") failed: no such file or directory'),
        "ContainerStartFailed/System",
        "chdir to cwd",
        task=TASK,
    ),
    "signal: the node cannot start anything now": an_end(
        unstarted("unable to freeze: permission denied"), "ContainerStartFailed/System", "freeze", task=TASK
    ),
    "signal: stopped because there is no command anywhere": an_end(
        _AT_WORK.waiting(MAIN, "CreateContainerError", "no command specified")
        .uploader_ended(left())
        .stopped("CommandNotFound", "the image has no ENTRYPOINT")
        .over("Failed", "DeadlineExceeded"),
        "CommandNotFound/User",
        "no ENTRYPOINT",
        task=TASK,
    ),
    "signal: the execution clock": an_end(
        signal_pod(_CLOCK)
        .at_work()
        .ends(MAIN, 143, after=17)
        .uploader_ended(left())
        .stopped("ExecutionTimeout", "took longer", after=16),
        "ExecutionTimeout/User",
        "took longer",
        143,
        task=_CLOCK,
    ),
    "signal: the execution clock, and the command then exits with 0": an_end(
        signal_pod(_CLOCK)
        .at_work()
        .ends(MAIN, 0, after=17)
        .uploader_ended(left())
        .stopped("ExecutionTimeout", "took longer", after=16),
        "ExecutionTimeout/User",
        "took longer",
        0,
        task=_CLOCK,
    ),
    "signal: the execution clock, and the command is killed after its grace": an_end(
        signal_pod(_CLOCK)
        .at_work()
        .ends(MAIN, 137, after=46)
        .uploader_ended(left())
        .stopped("ExecutionTimeout", "took longer", after=16)
        .over("Failed", "DeadlineExceeded"),
        "ExecutionTimeout/User",
        "took longer",
        137,
        task=_CLOCK,
    ),
    "signal: a bad input": an_end(
        signal_pod().scheduled().ends(DOWNLOADER, 1, message=_NO_DOWNLOAD, after=4),
        "InvalidInput/Permanent",
        "input `a`",
        task=TASK,
    ),
    "signal: the downloader is killed": an_end(
        signal_pod().scheduled().ends(DOWNLOADER, 137, reason="OOMKilled", after=4),
        "CopilotFailed/System",
        "OOMKilled",
        task=TASK,
    ),
    "signal: the uploader is killed while it reads": an_end(
        _AT_WORK.main_ended().uploader_ended("", 137, "OOMKilled"),
        "CopilotFailed/System",
        "uploader ended without a report (OOMKilled)",
        0,
        task=TASK,
    ),
    "signal: the uploader is killed while it reads what a failed command left": an_end(
        _AT_WORK.main_ended(7).uploader_ended("", 137), "NonZeroExit/User", "exit code 7", 7, task=TASK
    ),
    "signal: the user's image does not come": an_end(
        signal_pod()
        .scheduled()
        .initialized()
        .uploader_ended(left())
        .stopped("ImagePullFailed", "main: 404", after=184)
        .over("Failed", "DeadlineExceeded"),
        "ImagePullFailed/User",
        "404",
        task=TASK,
    ),
}

_SIDECAR: Final = signal_pod().scheduled().state(UPLOADER, {"running": {"startedAt": rfc(3)}})

SIGNAL_STANDINGS: Final = {
    "signal: the sidecar holds its place": standing_at(_SIDECAR, "Initializing/Starting", task=TASK),
    "signal: the inputs are there": standing_at(_SIDECAR.initialized(), "Initializing/Starting", task=TASK),
    "signal: the command runs": standing_at(_AT_WORK, "Running/MainRunning", task=TASK),
    "signal: the outputs are read": standing_at(
        _AT_WORK.main_ended(), "Uploading/ReadingOutputs", now=12, task=TASK
    ),
    "signal: the user's image is pulled in vain": standing_at(
        _SIDECAR.initialized().waiting(MAIN, "ErrImagePull", "404"),
        "Initializing/ImagePull",
        waits=True,
        task=TASK,
    ),
    "signal: our own image is pulled in vain": standing_at(
        signal_pod().scheduled().waiting(UPLOADER, "ErrImagePull", "404"),
        "Initializing/ImagePull",
        waits=True,
        task=TASK,
    ),
}
