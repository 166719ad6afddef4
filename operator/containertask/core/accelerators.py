"""From a type of accelerator to what the Pod asks for: a resource, nodes, tolerations."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from containertask.api.reasons import Reason
from containertask.api.spec import ContainerTaskSpec
from containertask.core.config import Config
from containertask.core.unbuildable import UnbuildableError

Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """What a Pod needs for the accelerators of its task."""

    resource: str
    count: int
    node_selector: Json
    tolerations: tuple[Json, ...]


def needs(spec: ContainerTaskSpec, config: Config) -> Needs | None:
    """Return what the task's accelerators need, or None if it has none.

    Raises:
        UnbuildableError: the administrator has named no such type or partition.
    """
    wanted = spec.accelerator
    if wanted is None:
        return None
    known = config.accelerators.get(wanted.type)
    if known is None:
        raise _unknown("spec.accelerator.type", wanted.type, config.accelerators)
    resource, selector = known.resource, dict(known.node_selector)
    if wanted.partition is not None:
        part = known.partitions.get(wanted.partition)
        if part is None:
            raise _unknown("spec.accelerator.partition", wanted.partition, known.partitions)
        resource, selector = part.resource or resource, {**selector, **part.node_selector}
    return Needs(resource=resource, count=wanted.count, node_selector=selector, tolerations=known.tolerations)


def _unknown(field: str, name: str, known: Collection[str]) -> UnbuildableError:
    cure = f"write one of {', '.join(sorted(known))}, or ask" if known else "there is none, so ask"
    text = f"{field}: `{name}` is not in the value accelerators of the operator's chart: {cure}"
    return UnbuildableError(Reason.UNKNOWN_ACCELERATOR, f"{text} an administrator")
