"""What a real API server and a real node put into objects, in the sizes that were seen: 14 KB a Pod.

The operator pays for each byte of it by parsing, and a fake server alone would leave most of it out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from support.fakeapi import Kind

Json = dict[str, Any]

IMAGE_ID: Final = f"registry.example/containertask@sha256:{'5' * 64}"
_DIGEST: Final = "e3903fcec1155a6ad65e18323f5ea6fcd9b07b1dc97bd7e5db43b489496a877b"
_TIME: Final = "2026-01-01T00:00:00Z"
_OPERATOR: Final = "containertask-operator"
_CONTAINER_DEFAULTS: Final = {
    "imagePullPolicy": "IfNotPresent",
    "resources": {},
    "terminationMessagePath": "/dev/termination-log",
    "terminationMessagePolicy": "File",
}
_POD_DEFAULTS: Final = {
    "dnsPolicy": "ClusterFirst",
    "preemptionPolicy": "PreemptLowerPriority",
    "priority": 0,
    "schedulerName": "default-scheduler",
    "securityContext": {},
    "serviceAccount": "default",
    "serviceAccountName": "default",
    "tolerations": [
        {"effect": "NoExecute", "key": key, "operator": "Exists", "tolerationSeconds": 300}
        for key in ("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable")
    ],
}
_POD_CONDITIONS: Final = (
    "PodReadyToStartContainers",
    "Initialized",
    "Ready",
    "ContainersReady",
    "PodScheduled",
)
_TASK_STATUS: Final = {
    "attempt": 0,
    "conditions": [
        dict.fromkeys(("lastTransitionTime", "message", "observedGeneration", "reason", "status"), "")
        | {"type": kind}
        for kind in ("Accepted", "InputsReady", "Started", "OutputsUploaded", "Finished", "Succeeded")
    ],
    "outputs": [],
    "timeline": dict.fromkeys(("created", "started", "finished", "completed", "scheduled"), _TIME),
    **dict.fromkeys(("phase", "podName", "reason", "nodeName", "duration", "exitCode"), ""),
}


@dataclass(frozen=True, slots=True)
class Completion:
    """What a real API server adds to a new object: defaults, and who manages which field.

    All objects of a kind get the same list of managed fields: they are as good as equal, and making one for
    each would be half of what the fake server does.
    """

    managed: dict[str, list[Json]] = field(default_factory=dict)

    def __call__(self, kind: Kind, body: Json) -> Json:
        """Return a new object completed."""
        if kind.kind == "Pod":
            body = _with_defaults(body)
        elif kind.kind != "ContainerTask":
            return body
        if kind.kind not in self.managed:
            self.managed[kind.kind] = _managers(kind, body)
        return {**body, "metadata": {**body["metadata"], "managedFields": self.managed[kind.kind]}}


def conditions(time: str, holding: frozenset[str]) -> list[Json]:
    """Return the conditions that the kubelet writes."""
    return [
        {
            "type": kind,
            "status": "True" if kind in holding else "False",
            "observedGeneration": 1,
            "lastProbeTime": None,
            "lastTransitionTime": time,
        }
        for kind in _POD_CONDITIONS
    ]


def pod_status(pod: Json, states: Mapping[str, Json]) -> Json:
    """Return what the kubelet says beside phase and conditions; a container without a state waits."""
    waiting = {"waiting": {"reason": "PodInitializing"}}
    statuses = {
        field: [_container_status(one, states.get(one["name"], waiting)) for one in pod["spec"].get(name, [])]
        for name, field in (
            ("initContainers", "initContainerStatuses"),
            ("containers", "containerStatuses"),
        )
    }
    return {
        "hostIP": "172.21.0.2",
        "hostIPs": [{"ip": "172.21.0.2"}],
        "podIP": "10.244.0.31",
        "podIPs": [{"ip": "10.244.0.31"}],
        "qosClass": "Burstable",
        "observedGeneration": 1,
        "allocatedResources": {"cpu": "10m", "memory": "32Mi"},
        **{field: found for field, found in statuses.items() if found},
    }


def _container_status(container: Json, state: Json) -> Json:
    status = {
        "name": container["name"],
        "image": container["image"],
        "imageID": "" if "waiting" in state else IMAGE_ID,
        "lastState": {},
        "ready": "running" in state,
        "started": "running" in state,
        "restartCount": 0,
        "state": state,
    }
    if "waiting" in state:
        return status
    return {
        **status,
        "containerID": f"containerd://{_DIGEST}",
        "resources": container["resources"],
        "allocatedResources": {"cpu": "10m", "memory": "32Mi"},
        "user": {"linux": {"uid": 65532, "gid": 0, "supplementalGroups": [0]}},
        "volumeMounts": container["volumeMounts"],
    }


def _with_defaults(pod: Json) -> Json:
    spec = {**_POD_DEFAULTS, **pod["spec"]}
    for name in ("initContainers", "containers"):
        spec[name] = [{**_CONTAINER_DEFAULTS, **one} for one in spec.get(name, [])]
    return {**pod, "spec": spec}


def _managers(kind: Kind, body: Json) -> list[Json]:
    is_pod = kind.kind == "Pod"
    made = {"metadata": _labelled(body["metadata"]), "spec": body["spec"]}
    status = {"status": pod_status(body, {}) if is_pod else _TASK_STATUS}
    by, reporter = (_OPERATOR, "kubelet") if is_pod else ("kubectl-create", _OPERATOR)
    return [_managed(kind, by, made), _managed(kind, reporter, status)]


def _labelled(metadata: Json) -> Json:
    return {name: metadata[name] for name in ("annotations", "labels", "ownerReferences") if name in metadata}


def _managed(kind: Kind, manager: str, part: Json) -> Json:
    return {
        "apiVersion": kind.resource.group_version,
        "fieldsType": "FieldsV1",
        "fieldsV1": _fields(part),
        "manager": manager,
        "operation": "Update",
        "time": _TIME,
    }


def _fields(value: object) -> Json:
    """Name the fields as the API server does; list items by what tells them apart."""
    if isinstance(value, dict):
        return {f"f:{name}": _fields(inner) for name, inner in value.items()}
    keys = ("name", "mountPath", "type", "uid")
    named = [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
    found: Json = {}
    for one in named:
        key = next((key for key in keys if key in one), None)
        if key is not None:
            found[f'k:{{"{key}":"{one[key]}"}}'] = {".": {}, **_fields(one)}
    return found
