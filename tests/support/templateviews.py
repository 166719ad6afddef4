"""Templates of tasks as the API server shows them, and tasks that name one."""

from __future__ import annotations

from typing import Any, Final

from containertask.core.tasktemplates import TemplateView, template_view
from support.builders import a_task
from support.builders.tasks import TaskBuilder

Json = dict[str, Any]

AREA: Final[Json] = {
    "image": "alpine:3.22",
    "command": ["area"],
    "args": ["{{.inputs.a}}"],
    "retries": {"systemLimit": 0},
    "podRetention": "Never",
    "inputs": [{"name": "a", "type": "float"}],
    "outputs": [{"name": "area", "type": "float"}],
}


def a_template(
    spec: Json = AREA, name: str = "area", namespace: str = "lab", *, version: int = 5, generation: int = 1
) -> Json:
    """Return a ContainerTaskTemplate, or with an empty namespace a ClusterContainerTaskTemplate."""
    place = {"namespace": namespace} if namespace else {}
    metadata = {"name": name, "uid": f"uid-{name}", "resourceVersion": str(version), "generation": generation}
    return {"metadata": {**place, **metadata}, "spec": spec}


def template(spec: Json = AREA, name: str = "area", namespace: str = "lab", **more: int) -> TemplateView:
    """Return the view of one."""
    return template_view(a_template(spec, name, namespace, **more))


def a_run(name: str = "area", kind: str | None = None, **said: object) -> TaskBuilder:
    """Return a task that names a template and gives it 3 as `a`."""
    ref = {"name": name, **({} if kind is None else {"kind": kind})}
    given: Json = {"templateRef": ref, "inputs": [{"name": "a", "value": 3}], **said}
    fields = {"image": None, "command": None, "retries": None, **given}
    return a_task("demo", **fields)
