"""``spec.podTemplate``: parts of the Pod that have no field of ours. ``core.overlay`` merges them."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import Field

from containertask.api.base import ApiModel, FreeObject, ObjectName, Rule, first_rules

OUR_PREFIX: Final = "containertask.dev/"
MANAGED_BY: Final = "app.kubernetes.io/managed-by"
KEYS_ARE_NOT_OURS: Final = Rule(
    f"self.all(key, key != '{MANAGED_BY}' && !key.startsWith('{OUR_PREFIX}'))",
    f"{MANAGED_BY} and names that start with {OUR_PREFIX} belong to containertask: leave them out",
)

_MAX_KEYS: Final = 64
_MAX_ANNOTATION: Final = 32_768


def is_ours(key: str) -> bool:
    """Tell whether a label or an annotation is ours alone to set."""
    return key == MANAGED_BY or key.startswith(OUR_PREFIX)


class TemplateMetadata(ApiModel):
    """Labels and annotations of the Pod."""

    labels: Annotated[
        dict[str, Annotated[str, Field(max_length=63)]] | None,
        Field(
            max_length=_MAX_KEYS,
            json_schema_extra=first_rules(KEYS_ARE_NOT_OURS),
            description="Labels of the Pod, such as `{team: research}`; none of ours.",
        ),
    ] = None
    annotations: Annotated[
        dict[str, Annotated[str, Field(max_length=_MAX_ANNOTATION)]] | None,
        Field(
            max_length=_MAX_KEYS,
            json_schema_extra=first_rules(KEYS_ARE_NOT_OURS),
            description='Annotations of the Pod, such as `{example.com/owner: "me"}`; none of ours.',
        ),
    ] = None


class PodTemplate(ApiModel):
    """What the Pod of every attempt has beside what the task says in fields of its own."""

    name: Annotated[
        ObjectName | None,
        Field(
            description="A core/v1 PodTemplate of the task's namespace, such as `gpu-nodes`: what "
            "`metadata` and `spec` say here goes over it. It is read for each attempt, and waited for."
        ),
    ] = None
    metadata: Annotated[TemplateMetadata | None, Field(description="Labels and annotations of the Pod.")] = (
        None
    )
    spec: Annotated[
        FreeObject | None,
        Field(
            description="Part of a core/v1 PodSpec, such as `{hostAliases: [{ip: 10.0.0.9, hostnames: "
            "[db]}]}`. A container `main` in it is a base for the command's; others run beside it. The "
            "task's own fields and our own parts go over it; what cannot be set here is refused by name."
        ),
    ] = None
