"""How a Pod's parts are merged: a named PodTemplate, the task's podTemplate over it, our own Pod over both.

The rule: maps merge by key; lists of things that have a name merge by it, and a thing of the later layer
replaces that of the earlier as a whole, but containers, which merge field by field; other lists are
appended, without what is there already; everything else is replaced. ``podfields`` has each field's.
Merging a layer a second time changes nothing. Pure, and total for what ``overlaycheck`` lets through.
"""

from __future__ import annotations

import posixpath
from collections.abc import Mapping, Sequence
from typing import Any, Final, assert_never

from containertask.core.podfields import CONTAINER, POD, Field, Merge

Json = dict[str, Any]

_WHOLE: Final = frozenset({"appArmorProfile", "seLinuxOptions", "seccompProfile", "windowsOptions"})
"""Objects whose fields make sense together only."""
_OURS: Final = "CT_"


def merge_pods(under: Json, over: Json) -> Json:
    """Merge the specs of two Pods."""
    return _fields(under, over, POD)


def merge_containers(under: Json, over: Json) -> Json:
    """Merge two containers of one name."""
    return _fields(under, over, CONTAINER)


def _fields(under: Json, over: Json, table: Mapping[str, Field]) -> Json:
    merged = {**over, **{name: value for name, value in under.items() if name not in over}}
    for name in under.keys() & over.keys():
        merged[name] = _value(name, table[name], under[name], over[name])
    return merged


def _value(name: str, field: Field, under: Any, over: Any) -> Any:  # noqa: ANN401 (JSON)
    match field.merge:
        case Merge.REPLACE:
            return over
        case Merge.MAP:
            return {**under, **over}
        case Merge.DEEP:
            return merge_deep(under, over)
        case Merge.APPEND:
            return _appended(under, over)
        case Merge.NAMED:
            return _named(name, under, over, field.keys)
        case Merge.CONTAINERS:
            before = {one["name"]: one for one in under}
            mixed = [merge_containers(before.get(one["name"], {}), one) for one in over]
            return _named(name, under, mixed, field.keys)
    assert_never(field.merge)


def merge_deep(under: Json, over: Json) -> Json:
    """Merge maps of maps; lists in them are appended, or merged by ``name`` where all items have one."""
    merged = {**under, **over}
    for name in (under.keys() & over.keys()) - _WHOLE:
        match under[name], over[name]:
            case dict() as before, dict() as after:
                merged[name] = merge_deep(before, after)
            case list() as before, list() as after:
                have_names = all(isinstance(one, dict) and "name" in one for one in (*before, *after))
                merged[name] = (
                    _named(name, before, after, ("name",)) if have_names else _appended(before, after)
                )
    return merged


def _appended(under: Sequence[object], over: Sequence[object]) -> list[object]:
    return [*under, *(one for one in over if one not in under)]


def _named(name: str, under: Sequence[Json], over: Sequence[Json], keys: Sequence[str]) -> list[Json]:
    """Merge by name. The later layer comes first, but for variables: one may refer to those before it."""
    later = {identity(one, keys) for one in over}
    kept = [one for one in under if identity(one, keys) not in later]
    if name != "env":
        return [*over, *kept]
    return sorted([*kept, *over], key=lambda one: not one["name"].startswith(_OURS))


def identity(item: Json, keys: Sequence[str]) -> tuple[object, ...]:
    """Return by what an item of a list is told from the others; paths as the node will read them."""
    return tuple(
        normal_path(item[key])
        if key == "mountPath"
        else repr(item.get(key, "TCP" if key == "protocol" else None))
        for key in keys
    )


def normal_path(path: str) -> str:
    """Return a path without ``.``, ``..`` and double slashes: what a node makes of it."""
    return posixpath.normpath(f"/{path.lstrip('/')}")
