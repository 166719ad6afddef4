"""What of an overlay is refused, before any Pod exists: fields that are ours, our containers and volumes.

Total over JSON: what is let through has the shapes that ``overlay`` merges.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from containertask import contract
from containertask.core.names import DOWNLOADER, INPUTS_VOLUME, MAIN, OUTPUTS_VOLUME, UPLOADER, is_our_volume
from containertask.core.overlay import identity, normal_path
from containertask.core.podfields import CONTAINER, POD, Field, Merge, Owner
from containertask.words import kind, shown

Json = dict[str, Any]
Trouble = tuple[str, str]
"""A field of the overlay, and what is wrong with it."""

_OTHERS: Final = 8
_OURS: Final = contract.CONTROL_DIR.rpartition("/")[0]
_DEPTH: Final = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """One overlay. ``own`` is the task's own, in which a field of ours is a mistake and no default."""

    own: bool
    folders: tuple[str, ...]
    """Where ``main`` has what is ours: nothing else may be mounted there, above or inside."""

    def troubles(self, raw: object) -> Iterator[Trouble]:
        """Yield what is wrong with the spec of a Pod."""
        if not isinstance(raw, Mapping):
            yield "", f"{kind(raw)} where an object is wanted"
        elif _too_deep(raw):
            yield "", f"nested deeper than {_DEPTH} levels"
        else:
            spec = without_nulls(raw)
            found = [*self._fields("", spec, POD)]
            yield from found
            if not found:
                if (text := too_many(spec)) is not None:
                    yield ".containers", text
                yield from self._containers(spec)
                yield from _volumes(spec)

    def _fields(self, where: str, raw: Json, table: Mapping[str, Field]) -> Iterator[Trouble]:
        for name, value in raw.items():
            field, path = table.get(name), f"{where}.{shown(name)}"
            if field is None:
                near = difflib.get_close_matches(name[:64], table, n=1)
                yield (
                    path,
                    f"is no field that this version knows{f'; did you mean {near[0]}?' if near else ''}",
                )
            elif field.owner is Owner.REFUSED or (self.own and field.owner is Owner.OURS):
                yield path, f"cannot be set here: {field.cure}"
            elif field.owner is Owner.OVERLAY:
                yield from _shape(path, value, field)

    def _containers(self, spec: Json) -> Iterator[Trouble]:
        for section in ("initContainers", "containers"):
            for one in spec.get(section, ()):
                name, where = one["name"], f".{section}[{shown(str(one['name']))}]"
                if name in {DOWNLOADER, UPLOADER} or (name == MAIN and section == "initContainers"):
                    yield where, "this name belongs to a container of ours: choose another one"
                elif name == MAIN:
                    found = [*self._fields(where, one, CONTAINER)]
                    yield from found or self._main(where, one)
                else:
                    yield from (_misshapen(where, one) or _others(where, one, section))

    def _main(self, where: str, main: Json) -> Iterator[Trouble]:
        for one in main.get("env", ()):
            if str(one["name"]).startswith("CT_"):
                yield f"{where}.env[{shown(str(one['name']))}]", "names that start with CT_ are ours"
        for one in main.get("volumeMounts", ()):
            path = f"{where}.volumeMounts[{shown(one['mountPath'])}]"
            if is_our_volume(str(one.get("name"))):
                yield path, f"the volume {one.get('name')} is ours, and main has what it needs of it"
            taken = [each for each in (_OURS, *self.folders) if _nested(normal_path(one["mountPath"]), each)]
            if taken:
                yield path, f"{taken[0]} is there, or inside, or above: choose another path"


def count_others(spec: Json) -> int:
    """Return how many containers run beside ours."""
    every = [*spec.get("containers", ()), *spec.get("initContainers", ())]
    return sum(one["name"] != MAIN for one in every)


def too_many(spec: Json) -> str | None:
    """Say so if there is no room for what the copilot has to report: all containers share it."""
    found = count_others(spec)
    return f"{found} other containers: at most {_OTHERS} can run beside ours" if found > _OTHERS else None


def without_nulls(raw: Any) -> Any:  # noqa: ANN401 (JSON)
    """Return the same without fields that are null: for the API server they are not there."""
    if isinstance(raw, Mapping):
        return {name: without_nulls(value) for name, value in raw.items() if value is not None}
    return [without_nulls(one) for one in raw] if isinstance(raw, list) else raw


def _shape(where: str, value: object, field: Field) -> Iterator[Trouble]:
    match field.merge:
        case Merge.REPLACE:
            return
        case Merge.MAP | Merge.DEEP:
            if not isinstance(value, dict):
                yield where, f"{kind(value)} where an object is wanted"
        case Merge.APPEND:
            if not isinstance(value, list):
                yield where, f"{kind(value)} where a list is wanted"
        case Merge.NAMED | Merge.CONTAINERS:
            yield from _items(where, value, field.keys)


def _items(where: str, value: object, keys: Sequence[str]) -> Iterator[Trouble]:
    if not isinstance(value, list):
        yield where, f"{kind(value)} where a list is wanted"
        return
    seen = set()
    for number, one in enumerate(value):
        wanted = int if keys[0] == "containerPort" else str
        if not isinstance(one, dict) or not isinstance(one.get(keys[0]), wanted) or not one[keys[0]]:
            yield f"{where}[{number}]", f"write an object with {keys[0]}"
            continue
        if identity(one, keys) in seen:
            yield (
                f"{where}[{shown(str(one[keys[0]]))}]",
                "is there twice: choose another name, or leave it out",
            )
        seen.add(identity(one, keys))


def _misshapen(where: str, container: Json) -> list[Trouble]:
    """Say what of another container is no field, or could not be merged with that of another layer."""
    found: list[Trouble] = []
    for name, value in container.items():
        if (field := CONTAINER.get(name)) is None:
            found.append((f"{where}.{shown(name)}", "is no field that this version knows"))
        else:
            found += _shape(f"{where}.{name}", value, field)
    return found


def _others(where: str, container: Json, section: str) -> Iterator[Trouble]:
    """Say what another container may not do.

    Of our volumes it gets the user's own files alone. It starts nothing anew but itself, as a native sidecar:
    Kubernetes would let it start the whole Pod anew, outside of all budgets (seen).
    """
    if "restartPolicyRules" in container:
        yield f"{where}.restartPolicyRules", "cannot be set here: set retries of the task"
    if section == "containers" and "restartPolicy" in container:
        yield f"{where}.restartPolicy", "cannot be set here: make it an init container with Always"
    for one in container.get("volumeMounts", ()):
        name, path = str(one.get("name")), f"{where}.volumeMounts[{shown(one['mountPath'])}]"
        if name == INPUTS_VOLUME and one.get("readOnly") is not True:
            yield path, f"the volume {name} can be mounted with readOnly: true only"
        elif is_our_volume(name) and name not in {INPUTS_VOLUME, OUTPUTS_VOLUME}:
            yield (
                path,
                f"the volume {shown(name)} is ours: {INPUTS_VOLUME} and {OUTPUTS_VOLUME} can be mounted",
            )


def _volumes(spec: Json) -> Iterator[Trouble]:
    for one in spec.get("volumes", ()):
        if is_our_volume(one["name"]):
            yield f".volumes[{shown(one['name'])}]", "a volume of ours has this name: choose another one"


def _nested(path: str, other: str) -> bool:
    first, second = (f"{one.rstrip('/')}/" for one in (path, other))
    return first.startswith(second) or second.startswith(first)


def _too_deep(raw: object) -> bool:
    level: list[object] = [raw]
    for _ in range(_DEPTH):
        level = [inner for one in level for inner in _inside(one)]
        if not level:
            return False
    return True


def _inside(one: object) -> Sequence[object]:
    if isinstance(one, Mapping):
        return [*one.values()]
    return one if isinstance(one, list) else ()
