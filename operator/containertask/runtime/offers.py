"""What an administrator allows and offers, from the JSON that the chart puts into the environment."""

from __future__ import annotations

import json
from typing import Any

from containertask.core.offers import AcceleratorType, Allow, Partition

Json = dict[str, Any]


def as_object(text: str) -> Json:
    """Read a JSON object; nothing is an empty one.

    Raises:
        ValueError: it is none.
    """
    if not text:
        return {}
    try:
        raw = json.loads(text)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    if not isinstance(raw, dict):
        raise ValueError("write a JSON object")  # noqa: TRY004 - one kind of error for all bad text
    return raw


def read_allow(text: str) -> Allow:
    """Read what the Pods of tasks may have.

    Raises:
        ValueError: it cannot be read; nothing of it is guessed.
    """
    raw, default = as_object(text), Allow()
    _only(raw, "hostPaths", "privileged", "hostNamespaces", "serviceAccounts")
    paths = _texts("hostPaths", raw.get("hostPaths", []))
    for path in paths:
        if not path.startswith("/"):
            raise ValueError(f"hostPaths: {path!r} is no absolute path")
    return Allow(
        host_paths=paths,
        privileged=_truth("privileged", raw.get("privileged", default.privileged)),
        host_namespaces=_truth("hostNamespaces", raw.get("hostNamespaces", default.host_namespaces)),
        service_accounts=_texts("serviceAccounts", raw.get("serviceAccounts", [*default.service_accounts])),
    )


def read_accelerators(text: str) -> dict[str, AcceleratorType]:
    """Read how Pods get accelerators, by type.

    Raises:
        ValueError: it cannot be read.
    """
    return {name: _accelerator(name, one) for name, one in as_object(text).items()}


def read_interruptible(text: str) -> Json:
    """Read what lets Pods run on nodes that can be taken away.

    Raises:
        ValueError: it cannot be read.
    """
    raw = as_object(text)
    _only(raw, "nodeSelector", "tolerations")
    _selector("nodeSelector", raw.get("nodeSelector", {}))
    _objects("tolerations", raw.get("tolerations", []))
    return {name: value for name, value in raw.items() if value}


def _accelerator(name: str, raw: object) -> AcceleratorType:
    found = _fields(name, raw)
    _only(found, "resource", "nodeSelector", "tolerations", "partitions", where=name)
    parts = _fields(f"{name}.partitions", found.get("partitions") or {})
    return AcceleratorType(
        resource=_text(f"{name}.resource", found.get("resource")),
        node_selector=_selector(f"{name}.nodeSelector", found.get("nodeSelector") or {}),
        tolerations=tuple(_objects(f"{name}.tolerations", found.get("tolerations") or [])),
        partitions={part: _partition(f"{name}.partitions.{part}", one) for part, one in parts.items()},
    )


def _partition(where: str, raw: object) -> Partition:
    found = _fields(where, raw)
    _only(found, "resource", "nodeSelector", where=where)
    resource = found.get("resource")
    return Partition(
        resource=None if resource is None else _text(f"{where}.resource", resource),
        node_selector=_selector(f"{where}.nodeSelector", found.get("nodeSelector") or {}),
    )


def _only(raw: Json, *known: str, where: str = "") -> None:
    if unknown := sorted(raw.keys() - {*known}):
        raise ValueError(f"{where}: {unknown[0]} is no field; fields are {', '.join(known)}".lstrip(": "))


def _fields(where: str, raw: object) -> Json:
    if not isinstance(raw, dict):
        raise ValueError(f"{where}: write an object")  # noqa: TRY004
    return raw


def _text(where: str, raw: object) -> str:
    if not isinstance(raw, str) or not raw:
        raise ValueError(f"{where}: write a name")
    return raw


def _truth(where: str, raw: object) -> bool:
    if not isinstance(raw, bool):
        raise ValueError(f"{where}: write true or false")  # noqa: TRY004
    return raw


def _texts(where: str, raw: object) -> tuple[str, ...]:
    if not isinstance(raw, list) or not all(isinstance(one, str) for one in raw):
        raise ValueError(f"{where}: write a list of texts")
    return tuple(raw)


def _objects(where: str, raw: object) -> list[Json]:
    if not isinstance(raw, list) or not all(isinstance(one, dict) for one in raw):
        raise ValueError(f"{where}: write a list of objects")
    return raw


def _selector(where: str, raw: object) -> dict[str, str]:
    found = _fields(where, raw)
    if not all(isinstance(value, str) for value in found.values()):
        raise ValueError(f"{where}: write texts by name")
    return found
