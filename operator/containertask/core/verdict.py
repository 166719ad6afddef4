"""How an attempt ended, as one value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from containertask.api.reasons import Reason
from containertask.contract.report import Figures, Kept


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The end of an attempt. ``reason`` None is success.

    ``outputs`` are JSON by name and ``kept`` those that lie in a store instead, both perhaps partial.
    """

    reason: Reason | None
    message: str = ""
    origin: str | None = None
    container: str | None = None
    exit_code: int | None = None
    outputs: Mapping[str, object] = field(default_factory=dict)
    kept: Mapping[str, Kept] = field(default_factory=dict)
    figures: Figures = field(default_factory=Figures)
    final: bool = False
    """The command itself says that another attempt would be no use."""
    excused: bool = False
    """A rule of the user's takes its exit code as a success."""

    @property
    def succeeded(self) -> bool:
        """Tell whether all went well."""
        return self.reason is None
