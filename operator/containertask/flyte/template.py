"""A task as Flyte's ``TaskTemplate``: written from its parts, and its parts read from it.

All that an executor has of a task is in these bytes; the same parts give the same bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from flyteidl.core.identifier_pb2 import Identifier, ResourceType  # type: ignore[import-untyped]
from flyteidl.core.interface_pb2 import TypedInterface  # type: ignore[import-untyped]
from flyteidl.core.literals_pb2 import KeyValuePair, Scalar  # type: ignore[import-untyped]
from flyteidl.core.security_pb2 import SecurityContext  # type: ignore[import-untyped]
from flyteidl.core.tasks_pb2 import (  # type: ignore[import-untyped]
    Container,
    ExtendedResources,
    K8sPod,
    Resources,
    Sql,
    TaskMetadata,
    TaskTemplate,
)
from google.protobuf.message import DecodeError  # type: ignore[import-untyped]

from containertask.codec import literalsimple
from containertask.codec.errors import CodecError
from containertask.errors import InvalidTaskError
from containertask.flyte.context import SerializationContext
from containertask.types.leaves import SimpleType

Json = dict[str, Any]

_AMOUNTS: Final = {
    "cpu": Resources.CPU,
    "memory": Resources.MEMORY,
    "ephemeral-storage": Resources.EPHEMERAL_STORAGE,
    "nvidia.com/gpu": Resources.GPU,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateParts:
    """What a template is made of; a part that is None, or empty, is not in it.

    Attributes:
        custom: JSON for the executor.
        container: what runs; ``k8s_pod`` or ``sql`` takes its place, as a template has one of the three.
    """

    name: str
    task_type: str
    task_type_version: int
    metadata: TaskMetadata
    interface: TypedInterface
    custom: Json
    container: Container | None = None
    k8s_pod: K8sPod | None = None
    sql: Sql | None = None
    config: Mapping[str, str] = field(default_factory=dict)
    security_context: SecurityContext | None = None
    extended_resources: ExtendedResources | None = None


def template(parts: TemplateParts, settings: SerializationContext) -> TaskTemplate:
    """Return the template. Raises InvalidTaskError: ``custom`` holds what a template cannot."""
    made = TaskTemplate(
        id=Identifier(
            resource_type=ResourceType.TASK,
            project=settings.project,
            domain=settings.domain,
            name=parts.name,
            version=settings.version,
        ),
        type=parts.task_type,
        task_type_version=parts.task_type_version,
        metadata=parts.metadata,
        interface=parts.interface,
        custom=_custom(parts.custom),
        config=parts.config,
        security_context=parts.security_context,
        extended_resources=parts.extended_resources,
    )
    for name in ("container", "sql", "k8s_pod"):
        if (target := getattr(parts, name)) is not None:
            getattr(made, name).CopyFrom(target)
    return made


def container(
    image: str, args: list[str], env: Mapping[str, str], resources: Resources | None = None
) -> Container:
    """Return what runs: the image's ENTRYPOINT stays, as ``command`` is empty."""
    pairs = [KeyValuePair(key=name, value=value) for name, value in env.items()]
    return Container(image=image, args=args, env=pairs, resources=resources)


def resources(requests: Mapping[str, str], limits: Mapping[str, str]) -> Resources:
    """Return amounts, by Kubernetes' names, as Flyte has them."""
    return Resources(requests=_entries(requests), limits=_entries(limits))


def parse(data: bytes) -> TaskTemplate:
    """Read the bytes of ``task.pb``. Raises InvalidTaskError: they are none."""
    try:
        return TaskTemplate.FromString(data)
    except DecodeError:
        raise InvalidTaskError(["these bytes are no TaskTemplate of Flyte's"]) from None


def to_bytes(message: Any) -> bytes:  # noqa: ANN401 - any message, which have no types of Python's own
    """Return the bytes of a message: those of equal messages are equal."""
    return bytes(message.SerializeToString(deterministic=True))


def custom(tt: TaskTemplate) -> Json:
    """Return what ``get_custom`` gave: protobuf has no integers there, and a whole number comes back as one.

    Raises InvalidTaskError: it is no JSON.
    """
    try:
        found = literalsimple.read(SimpleType.STRUCT, Scalar(generic=tt.custom))
    except CodecError as error:
        raise InvalidTaskError([f"custom: {error}"]) from None
    return found if isinstance(found, dict) else {}


def _custom(given: object) -> Any:  # noqa: ANN401 - google.protobuf.Struct
    if not isinstance(given, dict):
        raise InvalidTaskError(
            [f"custom: a value of class {type(given).__name__}: get_custom returns a dict"]
        )
    scalar = Scalar()
    try:
        literalsimple.fill(scalar, SimpleType.STRUCT, given)
    except CodecError as error:
        raise InvalidTaskError([f"custom: {error}"]) from None
    return scalar.generic


def _entries(amounts: Mapping[str, str]) -> list[Resources.ResourceEntry]:
    return [Resources.ResourceEntry(name=_AMOUNTS[name], value=value) for name, value in amounts.items()]
