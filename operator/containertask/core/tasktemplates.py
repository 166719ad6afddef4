"""Templates of tasks as the operator keeps them, their status, and what a task that names one keeps of it.

Pure. How a task and a template become one spec is ``core.blueprint``'s matter.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

from containertask.api.parse import SpecError
from containertask.api.problem import Problem
from containertask.api.reasons import Reason
from containertask.api.status import TemplateRecord
from containertask.api.templates import TemplateKind, TemplateStatus
from containertask.api.verifytemplates import parse_template
from containertask.core.accept import Accepted, Refused, accept, rendering_problems
from containertask.core.blueprint import digest, too_large
from containertask.core.conditions import READY, Fact, with_facts
from containertask.core.task import task_view
from containertask.core.texts import cut

Json = dict[str, Any]

_FIRST: Final[Json] = {
    "metadata": {
        "namespace": "default",
        "name": "task",
        "uid": "00000000-0000-0000-0000-000000000000",
        "resourceVersion": "1",
        "creationTimestamp": "1970-01-01T00:00:00Z",
    }
}
"""A task that nobody has made."""
_VALID: Final = "the specification is valid; whether a task's values fit, the task finds out"


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateView:
    """One ContainerTaskTemplate, or one ClusterContainerTaskTemplate: that has no namespace.

    Attributes:
        spec: as written.
        digest: SHA-256 of the spec.
        problems: all that is wrong with the spec.
        status: as last known.
    """

    namespace: str
    name: str
    uid: str
    resource_version: int
    generation: int
    spec: Json
    digest: str
    problems: tuple[Problem, ...]
    status: TemplateStatus

    @property
    def kind(self) -> TemplateKind:
        """Return which of the two it is."""
        return TemplateKind.TEMPLATE if self.namespace else TemplateKind.CLUSTER_TEMPLATE

    @property
    def message(self) -> str:
        """Return what is wrong with the spec as one text; empty if nothing is."""
        return str(SpecError(self.problems)) if self.problems else ""

    @property
    def record(self) -> TemplateRecord:
        """Return what a task that runs it keeps of it."""
        return TemplateRecord(
            kind=self.kind.value,
            name=self.name,
            generation=self.generation,
            digest=self.digest,
            spec=self.spec,
        )


def template_view(raw: Json) -> TemplateView:
    """Make the view of a template as the API server shows it."""
    metadata, spec = raw["metadata"], raw.get("spec") or {}
    return TemplateView(
        namespace=metadata.get("namespace", ""),
        name=metadata["name"],
        uid=metadata["uid"],
        resource_version=int(metadata["resourceVersion"]),
        generation=metadata.get("generation", 1),
        spec=spec,
        digest=digest(spec),
        problems=_problems(spec),
        status=_status(raw.get("status")),
    )


def _problems(spec: Json) -> tuple[Problem, ...]:
    try:
        parse_template(spec)
        return too_large(spec) or _of_tasks(spec)
    except SpecError as error:
        return error.problems


def _of_tasks(spec: Json) -> tuple[Problem, ...]:
    """Return what no task could make right: of one that gives each value that is still to be given."""
    task = _FIRST | {"spec": spec | {"inputs": [_given(one) for one in spec.get("inputs") or ()]}}
    view = task_view(task)
    match accept(view):
        case Refused(problems):
            return problems
        case Accepted() as found:
            # A value that nobody knows is one that is absent: names, paths and forms are looked at.
            absent = {name: replace(found.inputs[name], value=None, known=True) for name in found.awaits}
            return rendering_problems(replace(found, inputs={**found.inputs, **absent}), view)


def _given(one: Json) -> Json:
    if any(one.get(source) is not None for source in ("value", "uri", "valueFrom", "default")):
        return one
    return one | {"valueFrom": {"taskOutputRef": {"name": "task", "output": one["name"]}}}


def _status(raw: object) -> TemplateStatus:
    """Read a status; one that cannot be read was not written by us, and is written anew."""
    try:
        return TemplateStatus.model_validate(raw or {})
    except ValueError:
        return TemplateStatus()


def new_status(template: TemplateView, now: int) -> TemplateStatus | None:
    """Return the status that a template is to have, or None if it has that one. ``now`` in milliseconds."""
    reason = Reason.INVALID_SPEC if template.problems else Reason.VALID
    text = cut(template.message or _VALID)
    fact = Fact(READY, holds=not template.problems, reason=reason, message=text)
    wanted = TemplateStatus(
        observed_generation=template.generation,
        digest=template.digest,
        conditions=with_facts(template.status.conditions, [fact], now, template.generation),
    )
    return None if wanted == template.status else wanted
