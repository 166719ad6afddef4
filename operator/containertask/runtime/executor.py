"""Carries out a plan: at most one write of a Pod, then at most one of the status.

What the API server answers goes into the store at once, so that the next plan knows of our own writes. It
decides nothing: refusals are noted for the plan, everything else is raised to the work queue.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any, Final, TypeAlias, assert_never

from containertask.api.status import ContainerTaskStatus
from containertask.core.actions import (
    Action,
    CreatePod,
    DeletePod,
    DeleteTask,
    FindPod,
    Plan,
    ReadEvents,
    ReadTasks,
    ReadTemplate,
    StopPod,
)
from containertask.core.names import LAUNCHER_VOLUME
from containertask.core.podview import mode_in
from containertask.core.snapshot import Refusal, Snapshot
from containertask.core.task import API_VERSION, KIND, TaskView
from containertask.kube.client import ApiClient
from containertask.kube.errors import (
    AlreadyExists,
    ApiStatusError,
    Conflict,
    Forbidden,
    InternalError,
    Invalid,
    NotFound,
)
from containertask.kube.resources import CONFIG_MAPS, PODS, TASKS
from containertask.runtime.reader import Reader, belongs
from containertask.runtime.store import Store

Json: TypeAlias = dict[str, Any]

_TAKEN: Final = 409


class NothingKept(Exception):  # noqa: N818 - what the API server did
    """The API server took a status and kept nothing of it: to write it again at once would never end."""


class Executor:
    """Writes what plans ask for. ``clock`` gives Unix milliseconds."""

    def __init__(self, client: ApiClient, store: Store, clock: Callable[[], int]) -> None:
        self._client = client
        self._store = store
        self._clock = clock
        self._reader = Reader(client, store, clock)

    async def execute(self, snapshot: Snapshot, plan: Plan) -> bool:
        """Carry out a plan; tell whether all of it was done.

        Raises:
            ApiError: the server could not be asked, or not now. Nothing else of the plan was done.
            NothingKept: a status was written in vain.
        """
        task = snapshot.task
        if plan.action is not None and not await self._act(task, plan.action):
            return False
        if plan.status is not None:
            return await self._write_status(task, plan.status)
        return True

    async def _act(self, task: TaskView, action: Action) -> bool:
        match action:
            case CreatePod():
                return await self._create(task, action)
            case StopPod(name, uid, stop):
                patch = stop.patch()
                patch["metadata"]["uid"] = uid
                return await self._patch_pod(task, name, uid, patch)
            case DeletePod():
                return await self._delete_pod(task, action)
            case FindPod(name):
                await self._reader.find_pod(task, name)
                return True
            case ReadTemplate(name):
                await self._reader.read_template(task, name)
                return True
            case ReadEvents(uid):
                await self._reader.read_events(task, uid)
                return True
            case ReadTasks(names):
                await self._reader.read_tasks(task, names)
                return True
            case DeleteTask(uid):
                return await self._delete_task(task, uid)
        assert_never(action)

    async def _create(self, task: TaskView, action: CreatePod) -> bool:
        try:
            if action.values is not None:
                await self._create_values(task, action.values)
            answer = await self._client.create(PODS, task.namespace, action.pod, strict=True)
        except AlreadyExists:
            return await self._adopt(task, action.pod)
        except ApiStatusError as error:
            if not (error.by_webhook or isinstance(error, (Invalid, Forbidden, InternalError))):
                raise
            self._refused(task, action.pod, error)
            return False
        self._store.notes.pod_was_taken(task.uid)
        self._store.apply_pod(answer)
        return True

    async def _create_values(self, task: TaskView, values: Json) -> None:
        """Create the ConfigMap. Its name holds the digest of its content, so one that is there will do."""
        try:
            await self._client.create(CONFIG_MAPS, task.namespace, values)
        except AlreadyExists:
            return

    async def _adopt(self, task: TaskView, pod: Json) -> bool:
        """Accept the Pod that has our name if it is ours: an earlier answer was lost."""
        name = pod["metadata"]["name"]
        found = await self._client.get(PODS, task.namespace, name)
        if belongs(found, task):
            self._store.notes.pod_was_taken(task.uid)
            self._store.apply_pod(found)
            return True
        text = f"Pod {name} is there and belongs to somebody else: delete it and create the task again"
        self._store.notes.refusal(task.uid, self._refusal(pod, _TAKEN, text))
        return False

    def _refused(self, task: TaskView, pod: Json, error: ApiStatusError) -> None:
        self._store.notes.refusal(task.uid, self._refusal(pod, error.code, error.message))

    def _refusal(self, pod: Json, code: int, message: str) -> Refusal:
        attempt = int(pod["metadata"]["name"].rpartition("-")[2])
        names = [one["name"] for one in pod["spec"]["volumes"]]
        volume = names.index(LAUNCHER_VOLUME) if LAUNCHER_VOLUME in names else None
        mode = mode_in(pod["spec"])
        return Refusal(
            attempt=attempt, mode=mode, code=code, message=message, at=self._clock(), volume=volume
        )

    async def _patch_pod(self, task: TaskView, name: str, uid: str, patch: Json) -> bool:
        try:
            answer = await self._client.merge_patch(PODS, task.namespace, name, patch)
        except NotFound:
            self._store.pod_is_gone(task.uid, name, uid)
            return False
        self._store.apply_pod(answer)
        return True

    async def _delete_pod(self, task: TaskView, action: DeletePod) -> bool:
        name, uid, grace = action.name, action.uid, 0 if action.at_once else None
        try:
            await self._client.delete(PODS, task.namespace, name, uid=uid, grace_seconds=grace)
        except NotFound:
            self._store.pod_is_gone(task.uid, name, uid)
            return False
        if action.at_once:
            self._store.pod_is_gone(task.uid, name, uid)
        else:
            self._store.pod_is_deleting(task.uid, name, uid)
        return True

    async def _delete_task(self, task: TaskView, uid: str) -> bool:
        """Delete the task and forget it: others may keep it for a while, we need not."""
        with contextlib.suppress(NotFound):
            await self._client.delete(TASKS, task.namespace, task.name, uid=uid)
        self._store.remove_task(task.namespace, task.name, uid)
        return True

    async def _write_status(self, task: TaskView, status: ContainerTaskStatus) -> bool:
        """Write the whole status, if the task is still as it was when the plan was made."""
        body = {
            "apiVersion": API_VERSION,
            "kind": KIND,
            "metadata": {
                "name": task.name,
                "namespace": task.namespace,
                "uid": task.uid,
                "resourceVersion": str(task.resource_version),
            },
            "status": status.model_dump(mode="json", by_alias=True, exclude_none=True),
        }
        try:
            answer = await self._client.update_status(TASKS, task.namespace, task.name, body)
        except Conflict:
            await self._read_again(task)
            return False
        except NotFound:
            self._store.remove_task(task.namespace, task.name, task.uid)
            return False
        if self._store.apply_task(answer) is None and _version(answer) == task.resource_version:
            raise NothingKept(
                "the API server took the status and kept nothing of it: are the CRDs of this version?"
            )
        return True

    async def _read_again(self, task: TaskView) -> None:
        try:
            self._store.apply_task(await self._client.get(TASKS, task.namespace, task.name))
        except NotFound:
            self._store.remove_task(task.namespace, task.name, task.uid)


def _version(raw: Json) -> int:
    return int(raw["metadata"]["resourceVersion"])
