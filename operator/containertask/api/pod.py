"""The parts of a task's Pod that users set as in core/v1."""

from __future__ import annotations

import enum
from typing import Annotated, Final

from pydantic import ConfigDict, Field

from containertask.api.base import ApiModel, FreeObject, ObjectName, Quantities, Rule, first_rules
from containertask.api.structural import PATTERN_MESSAGE


class ImagePullPolicy(enum.StrEnum):
    """When the node pulls the image."""

    ALWAYS = "Always"
    IF_NOT_PRESENT = "IfNotPresent"
    NEVER = "Never"


class LocalObjectReference(ApiModel):
    """An object of the task's own namespace, by name."""

    name: Annotated[ObjectName, Field(description="Name of the object.")]


ONE_SOURCE: Final = Rule(
    "!(has(self.value) && has(self.valueFrom))",
    "value and valueFrom exclude each other: keep one",
    ".valueFrom",
)
NAME_IS_NOT_OURS: Final = Rule(
    "!self.name.startsWith('CT_')",
    "names that start with CT_ belong to containertask: choose another name",
    ".name",
)


class EnvVar(ApiModel):
    """One environment variable of the command."""

    model_config = ConfigDict(json_schema_extra=first_rules(ONE_SOURCE, NAME_IS_NOT_OURS))

    name: Annotated[
        str,
        Field(
            max_length=256,
            pattern=r"^[A-Za-z_][A-Za-z0-9_.-]*$",
            json_schema_extra={
                PATTERN_MESSAGE: "write letters, digits, `_`, `-`, `.`; a letter or `_` first, such as MODE"
            },
            description="Name, such as `MODE`; not one that starts with `CT_`.",
        ),
    ]
    value: Annotated[
        str | None,
        Field(max_length=32768, description="Value; a template, such as `{{.inputs.mode}}`."),
    ] = None
    value_from: Annotated[
        FreeObject | None,
        Field(description="Source of the value as in core/v1: configMapKeyRef, secretKeyRef, fieldRef."),
    ] = None


class Resources(ApiModel):
    """Compute resources as in core/v1."""

    requests: Annotated[
        Quantities | None, Field(description="What the scheduler sets aside, such as `{cpu: 500m}`.")
    ] = None
    limits: Annotated[
        Quantities | None, Field(description="What the container may use at most, such as `{memory: 1Gi}`.")
    ] = None
