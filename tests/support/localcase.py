"""One task that comes to the same on this machine and on a node, and the ways to write one down."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

Json = dict[str, Any]

IMAGE: Final = "containertask-test/shell:dev"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A task and its end. ``files`` are the contents below ``outputs/``, by path."""

    name: str
    spec: Json
    values: Mapping[str, object] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    reason: str = "Succeeded"
    exit_code: int | None = 0

    @property
    def only_values(self) -> bool:
        """Tell whether ``outputs.pb`` has no URI in it."""
        return not self.files


def document(case: Case) -> Json:
    """Return the task as in YAML."""
    metadata = {"name": case.name}
    version = "containertask.dev/v1alpha1"
    return {"apiVersion": version, "kind": "ContainerTask", "metadata": metadata, "spec": case.spec}


def shell(script: str, **more: object) -> Json:
    """Return the spec of a script."""
    return {"image": IMAGE, "command": ["sh", "-euc", script], **more}


def copied(name: str, **values: tuple[str, object]) -> Case:
    """Return a case whose outputs are its inputs."""
    inputs = [{"name": one, "type": kind, "value": value} for one, (kind, value) in values.items()]
    outputs = [{"name": one, "type": kind} for one, (kind, _) in values.items()]
    script = 'cp -R "$CT_INPUT_DIR"/* "$CT_OUTPUT_DIR"; rm "$CT_OUTPUT_DIR/inputs.json"'
    there = {one: value for one, (_, value) in values.items() if value is not None}
    return Case(name=name, spec=shell(script, inputs=inputs, outputs=outputs), values=there)


def declared(**types: str) -> list[Json]:
    """Return outputs, each at its usual path."""
    return [{"name": name, "type": kind} for name, kind in types.items()]
