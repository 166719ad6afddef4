"""The Pod of one attempt, in each of the three modes.

Pure: task and settings in, a Pod as core/v1 has it out. Golden files hold every field of it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from containertask import contract
from containertask.api.spec import ContainerTaskSpec
from containertask.api.specrules import QUEUE_LABEL
from containertask.contract.manifest import Mode
from containertask.core.accept import Accepted
from containertask.core.attempt import Attempt
from containertask.core.clocks import pod_deadline
from containertask.core.config import Config
from containertask.core.copilotspec import downloader, uploader
from containertask.core.ground import Ground, ground_of
from containertask.core.lengths import upload_seconds
from containertask.core.mainspec import main_container
from containertask.core.manifest import manifest_of
from containertask.core.names import (
    MANIFEST_ANNOTATION,
    RESULTS_ANNOTATION,
    STREAMS_ANNOTATION,
    labels,
    pod_name,
    values_name,
)
from containertask.core.overlay import merge_pods
from containertask.core.policy import enforce
from containertask.core.scheduling import suited
from containertask.core.storemounts import identity_annotations
from containertask.core.task import API_VERSION, KIND, TaskView
from containertask.core.texts import without_nothing
from containertask.core.volumes import volumes

Json = dict[str, Any]

_GRACE: Final = 30
_LAST_WORD: Final = 5
"""Seconds that an uploader whose clock has run out has to say so."""


def build_pod(task: TaskView, accepted: Accepted, attempt: Attempt, config: Config) -> Json:
    """Return the Pod of one attempt.

    Raises:
        UnbuildableError: the task asks for what it cannot have.
    """
    spec = accepted.spec
    ground = ground_of(spec, attempt, config)
    overlay = ground.overlay
    attempt = replace(attempt, others=overlay.others)
    manifest = manifest_of(task, spec, accepted.document, attempt, config)
    queue = {} if spec.queue is None else {QUEUE_LABEL: spec.queue}
    own = without_nothing(_own_spec(task, accepted, attempt, config, ground))
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": pod_name(task.name, task.uid, attempt.number),
            "namespace": task.namespace,
            "labels": {**overlay.labels, **queue, **labels(task.name, attempt.number)},
            "annotations": {
                **identity_annotations(attempt.use),
                **overlay.annotations,
                MANIFEST_ANNOTATION: manifest.encode(),
                **({} if attempt.results is None else {RESULTS_ANNOTATION: attempt.results}),
                **({STREAMS_ANNOTATION: "true"} if manifest.streams else {}),
            },
            "ownerReferences": [owner(task)],
        },
        "spec": suited(merge_pods(overlay.spec, own), attempt, config),
    }
    enforce(pod, config.allow)
    return pod


def _own_spec(task: TaskView, accepted: Accepted, attempt: Attempt, config: Config, ground: Ground) -> Json:
    """Return what goes over every overlay: the task's own fields, and our parts."""
    spec, mode = accepted.spec, attempt.mode
    return {
        "restartPolicy": "Never",
        "automountServiceAccountToken": bool(spec.automount_service_account_token),
        "enableServiceLinks": False,
        "terminationGracePeriodSeconds": _grace(spec, mode, config),
        "activeDeadlineSeconds": pod_deadline(spec, mode, config),
        **_placement(spec, ground),
        **_containers(task, accepted, attempt, config, ground),
        "volumes": volumes(task, accepted, attempt, config),
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


def _containers(task: TaskView, accepted: Accepted, attempt: Attempt, config: Config, ground: Ground) -> Json:
    main = main_container(task, accepted, attempt, config, ground)
    first, last = (build(accepted, attempt, config, ground.user) for build in (downloader, uploader))
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


def _placement(spec: ContainerTaskSpec, ground: Ground) -> Json:
    secrets = [one.model_dump(by_alias=True) for one in spec.image_pull_secrets or ()]
    needs = ground.needs
    selector = {**(needs.node_selector if needs else {}), **(spec.node_selector or {})}
    tolerations = [*(needs.tolerations if needs else ()), *(spec.tolerations or ())]
    return {
        "serviceAccountName": spec.service_account_name,
        "imagePullSecrets": secrets or None,
        "nodeSelector": selector or None,
        "tolerations": tolerations or None,
        "affinity": spec.affinity,
        "priorityClassName": spec.priority_class_name,
        "runtimeClassName": spec.runtime_class_name,
    }
