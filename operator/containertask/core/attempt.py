"""One attempt at a task: what its Pod has that another attempt's Pod may not have."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from containertask.contract.manifest import Mode
from containertask.core.storeuse import Use

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
    use: Use = field(default_factory=Use)
    """The stores that it uses."""

    @property
    def results(self) -> str | None:
        """Return the URI of its own folder in a store: no other attempt writes there."""
        return None if self.use.folder is None else f"{self.use.folder}a{self.number}/"
