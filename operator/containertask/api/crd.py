"""CustomResourceDefinitions, assembled from the models. Pure: ``hack/crds.py`` writes the files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from containertask.api.base import MAX_TASK_NAME, Rule
from containertask.api.crdreference import with_reference, without_default
from containertask.api.fixed import fixed
from containertask.api.spec import ContainerTaskSpec
from containertask.api.status import ContainerTaskStatus, Phase
from containertask.api.structural import Schema, structural

GROUP: Final = "containertask.dev"
VERSION: Final = "v1alpha1"
Columns = tuple[tuple[str, str, str, int], ...]
"""Name, type, path and priority of each column of ``kubectl get``."""

_COLUMNS: Final[Columns] = (
    ("Phase", "string", ".status.phase", 0),
    ("Reason", "string", ".status.reason", 0),
    ("Attempt", "integer", ".status.attempt", 0),
    ("Duration", "string", ".status.duration", 0),
    ("Age", "date", ".metadata.creationTimestamp", 0),
    ("Pod", "string", ".status.podName", 1),
    ("Node", "string", ".status.nodeName", 1),
)


def container_task() -> dict[str, Any]:
    """Return the CustomResourceDefinition of ContainerTask."""
    return definition(
        "ContainerTask", "ctask", version_of(_COLUMNS, _schema(), selectable=(".status.phase",))
    )


def definition(kind: str, short: str, version: Schema, *, namespaced: bool = True) -> dict[str, Any]:
    """Return the CustomResourceDefinition of a kind with one version."""
    singular = kind.lower()
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{singular}s.{GROUP}"},
        "spec": {
            "group": GROUP,
            "scope": "Namespaced" if namespaced else "Cluster",
            "names": {
                "kind": kind,
                "listKind": f"{kind}List",
                "plural": f"{singular}s",
                "singular": singular,
                "shortNames": [short],
                "categories": ["batch"],
            },
            "versions": [version],
        },
    }


def version_of(columns: Columns, schema: Schema, *, selectable: Sequence[str] = ()) -> Schema:
    """Return the one version of a kind, with a status of its own."""
    return {
        "name": VERSION,
        "served": True,
        "storage": True,
        "subresources": {"status": {}},
        "additionalPrinterColumns": [
            {"name": name, "type": kind, "jsonPath": path, "priority": priority}
            for name, kind, path, priority in columns
        ],
        **({"selectableFields": [{"jsonPath": path} for path in selectable]} if selectable else {}),
        "schema": {"openAPIV3Schema": schema},
    }


def _schema() -> Schema:
    spec = fixed(with_reference(without_default(structural(ContainerTaskSpec), "podRetention")))
    name_rule = Rule(
        f"self.metadata.name.size() <= {MAX_TASK_NAME}",
        f"metadata.name has at most {MAX_TASK_NAME} characters: its Pods are named after it",
    )
    # Shown at once and for no write: the operator tells of a state only when it has lasted.
    status = {**structural(ContainerTaskStatus), "default": {"phase": Phase.PENDING.value}}
    description = "ContainerTask runs one container with typed, verified inputs and outputs."
    return object_of("ContainerTask", description, spec, status, name_rule.at_first())


def object_of(kind: str, description: str, spec: Schema, status: Schema, *validations: Schema) -> Schema:
    """Return the schema of a whole object."""
    return {
        "type": "object",
        "description": description,
        "required": ["spec"],
        **({"x-kubernetes-validations": [*validations]} if validations else {}),
        "properties": {
            "apiVersion": {"type": "string", "description": f"Always `{GROUP}/{VERSION}`."},
            "kind": {"type": "string", "description": f"Always `{kind}`."},
            "metadata": {"type": "object"},
            "spec": spec,
            "status": status,
        },
    }
