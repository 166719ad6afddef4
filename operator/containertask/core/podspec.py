"""The Pod of one attempt, in Init mode: downloader, then main under the launcher beside the uploader.

Pure: task and settings in, a Pod as core/v1 has it out. Golden files hold every field of it.
"""

from __future__ import annotations

from typing import Any, Final

from containertask import contract
from containertask.api.spec import ContainerTaskSpec
from containertask.core import security
from containertask.core.accept import Accepted
from containertask.core.clocks import pod_deadline
from containertask.core.config import Config
from containertask.core.manifest import manifest_of, seconds
from containertask.core.names import (
    DOWNLOADER,
    MAIN,
    MANIFEST_ANNOTATION,
    UPLOADER,
    labels,
    pod_name,
    values_name,
)
from containertask.core.render import environment
from containertask.core.task import API_VERSION, KIND, TaskView

Json = dict[str, Any]

COPILOT: Final = "/opt/containertask/copilot"
_GRACE: Final = 30
_MANIFEST_FILES: Final = {"JSON": "inputs.json", "YAML": "inputs.yaml", "PROTO": "inputs.pb"}

_CONTROL: Final = "control"
_MAIN: Final = "main"
_INPUTS: Final = "inputs"
_OUTPUTS: Final = "outputs"
_MANIFEST: Final = "manifest"
_VALUES: Final = "values"


def build_pod(task: TaskView, accepted: Accepted, attempt: int, config: Config) -> Json:
    """Return the Pod of one attempt."""
    spec = accepted.spec
    clocks = (config.download_timeout, config.upload_timeout)
    manifest = manifest_of(task, spec, accepted.document, attempt, clocks)
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": pod_name(task.name, task.uid, attempt),
            "namespace": task.namespace,
            "labels": labels(task.name, attempt),
            "annotations": {MANIFEST_ANNOTATION: manifest.encode()},
            "ownerReferences": [owner(task)],
        },
        "spec": _without_nothing(
            {
                "restartPolicy": "Never",
                "automountServiceAccountToken": False,
                "enableServiceLinks": False,
                "terminationGracePeriodSeconds": _GRACE,
                "activeDeadlineSeconds": pod_deadline(spec, config),
                **_placement(spec),
                "initContainers": [_downloader(spec, accepted, config)],
                "containers": [_main_container(task, accepted, attempt, config), _uploader(spec, config)],
                "volumes": _volumes(task, accepted),
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


def _main_container(task: TaskView, accepted: Accepted, attempt: int, config: Config) -> Json:
    spec, rendered = accepted.spec, accepted.rendered(task, attempt)
    return _without_nothing(
        {
            "name": MAIN,
            "image": spec.image,
            "imagePullPolicy": spec.image_pull_policy.value if spec.image_pull_policy else None,
            "command": [*_launcher(spec), *rendered.command, *rendered.args],
            "workingDir": spec.working_dir,
            "env": [*_environment(task, spec, attempt), *environment(spec, rendered)],
            "envFrom": spec.env_from,
            "resources": spec.resources.model_dump(exclude_none=True) if spec.resources else None,
            "securityContext": security.of_main(spec.security_context, config),
            "volumeMounts": [
                _mount(_CONTROL, contract.CONTROL_DIR, read_only=True),
                _mount(_MAIN, contract.MAIN_DIR),
                _mount(_INPUTS, spec.input_dir),
                _mount(_OUTPUTS, spec.output_dir),
            ],
        }
    )


def _launcher(spec: ContainerTaskSpec) -> list[str]:
    flags = ["--control", contract.CONTROL_DIR, "--main", contract.MAIN_DIR, "--outputs", spec.output_dir]
    if spec.timeout is not None and spec.timeout.execution is not None:
        flags += ["--execution-timeout", f"{seconds(spec.timeout.execution, 0)}s"]
    flags += ["--capture-bytes", str(contract.CAPTURE_BYTES)]
    program = f"{contract.CONTROL_DIR}/{contract.LAUNCHER_NAME}"
    return [program, "run", *(flag.replace("$", "$$") for flag in flags), "--"]


def _environment(task: TaskView, spec: ContainerTaskSpec, attempt: int) -> list[Json]:
    variables = {
        "CT_NAME": task.name,
        "CT_NAMESPACE": task.namespace,
        "CT_UID": task.uid,
        "CT_ATTEMPT": str(attempt),
        "CT_INPUT_DIR": spec.input_dir,
        "CT_OUTPUT_DIR": spec.output_dir,
        "CT_INPUTS_FILE": f"{spec.input_dir}/{_MANIFEST_FILES[spec.metadata_format.value]}",
    }
    return [{"name": name, "value": value.replace("$", "$$")} for name, value in variables.items()]


def _downloader(spec: ContainerTaskSpec, accepted: Accepted, config: Config) -> Json:
    mounts = [
        _mount(_CONTROL, contract.CONTROL_DIR),
        _mount(_INPUTS, contract.INPUTS_MOUNT),
        _mount(_MANIFEST, _folder(contract.MANIFEST_FILE), read_only=True),
    ]
    if accepted.document.sha256 is not None:
        mounts.append(_mount(_VALUES, _folder(contract.VALUES_FILE), read_only=True))
    return _copilot(DOWNLOADER, "download", mounts, spec, config)


def _uploader(spec: ContainerTaskSpec, config: Config) -> Json:
    mounts = [
        _mount(_CONTROL, contract.CONTROL_DIR, read_only=True),
        _mount(_MAIN, contract.MAIN_DIR, read_only=True),
        _mount(_OUTPUTS, contract.OUTPUTS_MOUNT, read_only=True),
        _mount(_MANIFEST, _folder(contract.MANIFEST_FILE), read_only=True),
    ]
    return _copilot(UPLOADER, "upload", mounts, spec, config)


def _copilot(name: str, verb: str, mounts: list[Json], spec: ContainerTaskSpec, config: Config) -> Json:
    asked = spec.copilot_resources
    limits = asked.limits or {} if asked else {}
    return _without_nothing(
        {
            "name": name,
            "image": config.image,
            "imagePullPolicy": config.image_pull_policy,
            "command": [COPILOT, verb],
            "resources": {
                "requests": _requests(config, limits) | (asked.requests or {} if asked else {}),
                "limits": {**config.copilot_limits, **limits},
            },
            "securityContext": security.of_copilot(config),
            "volumeMounts": mounts,
        }
    )


def _requests(config: Config, limits: Json) -> Json:
    """Leave out our request where the user sets a limit: the limit is the request then, as in core/v1."""
    return {name: value for name, value in config.copilot_requests.items() if name not in limits}


def _volumes(task: TaskView, accepted: Accepted) -> list[Json]:
    field = {"fieldPath": f"metadata.annotations['{MANIFEST_ANNOTATION}']"}
    file = {"path": contract.MANIFEST_FILE.rpartition("/")[2], "fieldRef": field}
    volumes: list[Json] = [{"name": name, "emptyDir": {}} for name in (_CONTROL, _MAIN, _INPUTS, _OUTPUTS)]
    volumes.append({"name": _MANIFEST, "downwardAPI": {"items": [file]}})
    if accepted.document.sha256 is not None:
        name = values_name(task.name, task.uid, accepted.document.sha256)
        volumes.append({"name": _VALUES, "configMap": {"name": name}})
    return volumes


def _mount(volume: str, path: str, *, read_only: bool = False) -> Json:
    return {"name": volume, "mountPath": path, **({"readOnly": True} if read_only else {})}


def _folder(file: str) -> str:
    return file.rpartition("/")[0]


def _without_nothing(raw: Json) -> Json:
    return {name: value for name, value in raw.items() if value is not None}
