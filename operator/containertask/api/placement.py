"""The fields of ``spec`` that say what the Pod needs, and where it may run."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from containertask.api.base import ATOMIC, ApiModel, FreeObject, ObjectName
from containertask.api.hardware import Accelerator, SharedMemory, VolumeSizes
from containertask.api.pod import Resources
from containertask.api.podtemplate import PodTemplate
from containertask.api.secrets import MAX_SECRETS, SecretSource
from containertask.api.structural import PATTERN_MESSAGE


class Placement(ApiModel):
    """What the Pod of every attempt needs, and where it may run."""

    resources: Annotated[
        Resources | None, Field(description="Compute resources of the command, as in core/v1.")
    ] = None
    copilot_resources: Annotated[
        Resources | None, Field(description="Compute resources of downloader and uploader.")
    ] = None
    accelerator: Annotated[
        Accelerator | None,
        Field(description="Accelerators of the command, such as `{type: nvidia-t4, count: 2}`."),
    ] = None
    shared_memory: Annotated[
        SharedMemory | None, Field(description="Memory at /dev/shm of the command: `{sizeLimit: 2Gi}`.")
    ] = None
    volumes: Annotated[
        VolumeSizes | None,
        Field(description="Limits of the volumes of inputs and outputs, such as `{outputs: 20Gi}`."),
    ] = None
    secrets: Annotated[
        list[SecretSource] | None,
        Field(
            max_length=MAX_SECRETS,
            json_schema_extra=ATOMIC,
            description="Keys of Secrets for the command, which no other container gets, such as "
            "`[{name: database, key: password, env: DB_PASSWORD}]`.",
        ),
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
    runtime_class_name: Annotated[
        ObjectName | None, Field(description="Runtime class of the Pod, such as `gvisor`.")
    ] = None
    queue: Annotated[
        str | None,
        Field(
            max_length=63,
            pattern=r"^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$",
            json_schema_extra={
                PATTERN_MESSAGE: "write a queue's name in small letters, digits, `-` and `.`, such as team-a"
            },
            description="LocalQueue of Kueue that the Pod waits in, such as `team-a`.",
        ),
    ] = None
    service_account_name: Annotated[
        ObjectName | None,
        Field(
            description="Service account of the Pod, such as `runner`. Its token is not mounted by itself."
        ),
    ] = None
    automount_service_account_token: Annotated[
        bool | None,
        Field(
            description="True: the token of the service account is mounted, as in core/v1. Default: false."
        ),
    ] = None
    security_context: Annotated[
        FreeObject | None,
        Field(description="Security context of the command's container, as in core/v1: `{runAsUser: 1000}`."),
    ] = None
    pod_template: Annotated[
        PodTemplate | None,
        Field(
            description="What else the Pod has, such as `{metadata: {labels: {team: research}}}`: see "
            "docs/pods.md for how it is merged."
        ),
    ] = None
