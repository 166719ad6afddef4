"""``pod_template`` as Python users write it: a name, the spec's own field, or Flyte's object."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from containertask.sdk.given import Json, as_json, mapping, text
from containertask.sdk.wording import kind_of

PRIMARY: Final = "primary container"
"""No field of a spec: which container of ``podTemplate`` is the command's, by Flyte's name for it."""
_MAIN: Final = "main"


def pod_template_name(value: object, name: str) -> Json:
    """Take the name of a PodTemplate of the namespace."""
    return {"podTemplate": {"name": text("")(value, name)[""]}}


def pod_template(value: object, name: str) -> Json:
    """Take a name, Flyte's PodTemplate with its pod_spec, or the field as it is in a manifest."""
    if isinstance(value, str):
        return pod_template_name(value, name)
    if isinstance(value, Mapping):
        return {"podTemplate": as_json(value)}
    if not hasattr(value, "pod_spec"):
        raise TypeError(f"{name} is {kind_of(value)}: write a name, or a dict such as {{'metadata': ...}}")
    spec = mapping(as_json(value.pod_spec or {}), name)
    marks = {key: found for key in ("labels", "annotations") if (found := getattr(value, key, None))}
    metadata = {"metadata": {key: dict(one) for key, one in marks.items()}} if marks else {}
    found = {**metadata, "spec": spec}
    rename_primary(found, getattr(value, "primary_container_name", None) or "primary")
    return {"podTemplate": found}


def primary_container(value: object, name: str) -> Json:
    """Take the name of the command's container in ``pod_template``."""
    return {PRIMARY: text("")(value, name)[""]}


def rename_primary(template: Json, primary: str) -> None:
    """Give the command's container of a template the name that it has here."""
    spec = template.get("spec") or {}
    for one in spec.get("containers") or ():
        if one.get("name") == primary:
            one["name"] = _MAIN
