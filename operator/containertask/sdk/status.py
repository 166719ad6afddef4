"""Where a run stands, as its object says it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from containertask.api.status import Phase

Json = dict[str, Any]
_FINAL = frozenset({Phase.SUCCEEDED, Phase.FAILED, Phase.CANCELLED})


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStatus:
    """Where a run stands.

    Attributes:
        phase: in one word, such as ``Running``; empty while no operator has seen the task.
        reason: why, in one word of docs/reasons.md.
        message: why, for people.
        attempt: number of the attempt, from 0.
        exit_code: of the command, once it has ended.
        pod: name of the attempt's Pod.
        node: that it runs on.
        waiting_for: what it waits for, in a sentence; empty where it does not.
        raw: the status as the object has it.
    """

    phase: str = ""
    reason: str = ""
    message: str = ""
    attempt: int = 0
    exit_code: int | None = None
    pod: str | None = None
    node: str | None = None
    waiting_for: str = ""
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def finished(self) -> bool:
        """Tell whether it has ended; that never changes again."""
        return self.phase in _FINAL

    @property
    def succeeded(self) -> bool:
        """Tell whether it has ended well."""
        return self.phase == Phase.SUCCEEDED

    @classmethod
    def of(cls, document: Json) -> RunStatus:
        """Read the object."""
        raw = document.get("status") or {}
        waits = raw.get("waitingFor") or {}
        return cls(
            phase=raw.get("phase", ""),
            reason=raw.get("reason", ""),
            message=raw.get("message", ""),
            attempt=raw.get("attempt", 0),
            exit_code=raw.get("exitCode"),
            pod=raw.get("podName"),
            node=raw.get("nodeName"),
            waiting_for=": ".join(part for part in (waits.get("reason"), waits.get("message")) if part),
            raw=raw,
        )
