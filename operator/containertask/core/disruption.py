"""What the cluster did to a Pod that was none of its own doing: evicted, preempted, deleted, node lost."""

from __future__ import annotations

import re
from typing import Final

from containertask.api.reasons import Reason
from containertask.core.podview import PodView

_BY_TARGET: Final = {
    "PreemptionByScheduler": Reason.PREEMPTED,
    "DeletionByTaintManager": Reason.NODE_LOST,
    "DeletionByPodGC": Reason.NODE_LOST,
    "EvictionByEvictionAPI": Reason.EVICTED,
}
"""Reasons of the Pod's condition DisruptionTarget. For TerminationByKubelet see the status."""

_BY_REASON: Final = {
    "Evicted": Reason.EVICTED,
    "Preempting": Reason.PREEMPTED,
    "NodeLost": Reason.NODE_LOST,
    "NodeShutdown": Reason.NODE_LOST,
    "Terminated": Reason.NODE_LOST,
    "DeadlineExceeded": Reason.POD_DEADLINE_EXCEEDED,
}
"""Reasons of the Pod's status."""


_REJECTED: Final = re.compile(
    r"OutOf[a-z-]+|NodeAffinity|NodePorts|TaintToleration|UnexpectedAdmissionError|TopologyAffinityError|"
    r"InvalidNodeInfo|PodOS[A-Za-z]+|SysctlForbidden|AppArmor"
)
"""Reasons by which a kubelet does not take a Pod, or takes back one that runs when it starts anew."""

DISRUPTIONS: Final = frozenset(
    {*_BY_TARGET.values(), *_BY_REASON.values(), Reason.POD_DELETED, Reason.POD_FAILED}
)
"""What befalls a whole Pod: no container of it is at fault."""
_BY_KUBELET: Final = "TerminationByKubelet"
_OUR_STOP: Final = "DeadlineExceeded"
"""What the kubelet says of a Pod that we stop, too."""

LINGER: Final = 10_000
"""Milliseconds past the end of its grace after which a Pod that is still there has lost its node."""


def overdue_from(pod: PodView) -> int | None:
    """Return from when on a Pod's node should have let go of it, in Unix milliseconds; None without one."""
    return None if pod.deleting_until is None or pod.node is None else pod.deleting_until + LINGER


def disruption(pod: PodView) -> tuple[Reason, str] | None:
    """Return the reason and what is known about it, or None if nobody disturbed the Pod."""
    target = pod.conditions.get("DisruptionTarget")
    if target is not None and target.status == "True" and target.reason in _BY_TARGET:
        return _BY_TARGET[target.reason], target.message
    if pod.reason in _BY_REASON and not (pod.stop is not None and pod.reason == _OUR_STOP):
        return _BY_REASON[pod.reason], pod.message
    if target is not None and target.status == "True" and target.reason == _BY_KUBELET:
        return Reason.EVICTED, target.message
    if _REJECTED.fullmatch(pod.reason):
        rejected = Reason.INTERRUPTED if pod.begun else Reason.POD_FAILED
        return rejected, f"node {pod.node} does not take the Pod: {pod.reason}: {pod.message}"
    if pod.deleting or pod.gone:
        return Reason.POD_DELETED, f"Pod {pod.name} was deleted before it was done"
    return None
