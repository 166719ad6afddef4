"""``ContainerTask``: one container to run, with typed inputs and outputs, as an object of Python.

A call runs it on this machine; ``submit`` runs it on a cluster; ``to_manifest`` gives what ``kubectl`` takes.
It holds no connection and no state of any run.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, Literal, Self, Unpack

from containertask.sdk import parts as read
from containertask.sdk.declare import MISSING, Missing
from containertask.sdk.interface import NativeInterface
from containertask.sdk.keywords import LOCAL, spec_fields
from containertask.sdk.options import Options, Overrides
from containertask.sdk.parts import HasUri, Parts
from containertask.sdk.running import Running

if TYPE_CHECKING:
    from flyteidl.core.tasks_pb2 import DataLoadingConfig  # type: ignore[import-untyped]

    from containertask.flyte.context import SerializationContext


class ContainerTask(Running):
    """One container to run, with typed inputs and outputs.

    The first ten parameters have the names, the order and the meaning of Flyte's class of this name; the
    keywords are those of ``Options``.

    Args:
        name: of the task. Kubernetes' name is made of it where it is none.
        image: of the command, or an object whose ``uri`` is its name.
        command: program and first arguments; templates such as ``{{.inputs.a}}``. Without it the image's
            ENTRYPOINT runs.
        inputs: names and types, such as ``{"a": float}``, or ``Input(...)`` for more.
        arguments: further arguments.
        outputs: names and types, or ``Output(...)`` for more.
        input_data_dir: absolute path of the folder in which the command finds a file for each input.
        output_data_dir: absolute path of the folder in which it leaves a file for each output.
        metadata_format: of the manifest beside the inputs.
        local_logs: whether what the command writes is shown when it runs on this machine.

    Raises:
        TypeError: an unknown keyword, or a value of a type that cannot be meant.
        ValueError: a value that cannot be meant.

    Example:
        >>> import containertask as ct
        >>> area = ct.ContainerTask(
        ...     "ellipse",
        ...     "alpine:3.22",
        ...     ["sh", "-c", 'echo "3.14159 * $1 * $2" | bc > /var/outputs/area', "-"],
        ...     inputs={"a": float, "b": float},
        ...     arguments=["{{.inputs.a}}", "{{.inputs.b}}"],
        ...     outputs={"area": float},
        ... )
        >>> area.to_manifest(a=3.0, b=4.0)["spec"]["args"]
        ['{{.inputs.a}}', '{{.inputs.b}}']
    """

    def __init__(  # noqa: PLR0913, PLR0917 - the parameters of Flyte's class
        self,
        name: str,
        image: str | HasUri,
        command: Sequence[str] = (),
        inputs: Mapping[str, object] | None = None,
        arguments: Sequence[str] | None = None,
        outputs: Mapping[str, object] | None = None,
        input_data_dir: str | PurePath = "/var/inputs",
        output_data_dir: str | PurePath = "/var/outputs",
        metadata_format: Literal["JSON", "YAML", "PROTO"] = "JSON",
        local_logs: bool = True,  # noqa: FBT001, FBT002 - as above
        **options: Unpack[Options],
    ) -> None:
        declared, results = read.checked_interface(inputs, outputs)
        keywords: dict[str, Any] = {**options}
        own = read.checked_own({one: keywords.pop(one) for one in LOCAL & keywords.keys()})
        spec_fields(keywords)
        self._parts = Parts(
            name=read.checked_name(name),
            image=read.checked_image(image),
            command=read.checked_words(command, "command"),
            arguments=read.checked_words(arguments, "arguments"),
            inputs=declared,
            outputs=results,
            input_dir=read.checked_folder(input_data_dir, "input_data_dir"),
            output_dir=read.checked_folder(output_data_dir, "output_data_dir"),
            metadata_format=read.checked_format(metadata_format),
            local_logs=bool(local_logs),
            options=keywords,
            own=own,
        )

    def __repr__(self) -> str:
        return f"ContainerTask({self.name!r}, {self.image!r})"

    # --- What it is ---

    @property
    def name(self) -> str:
        """The name that it was given."""
        return self._parts.name

    @property
    def image(self) -> str:
        """Name of the image."""
        return self._parts.image

    @property
    def runs_here(self) -> bool:
        """Tell whether calls run on this machine."""
        return self._parts.local

    @property
    def native_interface(self) -> NativeInterface:
        """Names, Python types and defaults of inputs and outputs."""
        inputs = self._parts.inputs
        return NativeInterface(
            inputs={name: one.annotation for name, one in inputs.items()},
            outputs={name: one.annotation for name, one in self._parts.outputs.items()},
            defaults={name: one.default for name, one in inputs.items() if one.default is not MISSING},
        )

    def config(self, sctx: SerializationContext | None = None) -> dict[str, str]:  # noqa: ARG002 - a hook
        """Return more annotations for the object; a subclass may have some. None here."""
        return {}

    def container_args(self, sctx: SerializationContext | None = None) -> list[str]:  # noqa: ARG002 - as above
        """Return command and arguments, as they were written."""
        return [*self._parts.command, *self._parts.arguments]

    def custom_config(self, sctx: SerializationContext | None = None) -> dict[str, Any]:  # noqa: ARG002
        """Return what a plugin of Flyte would be told; a subclass may have something. Nothing here."""
        return {}

    def data_loading_config(self, sctx: SerializationContext | None = None) -> DataLoadingConfig:  # noqa: ARG002
        """Return how data comes and goes, as Flyte's message."""
        from containertask.sdk.dataloading import data_loading  # noqa: PLC0415 - protobuf is slow to load

        return data_loading(self._parts)

    def sql(self, sctx: SerializationContext | None = None) -> str | None:  # noqa: ARG002 - a hook
        """Return the statement that the task is; None for a container."""
        return None

    # --- Another one ---

    def override(
        self,
        *,
        local: bool | Missing | None = MISSING,
        ref: bool | Missing | None = MISSING,
        image: str | HasUri | Missing = MISSING,
        **more: Unpack[Overrides],
    ) -> Self:
        """Return another task, the same but for what is given; this one stays as it is.

        What is given takes the place of all that was said of the same thing before: ``0``, ``{}`` and ``""``
        are values, and None is the default again.

        Args:
            local: True: calls run on this machine, as by default. False: on the cluster.
            ref: True: it is a reference to the template of its name, and says only what is overridden.
            image: of the command.
            more: the keywords of ``Overrides``, such as ``resources``, ``retries``, ``timeout``, ``env``.

        Raises:
            TypeError: an unknown keyword, or a value of a type that cannot be meant.
            ValueError: a value that cannot be meant, or a part that makes it another task.
        """
        parts = self._parts.with_options({**more})
        if not isinstance(image, Missing):
            parts = replace(parts, image=read.checked_image(image), changed=parts.changed | {"image"})
        if local is not MISSING:
            parts = replace(parts, local=read.checked_flag(local, "local", default=True))
        if ref is not MISSING:
            parts = replace(parts, ref=read.checked_flag(ref, "ref", default=False))
        made = copy.copy(self)
        made._parts = parts  # noqa: SLF001 - of the same class
        return made
