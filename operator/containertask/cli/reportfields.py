"""The fields of objects that a report has, by name: what is not here is left out, whatever comes to be there.

No value of an input, output or variable, no command, annotation or label, nothing of an overlay, and no
message of a container: the uploader's has values in it.
"""

from __future__ import annotations

from typing import Final

ALL: Final = None
_METADATA: Final = {"name": ALL, "namespace": ALL, "uid": ALL, "creationTimestamp": ALL, "generation": ALL}
_OBJECT: Final = {"apiVersion": ALL, "kind": ALL, "metadata": _METADATA}
_RESOURCES: Final = {"requests": ALL, "limits": ALL}
_CONDITION: Final = {
    "type": ALL,
    "status": ALL,
    "reason": ALL,
    "message": ALL,
    "lastTransitionTime": ALL,
    "observedGeneration": ALL,
}
_INPUT: Final = dict.fromkeys(
    ("name", "type", "uri", "sha256", "maxBytes", "valueFrom", "optional", "mode", "layout")
)
_OUTPUT: Final = dict.fromkeys(
    ("name", "type", "optional", "path", "source", "glob", "maxBytes", "destination")
)
_SPEC: Final = {
    **dict.fromkeys(
        (
            "image",
            "imagePullPolicy",
            "imagePullSecrets",
            "workingDir",
            "inputDir",
            "outputDir",
            "metadataFormat",
            "fileInputLayout",
            "profile",
            "storeRef",
            "storePrefix",
            "accelerator",
            "sharedMemory",
            "volumes",
            "retries",
            "timeout",
            "secrets",
            "serviceAccountName",
            "automountServiceAccountToken",
            "priorityClassName",
            "runtimeClassName",
            "interruptible",
            "queue",
            "suspend",
            "cancel",
            "ttlSecondsAfterFinished",
            "podRetention",
            "start",
        )
    ),
    "templateRef": dict.fromkeys(("kind", "name")),
    "resources": _RESOURCES,
    "copilotResources": _RESOURCES,
    "inputs": _INPUT,
    "outputs": _OUTPUT,
}
_STATUS: Final = {
    **dict.fromkeys(
        (
            "phase",
            "reason",
            "message",
            "observedGeneration",
            "attempt",
            "userFailures",
            "systemFailures",
            "nextAttemptTime",
            "attempts",
            "podName",
            "nodeName",
            "exitCode",
            "duration",
            "error",
            "outputsURI",
            "logsURI",
            "dependencies",
            "timeline",
            "usage",
            "waitingFor",
        )
    ),
    "template": {**dict.fromkeys(("kind", "name", "generation", "digest")), "spec": _SPEC},
    "conditions": _CONDITION,
    "outputs": dict.fromkeys(("name", "type", "uri", "size", "sha256")),
}
_ENDED: Final = {
    "terminated": dict.fromkeys(("exitCode", "signal", "reason", "startedAt", "finishedAt")),
    "waiting": dict.fromkeys(("reason", "message")),
    "running": dict.fromkeys(("startedAt",)),
}
_CONTAINER_STATUS: Final = {
    **dict.fromkeys(("name", "image", "imageID", "ready", "restartCount", "started")),
    "state": _ENDED,
    "lastState": _ENDED,
}
_CONTAINER: Final = {"name": ALL, "image": ALL, "imagePullPolicy": ALL, "resources": _RESOURCES}
TASK: Final = {**_OBJECT, "spec": _SPEC, "status": _STATUS}
POD: Final = {
    **_OBJECT,
    "spec": {
        **dict.fromkeys(
            ("nodeName", "serviceAccountName", "restartPolicy", "activeDeadlineSeconds", "priority")
        ),
        "initContainers": _CONTAINER,
        "containers": _CONTAINER,
    },
    "status": {
        **dict.fromkeys(("phase", "reason", "message", "qosClass", "startTime")),
        "conditions": _CONDITION,
        "initContainerStatuses": _CONTAINER_STATUS,
        "containerStatuses": _CONTAINER_STATUS,
    },
}
EVENT: Final = {
    **_OBJECT,
    **dict.fromkeys(
        ("type", "reason", "message", "count", "firstTimestamp", "lastTimestamp", "eventTime", "source")
    ),
    "involvedObject": dict.fromkeys(("kind", "name", "uid", "fieldPath")),
}
STORE: Final = {
    **_OBJECT,
    "spec": dict.fromkeys(("s3", "gcs", "azure", "pvc", "http", "limits", "allowedPrefixes")),
    "status": {"conditions": _CONDITION},
}
