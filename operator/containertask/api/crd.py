"""CustomResourceDefinitions, assembled from the models. Pure: ``hack/crds.py`` writes the files."""

from __future__ import annotations

from typing import Any, Final

from containertask.api.base import Rule
from containertask.api.fixed import fixed
from containertask.api.spec import ContainerTaskSpec
from containertask.api.status import ContainerTaskStatus, Phase
from containertask.api.structural import Schema, structural

GROUP: Final = "containertask.dev"
VERSION: Final = "v1alpha1"
MAX_TASK_NAME: Final = 52
"""Pods are named after their task, with eleven characters more, and a Pod's host name has 63."""

_COLUMNS: Final = (
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
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"containertasks.{GROUP}"},
        "spec": {
            "group": GROUP,
            "scope": "Namespaced",
            "names": {
                "kind": "ContainerTask",
                "listKind": "ContainerTaskList",
                "plural": "containertasks",
                "singular": "containertask",
                "shortNames": ["ctask"],
                "categories": ["batch"],
            },
            "versions": [_version()],
        },
    }


def _version() -> dict[str, Any]:
    return {
        "name": VERSION,
        "served": True,
        "storage": True,
        "subresources": {"status": {}},
        "additionalPrinterColumns": [
            {"name": name, "type": kind, "jsonPath": path, "priority": priority}
            for name, kind, path, priority in _COLUMNS
        ],
        "selectableFields": [{"jsonPath": ".status.phase"}],
        "schema": {"openAPIV3Schema": _schema()},
    }


def _schema() -> Schema:
    spec = fixed(structural(ContainerTaskSpec))
    name_rule = Rule(
        f"self.metadata.name.size() <= {MAX_TASK_NAME}",
        f"metadata.name has at most {MAX_TASK_NAME} characters: its Pods are named after it",
    )
    return {
        "type": "object",
        "description": "ContainerTask runs one container with typed, verified inputs and outputs.",
        "required": ["spec"],
        "x-kubernetes-validations": [name_rule.at_first()],
        "properties": {
            "apiVersion": {"type": "string", "description": f"Always `{GROUP}/{VERSION}`."},
            "kind": {"type": "string", "description": "Always `ContainerTask`."},
            "metadata": {"type": "object"},
            "spec": spec,
            # Shown at once and for no write: the operator tells of a state only when it has lasted.
            "status": {**structural(ContainerTaskStatus), "default": {"phase": Phase.PENDING.value}},
        },
    }
