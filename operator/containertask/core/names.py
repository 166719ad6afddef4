"""Names, labels and annotations of what a task owns."""

from __future__ import annotations

import re
from typing import Final

from containertask.api.crd import GROUP

MANAGED_BY: Final = "containertask-operator"
MANAGED_LABEL: Final = "app.kubernetes.io/managed-by"
TASK_LABEL: Final = f"{GROUP}/task"
ATTEMPT_LABEL: Final = f"{GROUP}/attempt"
POD_SELECTOR: Final = f"{MANAGED_LABEL}={MANAGED_BY}"

MANIFEST_ANNOTATION: Final = f"{GROUP}/manifest"
RESULTS_ANNOTATION: Final = f"{GROUP}/results"
STREAMS_ANNOTATION: Final = f"{GROUP}/streams"
"""URI of the folder that this attempt writes to, where a store keeps anything."""
STOP_ANNOTATION: Final = f"{GROUP}/stop"
"""Why the operator stopped the Pod: written together with the stop, so that no crash falls between."""

DOWNLOADER: Final = "downloader"
MAIN: Final = "main"
UPLOADER: Final = "uploader"
CONTROL_VOLUME: Final = "control"
MAIN_VOLUME: Final = "main"
INPUTS_VOLUME: Final = "inputs"
OUTPUTS_VOLUME: Final = "outputs"
MANIFEST_VOLUME: Final = "manifest"
LAUNCHER_VOLUME: Final = "launcher"
"""The image volume of Gated mode."""
VALUES_VOLUME: Final = "values"
"""The ConfigMap of the inputs' values, where the Pod has no room for them."""
SOURCES_VOLUME: Final = "sources"
"""What inputs take their values from."""
SHARED_MEMORY_VOLUME: Final = "ct-shm"
SECRET_VOLUME: Final = "ct-secret-"  # noqa: S105 (the beginning of a name)
"""Before the number of a secret that is a file."""
STORE_VOLUME: Final = "ct-store-"
"""Before the id of a store, and what of it the volume has."""
_VOLUMES: Final = frozenset(
    {
        CONTROL_VOLUME,
        MAIN_VOLUME,
        INPUTS_VOLUME,
        OUTPUTS_VOLUME,
        MANIFEST_VOLUME,
        VALUES_VOLUME,
        LAUNCHER_VOLUME,
        SOURCES_VOLUME,
    }
)

_UID_LETTERS: Final = 5
_ATTEMPT: Final = re.compile(r"-(0|[1-9][0-9]{0,8})", re.ASCII)


def pod_name(task: str, uid: str, attempt: int) -> str:
    """Return the one name that the Pod of this attempt can have."""
    return f"{task}-{uid[:_UID_LETTERS]}-{attempt}"


def attempt_of(pod: str, task: str, uid: str) -> int | None:
    """Return which attempt of a task a Pod is by its name, which nobody can change; None if it is none."""
    prefix = f"{task}-{uid[:_UID_LETTERS]}"
    found = _ATTEMPT.fullmatch(pod.removeprefix(prefix)) if task and pod.startswith(prefix) else None
    return None if found is None else int(found[1])


def values_name(task: str, uid: str, sha256: str) -> str:
    """Return the name of the ConfigMap with these values: its content cannot differ from its name."""
    return f"{task}-{uid[:_UID_LETTERS]}-{sha256[:10]}"


def is_our_volume(name: str) -> bool:
    """Tell whether a volume of this name is ours, or could be in a later version."""
    return name in _VOLUMES or name.startswith("ct-")


def labels(task: str, attempt: int) -> dict[str, str]:
    """Return the labels of a task's Pod; no value of a user's is ever in one."""
    return {MANAGED_LABEL: MANAGED_BY, TASK_LABEL: task, ATTEMPT_LABEL: str(attempt)}
