"""What goes wrong, and at which request: by method, path prefix and count, never by chance or time."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

from support.fakeapi.raw import Raw
from support.fakeapi.recording import Request


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Refuse with a Status object, without doing anything; ``text`` instead of one plays a proxy."""

    code: int
    reason: str = ""
    message: str = "as the test wants it"
    text: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DropBefore:
    """Cut the connection, without doing anything."""


@dataclass(frozen=True, slots=True)
class DropAfter:
    """Do as asked, then cut the connection instead of answering."""


@dataclass(frozen=True, slots=True)
class Hold:
    """Keep the request waiting, then do as asked.

    Attributes:
        arrived: set when a request has come.
        released: to be set by the test.
    """

    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    released: asyncio.Event = field(default_factory=asyncio.Event)


Fault = Answer | DropBefore | DropAfter | Hold | Raw


@dataclass(slots=True, kw_only=True)
class _Rule:
    method: str
    prefix: str
    fault: Fault
    skip: int
    left: int | None


class Faults:
    """The rules in force; the first that applies to a request decides."""

    def __init__(self) -> None:
        self._rules: list[_Rule] = []

    def add(self, method: str, prefix: str, fault: Fault, *, nth: int = 1, times: int | None = 1) -> None:
        """Make requests fail.

        Args:
            method: HTTP method, ``WATCH`` for a watch, ``*`` for all.
            prefix: how the path begins.
            fault: what happens.
            nth: the first request it happens to, counted from now, from 1.
            times: how many requests in a row it happens to; None: all from then on.
        """
        self._rules.append(_Rule(method=method, prefix=prefix, fault=fault, skip=nth - 1, left=times))

    def clear(self) -> None:
        """Let everything work again."""
        self._rules.clear()

    def unused(self) -> bool:
        """Say whether a rule waits for requests that have not come."""
        return any(rule.left for rule in self._rules)

    def take(self, request: Request) -> Fault | None:
        """Return what happens to a request, and count it."""
        for rule in self._rules:
            if rule.method not in ("*", request.verb) or not request.path.startswith(rule.prefix):
                continue
            if rule.skip:
                rule.skip -= 1
            elif rule.left is None:
                return rule.fault
            elif rule.left:
                rule.left -= 1
                return rule.fault
        return None
