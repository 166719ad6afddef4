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
from containertask.core.texts import cut

_DEADLINE: Final = 1
_REASONS: Final = frozenset(
    {
        Reason.CANCELLED,
        Reason.SUSPENDED,
        Reason.DEADLINE_EXCEEDED,
        Reason.QUEUED_TIMEOUT,
        Reason.IMAGE_PULL_FAILED,
        Reason.INVALID_IMAGE_NAME,
        Reason.CONTAINER_START_FAILED,
        Reason.COPILOT_FAILED,
        Reason.SECRET_NOT_FOUND,
        Reason.RUN_AS_ROOT_FORBIDDEN,
        Reason.CONFIG_MAP_NOT_FOUND,
        Reason.COMMAND_NOT_FOUND,
        Reason.EXECUTION_TIMEOUT,
        Reason.IMAGE_VOLUME_UNUSABLE,
    }
)
"""What the Pod of an attempt is stopped for that has not ended."""
_AFTER_END: Final = frozenset({Reason.SUCCEEDED, Reason.POD_FAILED})
"""What it is stopped for when the attempt has ended: explains nothing about how it did."""
MAX_NOTE: Final = 1000
"""How long the message of a stop is at most, in characters: it travels in an annotation."""
_LATEST: Final = 253_402_300_800_000
"""The year 10000."""


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


_FOREIGN: Final = Stop(Reason.INTERRUPTED, f"the annotation {STOP_ANNOTATION} was changed by somebody", 0)


def read_stop(annotations: dict[str, str]) -> Stop | None:
    """Return the stop that a Pod carries. A note that is none of ours is an interruption by somebody."""
    note = annotations.get(STOP_ANNOTATION)
    if note is None:
        return None
    match _json(note):
        case {"reason": str(reason), "message": str(message), "at": int(at)} if (
            reason in _REASONS | _AFTER_END and 0 <= at < _LATEST
        ):
            return Stop(Reason(reason), cut(message), at)
        case _:
            return _FOREIGN


def of_attempt(stop: Stop) -> Stop:
    """Return the stop as a reason for an attempt to end: one for what is left afterwards is none."""
    return _FOREIGN if stop.reason in _AFTER_END else stop


def _json(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
