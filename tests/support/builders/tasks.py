"""A ContainerTask as the API server shows it."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Any, Final

from containertask.api.status import ContainerTaskStatus
from containertask.core.task import TaskView, task_view
from support.builders.clock import rfc

Json = dict[str, Any]

UID: Final = "0a1b2c3d-0000-4000-8000-00000000000f"


@dataclass(frozen=True, slots=True)
class TaskBuilder:
    """One ContainerTask; ``raw`` is the whole object."""

    raw: Json

    def view(self) -> TaskView:
        return task_view(self.raw)

    def spec(self, **fields: object) -> TaskBuilder:
        return self.having("spec", fields)

    def with_input(self, name: str, kind: str, value: object) -> TaskBuilder:
        return self._more("inputs", {"name": name, "type": kind, "value": value})

    def with_uri(self, name: str, uri: str, kind: str = "file", **fields: object) -> TaskBuilder:
        return self._more("inputs", {"name": name, "type": kind, "uri": uri, **fields})

    def needing(self, task: str, output: str = "y", kind: str = "integer", **fields: object) -> TaskBuilder:
        """Take an output of another task, as the input of its name and the output's."""
        ref = {"taskOutputRef": {"name": task, "output": output}}
        return self._more("inputs", {"name": f"{task}_{output}", "type": kind, "valueFrom": ref, **fields})

    def with_output(self, name: str, kind: str = "string", **fields: object) -> TaskBuilder:
        return self._more("outputs", {"name": name, "type": kind, **fields})

    def timeout(self, **clocks: str) -> TaskBuilder:
        return self.spec(timeout=clocks)

    def suspended(self) -> TaskBuilder:
        return self.spec(suspend=True)

    def resumed(self) -> TaskBuilder:
        return self.spec(suspend=False)

    def cancelled(self) -> TaskBuilder:
        return self.spec(cancel=True)

    def deleting(self) -> TaskBuilder:
        return self.having("metadata", {"deletionTimestamp": rfc(60)})

    def status(self, status: ContainerTaskStatus | None = None, **fields: object) -> TaskBuilder:
        """Set the status, as it was written, or single fields of it in camelCase."""
        before = self.raw.get("status", {}) if status is None else dumped(status)
        raw = {name: value for name, value in self.raw.items() if name != "status"}
        return TaskBuilder({**raw, "status": {}}).having("status", {**before, **fields})

    def finished(self, phase: str = "Succeeded", *, completed: float = 30) -> TaskBuilder:
        return self.status(
            phase=phase, reason=phase, attempt=0, timeline={"created": rfc(0), "completed": rfc(completed)}
        )

    def _more(self, field: str, item: Json) -> TaskBuilder:
        return self.spec(**{field: [*self.raw["spec"].get(field, []), item]})

    def having(self, part: str, fields: Json) -> TaskBuilder:
        """Set fields of metadata, spec or status."""
        raw = copy.deepcopy(self.raw)
        raw[part] = {**raw.get(part, {}), **fields}
        raw["metadata"]["resourceVersion"] = str(int(raw["metadata"]["resourceVersion"]) + 1)
        return TaskBuilder(raw)


def a_task(name: str = "demo", **spec: object) -> TaskBuilder:
    """Return a task that nobody has looked at yet, of one attempt; a field that is None is left out."""
    spec = {"image": "alpine:3.22", "command": ["compute"], "retries": {"systemLimit": 0}, **spec}
    return TaskBuilder(
        {
            "apiVersion": "containertask.dev/v1alpha1",
            "kind": "ContainerTask",
            "metadata": {
                "namespace": "lab",
                "name": name,
                "uid": UID,
                "resourceVersion": "100",
                "generation": 1,
                "creationTimestamp": rfc(0),
            },
            "spec": {field: value for field, value in spec.items() if value is not None},
        }
    )


def dumped(status: ContainerTaskStatus) -> Json:
    """Return a status as it is written."""
    return status.model_dump(mode="json", by_alias=True, exclude_none=True)
