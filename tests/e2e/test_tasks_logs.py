"""What ``kubectl logs`` can still show of a command, for each row of the table in ``docs/logs.md``."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import pytest

from support import cluster
from support.cluster import REPOSITORY, Json
from support.follow import first
from support.modes import EVERY, GATED
from support.taskclocks import NOWHERE
from support.tasks import ONCE, Tasks, shell

NO_WORD: Final = re.compile(r"\W+")
DOCUMENT: Final = REPOSITORY / "docs/logs.md"
ALL: Final = "all of it"
POD_GONE: Final = "nothing: the Pod is gone"
UNSTARTED: Final = "nothing: the command never started"
REMOVED: Final = "nothing, a minute later: the node has removed it"

SAYS: Final = "echo out; echo err >&2"
WAITS: Final = f"trap 'echo told; exit 143' TERM; {SAYS}; echo ready; sleep 600 & wait"
"""Says a last word when it is told to end."""
FILLS: Final = f"{SAYS}; head -c 60000000 /dev/zero > /big; sleep 600"
SOON: Final = {"backoff": {"base": "1s", "factor": 1}}

Act = Callable[[Tasks, str], object]


def gone(tasks: Tasks, name: str) -> None:
    tasks.gone(name)


def nothing(_tasks: Tasks, _name: str) -> None:
    """Let the task come to its end."""


def ready(act: Act) -> Act:
    """Return the act that does this when the command has said that it is ready."""

    def acting(tasks: Tasks, name: str) -> None:
        tasks.printed(name, "ready")
        act(tasks, name)

    return acting


def evict(tasks: Tasks, name: str) -> None:
    where = {"name": tasks.running_pod(name), "namespace": tasks.namespace}
    tasks.core.create_namespaced_pod_eviction(*where.values(), {"metadata": where})


def delete_pod(tasks: Tasks, name: str) -> None:
    tasks.core.delete_namespaced_pod(tasks.running_pod(name), tasks.namespace)


def cancel(tasks: Tasks, name: str) -> None:
    tasks.patch(name, cancel=True)


def suspend(tasks: Tasks, name: str) -> None:
    tasks.patch(name, suspend=True)
    tasks.wait(name, lambda task: task.reason == "Suspended" and task.phase == "Queued")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of the table: how a task comes to this end, and what its log shows then.

    Attributes:
        shows: the row's second column.
        words: what is said on either stream, where all of it is shown. Two streams have no order.
        reason: of the status, where the task ends.
        logs: how many Pods have a log.
        modes: in which it is tried: in all, where how the command is started may matter.
    """

    spec: Json
    shows: str = ALL
    act: Act = nothing
    words: tuple[str, ...] = ("out", "err")
    reason: str | None = None
    logs: int = 1
    modes: tuple[str, ...] = (GATED,)


TOLD: Final = ("out", "err", "ready", "told")
ROWS: Final = {
    "it ended well": Row(spec=shell(SAYS), reason="Succeeded", modes=EVERY),
    "it ended with another exit code than 0": Row(spec=shell(f"{SAYS}; exit 7"), reason="NonZeroExit"),
    "it used more memory than its limit": Row(
        spec=shell(f"{SAYS}; tail /dev/zero", resources={"limits": {"memory": "48Mi"}}),
        reason="OOMKilled",
        modes=EVERY,
    ),
    "`timeout.execution`": Row(
        spec=shell(WAITS, timeout={"execution": "2s"}), words=TOLD, modes=EVERY, reason="ExecutionTimeout"
    ),
    "`timeout.total`": Row(
        spec=shell(WAITS, timeout={"total": "12s"}), words=TOLD, modes=EVERY, reason="DeadlineExceeded"
    ),
    "the task was cancelled": Row(
        spec=shell(WAITS), act=ready(cancel), words=TOLD, modes=EVERY, reason="Cancelled"
    ),
    "the task was suspended": Row(spec=shell(WAITS), act=ready(suspend), words=TOLD, modes=EVERY),
    "it was tried again": Row(
        spec=shell(f"{SAYS}; exit 7", retries={"limit": 1, **SOON}), reason="NonZeroExit", logs=2
    ),
    "it was tried again, and `podRetention: OnFailure`": Row(
        spec=shell(f"{SAYS}; exit 7", retries={"limit": 1, **SOON}, podRetention="OnFailure"),
        reason="NonZeroExit",
        logs=2,
    ),
    "another attempt ended well, and `podRetention: OnFailure`": Row(
        spec=shell(
            f"{SAYS}; exit $(( 7 - 7 * CT_ATTEMPT ))",
            retries={"limit": 1, **SOON},
            podRetention="OnFailure",
        ),
        shows=POD_GONE,
        reason="Succeeded",
    ),
    "any end, and `podRetention: Never`": Row(
        spec=shell(f"{SAYS}; exit 7", retries={"limit": 1, **SOON}, podRetention="Never"),
        shows=POD_GONE,
        reason="NonZeroExit",
    ),
    "somebody deleted the Pod": Row(
        spec=shell(WAITS, **ONCE), act=ready(delete_pod), shows=POD_GONE, reason="PodDeleted"
    ),
    "the Pod was evicted through the API, as `kubectl drain` does": Row(
        spec=shell(WAITS, **ONCE), act=ready(evict), shows=POD_GONE, reason="Evicted"
    ),
    "its node evicted the Pod, for disk or memory": Row(
        spec=shell(FILLS, resources={"limits": {"ephemeral-storage": "10Mi"}}, **ONCE),
        shows=REMOVED,
        reason="Evicted",
    ),
    "no node took it (`timeout.queued`)": Row(
        spec=shell(SAYS, nodeSelector=NOWHERE, timeout={"queued": "3s"}, **ONCE),
        shows=POD_GONE,
        reason="QueuedTimeout",
    ),
    "its image did not come": Row(
        spec=shell(SAYS, image="localhost:1/absent:dev"), shows=UNSTARTED, reason="ImagePullFailed"
    ),
    "its inputs did not come": Row(
        spec=shell(
            SAYS,
            inputs=[{"name": "many", "type": "list[integer]", "value": list(range(9_000))}],
            copilotResources={"limits": {"cpu": "40m", "memory": "256Mi"}},
            timeout={"download": "1s"},
            **ONCE,
        ),
        shows=UNSTARTED,
        reason="DownloadTimeout",
        modes=EVERY,
    ),
    "the task was deleted, or its time to live was over": Row(
        spec=shell(SAYS, ttlSecondsAfterFinished=0), act=gone, shows=POD_GONE
    ),
}


def table() -> dict[str, str]:
    """Return the rows of the document's table."""
    rows = re.findall(r"^\| (.+?) +\| (.+?) +\|$", DOCUMENT.read_text(), re.MULTILINE)
    return dict(rows[1:])


def test_the_document_has_just_these_rows() -> None:
    assert table() == {ending: row.shows for ending, row in ROWS.items()}


@pytest.mark.parametrize(
    ("ending", "here"),
    [
        pytest.param(ending, mode, id=f"{re.sub(NO_WORD, '-', ending).strip('-')}-{mode}")
        for ending, row in ROWS.items()
        for mode in row.modes
    ],
    indirect=["here"],
)
def test_the_log_shows_what_the_document_says(here: Tasks, ending: str) -> None:
    row, name = ROWS[ending], "logged"
    here.create(name, row.spec)
    row.act(here, name)
    if row.reason is not None:
        assert here.ended(name).reason == row.reason
    match row.shows:
        case "all of it":
            assert [sorted(log.split()) for log in logs(here, name)] == [sorted(row.words)] * row.logs
        case "nothing: the Pod is gone":
            here.no_pods(name)
        case "nothing: the command never started":
            assert not said_by_main(here, name)
        case _:
            assert_removed(here, name)


def logs(here: Tasks, name: str) -> list[str]:
    """Return what the commands of all attempts have printed, in order."""
    found = first(here.pods(name), lambda pods: bool(pods) and all(map(over, pods.values())), "ended Pods")
    return [cluster.Namespace(here.core, here.namespace).logs(pod, "main") for pod in sorted(found)]


def over(pod: Json) -> bool:
    return pod["status"]["phase"] in {"Succeeded", "Failed"}


def said_by_main(here: Tasks, name: str) -> str:
    """Return what kubectl shows of ``main``; nothing where it says that there is nothing to show."""
    try:
        (log,) = logs(here, name)
    except AssertionError as error:
        if "kubectl logs" not in str(error):
            raise
        return ""
    return log


def assert_removed(here: Tasks, name: str) -> None:
    pod = here.pod(name, over)
    where = f"/var/log/pods/{here.namespace}_{pod['metadata']['name']}_{pod['metadata']['uid']}/main"
    cluster.on_node(f"timeout 120 sh -c 'while ls {where}/*.log; do sleep 1; done' >/dev/null 2>&1")
    # A kubelet that has no file refuses, or says so where the log would be.
    assert not {*said_by_main(here, name).split()} & {*ROWS["it ended well"].words}
