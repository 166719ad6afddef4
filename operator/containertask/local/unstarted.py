"""Why a run ends before its command has begun."""

from __future__ import annotations

from containertask.api.reasons import Reason


class UnstartedError(Exception):
    """The command cannot be started; on a cluster the task would end, at the latest, with this reason."""

    def __init__(self, reason: Reason, message: str) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message
