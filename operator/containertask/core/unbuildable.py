"""The one way in which the building of a Pod fails: the task asks for what it cannot have."""

from __future__ import annotations

from containertask.api.reasons import Reason


class UnbuildableError(Exception):
    """No Pod can be made of this task; the message names the field and says what would do."""

    def __init__(self, reason: Reason, message: str) -> None:
        """Keep the reason by which the task ends."""
        super().__init__(message)
        self.reason = reason
        self.message = message
