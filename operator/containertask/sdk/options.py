"""The keywords of a ContainerTask with their types, for type checkers and editors; ``keywords`` reads them.

A type here is what is meant to be written; Flyte's own objects are taken for the same by their attributes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Literal, TypedDict

from containertask.sdk.resources import Resources

Json = Mapping[str, Any]
Length = int | float | str | timedelta
"""Seconds, or as the API writes it, such as ``1h30m``."""


class Overrides(TypedDict, total=False):
    """What a task may be told anew, each in place of what it said before. None is the default again.

    Attributes:
        accelerator: type of the operator's chart, ``"TYPE:N"``, or the spec's field.
        affinity: as in core/v1.
        cache: off, as long as this version keeps no results.
        copilot_resources: of downloader and uploader.
        description: what the task does, for people.
        display_name: a short name for people.
        env: environment of the command: names and templates.
        interruptible: whether nodes may be taken away under it.
        node_selector: labels of the nodes that may run it.
        pod_retention: whether the Pod stays.
        pod_template: name of a PodTemplate, or ``{"metadata": ..., "spec": ...}``.
        priority_class_name: as in core/v1.
        queue: LocalQueue of Kueue.
        resources: of the command.
        retries: how often a failure of the command is followed by another attempt, or the spec's field.
        reusable: off: the command is a program of its own.
        runtime_class_name: as in core/v1.
        secrets: that the command alone gets.
        security_context: of the command's container, as in core/v1.
        service_account_name: of the Pod.
        shared_memory: at /dev/shm: a size, or True for no limit.
        store: name of the ArtifactStore that keeps outputs, or the spec's ``storeRef``.
        store_prefix: folder in it.
        suspend: whether it waits from the start.
        timeout: of the command, or the spec's field with all clocks.
        tolerations: as in core/v1.
        ttl_seconds_after_finished: until it is deleted.
        volumes: limits of the folders of inputs and outputs, such as ``{"outputs": "20Gi"}``.
        max_inline_io_bytes: up to which size a file goes with the task itself, instead of to the store.
    """

    accelerator: str | Json | None
    affinity: Json | None
    automount_service_account_token: bool | None
    copilot_resources: Resources | Json | None
    description: str | None
    display_name: str | None
    image_pull_policy: Literal["Always", "IfNotPresent", "Never"] | None
    image_pull_secrets: Sequence[str | Json] | None
    interruptible: bool | None
    node_selector: Mapping[str, str] | None
    pod_retention: Literal["Always", "OnFailure", "Never"] | None
    pod_template: Any
    priority_class_name: str | None
    queue: str | None
    runtime_class_name: str | None
    security_context: Json | None
    service_account_name: str | None
    shared_memory: str | bool | Json | None
    store: str | Json | None
    store_prefix: str | None
    suspend: bool | None
    tolerations: Sequence[Json] | None
    ttl_seconds_after_finished: int | None
    volumes: Mapping[str, str] | None
    cache: Any
    env: Mapping[str, str] | Sequence[Json] | None
    resources: Resources | Json | Any
    retries: Any
    reusable: Any
    secrets: Any
    timeout: Length | Json | Any
    # The words of Flyte's two generations.
    block_network: Any
    debuggable: Any
    deck_fields: Any
    disable_deck: Any
    docs: Any
    enable_deck: Any
    env_vars: Mapping[str, str] | None
    environment: Mapping[str, str] | None
    interruptable: bool | None
    limits: Any
    links: Any
    max_inline_io_bytes: int | None
    metadata: Any
    plugin_config: Any
    pod_template_name: str | None
    produces_artifacts: Any
    report: Any
    requests: Any
    secret_requests: Sequence[Any] | None
    service_account: str | None
    short_name: str | None
    triggers: Any


class Options(Overrides, total=False):
    """What a task may be told beside its ten parameters.

    Attributes:
        annotations: of the ContainerTask object.
        env_from: whole ConfigMaps or Secrets, as in core/v1.
        file_input_layout: where an input of type file is.
        keep_entrypoint: whether the image's ENTRYPOINT runs, with command and arguments as its arguments.
        labels: of the ContainerTask object.
        namespace: of the ContainerTask object.
        start: how the Pod starts.
        working_dir: of the command.
    """

    annotations: Mapping[str, str] | None
    env_from: Sequence[Json] | None
    file_input_layout: Any
    keep_entrypoint: bool
    labels: Mapping[str, str] | None
    namespace: str | None
    primary_container_name: str | None
    start: Literal["Auto", "Gated", "Init", "Signal"] | None
    task_type: str
    task_type_version: int
    working_dir: str | None
