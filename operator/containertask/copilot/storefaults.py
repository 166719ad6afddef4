"""What trouble with a store makes of the upload."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from containertask.contract.outcome import Outcome
from containertask.copilot.transfer.errors import (
    BadKeyError,
    ChangedError,
    DiskError,
    ExistsError,
    ForbiddenError,
    NotThereError,
    TooLargeError,
    TransferError,
    UnavailableError,
)
from containertask.copilot.untrusted import Fault

_OUTCOMES: Final[dict[type[TransferError], Outcome]] = {
    ForbiddenError: Outcome.STORE_FORBIDDEN,
    UnavailableError: Outcome.STORE_UNAVAILABLE,
    NotThereError: Outcome.STORE_FORBIDDEN,
    TooLargeError: Outcome.OUTPUT_TOO_LARGE,
    BadKeyError: Outcome.OUTPUT_INVALID,
    ChangedError: Outcome.OUTPUT_UNREADABLE,
    ExistsError: Outcome.OUTPUTS_EXIST,
    DiskError: Outcome.DISK_FULL,
}
OF_STORE: Final = frozenset(
    {Outcome.STORE_FORBIDDEN, Outcome.STORE_UNAVAILABLE, Outcome.OUTPUTS_EXIST, Outcome.DISK_FULL}
)
"""What no output by itself is at fault of."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why the outputs are not in the store; ``origin`` is the output at fault, if it is one."""

    outcome: Outcome
    text: str
    origin: str | None = None

    @property
    def message(self) -> str:
        """Return the whole sentence."""
        return self.text if self.origin is None else f"output `{self.origin}`: {self.text}"


def fault_of(error: TransferError) -> Fault:
    """Return what a failed transfer means for the output that was to be moved."""
    return Fault(_OUTCOMES.get(type(error), Outcome.COPILOT_FAILED), str(error))


def trouble_of(error: TransferError, origin: str | None) -> Trouble:
    """Return what a failed transfer means for the whole."""
    fault = fault_of(error)
    return Trouble(fault.outcome, fault.text, None if fault.outcome in OF_STORE else origin)
