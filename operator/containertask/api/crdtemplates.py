"""CustomResourceDefinitions of the two kinds of template, assembled from their models."""

from __future__ import annotations

from typing import Any, Final

from containertask.api.base import AT_FIRST
from containertask.api.crd import Columns, definition, object_of, version_of
from containertask.api.crdreference import without_default
from containertask.api.structural import Schema, structural
from containertask.api.templates import ContainerTaskTemplateSpec, TemplateKind, TemplateStatus

_COLUMNS: Final[Columns] = (
    ("Image", "string", ".spec.image", 0),
    ("Ready", "string", '.status.conditions[?(@.type=="Ready")].status', 0),
    ("Age", "date", ".metadata.creationTimestamp", 0),
)
_RULES: Final = "x-kubernetes-validations"
_SHARED: Final = (
    "A task names it in `templateRef` and gives values of its own; it keeps the template as it stands when "
    "the task begins."
)


def container_task_template() -> dict[str, Any]:
    """Return the CustomResourceDefinition of ContainerTaskTemplate."""
    return _definition(TemplateKind.TEMPLATE, "ctt", "what tasks of its namespace run")


def cluster_container_task_template() -> dict[str, Any]:
    """Return the CustomResourceDefinition of ClusterContainerTaskTemplate."""
    return _definition(TemplateKind.CLUSTER_TEMPLATE, "cctt", "what tasks of every namespace run")


def _definition(kind: TemplateKind, short: str, what: str) -> dict[str, Any]:
    spec = _always(without_default(structural(ContainerTaskTemplateSpec), "podRetention"))
    described = f"{kind.value} is {what}. {_SHARED}"
    version = version_of(_COLUMNS, object_of(kind.value, described, spec, structural(TemplateStatus)))
    return definition(kind.value, short, version, namespaced=kind is TemplateKind.TEMPLATE)


def _always(schema: Schema) -> Schema:
    """Return the schema whose rules hold at every write: unlike a task, a template changes."""
    found = {**schema}
    if _RULES in found:
        found[_RULES] = [_held(rule) for rule in found[_RULES]]
    if "properties" in found:
        found["properties"] = {name: _always(field) for name, field in found["properties"].items()}
    for keyword in ("items", "additionalProperties"):
        if keyword in found:
            found[keyword] = _always(found[keyword])
    return found


def _held(rule: dict[str, Any]) -> dict[str, Any]:
    rest = {name: value for name, value in rule.items() if name != "optionalOldSelf"}
    return {**rest, "rule": rule["rule"].removeprefix(AT_FIRST)}
