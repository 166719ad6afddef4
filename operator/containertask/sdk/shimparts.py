"""What a PythonCustomizedContainerTask is made of, read once and never changed."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, TypedDict

from flyteidl.core.security_pb2 import Secret as Message  # type: ignore[import-untyped]
from flyteidl.core.security_pb2 import SecurityContext
from flyteidl.core.tasks_pb2 import Resources as Amounts  # type: ignore[import-untyped]

from containertask.flyte import template
from containertask.flyte.executor import ShimTaskExecutor
from containertask.flyte.metadata import TaskMetadata
from containertask.sdk import given
from containertask.sdk.declare import Declared, declared_inputs, declared_outputs
from containertask.sdk.parts import checked_image, checked_name
from containertask.sdk.resources import quantities
from containertask.sdk.wording import kind_of, nearest
from containertask.types.model import OptionalOf, Type


class ShimOptions(TypedDict, total=False):
    """The keywords beside the constructor's own parameters.

    Attributes:
        inputs: names and types, as a ContainerTask has them.
        outputs: names and types.
        interface: an object with ``inputs`` and ``outputs``, instead of these two.
        metadata: retries, timeout and more: a TaskMetadata, or flytekit's.
        docs: what the task is for; kept, and nothing else.
        task_type_version: of the template.
        enable_deck: whether the template asks for a deck.
        disable_deck: the opposite, in older words.
        deck_fields: its panels.
    """

    inputs: Mapping[str, object] | None
    outputs: Mapping[str, object] | None
    interface: object
    metadata: object
    docs: object
    task_type_version: int
    enable_deck: bool | None
    disable_deck: bool | None
    deck_fields: Iterable[object] | None


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class ShimParts:
    """The parameters of a task, as they were read; ``options`` are what the fields of a spec are made of."""

    name: str
    image: str
    task_type: str
    task_type_version: int
    inputs: Mapping[str, Declared]
    outputs: Mapping[str, Declared]
    metadata: TaskMetadata
    environment: Mapping[str, str]
    resources: Amounts
    security: SecurityContext | None
    options: Mapping[str, Any]
    docs: object = None


_KEYS: Final = frozenset(ShimOptions.__annotations__)


def read_parts(
    name: object, image: object, task_type: object, kubernetes: Mapping[str, Any], more: Mapping[str, Any]
) -> ShimParts:
    """Return the parts.

    Args:
        name: of the task.
        image: of the container.
        task_type: of the template.
        kubernetes: requests, limits, environment and secret_requests as they were given.
        more: further keywords.

    Raises:
        TypeError: an unknown keyword, or a value of a type that cannot be meant.
        ValueError: a value that cannot be meant.
    """
    for one in more:
        if one not in _KEYS:
            raise TypeError(f"there is no keyword {one}: {nearest(one, _KEYS)}")
    if not isinstance(task_type, str) or not task_type:
        raise TypeError(f"task_type is {kind_of(task_type)}: write a str that is not empty")
    inputs, outputs = _interface(more)
    asked = {one: kubernetes[one] for one in ("requests", "limits") if kubernetes[one] is not None}
    amounts = {one: quantities(value, one) for one, value in asked.items()}
    environment = kubernetes["environment"] or {}
    given.environment(environment, "environment")
    return ShimParts(
        name=checked_name(name),
        image=checked_image(image),
        task_type=task_type,
        task_type_version=more.get("task_type_version", 0),
        inputs=declared_inputs(inputs),
        outputs=declared_outputs(outputs),
        metadata=_metadata(more.get("metadata")),
        environment=dict(environment),
        resources=template.resources(amounts.get("requests", {}), amounts.get("limits", {})),
        security=_security(kubernetes["secret_requests"]),
        options={**kubernetes, "metadata": more.get("metadata")},
        docs=more.get("docs"),
    )


def kinds(declared: Mapping[str, Declared]) -> dict[str, Type]:
    """Return the types of one half of the interface: what may be absent is an optional there."""
    return {
        name: OptionalOf(one.kind)
        if one.fields.get("optional") and not isinstance(one.kind, OptionalOf)
        else one.kind
        for name, one in declared.items()
    }


def _interface(more: Mapping[str, Any]) -> tuple[object, object]:
    whole = more.get("interface")
    if whole is None:
        return more.get("inputs"), more.get("outputs")
    if more.get("inputs") is not None or more.get("outputs") is not None:
        raise TypeError("interface and inputs or outputs say the same: keep one")
    if not hasattr(whole, "inputs") or not hasattr(whole, "outputs"):
        raise TypeError(f"interface is {kind_of(whole)}: write NativeInterface(inputs=..., outputs=...)")
    return whole.inputs, whole.outputs


def _metadata(found: object) -> TaskMetadata:
    """Take ours, or flytekit's class of that name by its attributes. Raises TypeError."""
    if found is None or isinstance(found, TaskMetadata):
        return found or TaskMetadata()
    if not hasattr(found, "retries"):
        raise TypeError(f"metadata is {kind_of(found)}: write TaskMetadata(...)")
    names = [one.name for one in dataclasses.fields(TaskMetadata) if hasattr(found, one.name)]
    return TaskMetadata(**{name: getattr(found, name) for name in names})


def _security(secrets: object) -> SecurityContext | None:
    if secrets is None:
        return None
    if not isinstance(secrets, Sequence) or isinstance(secrets, str):
        raise TypeError(f"secret_requests is {kind_of(secrets)}: write a list of Secret")
    return SecurityContext(secrets=map(_secret, secrets)) if secrets else None


def _secret(one: object) -> Message:
    """Take a Secret of ours, of Flyte's by its attributes, or a mapping. Raises TypeError, ValueError."""

    def said(*names: str) -> Any:  # noqa: ANN401 - as somebody else declares it
        fields = one if isinstance(one, Mapping) else {name: getattr(one, name, None) for name in names}
        return next((fields[name] for name in names if fields.get(name) is not None), None)

    key, group = said("key"), said("group", "name")
    if not isinstance(key, str) and not isinstance(group, str):
        raise TypeError(f"secret_requests: {kind_of(one)} where a Secret with key and group is wanted")
    if said("file") or said("optional"):
        raise ValueError("secret_requests: Flyte's templates have no `file` and no `optional`: use `env`")
    env = said("env", "env_var", "as_env_var")
    mount = getattr(said("mount_requirement"), "value", said("mount_requirement"))
    return Message(
        key=key,
        group=group,
        group_version=said("group_version"),
        env_var=env,
        mount_requirement=Message.ENV_VAR if env else mount or Message.ANY,
    )


def dotted_name(executor_type: object) -> str:
    """Return the name by which a container imports an executor. Raises TypeError."""
    if isinstance(executor_type, str) and "." in executor_type:
        return executor_type
    if isinstance(executor_type, type) and issubclass(executor_type, ShimTaskExecutor):
        return f"{executor_type.__module__}.{executor_type.__qualname__}"
    text = "write a class that is a ShimTaskExecutor, or its dotted name"
    raise TypeError(f"executor_type is {kind_of(executor_type)}: {text}")
