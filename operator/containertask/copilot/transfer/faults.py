"""What an exception of obstore, or of the disk, means.

Its text is never passed on: it quotes addresses and what the server said, and a server may say anything. Only
the HTTP status, the error's code and a key are taken from it, and a word of ours for a connection that broke.
"""

from __future__ import annotations

import re
from typing import Final

from obstore import exceptions

from containertask.copilot.journal import reason
from containertask.copilot.transfer.errors import (
    BadKeyError,
    ChangedError,
    DiskError,
    ExistsError,
    ForbiddenError,
    NotThereError,
    TransferError,
    UnavailableError,
)
from containertask.copilot.transfer.keys import shown

_MAX_READ: Final = 20_000
_STATUS: Final = re.compile(r"status code: (\d{3})\b")
_CODE: Final = re.compile(r"<Code>([A-Za-z]{1,64})</Code>|\"(?:code|error)\": ?\"([A-Za-z_]{1,64})\"")
_PATH: Final = re.compile(r"[Pp]ath \"(.*?)\"", re.DOTALL)
_NOT_FOUND, _BEYOND_END, _SERVER_ERROR = 404, 416, 500
_TRANSIENT: Final = frozenset({408, 409, 425, 429})
_ABSENT: Final = frozenset({"", "NoSuchKey", "NoSuchVersion", "BlobNotFound", "NotFound"})
_NO_BUCKET: Final = frozenset({"NoSuchBucket", "ContainerNotFound"})
_BROKEN: Final = {
    "lookup address": "its name does not resolve, or is not one that this task may reach",
    "dns error": "its name does not resolve, or is not one that this task may reach",
    "ertificate": "its certificate is not trusted: name the authority in the store's tls.caConfigMap",
    "Connection refused": "nobody listens there",
    "Permission denied": "its address is the machine's own or the link's, which is not allowed",
    "imed out": "it did not answer in time",
    "TimedOut": "it did not answer in time",
}
_CURES: Final = {
    "ExpiredToken": "the credential has expired",
    "PermanentRedirect": "the bucket is in another region: set region",
    "AuthorizationHeaderMalformed": "the bucket is in another region: set region",
    "RequestTimeTooSkewed": "the node's clock is wrong",
}
_CURE: Final = "look at the store's credentials and at what they allow"


def fault_of(error: Exception, what: str) -> TransferError:
    """Return what an exception means; ``what`` was to be moved. One that is a fault of ours is raised."""
    if isinstance(error, TransferError):
        return error
    match error:
        case exceptions.AlreadyExistsError():
            return ExistsError(f"{what} is there already")
        case exceptions.PreconditionError() | exceptions.NotModifiedError():
            return ChangedError(f"{what} was changed while it was read")
        case exceptions.InvalidPathError():
            return _of_key(what, str(error)[:_MAX_READ])
        case FileNotFoundError() | exceptions.BaseError():
            return _of_answer(what, str(error)[:_MAX_READ], absent=isinstance(error, FileNotFoundError))
        case OSError():
            return DiskError(f"could not write {what}: {reason(error)}")
        case ValueError():
            return BadKeyError(f"{what} has a name that the store's protocol cannot carry")
    raise error


def is_beyond_end(error: Exception) -> bool:
    """Tell whether a range was asked for that begins at the object's end, as it does if that is empty."""
    return isinstance(error, exceptions.BaseError) and _status(str(error)[:_MAX_READ]) == _BEYOND_END


def _of_key(what: str, text: str) -> BadKeyError:
    found = _PATH.search(text)
    return BadKeyError(f"{what} holds the key `{shown(found[1]) if found else '?'}`, which no file can have")


def _of_answer(what: str, text: str, *, absent: bool) -> TransferError:
    status, found = _status(text), _CODE.search(text)
    code = (found[1] or found[2]) if found else ""
    if absent or status == _NOT_FOUND:
        return _of_absence(what, code)
    if status is None:
        why = next((said for word, said in _BROKEN.items() if word in text), "the connection broke")
        return UnavailableError(f"the store was not reached for {what}: {why}")
    said = f"{status} {code}".rstrip()
    if status in _TRANSIENT or status >= _SERVER_ERROR:
        return UnavailableError(f"the store answered {said} for {what}")
    return ForbiddenError(f"the store refuses {what} ({said}): {_CURES.get(code, _CURE)}")


def _of_absence(what: str, code: str) -> TransferError:
    if code in _NO_BUCKET:
        return NotThereError(f"{what} is not there: there is no such bucket")
    if code in _ABSENT:
        return NotThereError(f"{what} is not there")
    return ForbiddenError(f"the store refuses {what} ({code}): {_CURE}")


def _status(text: str) -> int | None:
    found = _STATUS.search(text)
    return int(found[1]) if found else None
