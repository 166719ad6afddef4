"""What an exception of obstore, or of the disk, means.

Its text is never passed on: it quotes addresses and what the server said, and a server may say anything. Only
the HTTP status, the error's code and a key are taken from it, and a word of ours for a connection that broke.
"""

from __future__ import annotations

import re
from typing import Final

from obstore import exceptions

from containertask.copilot.journal import reason
from containertask.copilot.transfer.crew import StoppedError
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
_URI: Final = re.compile(r"https?://\S*")
_NOT_FOUND, _CONFLICT, _BEYOND_END = 404, 409, 416
_SERVER_ERROR, _NOT_IMPLEMENTED = 500, 501
_TRANSIENT: Final = frozenset({408, 409, 425, 429})
_TRANSIENT_CODES: Final = frozenset(
    {"RequestTimeout", "SlowDown", "Throttling", "OperationAborted", "NoSuchUpload"}
)
_NO_BUCKET: Final = frozenset({"NoSuchBucket", "ContainerNotFound"})
_NOBODY: Final = frozenset({"XAdminUserNotFound", "InvalidAccessKeyId"})
"""Servers say by 404, too, that they do not know who asks."""
_BROKEN: Final = {
    "lookup address": "its name does not resolve, or is not one that this task may reach",
    "dns error": "its name does not resolve, or is not one that this task may reach",
    "ertificate": "its certificate is not trusted: name the authority in the store's tls.caConfigMap",
    "Connection refused": "nobody listens there",
    "Permission denied": "its address is the machine's own or the link's, which is not allowed",
    "imed out": "it did not answer in time",
    "TimedOut": "it did not answer in time",
}
_REFUSED: Final = {
    "without LOCATION": "the bucket is in another region: set region",
    "range requested": "it ignores ranges of objects, and only whole ones can be had from it",
}
_CURES: Final = {
    "ExpiredToken": "the credential has expired",
    "PermanentRedirect": "the bucket is in another region: set region",
    "AuthorizationHeaderMalformed": "the bucket is in another region: set region",
    "RequestTimeTooSkewed": "the node's clock is wrong",
    "InvalidObjectState": "the object is archived: restore it first",
    "BlobArchived": "the object is archived: restore it first",
    "BlobBeingRehydrated": "the object is archived, and is being restored: wait for that",
    "BlobImmutableDueToPolicy": "a policy of the container keeps the object as it is",
    "PublicAccessNotPermitted": "its account lets nobody in without a credential",
    "EntityTooLarge": "it is larger than the store takes",
}
_CURE: Final = "look at the store's credentials and at what they allow"


def fault_of(error: Exception, what: str, *, broken: bool = False) -> TransferError:
    """Return what an exception of obstore means; ``what`` was to be moved.

    ``broken``: the answer had begun, so obstore did not ask again. One that is a fault of ours is raised.
    """
    match error:
        case TransferError():
            return error
        case StoppedError():
            raise error
        case exceptions.PreconditionError() | exceptions.NotModifiedError():
            return ChangedError(f"{what} was changed while it was read")
        case exceptions.InvalidPathError():
            return _of_key(what, str(error)[:_MAX_READ])
        case FileNotFoundError() | exceptions.BaseError():
            return _of_answer(error, what, str(error)[:_MAX_READ], broken=broken)
        case ValueError():
            return BadKeyError(f"{what} has a name that the store's protocol cannot carry")
    raise error


def disk_fault(error: OSError, what: str) -> DiskError:
    """Return what an error of the Pod's own disk means."""
    return DiskError(f"could not write {what}: {reason(error)}")


def is_beyond_end(error: Exception) -> bool:
    """Tell whether a range was asked for that begins at the object's end or behind it."""
    return isinstance(error, exceptions.BaseError) and _status(str(error)[:_MAX_READ]) == _BEYOND_END


def _of_key(what: str, text: str) -> BadKeyError:
    found = _PATH.search(text)
    return BadKeyError(f"{what} holds the key `{shown(found[1]) if found else '?'}`, which no file can have")


def _of_answer(error: Exception, what: str, text: str, *, broken: bool) -> TransferError:
    status, found = _status(text), _CODE.search(text)
    code = (found[1] or found[2]) if found else ""
    exists = isinstance(error, exceptions.AlreadyExistsError)
    if exists and (status != _CONFLICT or code.endswith("AlreadyExists")):
        return ExistsError(f"{what} is there already")
    if code in _TRANSIENT_CODES:
        return UnavailableError(f"the store answered {status} {code} for {what}", again=True)
    if isinstance(error, FileNotFoundError) or status == _NOT_FOUND:
        return _of_absence(what, code)
    if status is None:
        return _of_connection(what, _URI.sub("", text), broken=broken)
    said = f"{status} {code}".rstrip()
    if code not in _CURES and (
        status in _TRANSIENT or (status >= _SERVER_ERROR and status != _NOT_IMPLEMENTED)
    ):
        return UnavailableError(f"the store answered {said} for {what}", again=status in _TRANSIENT)
    return ForbiddenError(f"the store refuses {what} ({said}): {_CURES.get(code, _CURE)}")


def _of_connection(what: str, text: str, *, broken: bool) -> TransferError:
    refused = next((said for word, said in _REFUSED.items() if word in text), None)
    if refused is not None:
        return ForbiddenError(f"the store refuses {what}: {refused}")
    why = next((said for word, said in _BROKEN.items() if word in text), "the connection broke")
    return UnavailableError(f"the store was not reached for {what}: {why}", again=broken)


def _of_absence(what: str, code: str) -> TransferError:
    if code in _NO_BUCKET:
        return NotThereError(f"{what} is not there: there is no such bucket")
    if code in _NOBODY:
        return ForbiddenError(f"the store refuses {what} ({code}): {_CURE}")
    return NotThereError(f"{what} is not there")


def _status(text: str) -> int | None:
    found = _STATUS.search(text)
    return int(found[1]) if found else None
