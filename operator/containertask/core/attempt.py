"""One attempt at a task: what its Pod has that another attempt's Pod may not have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from containertask.contract.manifest import Mode

Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """An attempt that begins."""

    number: int
    mode: Mode
    memory: str | None = None
    """The limit of ``main``'s memory, where an earlier attempt ran out of it."""
    avoid: tuple[str, ...] = ()
    """Nodes on which an earlier attempt was lost to the system."""
    interruptible: bool = False
    """It may run on nodes that can be taken away."""
    cuts: int = 0
    """How often the uploader's report was cut by containers that others added."""
    others: int = 0
    """How many containers run beside ours."""
    template: Json | None = None
    """The core/v1 PodTemplate that the task names."""
