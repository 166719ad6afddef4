"""What the Pods of a failed test say: the node is gone when somebody reads of the failure."""

from __future__ import annotations

import json
from typing import Final

from kubernetes.client.exceptions import ApiException

from support.cluster import Json
from support.tasks import Tasks

_LINES: Final = 30
_COPILOT: Final = ("downloader", "uploader")


def evidence(here: Tasks) -> str:
    """Return statuses and stops of the Pods of a test's tasks, and the end of what the copilot logged."""
    pods = here.core.list_namespaced_pod(here.namespace)
    own = set(here.made.values())
    return "\n\n".join(
        _told(here, pod)
        for pod in here.core.api_client.sanitize_for_serialization(pods)["items"]
        if own & {one["uid"] for one in pod["metadata"].get("ownerReferences", [])}
    )


def _told(here: Tasks, pod: Json) -> str:
    name = pod["metadata"]["name"]
    shown = {"annotations": pod["metadata"].get("annotations"), "status": pod["status"]}
    parts = [f"{name}: {json.dumps(shown)}"]
    for container in _COPILOT:
        options = {"container": container, "tail_lines": _LINES, "timestamps": True}
        try:
            log = here.core.read_namespaced_pod_log(name, here.namespace, **options)
        except ApiException as error:
            log = str(error.reason)
        parts.append(f"{container}:\n{log}")
    return "\n".join(parts)
