"""From a web server: one stream, taken up again where it broke off.

Not obstore's matter: it follows redirects by itself. What a server says of its answer is held against the
answer: a file is there when as many bytes have come as it has, or when it has its digest.
"""

from __future__ import annotations

import hashlib
import http.client
import random
import re
import time
from collections.abc import Callable
from typing import Final, Protocol

from containertask.copilot.transfer.errors import (
    CutOffError,
    DigestError,
    ForbiddenError,
    NotThereError,
    TransferError,
    UnavailableError,
    UnfitError,
)
from containertask.copilot.transfer.keys import bare
from containertask.copilot.transfer.wanted import Moved, Wanted
from containertask.copilot.transfer.webask import Answer, Web, asked

_PIECE: Final = 1 << 20
_PAUSES: Final = (0.2, 0.8, 3.2, 6.4)
_PROGRESS: Final = 64 << 10
"""Bytes that have to be new for the tries to be counted anew."""
_GONE: Final = frozenset({404, 410})
_TRANSIENT: Final = frozenset({408, 425, 429})
_OK, _PARTIAL, _BEYOND_END, _SERVER_ERROR = 200, 206, 416, 500
_RANGE: Final = re.compile(r"bytes (\d{1,18})-(\d{1,18})/(\d{1,18})")
_LENGTH: Final = re.compile(r"\d{1,18}")


class Sink(Protocol):
    """What takes the bytes; each method raises TransferError."""

    def begin(self) -> None:
        """Be told that they come from the first one, perhaps once more."""

    def put(self, data: bytes) -> None:
        """Take the next ones."""


def fetch_url(
    web: Web, wanted: Wanted, sink: Sink, moved: Moved, pause: Callable[[float], None] = time.sleep
) -> int:
    """Bring what is at the URL ``wanted.key``; return its size.

    Raises TransferError.
    """
    stream = _Stream(web, wanted, sink, moved)
    tries, best, before = 0, 0, UnavailableError("it broke off")
    while True:
        try:
            while not stream.go_on():
                pass
        except CutOffError as error:
            raise CutOffError(f"{before}; {error}") from None
        except UnavailableError as error:
            before = error
            tries, best = (0, stream.size) if stream.size > best + _PROGRESS else (tries + 1, best)
            if tries > len(_PAUSES):
                raise
        else:
            return stream.size
        pause(_PAUSES[max(tries, 1) - 1] * random.uniform(0.5, 1.5))  # noqa: S311 - no secret


class _Stream:
    """What has come so far of one file, and from where it goes on."""

    def __init__(self, web: Web, wanted: Wanted, sink: Sink, moved: Moved) -> None:
        self.size = 0
        self._web, self._wanted, self._sink, self._moved = web, wanted, sink, moved
        self._name = f"`{bare(wanted.key)}`"
        self._begin_anew()

    def _begin_anew(self) -> None:
        self.size, self._hash = 0, hashlib.sha256()
        self._total: int | None = None
        self._endless = False
        """Only its digest will tell whether all has come."""
        self._tag: str | None = None
        """A strong ETag, by which the server knows the same content again; nothing else says as much."""

    def go_on(self) -> bool:
        """Bring what is missing, or a part of it; return whether all is there; raises TransferError."""
        headers = {"Accept": "*/*", "Accept-Encoding": "identity", "User-Agent": "containertask"}
        goes_on = bool(self.size and self._tag)
        if goes_on:
            headers |= {"Range": f"bytes={self.size}-", "If-Range": self._tag or ""}
        with asked(self._web, self._wanted.key, headers) as answer:
            if not self._begun(answer.response, goes_on=goes_on):
                return False
            self._take(answer)
        return self._is_all()

    def _begun(self, response: http.client.HTTPResponse, *, goes_on: bool) -> bool:
        """Look at what an answer says of itself; return False if it is better to begin anew."""
        status = response.status
        if goes_on and (status == _BEYOND_END or (status == _PARTIAL and not self._is_next(response))):
            self._begin_anew()
            return False
        if status != (_PARTIAL if goes_on and status == _PARTIAL else _OK):
            raise _fault(status, self._name)
        if status == _OK:
            self._begin_anew()
            self._total = self._length(response)
            tag = response.headers.get("ETag") or ""
            self._tag = tag if tag.startswith('"') else None
            self._sink.begin()
        if self._total is not None:
            self._wanted.hold(self._total, self._name)
        return True

    def _is_next(self, response: http.client.HTTPResponse) -> bool:
        """Tell whether an answer is the part that was asked for, of the same version of the same file."""
        found = _RANGE.fullmatch(response.headers.get("Content-Range") or "")
        if found is None or response.headers.get("ETag") not in {None, self._tag}:
            return False
        start, _, total = map(int, found.groups())
        self._total = total if self._total is None else self._total
        return start == self.size and total == self._total

    def _length(self, response: http.client.HTTPResponse) -> int | None:
        """Return how long an answer is; None if only its last chunk or its digest will tell."""
        lengths = {one.strip() for one in response.headers.get_all("Content-Length") or ()}
        coding = (response.headers.get("Transfer-Encoding") or "").strip().lower()
        if coding not in {"", "chunked"} or len(lengths) > 1 or not all(map(_LENGTH.fullmatch, lengths)):
            raise UnfitError(f"the server contradicts itself about how long {self._name} is")
        if not coding and not lengths and self._wanted.sha256 is None:
            raise UnfitError(f"the server does not say how long {self._name} is: give its sha256")
        self._endless = not coding and not lengths
        return None if coding or not lengths else int(lengths.pop())

    def _take(self, answer: Answer) -> None:
        while data := answer.response.read1(_PIECE):
            answer.pace.came(len(data))
            self._wanted.hold(self.size + len(data), self._name)
            self._hash.update(data)
            with answer.pace.held():
                self._sink.put(data)
            self.size += len(data)
            self._moved(len(data))
        answer.pace.check(self._name)

    def _is_all(self) -> bool:
        """Tell whether all has come; a server may send less than it was asked for."""
        if self._total is not None and self.size > self._total:
            raise UnfitError(f"{self._name} has more than the {self._total} bytes that were announced")
        if self._total is not None and self.size < self._total:
            raise UnavailableError(f"{self._name} broke off after {self.size} of {self._total} bytes")
        try:
            self._wanted.check(self._hash.hexdigest(), self._name)
        except DigestError as error:
            if self._endless:
                raise UnavailableError(f"{error}; or it broke off") from None
            raise
        return True


def _fault(status: int, name: str) -> TransferError:
    if status == _PARTIAL:
        return UnfitError(f"the server sent a part of {name} that nobody asked for")
    if status in _GONE:
        return NotThereError(f"{name} is not there ({status})")
    if status in _TRANSIENT or status >= _SERVER_ERROR:
        return UnavailableError(f"the server answered {status} for {name}")
    return ForbiddenError(f"the server refuses {name} ({status}): look at the store's credentials")
