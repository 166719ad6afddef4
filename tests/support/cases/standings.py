"""Where an unfinished task stands: each row a sentence, what is seen, and phase and reason of the status."""

from __future__ import annotations

from typing import Final

from containertask.core.names import DOWNLOADER, MAIN, UPLOADER
from support.builders import a_pod, a_task, refused, seen
from support.cases.gated import GATED_STANDINGS
from support.cases.signal import SIGNAL_STANDINGS
from support.cases.standing import Standing, standing_at, troubled_by

SUSPENDED_BEFORE: Final = a_task().status(
    phase="Queued",
    reason="Suspended",
    attempt=1,
    conditions=[
        {
            "type": "Suspended",
            "status": "True",
            "reason": "Suspended",
            "lastTransitionTime": "2026-01-01T00:00:10Z",
        },
    ],
)
_READY: Final = a_pod().scheduled().initialized()
_PULL: Final = "Back-off pulling image"

WITH_A_POD: Final = {
    "just created": standing_at(a_pod(), None, now=1.5),
    "created, and the scheduler has said nothing for 2 s": standing_at(a_pod(), "Queued/Unscheduled", now=3),
    "no node has room": standing_at(a_pod().unschedulable(), "Queued/Unschedulable", waits=True, now=1.5),
    "on a node": standing_at(a_pod().scheduled(), "Initializing/Starting"),
    "on a node for less than 2 s": standing_at(a_pod().scheduled(), None, now=2.9),
    "on a node for 2 s": standing_at(a_pod().scheduled(), "Initializing/Starting", now=3),
    "made by an API server whose clock is a little ahead": standing_at(a_pod().scheduled(), None, now=-0.9),
    "made by an API server whose clock is far ahead": standing_at(
        a_pod().scheduled(), "Initializing/Starting", now=-1.1
    ),
    "inputs are written": standing_at(a_pod().scheduled().downloading(), "Initializing/Starting"),
    "inputs are there": standing_at(_READY, "Initializing/Starting"),
    "an image is pulled in vain": standing_at(
        _READY.waiting(MAIN, "ImagePullBackOff", _PULL), "Initializing/ImagePull", waits=True
    ),
    "the registry does not answer": standing_at(
        _READY.waiting(MAIN, "RegistryUnavailable", _PULL), "Initializing/ImagePull", waits=True
    ),
    "our own image is pulled in vain": standing_at(
        a_pod().scheduled().waiting(DOWNLOADER, "ErrImagePull"), "Initializing/ImagePull", waits=True
    ),
    "a Secret is missing": standing_at(
        _READY.waiting(MAIN, "CreateContainerConfigError", 'secret "s" not found'),
        "Initializing/ContainerConfig",
        waits=True,
    ),
    "a container cannot be made now": standing_at(
        _READY.waiting(MAIN, "CreateContainerError", "name in use"),
        "Initializing/ContainerStartFailed",
        waits=True,
    ),
    "the command runs": standing_at(_READY.running(), "Running/MainRunning"),
    "the command runs for less than 2 s": standing_at(_READY.running(), None, now=6.9),
    "the command runs for 2 s": standing_at(_READY.running(), "Running/MainRunning", now=7),
    "the command runs on a node whose clock is far ahead": standing_at(
        _READY.running(), "Running/MainRunning", now=2.9
    ),
    "the command runs beside a sidecar that waits for its image": standing_at(
        _READY.running().waiting("istio", "ImagePullBackOff"), "Running/MainRunning"
    ),
    "the command has just ended": standing_at(_READY.running().main_ended(), None, now=10.5),
    "the outputs are read for 2 s": standing_at(
        _READY.running().main_ended(), "Uploading/ReadingOutputs", now=11
    ),
    "nobody knows when the command ended": standing_at(
        _READY.running().state(MAIN, {"terminated": {"exitCode": 0}}), "Uploading/ReadingOutputs", now=9
    ),
    "the uploader has reported a moment before main": standing_at(
        _READY.running().state(UPLOADER, a_pod().done().raw["status"]["containerStatuses"][-1]["state"]),
        "Running/MainRunning",
    ),
    "being stopped for less than 2 s": standing_at(
        _READY.running().stopped("Cancelled", after=50), None, now=51, task=a_task().cancelled()
    ),
    "stopped by a leader whose clock was far ahead": standing_at(
        _READY.running().stopped("Cancelled", after=50),
        "Running/Cancelled",
        now=39,
        task=a_task().cancelled(),
    ),
    "being stopped for long": standing_at(
        _READY.running().stopped("Cancelled", after=50), "Running/Cancelled", task=a_task().cancelled()
    ),
    "being deleted, within its grace": standing_at(
        _READY.running().deleting(until=90), "Running/MainRunning"
    ),
    "being deleted, long past its grace": standing_at(
        _READY.running().deleting(until=90), "Running/NodeLost", now=100
    ),
    "running again after a suspension": standing_at(
        a_pod(1).at_work(), "Running/MainRunning", task=SUSPENDED_BEFORE
    ),
}

TROUBLED: Final = {
    "a scheduling gate holds the Pod": standing_at(
        a_pod().unschedulable("Scheduling is blocked due to non-empty scheduling gates", "SchedulingGated"),
        "Queued/SchedulingGated",
        waits=True,
    ),
    "a claim is not there": standing_at(
        a_pod().unschedulable('0/1 nodes are available: persistentvolumeclaim "data" not found. not found'),
        "Queued/VolumeClaimNotFound",
        waits=True,
    ),
    "a claim is not bound": standing_at(
        a_pod().unschedulable("0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims."),
        "Queued/VolumeNotReady",
        waits=True,
    ),
    "a volume's Secret is not there": troubled_by(
        "FailedMount",
        'MountVolume.SetUp failed for volume "ct-secret-0" : secret "absent" not found',
        "Initializing/ContainerConfig",
    ),
    "a volume cannot be attached": troubled_by(
        "FailedAttachVolume",
        'Multi-Attach error for volume "pvc-1" Volume is already used by pod(s) other',
        "Initializing/VolumeNotReady",
    ),
    "the node's network is not ready": troubled_by(
        "FailedCreatePodSandBox",
        'Failed to create pod sandbox: plugin type="bridge" failed',
        "Initializing/SandboxNotReady",
    ),
}

WITHOUT_A_POD: Final = {
    "suspended from the start": Standing(seen(a_task().suspended()), "Queued/Suspended"),
    "suspended, and its Pod is over": Standing(
        seen(a_task().suspended(), a_pod().failed(143).stopped("Suspended").over()), "Queued/Suspended"
    ),
    "suspended, and its Pod is gone": Standing(
        seen(a_task().suspended(), a_pod().stopped("Suspended").gone()), "Queued/Suspended"
    ),
    "suspended, and its Pod vanished while nobody looked": Standing(
        seen(
            a_task().suspended().status(phase="Running", podName=a_pod().name, attempt=0),
            missing=a_pod().name,
        ),
        "Queued/Suspended",
    ),
    "no quota is left": Standing(
        seen(a_task(), refusal=refused(403, "pods is forbidden: exceeded quota: q")),
        "Queued/QuotaExceeded",
        waits=True,
    ),
    "no quota is left after a suspension": Standing(
        seen(SUSPENDED_BEFORE, refusal=refused(403, "exceeded quota: q", attempt=1)),
        "Queued/QuotaExceeded",
        waits=True,
    ),
    "the service account is not there yet": Standing(
        seen(
            a_task(),
            refusal=refused(403, 'error looking up service account x/y: serviceaccount "y" not found'),
        ),
        "Pending/ServiceAccountNotFound",
        waits=True,
    ),
    "the priority class is not there yet": Standing(
        seen(a_task(), refusal=refused(403, "no PriorityClass with name absent was found")),
        "Pending/ClassNotFound",
        waits=True,
    ),
    "the runtime class is not there yet": Standing(
        seen(a_task(), refusal=refused(403, 'pod rejected: RuntimeClass "absent" not found')),
        "Pending/ClassNotFound",
        waits=True,
    ),
    "a webhook has no time now": Standing(
        seen(a_task(), refusal=refused(429, 'admission webhook "w.x" denied the request: too many')),
        "Pending/PodCreationFailing",
        waits=True,
    ),
    "the namespace ends": Standing(
        seen(a_task(), refusal=refused(403, "unable to create: it is being terminated")),
        "Pending/NamespaceTerminating",
        waits=True,
    ),
    "a webhook does not answer": Standing(
        seen(a_task(), refusal=refused(500, 'failed calling webhook "w": connection refused')),
        "Pending/PodCreationFailing",
        waits=True,
    ),
    "the operator may not create Pods": Standing(
        seen(a_task(), refusal=refused(403, 'User "x" cannot create resource "pods" in API group ""')),
        "Pending/OperatorForbidden",
        waits=True,
    ),
}

STANDINGS: Final = WITH_A_POD | TROUBLED | WITHOUT_A_POD | GATED_STANDINGS | SIGNAL_STANDINGS
