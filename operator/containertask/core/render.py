"""Templates of a spec, rendered for one attempt: command, arguments and environment of ``main``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from containertask.api.outputs import Output, OutputSource
from containertask.api.spec import ContainerTaskSpec
from containertask.codec.templates import InputView, Rendered, Scope, render_all
from containertask.core.inputs import ReadInput
from containertask.core.names import pod_name
from containertask.core.task import TaskView

Json = dict[str, Any]


def render_spec(
    spec: ContainerTaskSpec, inputs: Mapping[str, ReadInput], task: TaskView, attempt: int
) -> Rendered:
    """Render every template once.

    Raises:
        TemplateError: the message names the element and the token.
    """
    return render_all(
        command=spec.command or [],
        args=spec.args or [],
        env={one.name: one.value for one in spec.env or () if one.value is not None},
        scope=_scope(spec, inputs, task, attempt),
    )


def environment(spec: ContainerTaskSpec, rendered: Rendered) -> list[Json]:
    """Return the user's variables as core/v1 has them, in the user's order."""
    every = []
    for one in spec.env or ():
        raw = one.model_dump(by_alias=True, exclude_none=True)
        every.append(raw | ({"value": rendered.env[one.name]} if one.name in rendered.env else {}))
    return every


def output_path(spec: ContainerTaskSpec, name: str, path: str | None) -> str:
    """Return where ``main`` leaves an output."""
    return path or f"{spec.output_dir}/{name}"


def _scope(spec: ContainerTaskSpec, inputs: Mapping[str, ReadInput], task: TaskView, attempt: int) -> Scope:
    return Scope(
        inputs={
            name: InputView(kind=one.kind, value=one.placed, path=one.path, known=one.known)
            for name, one in inputs.items()
        },
        output_paths={one.name: _file_of(spec, one) for one in spec.outputs or ()},
        fixed={
            "name": task.name,
            "namespace": task.namespace,
            "uid": task.uid,
            "attempt": str(attempt),
            "perretryuniquekey": _unique_key(pod_name(task.name, task.uid, attempt)),
        },
    )


def _file_of(spec: ContainerTaskSpec, one: Output) -> str | None:
    """Return the path of an output; a stream and the files of a glob have none."""
    is_file = one.source in {None, OutputSource.FILE} and one.glob is None
    return output_path(spec, one.name, one.path) if is_file else None


def _unique_key(pod: str) -> str:
    """Make an identifier of a Pod's name, as Flyte does."""
    word = "".join(letter if letter.isalnum() else "_" for letter in pod)
    return f"a{word.lstrip('0123456789_')}" if not word[0].isalpha() else word
