"""What is raised of a run that has not ended well."""

from __future__ import annotations

from contextlib import aclosing

from containertask.api.status import Phase
from containertask.errors import ClusterError, TaskCancelledError, TaskFailedError
from containertask.kube.errors import ApiError
from containertask.sdk.cluster import Cluster
from containertask.sdk.runlog import lines_of
from containertask.sdk.status import RunStatus

_LINES = 20


async def failure_of(cluster: Cluster, namespace: str, name: str, status: RunStatus) -> TaskFailedError:
    """Return the exception, with the end of the log where that is still to be had."""
    kind = TaskCancelledError if status.phase == Phase.CANCELLED else TaskFailedError
    return kind(
        name,
        status.reason,
        status.message,
        exit_code=status.exit_code,
        outputs={one["name"]: one for one in status.raw.get("outputs") or ()},
        log=await _tail(cluster, namespace, name) if status.pod is not None else "",
    )


async def _tail(cluster: Cluster, namespace: str, name: str) -> str:
    try:
        async with (
            cluster.session() as session,
            aclosing(lines_of(session, namespace, name, tail=_LINES)) as lines,
        ):
            return "\n".join([one async for one in lines])
    except (ApiError, ClusterError):
        return ""  # the Pod may be gone, or its log nobody's to read: the failure is told all the same
