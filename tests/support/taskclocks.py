"""The five clocks of a task: for each a task for which it fires, and how that task ends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from support.cluster import Json
from support.modes import SIGNAL, Case, Ending
from support.seen import Failure
from support.tasks import ONCE, shell, typed
from support.working import COUNTS, WORKING, A

NOWHERE: Final[Json] = {"disk": "nobody-has-this"}
SLOW: Final[Json] = {"copilotResources": {"limits": {"cpu": "40m", "memory": "256Mi"}}}
"""Downloader and uploader get the twenty-fifth part of a CPU."""
MANY_IN: Final = [{"name": "many", "type": "list[integer]", "value": list(range(9_000))}]
MANY_OUT: Final = 'echo "[$(seq -s, 1 60000)]" > /var/outputs/a'
DOWNLOAD, EXECUTION, UPLOAD = 1, 2, 1
"""Seconds of the clocks inside the Pod."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lengths:
    """Seconds of the two clocks that count from the task's creation."""

    queued: int
    total: int


def clocks(lengths: Lengths) -> Mapping[str, Case]:
    """Return the five, each by a task that fails once."""
    return {
        "queued": _queued(lengths.queued),
        "download": _download(),
        "execution": _execution(),
        "upload": _upload(),
        "total": _total(lengths.total),
    }


def _queued(seconds: int) -> Case:
    says = ("timeout.queued", f"{seconds}s", "Unschedulable", "nodes are available")
    failure = Failure(reason="QueuedTimeout", kind="System", says=says)
    return Case(Ending(_limited("true", "queued", seconds, nodeSelector=NOWHERE), failure))


def _download() -> Case:
    says = ("timeout.download", f"{DOWNLOAD} s")
    failure = Failure(reason="DownloadTimeout", kind="System", says=says, container="downloader")
    spec = _limited(COUNTS, "download", DOWNLOAD, outputs=A, inputs=MANY_IN, **SLOW)
    return Case(Ending(spec, failure))


def _upload() -> Case:
    says = ("timeout.upload", f"{UPLOAD} s")
    failure = Failure(reason="UploadTimeout", kind="System", says=says, container="uploader", exit_code=0)
    spec = _limited(MANY_OUT, "upload", UPLOAD, outputs=typed(a="list[integer]"), **SLOW)
    return Case(Ending(spec, failure))


def _total(seconds: int) -> Case:
    says = ("timeout.total", f"{seconds}s")
    failure = Failure(reason="DeadlineExceeded", kind="User", says=says, exit_code=143)
    return Case(Ending(_limited(WORKING, "total", seconds, outputs=A), failure, {"a": 42}))


def _execution() -> Case:
    usual = Ending(
        _limited(WORKING, "execution", EXECUTION, outputs=A),
        Failure(
            reason="ExecutionTimeout",
            kind="User",
            says=("timeout.execution",),
            container="main",
            exit_code=143,
        ),
        {"a": 42},
    )
    # Where no launcher is, it is the operator that says so, and of no container.
    return Case(usual, {SIGNAL: replace(usual, failure=replace(usual.failure, container=None))})


def _limited(script: str, clock: str, seconds: int, **more: object) -> Json:
    return shell(script, timeout={clock: f"{seconds}s"}, **ONCE, **more)
