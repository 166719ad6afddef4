"""Every field of a Pod's spec and of a container: whose it is, and how an overlay's is merged.

This table is an allow-list: a field that is not in it cannot be set by an overlay, and a test fails when
Kubernetes has one that it does not name.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


class Owner(enum.Enum):
    """Whose a field is."""

    OURS = "ours"
    """Ours, or of a field of the task. A named template's has no effect: most often it is a default that the
    API server has put there. The task's own overlay may not have it."""
    OVERLAY = "overlay"
    REFUSED = "refused"


class Merge(enum.Enum):
    """How two values of one field become one."""

    REPLACE = "replaced"
    MAP = "merged by key"
    DEEP = "merged by key, also within"
    APPEND = "appended"
    NAMED = "merged by"
    CONTAINERS = "merged by name, field by field"


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field. ``cure`` is what to do where an overlay may not set it."""

    owner: Owner
    merge: Merge = Merge.REPLACE
    keys: tuple[str, ...] = ()
    cure: str = ""


def _overlay(merge: Merge = Merge.REPLACE, *keys: str) -> Field:
    return Field(owner=Owner.OVERLAY, merge=merge, keys=keys)


def _ours(cure: str) -> Field:
    return Field(owner=Owner.OURS, cure=cure)


def _refused(cure: str) -> Field:
    return Field(owner=Owner.REFUSED, cure=cure)


_LEAVE: Final = "leave it out"
_LINUX: Final = "leave it out: downloader and uploader need Linux"
_NOBODY_TYPES: Final = "leave it out: nobody is there to type"
_LIFECYCLE: Final = "leave it out: do it in the command, or in a container beside it"
_PROBE: Final = "leave it out: timeout.execution ends a command that takes too long"

POD: Final[Mapping[str, Field]] = {
    "activeDeadlineSeconds": _ours("set timeout.execution or timeout.total"),
    "affinity": _overlay(Merge.MAP),
    "automountServiceAccountToken": _ours("set automountServiceAccountToken of the task"),
    "containers": _overlay(Merge.CONTAINERS, "name"),
    "dnsConfig": _overlay(Merge.DEEP),
    "dnsPolicy": _overlay(),
    "enableServiceLinks": _ours(f"{_LEAVE}: variables of Services are never set"),
    "ephemeralContainers": _refused(f"{_LEAVE}, and use kubectl debug"),
    "evictionResponders": _refused(f"{_LEAVE}: nobody may hold up the eviction of a task's Pod"),
    "hostAliases": _overlay(Merge.NAMED, "ip"),
    "hostIPC": _overlay(),
    "hostNetwork": _overlay(),
    "hostPID": _overlay(),
    "hostUsers": _overlay(),
    "hostname": _overlay(),
    "hostnameOverride": _overlay(),
    "imagePullSecrets": _overlay(Merge.NAMED, "name"),
    "initContainers": _overlay(Merge.CONTAINERS, "name"),
    "nodeName": _refused("set nodeSelector `kubernetes.io/hostname`: a Pod has to pass the scheduler"),
    "nodeSelector": _overlay(Merge.MAP),
    "os": _refused(_LINUX),
    "overhead": _refused("set runtimeClassName: it brings its own"),
    "preemptionPolicy": _overlay(),
    "priority": _refused("set priorityClassName"),
    "priorityClassName": _overlay(),
    "readinessGates": _overlay(Merge.NAMED, "conditionType"),
    "resourceClaims": _overlay(Merge.NAMED, "name"),
    "resources": _overlay(Merge.DEEP),
    "restartPolicy": _ours("set retries of the task"),
    "runtimeClassName": _overlay(),
    "schedulerName": _overlay(),
    "schedulingGates": _overlay(Merge.NAMED, "name"),
    "schedulingGroup": _overlay(),
    "securityContext": _overlay(Merge.DEEP),
    "serviceAccount": _overlay(),
    "serviceAccountName": _overlay(),
    "setHostnameAsFQDN": _overlay(),
    "shareProcessNamespace": _ours(f"{_LEAVE}: the containers' processes stay apart"),
    "subdomain": _overlay(),
    "terminationGracePeriodSeconds": _ours("set timeout.upload"),
    "tolerations": _overlay(Merge.APPEND),
    "topologySpreadConstraints": _overlay(Merge.APPEND),
    "volumes": _overlay(Merge.NAMED, "name"),
}
"""``spec`` of a Pod."""

CONTAINER: Final[Mapping[str, Field]] = {
    "args": _refused("set args of the task"),
    "command": _refused("set command of the task"),
    "env": _overlay(Merge.NAMED, "name"),
    "envFrom": _overlay(Merge.APPEND),
    "image": _ours("set image of the task"),
    "imagePullPolicy": _ours("set imagePullPolicy of the task"),
    "lifecycle": _refused(_LIFECYCLE),
    "livenessProbe": _refused(_PROBE),
    "name": _overlay(),
    "ports": _overlay(Merge.NAMED, "containerPort", "protocol"),
    "readinessProbe": _overlay(),
    "resizePolicy": _overlay(Merge.NAMED, "resourceName"),
    "resources": _overlay(Merge.DEEP),
    "restartPolicy": _refused("set retries of the task"),
    "restartPolicyRules": _refused("set retries.rules of the task"),
    "securityContext": _overlay(Merge.DEEP),
    "startupProbe": _refused(_PROBE),
    "stdin": _refused(_NOBODY_TYPES),
    "stdinOnce": _refused(_NOBODY_TYPES),
    "terminationMessagePath": _ours(f"{_LEAVE}: the file `_ERROR` takes a command's last words"),
    "terminationMessagePolicy": _ours(f"{_LEAVE}: the file `_ERROR` takes a command's last words"),
    "tty": _refused(_NOBODY_TYPES),
    "volumeDevices": _overlay(Merge.NAMED, "devicePath"),
    "volumeMounts": _overlay(Merge.NAMED, "mountPath"),
    "workingDir": _overlay(),
}
"""The container ``main``. Of other containers an overlay may set each of these."""
