"""How a PythonCustomizedContainerTask is written down: each part of its template."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from containertask.errors import InvalidTaskError
from containertask.flyte import interface, metadata, template
from containertask.flyte.context import SerializationContext
from containertask.sdk.shimparts import ShimParts, kinds

if TYPE_CHECKING:
    from flyteidl.core.interface_pb2 import TypedInterface  # type: ignore[import-untyped]
    from flyteidl.core.security_pb2 import SecurityContext  # type: ignore[import-untyped]
    from flyteidl.core.tasks_pb2 import (  # type: ignore[import-untyped]
        Container,
        ExtendedResources,
        K8sPod,
        Resources,
        Sql,
        TaskTemplate,
    )
    from flyteidl.core.workflow_pb2 import NodeMetadata  # type: ignore[import-untyped]

    from containertask.flyte.metadata import TaskMetadata
    from containertask.flyte.resolver import TaskTemplateResolver

_COMMAND: Final = (
    "ctask-execute",
    "--inputs",
    "{{.input}}",
    "--output-prefix",
    "{{.outputPrefix}}",
    "--raw-output-data-prefix",
    "{{.rawOutputDataPrefix}}",
    "--resolver",
)


class ShimModel:
    """The part of a shim task that becomes Flyte's messages."""

    _parts: ShimParts
    _resolver: TaskTemplateResolver
    _executor_name: str

    @property
    def executor_name(self) -> str:
        """Dotted name by which a container imports the executor."""
        return self._executor_name

    @property
    def task_resolver(self) -> TaskTemplateResolver:
        """What finds the task again in the container."""
        return self._resolver

    @property
    def task_type(self) -> str:
        """Type of the template."""
        return self._parts.task_type

    @property
    def task_type_version(self) -> int:
        """Version of that type."""
        return self._parts.task_type_version

    @property
    def environment(self) -> dict[str, str]:
        """Environment of the container."""
        return dict(self._parts.environment)

    @property
    def resources(self) -> Resources:
        """Requests and limits, as Flyte's message."""
        return self._parts.resources

    @property
    def security_context(self) -> SecurityContext | None:
        """The secrets, as Flyte's message; None without any."""
        return self._parts.security

    @property
    def metadata(self) -> TaskMetadata:
        """Retries, timeout and more."""
        return self._parts.metadata

    @property
    def interface(self) -> TypedInterface:
        """Inputs and outputs, as Flyte's message."""
        return interface.typed_interface(kinds(self._parts.inputs), kinds(self._parts.outputs))

    def construct_node_metadata(self) -> NodeMetadata:
        """Return what a workflow's node for this task would say."""
        return metadata.node_metadata(self._parts.name, self.metadata)

    def get_command(self, settings: SerializationContext) -> list[str]:
        """Return the words of the container: its image has to have ``ctask-execute``."""
        return [*_COMMAND, self.task_resolver.location, "--", *self.task_resolver.loader_args(settings, self)]

    def get_config(self, settings: SerializationContext) -> dict[str, str]:  # noqa: ARG002 - a hook
        """Return ``config`` of the template; a subclass may have some. None here."""
        return {}

    def get_custom(self, settings: SerializationContext) -> dict[str, Any]:  # noqa: ARG002 - as above
        """Return all that the executor needs, as JSON; a subclass has to."""
        text = "return there what the executor needs, or {}"
        raise NotImplementedError(f"{type(self).__name__} has to have get_custom: {text}")

    def get_image(self, settings: SerializationContext) -> str:  # noqa: ARG002 - as above
        """Return the image. Raises InvalidTaskError for flytekit's ``{{.image...}}``."""
        if "{{" in self._parts.image:
            raise InvalidTaskError(
                ["container_image: no template is filled in there: write the image's name"]
            )
        return self._parts.image

    def get_container(self, settings: SerializationContext) -> Container:
        """Return what runs: words for the image's ENTRYPOINT, and the task's environment."""
        env = {**settings.env, **self.environment}
        words = self.get_command(settings)
        return template.container(self.get_image(settings), words, env, self.resources)

    def get_k8s_pod(self, settings: SerializationContext) -> K8sPod | None:  # noqa: ARG002 - as above
        """Return a Pod in the container's place. A hook: None here."""
        return None

    def get_sql(self, settings: SerializationContext) -> Sql | None:  # noqa: ARG002 - as above
        """Return a statement in the container's place. A hook: None here."""
        return None

    def get_extended_resources(self, settings: SerializationContext) -> ExtendedResources | None:  # noqa: ARG002
        """Return accelerators and shared memory. A hook: None here."""
        return None

    def serialize_to_model(self, settings: SerializationContext) -> TaskTemplate:
        """Return the template. Raises NotImplementedError without ``get_custom``, InvalidTaskError."""
        pod, sql = self.get_k8s_pod(settings), self.get_sql(settings)
        parts = template.TemplateParts(
            name=self._parts.name,
            task_type=self.task_type,
            task_type_version=self.task_type_version,
            metadata=metadata.task_metadata(self.metadata),
            interface=self.interface,
            custom=self.get_custom(settings),
            container=self.get_container(settings) if pod is None and sql is None else None,
            k8s_pod=pod,
            sql=sql,
            config=self.get_config(settings),
            security_context=self.security_context,
            extended_resources=self.get_extended_resources(settings),
        )
        return template.template(parts, settings)
