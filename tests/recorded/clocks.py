"""Endings by a clock, by the user's will, and by those who delete Pods."""

from __future__ import annotations

from typing import Final

from recorded.commands import BUSY, WRITES, A, working
from recorded.conditions import unscheduled
from recorded.ending import Ending, Stage, in_modes, over
from support.cluster import Json
from support.modes import EVERY, GATED, INIT, LAUNCHED, SIGNAL
from support.tasks import shell, typed

SLOW: Final[Json] = {"copilotResources": {"limits": {"cpu": "40m", "memory": "256Mi"}}}
"""Downloader and uploader get the twenty-fifth part of a CPU."""
_NUMBERS: Final = [{"name": "many", "type": "list[integer]", "value": list(range(9_000))}]
NOWHERE: Final[Json] = {"nodeSelector": {"disk": "nobody-has-this"}}
_MANY: Final = 'echo "[$(seq -s, 1 60000)]" > /var/outputs/a'


def _cancel(stage: Stage) -> None:
    stage.tasks.patch(stage.task, cancel=True)


def _suspend(stage: Stage) -> None:
    stage.tasks.patch(stage.task, suspend=True)


def _hurry(stage: Stage) -> None:
    body = {"spec": {"activeDeadlineSeconds": 1}}
    stage.tasks.core.patch_namespaced_pod(stage.pod_name, stage.tasks.namespace, body)


def delete(stage: Stage) -> None:
    """Delete the Pod, with its grace."""
    stage.tasks.core.delete_namespaced_pod(stage.pod_name, stage.tasks.namespace)


def _force(stage: Stage) -> None:
    stage.tasks.core.delete_namespaced_pod(stage.pod_name, stage.tasks.namespace, grace_period_seconds=0)


def never(_pod: Json) -> bool:
    """Wait until the Pod is gone."""
    return False


_SLEEPS: Final = shell("sleep 600", outputs=A, timeout={"execution": "1s"})
_IGNORES: Final = f"trap '' TERM; {BUSY}"

CLOCKS: Final[dict[str, Ending]] = {
    **in_modes("execution-timeout", "the execution clock", _SLEEPS, LAUNCHED),
    **in_modes("execution-timeout", "the execution clock", working(timeout={"execution": "2s"}), (SIGNAL,)),
    **in_modes(
        "execution-timeout-ignored",
        "the execution clock, and the command ignores SIGTERM",
        shell(_IGNORES, outputs=A, timeout={"execution": "2s", "upload": "2s"}),
        (GATED, SIGNAL),
    ),
    **in_modes(
        "download-timeout",
        "the download clock",
        shell(WRITES, outputs=A, inputs=_NUMBERS, timeout={"download": "1s"}, **SLOW),
        EVERY,
    ),
    **in_modes(
        "upload-timeout",
        "the upload clock",
        shell(_MANY, outputs=typed(a="list[integer]"), timeout={"upload": "1s"}, **SLOW),
        EVERY,
    ),
    **in_modes(
        "queued-timeout",
        "the queued clock: no node takes the Pod",
        shell(WRITES, outputs=A, timeout={"queued": "3s"}, **NOWHERE),
        (GATED,),
    ),
    **in_modes(
        "unschedulable",
        "no node takes the Pod",
        shell(WRITES, outputs=A, **NOWHERE),
        (GATED,),
        shows=unscheduled,
    ),
    **in_modes("deadline-exceeded", "the total clock", working(timeout={"total": "4s"}), EVERY),
    **in_modes("cancelled", "the user cancels a command that runs", working(), EVERY, act=_cancel),
    **in_modes(
        "cancelled-ignored",
        "the user cancels a command that ignores SIGTERM",
        shell(_IGNORES, outputs=A, timeout={"upload": "2s"}),
        (GATED, SIGNAL),
        act=_cancel,
    ),
    **in_modes(
        "cancelled-unscheduled",
        "the user cancels a task that no node takes",
        shell(WRITES, outputs=A, **NOWHERE),
        (GATED,),
        act=_cancel,
        acted_when=unscheduled,
    ),
    **in_modes(
        "suspended", "the user suspends a command that runs", working(), (GATED,), act=_suspend, shows=over
    ),
    **in_modes(
        "deadline-by-somebody", "somebody sets the Pod's deadline", working(), (GATED, SIGNAL), act=_hurry
    ),
}

DELETED: Final[dict[str, Ending]] = {
    **in_modes(
        "deleted",
        "somebody deletes the Pod of a command that runs",
        working(),
        EVERY,
        act=delete,
        shows=never,
    ),
    **in_modes(
        "deleted-at-once", "somebody deletes the Pod without grace", working(), EVERY, act=_force, shows=never
    ),
    **in_modes(
        "deleted-unscheduled",
        "somebody deletes the Pod that no node has",
        shell(WRITES, outputs=A, **NOWHERE),
        (GATED, INIT),
        act=delete,
        acted_when=unscheduled,
        shows=never,
    ),
    **in_modes(
        "deleted-ignored",
        "somebody deletes the Pod of a command that ignores SIGTERM",
        shell(_IGNORES, outputs=A, timeout={"upload": "2s"}),
        (GATED, SIGNAL),
        act=delete,
        shows=never,
    ),
}
