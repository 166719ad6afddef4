"""What it means for a task that an input could not be fetched: one outcome for each thing to do about it."""

from __future__ import annotations

from typing import Final

from containertask.contract.outcome import Outcome
from containertask.copilot.journal import FailureError
from containertask.copilot.transfer.errors import (
    BadKeyError,
    ChangedError,
    CutOffError,
    DigestError,
    DiskError,
    ForbiddenError,
    NotThereError,
    TooLargeError,
    TransferError,
    UnavailableError,
    UnfitError,
)

_OUTCOMES: Final[dict[type[TransferError], Outcome]] = {
    NotThereError: Outcome.INPUT_NOT_FOUND,
    DigestError: Outcome.INPUT_DIGEST_MISMATCH,
    TooLargeError: Outcome.INPUT_TOO_LARGE,
    ChangedError: Outcome.INPUT_CHANGED,
    BadKeyError: Outcome.INVALID_INPUT,
    UnfitError: Outcome.INVALID_INPUT,
    ForbiddenError: Outcome.STORE_FORBIDDEN,
    CutOffError: Outcome.STORE_UNAVAILABLE,
    UnavailableError: Outcome.STORE_UNAVAILABLE,
}
_ROOM: Final = "the node needs more room, or the command smaller inputs"


def failure_of(error: TransferError, name: str) -> FailureError:
    """Return what the failed transfer of an input says to the operator."""
    text = f"input `{name}`: {error}"
    if isinstance(error, DiskError):
        if error.full:
            return FailureError(Outcome.DISK_FULL, f"{text}: {_ROOM}", name)
        return FailureError(Outcome.COPILOT_FAILED, text, name)
    return FailureError(_OUTCOMES.get(type(error), Outcome.COPILOT_FAILED), text, name)
