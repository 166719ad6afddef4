"""How an attempt ended, as one value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from containertask.api.reasons import Kind, Reason
from containertask.contract.report import Figures


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The end of an attempt. ``reason`` None is success; outputs are JSON by name, perhaps partial."""

    reason: Reason | None
    kind: Kind = Kind.USER
    message: str = ""
    origin: str | None = None
    container: str | None = None
    exit_code: int | None = None
    outputs: Mapping[str, object] = field(default_factory=dict)
    figures: Figures = field(default_factory=Figures)

    @property
    def succeeded(self) -> bool:
        """Tell whether all went well."""
        return self.reason is None
