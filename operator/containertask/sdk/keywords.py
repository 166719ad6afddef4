"""What a ContainerTask takes by keyword: each field of the spec, and the words of Flyte's two generations.

One table: the keyword, the field of the spec that it becomes, and how. What means nothing here is refused
with the reason; nothing is silently dropped.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from containertask.sdk import given, podtemplates
from containertask.sdk.given import Json
from containertask.sdk.wording import nearest

Read = Callable[[Any, str], Json]
"""From a keyword's value and its name to fields of the spec. Raises TypeError or ValueError."""

KEYWORDS: Final[Mapping[str, Read]] = {
    # --- Our own, a field each ---
    "image_pull_policy": given.text("imagePullPolicy"),
    "image_pull_secrets": given.named("imagePullSecrets"),
    "working_dir": given.text("workingDir"),
    "env": given.environment,
    "env_from": given.plain("envFrom"),
    "file_input_layout": given.layout,
    "display_name": given.text("displayName"),
    "description": given.text("description"),
    "start": given.text("start"),
    "store": given.store,
    "store_prefix": given.text("storePrefix"),
    "resources": given.resources,
    "copilot_resources": given.copilot_resources,
    "accelerator": given.accelerator,
    "shared_memory": given.shared_memory,
    "volumes": given.plain("volumes"),
    "secrets": given.secrets,
    "node_selector": given.plain("nodeSelector"),
    "tolerations": given.plain("tolerations"),
    "affinity": given.plain("affinity"),
    "priority_class_name": given.text("priorityClassName"),
    "runtime_class_name": given.text("runtimeClassName"),
    "queue": given.text("queue"),
    "service_account_name": given.text("serviceAccountName"),
    "automount_service_account_token": given.flag("automountServiceAccountToken"),
    "security_context": given.plain("securityContext"),
    "pod_template": podtemplates.pod_template,
    "retries": given.retries,
    "interruptible": given.flag("interruptible"),
    "timeout": given.timeout,
    "ttl_seconds_after_finished": given.plain("ttlSecondsAfterFinished"),
    "pod_retention": given.text("podRetention"),
    "suspend": given.flag("suspend"),
    # --- flytekit's and Flyte 2's words for the same ---
    "requests": given.requests,
    "limits": given.limits,
    "secret_requests": given.secrets,
    "environment": given.environment,
    "env_vars": given.environment,
    "pod_template_name": podtemplates.pod_template_name,
    "primary_container_name": podtemplates.primary_container,
    "interruptable": given.flag("interruptible"),
    "service_account": given.text("serviceAccountName"),
    "short_name": given.text("displayName"),
    "docs": given.documentation,
    "metadata": given.task_metadata,
    "task_type": given.only({"raw-container"}, "this is always a raw container"),
    "task_type_version": given.only({0}, "this is always version 0"),
    "cache": given.only({False, "disable", "off"}, "this version keeps no results of earlier runs"),
    "reusable": given.only(
        {"off", "disable"}, "the command is a program of its own, and ends: there is nothing to reuse"
    ),
    "report": given.only({False}, "declare the report as an output of type File"),
    "enable_deck": given.only({False}, "declare the report as an output of type File"),
    "disable_deck": given.only({True}, "declare the report as an output of type File"),
    "deck_fields": given.only({()}, "declare the report as an output of type File"),
    "links": given.only({()}, "say where the logs are in `description`"),
    "triggers": given.only({()}, "have a CronJob create the task"),
    "debuggable": given.only({False}, "no debugger is put into a container that may be any"),
    "produces_artifacts": given.only({()}, "outputs are found by the task's name"),
    "plugin_config": given.only({()}, "there are no plugins: set the fields themselves"),
    "block_network": given.only({False}, "write a NetworkPolicy for the Pod's labels"),
}
LOCAL: Final = frozenset({"keep_entrypoint", "max_inline_io_bytes", "namespace", "labels", "annotations"})
"""Keywords that the task itself keeps: they are no fields of the spec."""


_GROUPS: Final = (
    {"env", "environment", "env_vars"},
    {"resources", "requests", "limits"},
    {"secrets", "secret_requests"},
    {"pod_template", "pod_template_name", "primary_container_name"},
    {"interruptible", "interruptable"},
    {"service_account_name", "service_account"},
    {"display_name", "short_name"},
    {"description", "docs"},
)
"""Keywords that are different words for one thing: a later one takes the place of an earlier other one."""


def group_of(name: str) -> str:
    """Return one name for all keywords that mean the same."""
    return next((min(group) for group in _GROUPS if name in group), name)


def spec_fields(keywords: Mapping[str, Any]) -> Json:
    """Return the fields of the spec that keywords become. Raises TypeError or ValueError.

    None is a value that was not given, but for those that refuse all values but one.
    """
    found, by = Json(), dict[str, str]()
    for name, value in keywords.items():
        if name not in KEYWORDS:
            raise TypeError(f"there is no keyword {name}: {nearest(name, {*KEYWORDS, *LOCAL})}")
        if value is None:
            continue
        for field, one in KEYWORDS[name](value, name).items():
            if field in found and not _together(found[field], one):
                raise TypeError(f"{by[field]} and {name} both set {field}: keep one")
            found[field] = {**found[field], **one} if isinstance(one, dict) and field in found else one
            by[field] = name
    if isinstance(name := found.pop(podtemplates.PRIMARY, None), str):
        podtemplates.rename_primary(found.get("podTemplate", {}), name)
    return found


def _together(first: object, second: object) -> bool:
    """Tell whether two keywords set different parts of one field: requests and limits do."""
    return isinstance(first, dict) and isinstance(second, dict) and not first.keys() & second.keys()
