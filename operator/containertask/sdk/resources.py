"""What a task asks of a node and of Secrets, as Python users write it.

Their objects may be ours, Flyte's, or mappings. It makes fields of a spec, and checks nothing that the
spec's own rules check.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Final

from containertask.sdk.wording import kind_of

Json = dict[str, Any]
Amount = str | int | float
Pair = tuple[Amount, Amount]

GPU: Final = "nvidia.com/gpu"
_AUTO: Final = "auto"
_NAMES: Final = {
    "cpu": "cpu",
    "memory": "memory",
    "mem": "memory",
    "disk": "ephemeral-storage",
    "ephemeral_storage": "ephemeral-storage",
    "storage": "ephemeral-storage",
}
"""As Flyte's two generations and ours call them, and as Kubernetes does."""
_PAIR: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Resources:
    """What the command asks of a node: a value is request and limit in one, a pair is one and the other.

    Attributes:
        cpu: cores, such as ``2``, ``0.5`` or ``"500m"``.
        memory: such as ``"4Gi"``.
        disk: scratch space beside inputs and outputs, such as ``"10Gi"``.
        gpu: how many of ``nvidia.com/gpu``, or ``"TYPE:N"`` of a type that the operator's chart names.
        shm: memory at /dev/shm, such as ``"2Gi"``, or ``"auto"`` for no limit of its own.
    """

    cpu: Amount | Pair | None = None
    memory: Amount | Pair | None = None
    disk: Amount | Pair | None = None
    gpu: int | str | None = None
    shm: str | None = None


@dataclass(frozen=True, slots=True)
class Secret:
    """A key of a Secret that the command gets, and no other container.

    Attributes:
        key: in the Secret, such as ``"password"``.
        group: name of the Secret, such as ``"database"``.
        env: variable that has the value. Default: ``GROUP_KEY`` in capitals, unless ``file`` is given.
        file: absolute path of a file that has it instead.
        optional: whether the task may run without it.
    """

    key: str
    group: str
    env: str | None = None
    file: str | None = None
    optional: bool = False


def resource_fields(given: object, where: str) -> Json:
    """Return the fields of a spec that resources become: ``resources``, ``accelerator``, ``sharedMemory``.

    ``given`` is a ``Resources``, Flyte's object of that name, or a mapping: with ``requests`` or ``limits``
    it is the spec's own field. Raises TypeError or ValueError.
    """
    if isinstance(given, Mapping) and given.keys() & {"requests", "limits"}:
        return {"resources": dict(given)}
    requests, limits, more = Json(), Json(), Json()
    for name, value in _items(given, where):
        if name == "gpu":
            more |= _accelerator(value, limits, where)
        elif name == "shm":
            more["sharedMemory"] = {} if value == _AUTO else {"sizeLimit": str(value)}
        elif isinstance(value, tuple | list):
            if len(value) != _PAIR:
                raise ValueError(f"{where}: {name} has {len(value)} values: write one, or (request, limit)")
            requests[_NAMES[name]], limits[_NAMES[name]] = map(_amount, value)
        else:
            requests[_NAMES[name]] = limits[_NAMES[name]] = _amount(value)
    return more | _both(requests, limits)


def quantities(given: object, where: str) -> Json:
    """Return one half of ``resources``, as flytekit's ``requests`` and ``limits`` give it."""
    found = Json()
    for name, value in _items(given, where):
        if name == "gpu":
            found[GPU] = _count(value, where)
        elif name in _NAMES and not isinstance(value, tuple | list):
            found[_NAMES[name]] = _amount(value)
        else:
            raise TypeError(f"{where}: {name} cannot be a part of it: write it into resources")
    return found


def secret_source(given: object, where: str) -> Json:
    """Return one item of ``secrets``: of a ``Secret``, of Flyte's object of that name, or of a mapping."""
    if isinstance(given, Mapping):
        return dict(given)
    if isinstance(given, str):
        raise TypeError(f"{where}: a key alone: write Secret({given!r}, group=...), for a key is in a Secret")
    key, group = getattr(given, "key", None), getattr(given, "group", None)
    if not isinstance(key, str) or not isinstance(group, str):
        text = "write Secret(key, group), with the name of the Secret as group"
        raise TypeError(f"{where}: {kind_of(given)} where a Secret with key and group is wanted: {text}")
    source: Json = {"name": group, "key": key}
    file = getattr(given, "file", None)
    named = (getattr(given, name, None) for name in ("env", "as_env_var", "env_var"))
    if isinstance(file, str):
        source["file"] = file
    else:
        source["env"] = next((one for one in named if one), None) or _variable(group, key)
    if getattr(given, "optional", False) is True:
        source["optional"] = True
    return source


def _variable(group: str, key: str) -> str:
    return f"{group}_{key}".upper().replace("-", "_").replace(".", "_")


def _items(given: object, where: str) -> Iterator[tuple[str, Any]]:
    """Yield what is set, by the names that some Resources or other has for it."""
    known = (*_NAMES, "gpu", "shm")
    if isinstance(given, Resources):
        found: Mapping[str, Any] = {one.name: getattr(given, one.name) for one in fields(given)}
    elif isinstance(given, Mapping):
        found = given
    elif any(hasattr(given, name) for name in known):
        found = {name: getattr(given, name, None) for name in known}
    else:
        raise TypeError(
            f"{where}: {kind_of(given)} where Resources are wanted: write Resources(cpu=1, memory='1Gi')"
        )
    for name, value in found.items():
        if name not in known:
            raise TypeError(f"{where}: there is no resource {name}: there are {', '.join(known)}")
        if value is not None:
            yield name, value


def _amount(value: Amount) -> str:
    return str(value)


def _both(requests: Json, limits: Json) -> Json:
    found = {name: half for name, half in (("requests", requests), ("limits", limits)) if half}
    return {"resources": found} if found else {}


def _accelerator(value: object, limits: Json, where: str) -> Json:
    """Take ``1``, ``"nvidia-t4:2"``, or Flyte's object with device, quantity and partition."""
    if isinstance(value, int) or (isinstance(value, str) and value.isdecimal()):
        limits[GPU] = _count(value, where)
        return {}
    if isinstance(value, str):
        name, _, count = value.partition(":")
        return {"accelerator": {"type": name, "count": int(_count(count or "1", where))}}
    device, partition = getattr(value, "device", None), getattr(value, "partition", None)
    if not isinstance(device, str):
        raise TypeError(
            f"{where}: gpu is {kind_of(value)}: write how many, or 'TYPE:N' such as 'nvidia-t4:1'"
        )
    count = _count(getattr(value, "quantity", 1), where)
    more = {"partition": partition} if partition else {}
    return {"accelerator": {"type": device, "count": int(count), **more}}


def _count(value: object, where: str) -> str:
    text = str(value)
    if isinstance(value, bool) or not text.isdecimal() or int(text) < 1:
        raise ValueError(f"{where}: gpu has to be a whole number, or 'TYPE:N' such as 'nvidia-t4:1'")
    return text


def secret_sources(given: object, where: str) -> list[Json]:
    """Return ``secrets``: of one, or of a sequence of them."""
    many = given if isinstance(given, Sequence) and not isinstance(given, str) else [given]
    return [secret_source(one, where) for one in many]
