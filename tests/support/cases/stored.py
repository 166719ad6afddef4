"""Ends that come from stores: what downloader and uploader say of them."""

from __future__ import annotations

from typing import Final

from containertask.contract.exitrecord import Cause, Stop
from containertask.contract.outcome import Outcome
from containertask.contract.report import End as ReportEnd
from containertask.contract.report import Report
from containertask.core.names import DOWNLOADER
from support.builders import a_pod, a_task, uploaded
from support.builders.reports import said
from support.cases.end import End, an_end

_X: Final = a_task().with_output("x", "integer")


def _download(outcome: Outcome, reason: str) -> End:
    report = uploaded({}, outcome=outcome, message="input `a`: s3://b/k", origin="a")
    return an_end(a_pod().scheduled().ends(DOWNLOADER, 1, message=report, after=4), reason, "s3://b/k")


def _upload(outcome: Outcome, reason: str) -> End:
    report = uploaded({}, outcome=outcome, message="output `x`: s3://b/k", origin="x")
    pod = a_pod(task=_X).at_work().main_ended().uploader_ended(report)
    return an_end(pod, reason, "s3://b/k", 0, task=_X)


def _streamed(outcome: Outcome, reason: str, exit_code: int = 0) -> End:
    report = uploaded({}, outcome=outcome, message="input `a`: s3://b/k", origin="a")
    pod = a_pod(task=_X).at_work().main_ended(exit_code).uploader_ended(report, 1)
    return an_end(pod, reason, "s3://b/k", exit_code, task=_X)


_STREAMING: Final = _X.with_uri("a", "s3://b/k", mode="Stream")
_STOPPED: Final = ReportEnd(cause=Cause.EXITED, exit_code=143, stop=Stop.EXECUTION_TIMEOUT)

_FED: Final = {
    Outcome.INPUT_NOT_FOUND: "InputNotFound/Permanent",
    Outcome.INPUT_DIGEST_MISMATCH: "InputDigestMismatch/Permanent",
    Outcome.INPUT_TOO_LARGE: "InputTooLarge/Permanent",
    Outcome.INPUT_CHANGED: "InputChanged/System",
    Outcome.INVALID_INPUT: "InvalidInput/Permanent",
    Outcome.INPUT_UNAVAILABLE: "StoreUnavailable/System",
    Outcome.INPUT_FORBIDDEN: "StoreForbidden/Permanent",
}
BY_THE_STORE: Final = {
    "an uploader that feeds runs out of memory, and the command takes a part for the whole": an_end(
        a_pod(task=_STREAMING).at_work().main_ended(3).uploader_ended("", 137, "OOMKilled"),
        "CopilotFailed/System",
        "uploader ended without a report (OOMKilled)",
        3,
        task=_STREAMING,
    ),
    "an uploader that feeds fails before the command has ended": an_end(
        a_pod(task=_STREAMING)
        .at_work()
        .main_ended(3)
        .uploader_ended(said(Report(outcome=Outcome.COPILOT_FAILED, message="a fault")), 1),
        "CopilotFailed/System",
        "a fault",
        3,
        task=_STREAMING,
    ),
    "a command that is fed ends without a record": an_end(
        a_pod(task=_STREAMING)
        .at_work()
        .main_ended(3)
        .uploader_ended(said(Report(outcome=Outcome.MAIN_FAILED, message="no record"))),
        "NonZeroExit/User",
        "main ended with exit code 3 and left no record",
        3,
        task=_STREAMING,
    ),
    "an input that streams breaks off, and the time of the command is over": an_end(
        a_pod(task=_X)
        .at_work()
        .main_ended(143)
        .uploader_ended(
            uploaded({}, outcome=Outcome.INPUT_UNAVAILABLE, message="input `a`", origin="a", end=_STOPPED), 1
        ),
        "ExecutionTimeout/User",
        "timeout.execution",
        143,
        task=_X,
    ),
    **{
        f"an input that streams comes to {outcome}, and the command ends with {code}": _streamed(
            outcome, reason, code
        )
        for outcome, reason in _FED.items()
        for code in (0, 3)
    },
    "nothing lies at an input's URI": _download(Outcome.INPUT_NOT_FOUND, "InputNotFound/Permanent"),
    "an input is another file than was meant": _download(
        Outcome.INPUT_DIGEST_MISMATCH, "InputDigestMismatch/Permanent"
    ),
    "an input is larger than it may be": _download(Outcome.INPUT_TOO_LARGE, "InputTooLarge/Permanent"),
    "an input becomes another file while it is read": _download(Outcome.INPUT_CHANGED, "InputChanged/System"),
    "the store of an input does not answer": _download(Outcome.STORE_UNAVAILABLE, "StoreUnavailable/System"),
    "the store of an input refuses the credential": _download(
        Outcome.STORE_FORBIDDEN, "StoreForbidden/Permanent"
    ),
    "the disk of the inputs is full": _download(Outcome.DISK_FULL, "DiskFull/System"),
    "the store of the outputs does not answer": _upload(Outcome.STORE_UNAVAILABLE, "StoreUnavailable/System"),
    "the store of the outputs refuses the credential": _upload(
        Outcome.STORE_FORBIDDEN, "StoreForbidden/Permanent"
    ),
    "somebody else has kept this attempt's outputs": _upload(Outcome.OUTPUTS_EXIST, "OutputsExist/System"),
    "the disk of the store is full": _upload(Outcome.DISK_FULL, "DiskFull/System"),
    "the downloader says what only an uploader can": _download(Outcome.OUTPUTS_EXIST, "CopilotFailed/System"),
    "the uploader says what only a downloader can": _upload(Outcome.DOWNLOAD_TIMEOUT, "CopilotFailed/System"),
}
