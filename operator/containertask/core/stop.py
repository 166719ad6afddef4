"""The stop: how the operator ends a Pod, and why it did, in one write.

A Pod's ``activeDeadlineSeconds`` set to 1 ends it in about a second and keeps logs, statuses and
messages. The reason travels in an annotation of the same patch: who looks later needs no memory.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final

from containertask.api.reasons import Reason
from containertask.core.names import STOP_ANNOTATION

_DEADLINE: Final = 1


@dataclass(frozen=True, slots=True)
class Stop:
    """Why a Pod is stopped, and when that was decided (Unix milliseconds)."""

    reason: Reason
    message: str
    at: int

    def patch(self) -> dict[str, Any]:
        """Return the merge patch of the Pod."""
        note = json.dumps({"reason": self.reason.value, "message": self.message, "at": self.at})
        return {
            "metadata": {"annotations": {STOP_ANNOTATION: note}},
            "spec": {"activeDeadlineSeconds": _DEADLINE},
        }


def read_stop(annotations: dict[str, str]) -> Stop | None:
    """Return the stop that a Pod carries. A note that somebody garbled is an interruption by them."""
    note = annotations.get(STOP_ANNOTATION)
    if note is None:
        return None
    try:
        raw = json.loads(note)
        return Stop(Reason(raw["reason"]), str(raw["message"]), int(raw["at"]))
    except (ValueError, KeyError, TypeError):
        return Stop(Reason.INTERRUPTED, f"the annotation {STOP_ANNOTATION} was changed by somebody", 0)
