"""``ContainerTaskTemplate`` and ``ClusterContainerTaskTemplate``: what tasks run with other values each."""

from __future__ import annotations

import enum
from typing import Annotated, Final

from pydantic import ConfigDict, Field

from containertask.api.base import BY_NAME, ApiModel, ObjectName, StatusModel, first_rules, list_map, rules
from containertask.api.inputs import DIGEST_OF_ONE, ONE_VALUE, Input
from containertask.api.spec import Recipe
from containertask.api.specrules import SPEC_RULES
from containertask.api.status import Condition

OVERRIDES: Final = frozenset(
    {
        "image",
        "resources",
        "retries",
        "timeout",
        "env",
        "secrets",
        "podTemplate",
        "queue",
        "interruptible",
        "serviceAccountName",
        "displayName",
        "description",
        "accelerator",
        "sharedMemory",
        "volumes",
        "nodeSelector",
        "tolerations",
        "affinity",
        "priorityClassName",
        "storeRef",
        "storePrefix",
        "ttlSecondsAfterFinished",
        "podRetention",
        "suspend",
        "cancel",
    }
)
"""Fields of a task that may stand beside ``templateRef``; each takes the place of the template's, whole."""


class TemplateKind(enum.StrEnum):
    """Whose template it is."""

    TEMPLATE = "ContainerTaskTemplate"
    CLUSTER_TEMPLATE = "ClusterContainerTaskTemplate"


class TemplateRef(ApiModel):
    """A template by its name."""

    kind: Annotated[
        TemplateKind,
        BY_NAME,
        Field(
            description="`ContainerTaskTemplate`, of the task's namespace, or "
            "`ClusterContainerTaskTemplate`. Default: the first."
        ),
    ] = TemplateKind.TEMPLATE
    name: Annotated[ObjectName, Field(description="Name of the template, such as `train`.")]


class TemplateStatus(StatusModel):
    """What the operator makes of the specification."""

    observed_generation: Annotated[int | None, Field(description="Generation of spec it speaks about.")] = (
        None
    )
    digest: Annotated[
        str | None,
        Field(
            max_length=64,
            description="SHA-256 of the spec as JSON, keys sorted: tasks that ran it have the same.",
        ),
    ] = None
    conditions: Annotated[
        list[Condition] | None,
        Field(
            max_length=16,
            json_schema_extra=list_map("type"),
            description="Aspects of the state. `Ready` is True when the specification is valid; whether a "
            "task's values fit is for the task to find out.",
        ),
    ] = None


class TemplateInput(Input):
    """An input that a task may give a value: the one that stands here is that of tasks that give none."""

    model_config = ConfigDict(json_schema_extra=first_rules(ONE_VALUE, DIGEST_OF_ONE))


class ContainerTaskTemplateSpec(Recipe):
    """What tasks that name the template run. It may change: a task keeps what stood here when it began."""

    model_config = ConfigDict(json_schema_extra=rules(*SPEC_RULES))

    inputs: Annotated[
        list[TemplateInput] | None,
        Field(
            max_length=1000,
            json_schema_extra=list_map("name"),
            description="Typed inputs, such as `[{name: a, type: float}]`. One that has a value, a URI or a "
            "default need not be given by a task; any other has to be, unless it is optional.",
        ),
    ] = None  # type: ignore[assignment] # nobody adds to a frozen list, so one of a subclass will do
