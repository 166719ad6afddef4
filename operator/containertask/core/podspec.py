"""The Pod of one attempt, in each of the three modes.

Pure: task and settings in, a Pod as core/v1 has it out. Golden files hold every field of it.
"""

from __future__ import annotations

from typing import Any, Final

from containertask import contract
from containertask.api.spec import ContainerTaskSpec
from containertask.contract.manifest import Mode
from containertask.core.accept import Accepted
from containertask.core.attempt import Attempt
from containertask.core.clocks import pod_deadline
from containertask.core.config import Config
from containertask.core.copilotspec import downloader, uploader
from containertask.core.lengths import upload_seconds
from containertask.core.mainspec import main_container
from containertask.core.manifest import manifest_of
from containertask.core.names import MANIFEST_ANNOTATION, labels, pod_name, values_name
from containertask.core.task import API_VERSION, KIND, TaskView
from containertask.core.texts import without_nothing
from containertask.core.volumes import volumes

Json = dict[str, Any]

_GRACE: Final = 30
_LAST_WORD: Final = 5
"""Seconds that an uploader whose clock has run out has to say so."""


def build_pod(task: TaskView, accepted: Accepted, attempt: Attempt, config: Config) -> Json:
    """Return the Pod of one attempt."""
    spec, mode = accepted.spec, attempt.mode
    manifest = manifest_of(task, spec, accepted.document, attempt, config)
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": pod_name(task.name, task.uid, attempt.number),
            "namespace": task.namespace,
            "labels": labels(task.name, attempt.number),
            "annotations": {MANIFEST_ANNOTATION: manifest.encode()},
            "ownerReferences": [owner(task)],
        },
        "spec": without_nothing(
            {
                "restartPolicy": "Never",
                "automountServiceAccountToken": False,
                "enableServiceLinks": False,
                "terminationGracePeriodSeconds": _grace(spec, mode, config),
                "activeDeadlineSeconds": pod_deadline(spec, mode, config),
                **_placement(spec),
                **_containers(task, accepted, attempt, config),
                "volumes": volumes(task, accepted, mode, config),
            }
        ),
    }


def build_values(task: TaskView, accepted: Accepted) -> Json | None:
    """Return the ConfigMap with the values of the inputs, where they are too large for the Pod."""
    document = accepted.document
    if document.sha256 is None:
        return None
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {
            "name": values_name(task.name, task.uid, document.sha256),
            "namespace": task.namespace,
            "ownerReferences": [owner(task)],
        },
        "immutable": True,
        "data": {contract.VALUES_FILE.rpartition("/")[2]: document.text},
    }


def owner(task: TaskView) -> Json:
    """Return the reference by which the garbage collector knows whose it is."""
    return {
        "apiVersion": API_VERSION,
        "kind": KIND,
        "name": task.name,
        "uid": task.uid,
        "controller": True,
    }


def _containers(task: TaskView, accepted: Accepted, attempt: Attempt, config: Config) -> Json:
    main = main_container(task, accepted, attempt, config)
    first, last = (build(accepted, attempt.mode, config) for build in (downloader, uploader))
    match attempt.mode:
        case Mode.GATED:
            # The kubelet starts them in this order, and the command needs the two others.
            return {"containers": [first, last, main]}
        case Mode.INIT:
            return {"initContainers": [first], "containers": [main, last]}
        case Mode.SIGNAL:
            return {"initContainers": [last, first], "containers": [main]}


def _grace(spec: ContainerTaskSpec, mode: Mode, config: Config) -> int:
    """Return the seconds between SIGTERM and SIGKILL.

    A sidecar's whole work lies between the two: the uploader's own clock has to run out before.
    """
    return upload_seconds(spec, mode, config) + _LAST_WORD if mode is Mode.SIGNAL else _GRACE


def _placement(spec: ContainerTaskSpec) -> Json:
    secrets = [one.model_dump(by_alias=True) for one in spec.image_pull_secrets or ()]
    return {
        "serviceAccountName": spec.service_account_name,
        "imagePullSecrets": secrets or None,
        "nodeSelector": spec.node_selector,
        "tolerations": spec.tolerations,
        "affinity": spec.affinity,
        "priorityClassName": spec.priority_class_name,
    }
