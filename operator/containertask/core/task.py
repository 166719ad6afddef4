"""What the operator keeps of a ContainerTask: identity, spec as written, status as last known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from containertask.api.crd import GROUP, VERSION
from containertask.api.status import ContainerTaskStatus, Phase, Timeline
from containertask.core.blueprint import is_reference, resolve
from containertask.core.instants import to_ms

Json = dict[str, Any]

API_VERSION: Final = f"{GROUP}/{VERSION}"
KIND: Final = "ContainerTask"
FINISHED: Final = frozenset({Phase.SUCCEEDED, Phase.FAILED, Phase.CANCELLED})
_SPEC_AFTER_END: Final = frozenset({"podRetention", "ttlSecondsAfterFinished"})


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskView:
    """One ContainerTask. Of a finished one only what its clean-up needs is kept.

    Attributes:
        spec: as written; with the template in it that the status has, where the task names one.
    """

    namespace: str
    name: str
    uid: str
    resource_version: int
    generation: int
    created: int
    deleting: bool
    spec: Json
    status: ContainerTaskStatus

    @property
    def finished(self) -> bool:
        """Tell whether the task has ended; that never changes again."""
        return self.status.phase in FINISHED

    @property
    def suspended(self) -> bool:
        """Tell whether no Pod is wanted now."""
        return self.spec.get("suspend") is True

    @property
    def cancelled(self) -> bool:
        """Tell whether the task is wanted to end."""
        return self.spec.get("cancel") is True

    @property
    def unresolved(self) -> bool:
        """Tell whether it names a template and has not begun: which version of it runs is still open."""
        return is_reference(self.spec) and self.status.template is None


def spec_that_runs(raw: Json) -> Json:
    """Return the spec that a ContainerTask runs: as it is written, with the template that its status has.

    While that is not there, or does not fit, it is as it is written.
    """
    spec: Json = raw.get("spec") or {}
    kept = ((raw.get("status") or {}).get("template") or {}).get("spec")
    if not is_reference(spec) or kept is None:
        return spec
    found = resolve(spec, kept)
    return found if isinstance(found, dict) else spec


def task_view(raw: Json) -> TaskView:
    """Make the view of a ContainerTask as the API server shows it."""
    metadata = raw["metadata"]
    status = ContainerTaskStatus.model_validate(raw.get("status", {}))
    spec = spec_that_runs(raw)
    if status.phase in FINISHED:
        spec = {name: value for name, value in spec.items() if name in _SPEC_AFTER_END}
        timeline = Timeline(completed=status.timeline.completed) if status.timeline else None
        status = ContainerTaskStatus(
            phase=status.phase, attempt=status.attempt, pod_name=status.pod_name, timeline=timeline
        )
    return TaskView(
        namespace=metadata["namespace"],
        name=metadata["name"],
        uid=metadata["uid"],
        resource_version=int(metadata["resourceVersion"]),
        generation=metadata.get("generation", 1),
        created=to_ms(metadata["creationTimestamp"]),
        deleting="deletionTimestamp" in metadata,
        spec=spec,
        status=status,
    )
