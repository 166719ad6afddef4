"""Ends that come from outside of a Pod: by the cluster, by other people, by the operator's own stop."""

from __future__ import annotations

from typing import Final

from containertask.contract.exitrecord import Stop
from containertask.contract.outcome import Outcome
from containertask.contract.report import Report
from support.builders import a_pod, a_task, seen
from support.cases.end import End, an_end

_AT_WORK: Final = a_pod().at_work()
_CANCEL: Final = a_task().cancelled()
_NOT_STARTED: Final = Report(outcome=Outcome.NOT_STARTED).encode(4096).decode()
_UNHEARD: Final = _AT_WORK.uploader_ended(_NOT_STARTED, 1).stopped(
    "CopilotFailed", "the uploader did not end", after=19
)

BY_THE_CLUSTER: Final = {
    "evicted, with a record": an_end(
        a_pod().failed(143, stop=Stop.SIGNAL).over("Failed", "Evicted", "low on memory"),
        "Evicted/System",
        "low on memory",
        143,
    ),
    "evicted, without a record": an_end(
        _AT_WORK.main_ended(137).uploader_ended("", 137).over("Failed", "Evicted", "low"),
        "Evicted/System",
        "low",
        137,
    ),
    "evicted after exit 0, before the outputs were read": an_end(
        _AT_WORK.main_ended().uploader_ended("", 137).over("Failed", "Evicted", "low"),
        "Evicted/System",
        "low",
        0,
    ),
    "evicted before anything ran": an_end(
        a_pod().scheduled().over("Failed", "Evicted", "low"), "Evicted/System", "low"
    ),
    "evicted by the eviction API": an_end(
        a_pod().failed(143, stop=Stop.SIGNAL).disrupted("EvictionByEvictionAPI", "drain").deleting(),
        "Evicted/System",
        "drain",
        143,
    ),
    "preempted by the scheduler": an_end(
        a_pod().failed(143, stop=Stop.SIGNAL).disrupted("PreemptionByScheduler", "for vip").deleting(),
        "Preempted/System",
        "for vip",
        143,
    ),
    "preempted by the kubelet": an_end(
        _AT_WORK.over("Failed", "Preempting", "critical"), "Preempted/System", "critical"
    ),
    "the node is lost, and the Pod collected": an_end(
        _AT_WORK.disrupted("DeletionByPodGC", "node gone").over("Failed"), "NodeLost/System", "node gone"
    ),
    "the node is lost, and its kubelet loses sight of main": an_end(
        _AT_WORK.main_ended(137, "ContainerStatusUnknown").uploader_ended("", 137, "ContainerStatusUnknown"),
        "Interrupted/System",
        "lost sight",
    ),
    "the node is shut down": an_end(
        _AT_WORK.over("Failed", "Terminated", "shutdown"), "NodeLost/System", "shutdown"
    ),
    "admission on the node fails": an_end(
        a_pod().scheduled().over("Failed", "OutOfcpu", "Node didn't have enough resource"),
        "PodFailed/System",
        "OutOfcpu",
    ),
    "the Pod is over and its containers say nothing": an_end(
        a_pod().scheduled().over("Succeeded"), "PodFailed/System", "ended as Succeeded"
    ),
    "the Pod outlives its clocks": an_end(
        _AT_WORK.over("Failed", "DeadlineExceeded", "active"), "PodDeadlineExceeded/System", "active"
    ),
    "deleted from outside while it runs": an_end(
        _AT_WORK.deleting().gone(), "PodDeleted/System", "was deleted"
    ),
    "deleted from outside, and the kubelet says how it ended": an_end(
        a_pod().failed(143, stop=Stop.SIGNAL).deleting(), "PodDeleted/System", "was deleted", 143
    ),
    "deleted from outside before it got a node": an_end(a_pod().gone(), "PodDeleted/System", "was deleted"),
    "deleted by force": an_end(_AT_WORK.gone(), "PodDeleted/System", "was deleted"),
    "its init sidecar never started": an_end(
        a_pod().scheduled().ends("istio", 128, reason="StartError", message="no", after=3).over(),
        "ContainerStartFailed/System",
        "istio: no",
    ),
}

BY_THE_OPERATOR: Final = {
    "stopped for a cancel": an_end(
        a_pod().failed(143, stop=Stop.SIGNAL).stopped("Cancelled", "spec.cancel was set"),
        "Cancelled/User",
        "spec.cancel",
        143,
        task=_CANCEL,
    ),
    "cancelled without a node": an_end(
        a_pod().stopped("Cancelled", "spec.cancel was set").gone(),
        "Cancelled/User",
        "spec.cancel",
        task=_CANCEL,
    ),
    "deleted by somebody after the cancel": an_end(
        _AT_WORK.gone(), "Cancelled/User", "spec.cancel", task=_CANCEL
    ),
    "stopped for the total clock": an_end(
        _AT_WORK.main_ended(143).uploader_ended("", 143).stopped("DeadlineExceeded", "timeout.total"),
        "DeadlineExceeded/User",
        "timeout.total",
        143,
    ),
    "stopped for the queued clock": an_end(
        a_pod().stopped("QueuedTimeout", "on no node").gone(), "QueuedTimeout/System", "on no node"
    ),
    "stopped for an image that cannot be pulled": an_end(
        a_pod().scheduled().stopped("ImagePullFailed", "main: 404").over("Failed", "DeadlineExceeded"),
        "ImagePullFailed/User",
        "404",
    ),
    "stopped for an image that runs as root and may not": an_end(
        a_pod().scheduled().stopped("RunAsRootForbidden", "main: root").over("Failed", "DeadlineExceeded"),
        "RunAsRootForbidden/Permanent",
        "root",
    ),
    "stopped for a container that never ran": an_end(
        a_pod()
        .scheduled()
        .stopped("ImagePullFailed", "main: 404")
        .state("main", {"terminated": {"exitCode": 137, "reason": "ContainerStatusUnknown"}})
        .over("Failed", "DeadlineExceeded"),
        "ImagePullFailed/User",
        "404",
    ),
    "stopped for a Secret that did not come": an_end(
        a_pod().scheduled().stopped("SecretNotFound", "main: no s").over("Failed", "DeadlineExceeded"),
        "SecretNotFound/Permanent",
        "no s",
    ),
    "stopped for a ConfigMap that did not come": an_end(
        a_pod().scheduled().stopped("ConfigMapNotFound", "main: no c").over("Failed", "DeadlineExceeded"),
        "ConfigMapNotFound/Permanent",
        "no c",
    ),
    "stopped for a name that is no image's": an_end(
        a_pod().scheduled().stopped("InvalidImageName", "main: a b").over("Failed", "DeadlineExceeded"),
        "InvalidImageName/Permanent",
        "a b",
    ),
    "stopped for an uploader that ended too soon": an_end(
        _AT_WORK.main_ended(143)
        .uploader_ended("", 1)
        .stopped("CopilotFailed", "the uploader ended before", after=8),
        "CopilotFailed/System",
        "before",
        143,
    ),
    "the launcher died unheard, and the uploader was stopped": an_end(
        _UNHEARD.main_ended(2).over("Failed", "DeadlineExceeded"), "NonZeroExit/User", "no record", 2
    ),
    "the launcher was killed unheard, and the uploader was stopped": an_end(
        _UNHEARD.main_ended(137).over("Failed", "DeadlineExceeded"), "OOMKilled/User", "memory", 137
    ),
    "the uploader did not end although the command ended well": an_end(
        _UNHEARD.main_ended(0).over("Failed", "DeadlineExceeded"), "CopilotFailed/System", "NotStarted", 0
    ),
    "stopped by a note that is none of ours": an_end(
        a_pod().failed(143, stop=Stop.SIGNAL).noted('{"reason":"Succeeded","message":"","at":0}'),
        "Interrupted/System",
        "changed by somebody",
        143,
    ),
    "the queued clock while somebody deletes the Pod": an_end(
        a_pod().gone(), "QueuedTimeout/System", "timeout.queued: 30s", task=a_task().timeout(queued="30s")
    ),
    "vanished while nobody looked": End(
        seen(
            a_task().status(phase="Running", podName=a_pod().name, attempt=0, nodeName="node-1"),
            missing=a_pod().name,
        ),
        "PodDeleted/System",
        "was deleted",
    ),
    "vanished after the cancel": End(
        seen(_CANCEL.status(phase="Running", podName=a_pod().name, attempt=0), missing=a_pod().name),
        "Cancelled/User",
        "spec.cancel",
    ),
}
