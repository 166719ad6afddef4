"""From what a Python user gives for a keyword to fields of a spec.

It reads shapes: dicts, our dataclasses, Flyte's objects by their attributes. What a value may be is for the
spec's own rules to say.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from containertask.sdk import resources as asked
from containertask.sdk.wording import kind_of, plain_str

Json = dict[str, Any]
Read = Callable[[Any, str], Json]


def text(field: str) -> Read:
    """Return what takes a string, or a member of an enum of strings."""

    def read(value: object, name: str) -> Json:
        if not isinstance(value, str):
            raise TypeError(f"{name} is {kind_of(value)}: write a str")
        return {field: plain_str(value)}

    return read


def flag(field: str) -> Read:
    """Return what takes a boolean."""

    def read(value: object, name: str) -> Json:
        if not isinstance(value, bool):
            raise TypeError(f"{name} is {kind_of(value)}: write True or False")
        return {field: value}

    return read


def plain(field: str) -> Read:
    """Return what takes the field as it is in a manifest."""
    return lambda value, _: {field: as_json(value)}


def named(field: str) -> Read:
    """Return what takes names, for a field that wants objects with a name."""
    return lambda value, name: {
        field: [{"name": one} if isinstance(one, str) else dict(one) for one in _list(value, name)]
    }


def only(values: set[object] | frozenset[object], cure: str) -> Read:
    """Return what takes these values, which change nothing, and no other."""

    def read(value: object, name: str) -> Json:
        empty = isinstance(value, Sequence | Mapping) and not value
        same = any(type(value) is type(one) and value == one for one in values)
        if same or (empty and () in values):
            return {}
        raise ValueError(f"{name} cannot be set: {cure}")

    return read


def environment(value: object, name: str) -> Json:
    """Take a dict of strings, or the field as it is in a manifest."""
    if isinstance(value, Mapping):
        for key, one in value.items():
            if not isinstance(one, str):
                raise TypeError(f"{name}[{key!r}] is {kind_of(one)}: write a str")
        return {"env": [{"name": key, "value": one} for key, one in value.items()]}
    return {"env": [dict(one) for one in _list(value, name)]}


def layout(value: object, name: str) -> Json:
    """Take ``Direct``, ``NamedDir``, or Flyte's DIRECT and NAMED_DIR, also as members of its enum."""
    said = str(getattr(value, "name", value))
    found = {"DIRECT": "Direct", "NAMEDDIR": "NamedDir"}.get(said.upper().replace("_", ""))
    if found is None:
        raise ValueError(f"{name}: write Direct or NamedDir")
    return {"fileInputLayout": found}


def store(value: object, name: str) -> Json:
    """Take the name of an ArtifactStore, or ``storeRef`` as it is in a manifest."""
    if isinstance(value, str):
        return {"storeRef": {"name": value}}
    return {"storeRef": mapping(value, name)}


def resources(value: object, name: str) -> Json:
    """Take Resources, ours or Flyte's, or a mapping."""
    return asked.resource_fields(value, name)


def requests(value: object, name: str) -> Json:
    """Take flytekit's ``requests``."""
    return {"resources": {"requests": asked.quantities(value, name)}}


def limits(value: object, name: str) -> Json:
    """Take flytekit's ``limits``."""
    return {"resources": {"limits": asked.quantities(value, name)}}


def copilot_resources(value: object, name: str) -> Json:
    """Take what downloader and uploader need."""
    return {"copilotResources": asked.resource_fields(value, name).get("resources", {})}


def accelerator(value: object, name: str) -> Json:
    """Take a type, ``TYPE:N``, or the field as it is in a manifest."""
    if isinstance(value, Mapping):
        return {"accelerator": dict(value)}
    found = asked.resource_fields({"gpu": value}, name).get("accelerator")
    if found is None:
        raise ValueError(f"{name}: write a type of the operator's chart, such as 'nvidia-t4:1'")
    return {"accelerator": found}


def shared_memory(value: object, name: str) -> Json:
    """Take a size, True or ``auto`` for no limit, or the field as it is in a manifest."""
    if isinstance(value, Mapping):
        return {"sharedMemory": dict(value)}
    if value is True or value == "auto":
        return {"sharedMemory": {}}
    return {"sharedMemory": {"sizeLimit": text("")(value, name)[""]}}


def secrets(value: object, name: str) -> Json:
    """Take one Secret or several."""
    return {"secrets": asked.secret_sources(value, name)}


def retries(value: object, name: str) -> Json:
    """Take how often, Flyte's RetryStrategy, or the field as it is in a manifest."""
    if isinstance(value, Mapping):
        return {"retries": dict(value)}
    count = getattr(value, "count", value) if not isinstance(value, str) else value
    if isinstance(count, bool) or not isinstance(count, int) or count < 0:
        raise ValueError(
            f"{name}: {kind_of(value)}: write how often, such as 2, or a dict such as {{'limit': 2}}"
        )
    return {"retries": {"limit": count}}


def timeout(value: object, name: str) -> Json:
    """Take seconds or a timedelta for the command, Flyte's Timeout, or the field as it is in a manifest."""
    if isinstance(value, Mapping):
        return {"timeout": {clock: _duration(one, f"{name}[{clock!r}]") for clock, one in value.items()}}
    if hasattr(value, "max_runtime"):
        clocks = {"execution": value.max_runtime, "queued": getattr(value, "max_queued_time", None)}
        return {"timeout": {clock: _duration(one, name) for clock, one in clocks.items() if one is not None}}
    return {"timeout": {"execution": _duration(value, name)}}


def documentation(value: object, name: str) -> Json:
    """Take a text, or Flyte's Documentation."""
    for attribute in ("description", "short_description", "long_description"):
        if isinstance(found := getattr(value, attribute, None), str):
            return {"description": found}
    return text("description")(value, name)


def task_metadata(value: object, name: str) -> Json:
    """Take flytekit's TaskMetadata: what of it means something here."""
    if getattr(value, "cache", False):
        raise ValueError(f"{name}: cache cannot be set: this version keeps no results of earlier runs")
    found = Json()
    if count := getattr(value, "retries", 0):
        found |= retries(count, name)
    if limit := getattr(value, "timeout", None):
        found |= timeout(limit, name)
    if getattr(value, "interruptible", None) is not None:
        found["interruptible"] = bool(value.interruptible)  # type: ignore[attr-defined]
    if template := getattr(value, "pod_template_name", None):
        found["podTemplate"] = {"name": template}
    return found


def _duration(value: object, name: str) -> str:
    """Write a length of time as the API takes it: whole seconds."""
    if isinstance(value, dt.timedelta):
        value = value.total_seconds()
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or not isinstance(value, int | float) or value != int(value) or value < 1:
        raise ValueError(
            f"{name}: {kind_of(value)}: write whole seconds, a timedelta, or a str such as '1h30m'"
        )
    return f"{int(value)}s"


def _list(value: object, name: str) -> list[Any]:
    if not isinstance(value, list | tuple):
        raise TypeError(f"{name} is {kind_of(value)}: write a list")
    return list(value)


def mapping(value: object, name: str) -> Json:
    """Return a dict. Raises TypeError."""
    if not isinstance(value, Mapping):
        raise TypeError(f"{name} is {kind_of(value)}: write a dict")
    return dict(value)


def as_json(value: object) -> Any:  # noqa: ANN401 - any JSON
    """Return JSON for objects of the ``kubernetes`` package, too."""
    if hasattr(value, "openapi_types"):
        from kubernetes.client import ApiClient  # noqa: PLC0415 - only who uses its models pays for it

        make: Any = ApiClient
        return make().sanitize_for_serialization(value)
    match value:
        case Mapping():
            return {key: as_json(one) for key, one in value.items()}
        case list() | tuple():
            return [as_json(one) for one in value]
    return value
