"""How a transfer can fail: one class for each thing that a user can do about it.

The tree::

    TransferError
    ├── NotThereError         no such object, folder or bucket
    ├── ForbiddenError        the store refuses what was asked, and would again
    ├── UnavailableError      not reached, overloaded, cut off: another time it may work
    ├── CutOffError           it broke off, and what has been passed on cannot be taken back
    ├── ChangedError          the object became another one while it was read
    ├── ExistsError           somebody has written it already
    ├── UnfitError            what is there cannot be what was asked for
    │   ├── BadKeyError       a key that no file can have
    │   ├── TooLargeError     more than is allowed
    │   └── DigestError       another content than was announced
    └── DiskError             the disk of the Pod

Each text is a sentence for the user: it names the object and shows nothing secret.
"""

from __future__ import annotations


class TransferError(Exception):
    """A transfer failed."""


class NotThereError(TransferError):
    """There is no such object, folder or bucket."""


class ForbiddenError(TransferError):
    """The store refuses what was asked: credentials, rights, or the request itself."""


class UnavailableError(TransferError):
    """The store was not reached, has too much to do, or was cut off.

    ``again``: obstore has not tried it again.
    """

    def __init__(self, text: str, *, again: bool = False) -> None:
        super().__init__(text)
        self.again = again


class CutOffError(TransferError):
    """It broke off, cannot be taken up there, and who reads it already has a part."""


class ChangedError(TransferError):
    """The object became another one while it was read."""


class ExistsError(TransferError):
    """The object is there already, and was not to be replaced."""


class UnfitError(TransferError):
    """What is there cannot be what was asked for."""


class BadKeyError(UnfitError):
    """A key that no file below a folder can have."""


class TooLargeError(UnfitError):
    """There is more of it than is allowed."""


class DigestError(UnfitError):
    """Its content is not the one that was announced."""


class DiskError(TransferError):
    """The Pod's own disk refuses; ``full``: there is no room on it."""

    def __init__(self, text: str, *, full: bool = True) -> None:
        super().__init__(text)
        self.full = full
