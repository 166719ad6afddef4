"""containertask: runs container tasks with typed, verified, cached inputs and outputs on Kubernetes.

What Python users need is here, and loaded when it is first used: the copilot imports this package in every
task Pod, and nothing of it may cost anything there.

>>> import containertask as ct
>>> hello = ct.ContainerTask("hello", "alpine:3.22", ["echo", "hello"])
>>> hello.to_manifest()["kind"]
'ContainerTask'
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from containertask.errors import ClusterError as ClusterError
    from containertask.errors import ConflictError as ConflictError
    from containertask.errors import ContainerTaskError as ContainerTaskError
    from containertask.errors import ForbiddenError as ForbiddenError
    from containertask.errors import InvalidTaskError as InvalidTaskError
    from containertask.errors import LocalRunError as LocalRunError
    from containertask.errors import MissingToolError as MissingToolError
    from containertask.errors import NonRecoverableError as NonRecoverableError
    from containertask.errors import NotFoundError as NotFoundError
    from containertask.errors import RefusedError as RefusedError
    from containertask.errors import TaskCancelledError as TaskCancelledError
    from containertask.errors import TaskFailedError as TaskFailedError
    from containertask.errors import TransferError as TransferError
    from containertask.errors import UnreachableError as UnreachableError
    from containertask.errors import WaitTimeoutError as WaitTimeoutError
    from containertask.flyte.context import SerializationContext as SerializationContext
    from containertask.flyte.executor import ShimTaskExecutor as ShimTaskExecutor
    from containertask.flyte.metadata import TaskMetadata as TaskMetadata
    from containertask.flyte.resolver import TaskTemplateResolver as TaskTemplateResolver
    from containertask.flyte.shimtask import ExecutableTemplateShimTask as ExecutableTemplateShimTask
    from containertask.sdk.building import OutputRef as OutputRef
    from containertask.sdk.cluster import Cluster as Cluster
    from containertask.sdk.cluster import use as use
    from containertask.sdk.customized import PythonCustomizedContainerTask as PythonCustomizedContainerTask
    from containertask.sdk.decks import DeckField as DeckField
    from containertask.sdk.declare import ConfigMapKey as ConfigMapKey
    from containertask.sdk.declare import Input as Input
    from containertask.sdk.declare import Output as Output
    from containertask.sdk.files import Dir as Dir
    from containertask.sdk.files import File as File
    from containertask.sdk.interface import NativeInterface as NativeInterface
    from containertask.sdk.listing import runs as runs
    from containertask.sdk.listing import runs_async as runs_async
    from containertask.sdk.loading import load as load
    from containertask.sdk.mapping import map as map  # noqa: A004 - the word of everybody for it
    from containertask.sdk.mapping import map_async as map_async
    from containertask.sdk.outputs import Outputs as Outputs
    from containertask.sdk.resources import Resources as Resources
    from containertask.sdk.resources import Secret as Secret
    from containertask.sdk.run import Run as Run
    from containertask.sdk.status import RunStatus as RunStatus
    from containertask.sdk.task import ContainerTask as ContainerTask

_ROOMS = {
    "errors": (
        "ClusterError ConflictError ContainerTaskError ForbiddenError InvalidTaskError "
        "LocalRunError MissingToolError NonRecoverableError NotFoundError RefusedError "
        "TaskCancelledError TaskFailedError TransferError UnreachableError WaitTimeoutError"
    ),
    "flyte.context": "SerializationContext",
    "flyte.executor": "ShimTaskExecutor",
    "flyte.metadata": "TaskMetadata",
    "flyte.resolver": "TaskTemplateResolver",
    "flyte.shimtask": "ExecutableTemplateShimTask",
    "sdk.building": "OutputRef",
    "sdk.cluster": "Cluster use",
    "sdk.customized": "PythonCustomizedContainerTask",
    "sdk.decks": "DeckField",
    "sdk.declare": "ConfigMapKey Input Output",
    "sdk.files": "Dir File",
    "sdk.interface": "NativeInterface",
    "sdk.listing": "runs runs_async",
    "sdk.loading": "load",
    "sdk.mapping": "map map_async",
    "sdk.outputs": "Outputs",
    "sdk.resources": "Resources Secret",
    "sdk.run": "Run",
    "sdk.status": "RunStatus",
    "sdk.task": "ContainerTask",
}
_ROOM_OF = {name: room for room, names in _ROOMS.items() for name in names.split()}

__all__ = sorted(_ROOM_OF)  # noqa: PLE0605 - a list, as sorted makes it


def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever the name is of
    if name not in _ROOM_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module  # noqa: PLC0415 - see above

    found = getattr(import_module(f"{__name__}.{_ROOM_OF[name]}"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *_ROOM_OF})
