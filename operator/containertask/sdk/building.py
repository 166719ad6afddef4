"""From a task in Python to the object that ``kubectl apply`` takes, with all that the operator says to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from containertask.core.accept import Refused, accept
from containertask.core.task import API_VERSION, KIND, task_view
from containertask.errors import InvalidTaskError
from containertask.sdk.declare import MISSING, ConfigMapKey, Declared
from containertask.sdk.files import Dir, File
from containertask.sdk.values import to_wire
from containertask.sdk.wording import nearest
from containertask.types.leaves import StoredType
from containertask.types.model import DatasetOf, Type, present

Json = dict[str, Any]
Place = Callable[[File | Dir, Type, str], Any]

_BORN: Final = {
    "namespace": "default",
    "uid": "00000000-0000-0000-0000-000000000000",
    "resourceVersion": "1",
    "creationTimestamp": "2000-01-01T00:00:00Z",
}
"""What the API server gives an object: for looking at one that it has not."""


@dataclass(frozen=True, slots=True)
class OutputRef:
    """An output of another task of the namespace, as an input: the task then waits for that one.

    Attributes:
        task: name of the ContainerTask.
        output: name of the output.
        source: the run that it is of, where that may still have to be sent.
    """

    task: str
    output: str
    source: Any = field(default=None, compare=False, repr=False)


def input_items(
    declared: Mapping[str, Declared], values: Mapping[str, object], place: Place, *, with_types: bool = True
) -> list[Json]:
    """Return ``spec.inputs``. Raises TypeError for a name that is no input's, or a value of another type."""
    for name in values:
        if name not in declared:
            raise TypeError(f"there is no input {name}: {nearest(name, declared)}")
    found = []
    for name, one in declared.items():
        item: Json = {"name": name}
        if with_types:
            item |= {"type": str(one.kind), **one.fields}
            if one.default is not MISSING:
                item["default"] = to_wire(one.default, one.annotation, f"input `{name}`", place)
        if name in values:
            item |= _source(values[name], one, f"input `{name}`", place)
            if "uri" in item or item.get("value", MISSING) is None:
                item.pop("default", None)
        found.append(item)
    return found if with_types else [one for one in found if len(one) > 1]


def _source(value: object, declared: Declared, where: str, place: Place) -> Json:
    match value:
        case OutputRef():
            return {"valueFrom": {"taskOutputRef": {"name": value.task, "output": value.output}}}
        case ConfigMapKey():
            return {"valueFrom": {"configMapKeyRef": {"name": value.name, "key": value.key}}}
        case File(uri=str(uri)) | Dir(uri=str(uri)):
            digest = getattr(value, "sha256", None)
            return {"uri": uri, **({"sha256": digest} if isinstance(digest, str) else {})}
    wire = to_wire(value, declared.annotation, where, place)
    itself = isinstance(present(declared.kind), StoredType | DatasetOf)
    if itself and isinstance(wire, dict) and wire.keys() == {"uri"}:
        return {"uri": wire["uri"]}
    return {"value": wire}


def output_items(declared: Mapping[str, Declared]) -> list[Json]:
    """Return ``spec.outputs``."""
    return [{"name": name, "type": str(one.kind), **one.fields} for name, one in declared.items()]


def manifest(metadata: Json, spec: Json) -> Json:
    """Return the object. Raises InvalidTaskError with all that is wrong with it.

    Of a task that names a template, that is what no template would make right.
    """
    document = {"apiVersion": API_VERSION, "kind": KIND, "metadata": metadata, "spec": spec}
    found = accept(task_view({**document, "metadata": {**_BORN, **metadata}, "status": {}}))
    if isinstance(found, Refused):
        raise InvalidTaskError([str(one) for one in found.problems])
    return document
