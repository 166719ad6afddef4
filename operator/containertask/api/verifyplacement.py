"""What must hold between the fields that say what a Pod needs, in Python: the CRD's own rules once more."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from containertask.api import secrets, specrules
from containertask.api.base import (
    MAX_QUANTITIES,
    MAX_QUANTITY,
    QUANTITY,
    QUANTITY_PATTERN,
    Quantities,
    Quantity,
)
from containertask.api.pod import Resources
from containertask.api.podtemplate import KEYS_ARE_NOT_OURS, is_ours
from containertask.api.problem import Problem, broken
from containertask.api.spec import Recipe
from containertask.words import shown

_QUANTITY: Final = re.compile(QUANTITY_PATTERN.removeprefix("^").removesuffix("$"), re.ASCII)


def placement_of(spec: Recipe) -> Iterator[Problem]:
    """Yield what contradicts itself in the part of a spec that ``Placement`` is."""
    yield from _resources("resources", spec.resources)
    yield from _resources("copilotResources", spec.copilot_resources)
    if spec.shared_memory is not None:
        yield from quantity_of("spec.sharedMemory.sizeLimit", spec.shared_memory.size_limit)
    if spec.volumes is not None:
        yield from quantity_of("spec.volumes.inputs", spec.volumes.inputs)
        yield from quantity_of("spec.volumes.outputs", spec.volumes.outputs)
    variables, folders = frozenset(one.name for one in spec.env or ()), (spec.input_dir, spec.output_dir)
    for rule in secrets.contradictions(spec.secrets or (), variables, folders, specrules.RESERVED):
        yield broken(rule, "spec")
    yield from _template(spec)


def _resources(field: str, resources: Resources | None) -> Iterator[Problem]:
    if resources is None:
        return
    for part, quantities in (("requests", resources.requests), ("limits", resources.limits)):
        yield from _quantities(f"spec.{field}.{part}", quantities or {})


def _quantities(where: str, quantities: Quantities) -> Iterator[Problem]:
    if len(quantities) > MAX_QUANTITIES:
        yield Problem(where, f"{len(quantities)} resources: at most {MAX_QUANTITIES}")
    for name, quantity in quantities.items():
        yield from quantity_of(f"{where}[{shown(name)}]", quantity)


def quantity_of(where: str, quantity: Quantity | None) -> Iterator[Problem]:
    """Yield what is wrong with a quantity."""
    if quantity is None:
        return
    if isinstance(quantity, str):
        fits = len(quantity) <= MAX_QUANTITY and _QUANTITY.fullmatch(quantity) is not None
    else:
        fits = quantity >= 0
    if not fits:
        yield Problem(where, f"`{shown(quantity)}`: {QUANTITY.message}")


def _template(spec: Recipe) -> Iterator[Problem]:
    metadata = spec.pod_template.metadata if spec.pod_template else None
    if metadata is None:
        return
    for field, keys in (("labels", metadata.labels), ("annotations", metadata.annotations)):
        if any(is_ours(key) for key in keys or ()):
            yield broken(KEYS_ARE_NOT_OURS, f"spec.podTemplate.metadata.{field}")
    if spec.queue is not None and specrules.QUEUE_LABEL in (metadata.labels or {}):
        yield broken(specrules.QUEUE_ONCE, "spec")
