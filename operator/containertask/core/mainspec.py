"""``main`` as a container of a task's Pod: the user's image and command, under the launcher or untouched."""

from __future__ import annotations

from typing import Any, Final

from containertask import contract
from containertask.api.spec import ContainerTaskSpec
from containertask.contract.manifest import Mode
from containertask.core import security
from containertask.core.accept import Accepted
from containertask.core.attempt import Attempt
from containertask.core.config import Config
from containertask.core.ground import Ground
from containertask.core.lengths import seconds
from containertask.core.names import MAIN
from containertask.core.render import environment
from containertask.core.scheduling import grown
from containertask.core.secrets import secret_variables
from containertask.core.task import TaskView
from containertask.core.texts import without_nothing
from containertask.core.volumes import mounts

Json = dict[str, Any]

_MANIFEST_FILES: Final = {"JSON": "inputs.json", "YAML": "inputs.yaml", "PROTO": "inputs.pb"}
_LAUNCHER: Final = {
    Mode.GATED: f"{contract.LAUNCHER_DIR}/{contract.LAUNCHER_NAME}",
    Mode.INIT: f"{contract.CONTROL_DIR}/{contract.LAUNCHER_NAME}",
}


def main_container(
    task: TaskView, accepted: Accepted, attempt: Attempt, config: Config, ground: Ground
) -> Json:
    """Return the container that runs the user's command."""
    spec, rendered = accepted.spec, accepted.rendered(task, attempt.number)
    return without_nothing(
        {
            "name": MAIN,
            "image": spec.image,
            "imagePullPolicy": spec.image_pull_policy.value if spec.image_pull_policy else None,
            **_command(spec, [*rendered.command], [*rendered.args], attempt.mode),
            "workingDir": spec.working_dir,
            "env": [
                *_environment(task, spec, attempt.number),
                *secret_variables(spec),
                *environment(spec, rendered),
            ],
            "envFrom": spec.env_from,
            "resources": _resources(spec, attempt, ground),
            "securityContext": security.of_main(ground.security, config, ground.pod_security),
            "volumeMounts": mounts(MAIN, accepted, attempt),
        }
    )


def _resources(spec: ContainerTaskSpec, attempt: Attempt, ground: Ground) -> Json | None:
    asked = grown(spec.resources.model_dump(exclude_none=True) if spec.resources else {}, attempt.memory)
    if ground.needs is not None:
        limits = {**(asked.get("limits") or {}), ground.needs.resource: ground.needs.count}
        asked = {**asked, "limits": limits}
    return asked if spec.resources or ground.needs else None


def _command(spec: ContainerTaskSpec, command: list[str], args: list[str], mode: Mode) -> Json:
    """Return what runs. Without a launcher it is the user's, word by word."""
    if mode is Mode.SIGNAL:
        return {"command": command or None, "args": args or None}
    return {"command": [_LAUNCHER[mode], "run", *_flags(spec), "--", *command, *args]}


def _flags(spec: ContainerTaskSpec) -> list[str]:
    flags = ["--control", contract.CONTROL_DIR, "--main", contract.MAIN_DIR, "--outputs", spec.output_dir]
    if spec.timeout is not None and spec.timeout.execution is not None:
        flags += ["--execution-timeout", f"{seconds(spec.timeout.execution, 0)}s"]
    flags += ["--capture-bytes", str(contract.CAPTURE_BYTES)]
    return [flag.replace("$", "$$") for flag in flags]


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
