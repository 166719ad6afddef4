"""The fields of ``spec`` that say what the Pod needs, and where it may run."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from containertask.api.base import ATOMIC, ApiModel, FreeObject, ObjectName
from containertask.api.pod import Resources


class Placement(ApiModel):
    """What the Pod of every attempt needs, and where it may run."""

    resources: Annotated[
        Resources | None, Field(description="Compute resources of the command, as in core/v1.")
    ] = None
    copilot_resources: Annotated[
        Resources | None, Field(description="Compute resources of downloader and uploader.")
    ] = None
    node_selector: Annotated[
        dict[str, Annotated[str, Field(max_length=63)]] | None,
        Field(max_length=64, description="Labels of the nodes that may run the Pod, as in core/v1."),
    ] = None
    tolerations: Annotated[
        list[FreeObject] | None,
        Field(max_length=64, json_schema_extra=ATOMIC, description="Tolerations of the Pod, as in core/v1."),
    ] = None
    affinity: Annotated[FreeObject | None, Field(description="Affinity of the Pod, as in core/v1.")] = None
    priority_class_name: Annotated[
        ObjectName | None, Field(description="Priority class of the Pod, such as `batch-low`.")
    ] = None
    service_account_name: Annotated[
        ObjectName | None,
        Field(description="Service account of the Pod. Its token is not mounted."),
    ] = None
    security_context: Annotated[
        FreeObject | None,
        Field(description="Security context of the command's container, as in core/v1: `{runAsUser: 1000}`."),
    ] = None
