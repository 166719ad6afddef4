"""Everything a request to the Kubernetes API can end with besides an answer.

This is the whole tree; nothing in ``kube`` lets another exception out.

* ``ApiError``
    * ``NoCredentials``: no configuration was found, or it cannot be read
    * ``Unreachable``: no answer that can be read; the request may or may not have been done
    * ``LeaseLost``: this process is no longer the leader
    * ``ApiStatusError``: the server said no, by its code and reason
        * ``Unauthorized`` 401
        * ``Forbidden`` 403; a quota's refusal is one too
        * ``NotFound`` 404
        * ``AlreadyExists`` 409 with that reason
        * ``Conflict`` 409 with any other reason
        * ``Gone`` 410: a list or watch went on too late
        * ``Invalid`` 400, 413 and 422
        * ``TooManyRequests`` 429
        * ``ServerError`` 500 and above
            * ``InternalError`` 500

It decides nothing about trying again: that is the work queue's matter.
"""
# ruff: noqa: N818 (the classes carry the API's own words for its reasons, which do not end in "Error")

from __future__ import annotations

import json
import math
import re
from typing import Any

_SHOWN = 300
_WEBHOOK = re.compile(r"admission webhook \".{1,253}\" denied the request")


class ApiError(Exception):
    """A request was not answered with success."""


class NoCredentials(ApiError):
    """No configuration was found, or it cannot be read; the message names what was looked at."""


class Unreachable(ApiError):
    """No answer that can be read: connection, TLS, time-out. The request may or may not have been done."""


class LeaseLost(ApiError):
    """Another process holds the Lease, or it could not be renewed in time."""


class ApiStatusError(ApiError):
    """The server refused.

    Attributes:
        code: HTTP status code.
        reason: the Status object's reason in CamelCase; empty if the answer was no Status object.
        message: the server's own words.
        details: the Status object's details (``causes`` and more); empty if there are none.
        retry_after: seconds that the server asks to wait, if it does.
    """

    def __init__(
        self,
        message: str,
        *,
        code: int,
        reason: str = "",
        details: dict[str, Any] | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(f"{code} {reason}: {message}" if reason else f"{code}: {message}")
        self.code = code
        self.reason = reason
        self.message = message
        self.details = details or {}
        self.retry_after = retry_after

    @property
    def by_webhook(self) -> bool:
        """Tell whether an admission webhook refused this one request, by whatever code it chose."""
        return _WEBHOOK.match(self.message) is not None

    @property
    def concerns_all(self) -> bool:
        """Tell whether the server itself is in trouble. A bare 500 may be one namespace's broken webhook."""
        if self.by_webhook:
            return False
        if self.code == 429 or self.retry_after is not None:  # noqa: PLR2004 (HTTP's own numbers)
            return True
        return self.code > 500  # noqa: PLR2004 (as above)


class Unauthorized(ApiStatusError):
    """401: the credentials are not accepted, after they have been read again."""


class Forbidden(ApiStatusError):
    """403: no right to do this, or an admission plugin such as the quota says no."""


class NotFound(ApiStatusError):
    """404: no such object, or no such kind."""


class AlreadyExists(ApiStatusError):
    """409 on create: an object of that name is there."""


class Conflict(ApiStatusError):
    """409: the object changed meanwhile, or a precondition does not hold."""


class Gone(ApiStatusError):
    """410: the resource version or the list's continuation is too old."""


class Invalid(ApiStatusError):
    """400, 413 or 422: the object or the request will not be accepted as it is."""


class TooManyRequests(ApiStatusError):
    """429: the server wants fewer requests."""


class ServerError(ApiStatusError):
    """500 and above: the server failed; the request may or may not have been done."""


class InternalError(ServerError):
    """500: this request failed, most often by an admission webhook; the server itself may be well."""


_BY_CODE: dict[int, type[ApiStatusError]] = {
    400: Invalid,
    401: Unauthorized,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    410: Gone,
    413: Invalid,
    422: Invalid,
    429: TooManyRequests,
    500: InternalError,
}


def from_answer(code: int, body: bytes, retry_after: str | None = None) -> ApiStatusError:
    """Return the error for an answer that is no success.

    Args:
        code: HTTP status code.
        body: the answer's body: a Status object, or anything else that a proxy may send.
        retry_after: the header of that name, as it came.
    """
    status = _status_object(body)
    reason, details = status.get("reason"), status.get("details")
    reason = reason if isinstance(reason, str) else ""
    details = details if isinstance(details, dict) else {}
    message = status.get("message") or body.decode(errors="replace").strip()[:_SHOWN] or "(no message)"
    return _class_for(code, reason)(
        str(message),
        code=code,
        reason=reason,
        details=details,
        retry_after=_seconds(retry_after, details.get("retryAfterSeconds")),
    )


def _class_for(code: int, reason: str) -> type[ApiStatusError]:
    if code == 409 and reason == "AlreadyExists":  # noqa: PLR2004 (HTTP's own numbers, as in the table)
        return AlreadyExists
    return _BY_CODE.get(code, ServerError if code >= 500 else ApiStatusError)  # noqa: PLR2004 (as above)


def _status_object(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) and found.get("kind") == "Status" else {}


def _seconds(*found: object) -> float | None:
    """Return the first of them that is a positive number of seconds; the header's dates are not used here."""
    for value in found:
        if not isinstance(value, str | int | float):
            continue
        try:
            seconds = float(value)
        except (ValueError, OverflowError):
            continue
        if math.isfinite(seconds) and seconds > 0:
            return seconds
    return None
