"""A shim task as a run that is not sent: what ``compile`` returns.

Its container runs as any other. Where Flyte's backend would fill in places of a store, there are those that
every task of containertask has: its folder of inputs, with ``inputs.pb`` in it, and its folder of outputs,
where an ``error.pb`` is looked for. The template itself is one of the arguments.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from containertask.errors import InvalidTaskError
from containertask.flyte.storage import DATA
from containertask.flyte.template import to_bytes
from containertask.sdk.building import OutputRef, input_items, manifest, output_items
from containertask.sdk.cluster import Cluster
from containertask.sdk.keywords import spec_fields
from containertask.sdk.naming import run_name
from containertask.sdk.placing import Placing
from containertask.sdk.run import Run
from containertask.sdk.sending import Order
from containertask.sdk.shimparts import ShimParts

if TYPE_CHECKING:
    from flyteidl.core.tasks_pb2 import TaskTemplate  # type: ignore[import-untyped]

Json = dict[str, Any]

MAX_TEMPLATE_BYTES: Final = 90 * 1024
"""How large a template may be: Linux takes 128 KiB as one argument, of which base64 takes a quarter."""
_INPUTS: Final = "/var/inputs"
_OUTPUTS: Final = "/var/outputs"
_NOTHING: Final = '""'
_TOKEN: Final = re.compile(r"\{\{\s*[.$](\w+)\s*\}\}")
_PROGRAMS: Final = ("ctask-execute", "containertask.flyte.execute")


def unsent(parts: ShimParts, template: TaskTemplate, cluster: Cluster, inputs: Mapping[str, object]) -> Run:
    """Return the run.

    Args:
        parts: of the task.
        template: with the container that runs, and Flyte's templates in its words.
        cluster: where it would go; nothing is asked of it.
        inputs: values by name; an output of another run is one.

    Raises:
        TypeError, ValueError: an input that cannot be meant, or what no ContainerTask has.
        InvalidTaskError: a file that is not there, or too large; a program that leaves no files.
    """
    container, places = template.container, _places(to_bytes(template))
    words = [*container.command, *container.args]
    if parts.outputs and not any(program in word for word in words for program in _PROGRAMS):
        text = (
            "get_command: only ctask-execute leaves outputs as files, in which containertask looks for them"
        )
        raise InvalidTaskError([text])
    env = {one.key: _filled(one.value, places) for one in container.env}
    spec = {
        "image": container.image,
        "command": [_filled(one, places) for one in container.command],
        "args": [_filled(one, places) for one in container.args],
        "metadataFormat": "PROTO",
        **spec_fields({**parts.options, "environment": env}),
        "inputs": input_items(parts.inputs, inputs, Placing()),
        "outputs": output_items(parts.outputs),
    }
    document = manifest(
        {"name": run_name(parts.name)}, {name: one for name, one in spec.items() if one != []}
    )
    annotations = {name: one.annotation for name, one in parts.outputs.items()}
    return Run(Order(document, _sources(inputs)), cluster, outputs=annotations)


def _places(template: bytes) -> dict[str, str]:
    """Return what takes the place of Flyte's tokens, in small letters."""
    if len(template) > MAX_TEMPLATE_BYTES:
        size = f"{len(template)} bytes, at most {MAX_TEMPLATE_BYTES} do"
        raise InvalidTaskError([f"get_custom: the template takes {size}: pass large values as inputs"])
    return {
        "input": f"{_INPUTS}/inputs.pb",
        "inputprefix": _INPUTS,
        "outputprefix": _OUTPUTS,
        "rawoutputdataprefix": _NOTHING,
        "checkpointoutputprefix": _NOTHING,
        "prevcheckpointprefix": _NOTHING,
        "tasktemplatepath": DATA + base64.b64encode(template).decode(),
    }


def _filled(text: str, places: Mapping[str, str]) -> str:
    return _TOKEN.sub(lambda token: places.get(token[1].lower(), token[0]), text)


def _sources(inputs: Mapping[str, object]) -> tuple[Run, ...]:
    """Return the runs of this process whose outputs are inputs, each once."""
    runs = [one.source for one in inputs.values() if isinstance(one, OutputRef)]
    return tuple({one.name: one for one in runs if isinstance(one, Run)}.values())
