"""The runs that a cluster has."""

from __future__ import annotations

from containertask.api.status import Phase
from containertask.kube.resources import TASKS
from containertask.sdk import loop
from containertask.sdk.cluster import Cluster, checked_cluster, current
from containertask.sdk.run import Run
from containertask.sdk.status import RunStatus
from containertask.sdk.wording import nearest


def runs(
    cluster: Cluster | None = None,
    *,
    phase: str | None = None,
    labels: str | None = None,
    all_namespaces: bool = False,
) -> list[Run]:
    """Return the runs of a namespace, the oldest first.

    Args:
        cluster: where. Default: as for ``submit``.
        phase: only those in it, such as ``Failed``.
        labels: only those that a selector such as ``team=research`` finds.
        all_namespaces: those of all namespaces.

    Raises:
        ValueError: there is no such phase.
        ClusterError: the cluster did not answer.
    """
    return loop.run(
        runs_async(cluster or current(), phase=phase, labels=labels, all_namespaces=all_namespaces)
    )


async def runs_async(
    cluster: Cluster | None = None,
    *,
    phase: str | None = None,
    labels: str | None = None,
    all_namespaces: bool = False,
) -> list[Run]:
    """Do what ``runs`` does."""
    if phase is not None and phase not in list(Phase):
        raise ValueError(f"phase: there is no {phase}: {nearest(phase, list(Phase))}")
    where = checked_cluster(cluster)
    async with where.session() as session:
        namespace = None if all_namespaces else where.namespace
        found = await session.api.list(TASKS, namespace, label_selector=labels)
    chosen = [one for one in found.items if phase is None or RunStatus.of(one).phase == phase]
    return [
        Run.of(one, where) for one in sorted(chosen, key=lambda one: one["metadata"]["creationTimestamp"])
    ]
