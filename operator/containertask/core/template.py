"""What a task's Pod gets from a named PodTemplate and from ``spec.podTemplate``: read, checked, merged."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from containertask.api.podtemplate import is_ours
from containertask.api.problem import Problem
from containertask.api.reasons import Reason
from containertask.api.spec import ContainerTaskSpec
from containertask.core.names import MAIN
from containertask.core.overlay import merge_pods
from containertask.core.overlaycheck import Layer, count_others, too_many, without_nulls
from containertask.core.podfields import CONTAINER, POD, Owner
from containertask.core.secrets import secret_files
from containertask.core.unbuildable import UnbuildableError

Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlay:
    """What lies under our own Pod."""

    spec: Json
    labels: Json
    annotations: Json

    @property
    def main(self) -> Json:
        """Return the base of the command's container."""
        return next((one for one in self.spec.get("containers", ()) if one["name"] == MAIN), {})

    @property
    def others(self) -> int:
        """Return how many containers run beside ours."""
        return count_others(self.spec)


def template_problems(spec: ContainerTaskSpec) -> Iterator[Problem]:
    """Yield what the task's own overlay may not say."""
    own = spec.pod_template.spec if spec.pod_template else None
    if own is not None:
        for field, text in _layer(spec, own=True).troubles(own):
            yield Problem(f"spec.podTemplate.spec{field}", text)


def overlay_of(spec: ContainerTaskSpec, named: Json | None) -> Overlay:
    """Merge the task's own overlay over that of the PodTemplate that it names.

    Raises:
        UnbuildableError: the PodTemplate has what it may not; of the task's own ``accept`` has said so.
    """
    own = spec.pod_template
    metadata = own.metadata if own else None
    template = _object((named or {}).get("template"))
    base = _named_spec(spec, named or {}, template)
    over = _cleaned(own.spec or {}) if own else {}
    kept = _object(template.get("metadata"))
    merged = merge_pods(base, over)
    if (text := too_many(merged)) is not None:
        raise UnbuildableError(Reason.INVALID_POD_TEMPLATE, f"both PodTemplates together: {text}")
    return Overlay(
        spec=merged,
        labels={**_theirs(kept.get("labels")), **(metadata.labels or {} if metadata else {})},
        annotations={**_theirs(kept.get("annotations")), **(metadata.annotations or {} if metadata else {})},
    )


def _named_spec(spec: ContainerTaskSpec, named: Json, template: Json) -> Json:
    raw = template.get("spec", {})
    troubles = [f"template.spec{field}: {text}" for field, text in _layer(spec, own=False).troubles(raw)]
    if troubles:
        name = _object(named.get("metadata")).get("name")
        text = f"PodTemplate {name}: {'; '.join(troubles)}"
        raise UnbuildableError(Reason.INVALID_POD_TEMPLATE, text)
    return _cleaned(raw)


def _layer(spec: ContainerTaskSpec, *, own: bool) -> Layer:
    return Layer(own=own, folders=(spec.input_dir, spec.output_dir, *secret_files(spec)))


def _cleaned(raw: Json) -> Json:
    """Return a layer without what has no effect in it: the API server fills in defaults."""
    spec: Json = {
        name: value for name, value in without_nulls(raw).items() if POD[name].owner is Owner.OVERLAY
    }
    account = spec.pop("serviceAccount", None)
    if account is not None:
        spec.setdefault("serviceAccountName", account)
    if "containers" in spec:
        spec["containers"] = [_container(one) for one in spec["containers"]]
    return spec


def _container(one: Json) -> Json:
    if one["name"] != MAIN:
        return one
    return {name: value for name, value in one.items() if CONTAINER[name].owner is Owner.OVERLAY}


def _theirs(keys: object) -> Json:
    """Return the labels or annotations of a named template that are not ours to set."""
    return {key: value for key, value in _object(keys).items() if not is_ours(key)}


def _object(raw: object) -> Json:
    return raw if isinstance(raw, dict) else {}
