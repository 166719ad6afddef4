"""Posts core/v1 Events about tasks, for people: what is lost under pressure changes no outcome.

Decides nothing about what is worth an Event, and never holds up who reports one.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Literal, Protocol, TypeVar

from containertask.kube.errors import AlreadyExists, ApiError
from containertask.kube.resources import EVENTS, Resource

_COMPONENT: Final = "containertask-operator"
_MAX_PENDING: Final = 1000
_MAX_MESSAGE: Final = 1024
_REMEMBERED: Final = 10_000
_FLUSH_SECONDS: Final = 2.0
_TASK_BURST, _TASK_RATE = 25.0, 1 / 300
_GLOBAL_BURST, _GLOBAL_RATE = 50.0, 50.0

_log = logging.getLogger(__name__)
_T = TypeVar("_T")


class Creates(Protocol):
    """The one thing needed of the API client."""

    async def create(self, resource: Resource, namespace: str, body: dict[str, Any]) -> object:
        """Create an object; raises ``ApiError``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskEvent:
    """One thing that happened to a task, as its user reads it.

    Attributes:
        namespace, name, uid, api_version, kind: the object it is about.
        type: ``Warning`` for what may need someone's attention.
        reason: a CamelCase constant.
        message: a sentence; cut to what the API takes.
        attempt: tells apart what happens once an attempt.
    """

    namespace: str
    name: str
    uid: str
    api_version: str
    kind: str
    type: Literal["Normal", "Warning"]
    reason: str
    message: str
    attempt: int

    @property
    def event_name(self) -> str:
        """The Event's name: the same for the same thing, also from an operator started anew."""
        what = f"{self.uid}/{self.reason}/{self.attempt}".encode(errors="replace")
        return f"{self.name}.{hashlib.sha256(what).hexdigest()[:16]}"


@dataclass(slots=True)
class _Bucket:
    """Tokens: so many at first, refilled by so many a second."""

    burst: float
    rate: float
    tokens: float
    at: float

    def has_one(self, now: float) -> bool:
        # A clock that was set back refills nothing, and takes nothing away.
        self.tokens = min(self.burst, self.tokens + max(now - self.at, 0.0) * self.rate)
        self.at = now
        return self.tokens >= 1


class Recorder:
    """A bounded queue of Events and the one worker that posts them.

    An Event is dropped, and counted, when the queue is full, when its task has had 25 (one more every five
    minutes), or when all tasks together had 50 within a second. The same event (uid, reason, attempt) is
    taken once; one that was dropped may be taken later.
    """

    def __init__(self, client: Creates, *, instance: str, clock: Callable[[], float] = time.time) -> None:
        """Post through a client, as this instance of the operator; the clock says seconds since 1970."""
        self.posted = 0
        self.dropped = 0
        self.failed = 0
        self._client = client
        self._instance = instance
        self._clock = clock
        self._pending: deque[tuple[TaskEvent, float]] = deque()
        self._seen: OrderedDict[str, None] = OrderedDict()
        self._tasks: OrderedDict[str, _Bucket] = OrderedDict()
        self._all = _Bucket(_GLOBAL_BURST, _GLOBAL_RATE, _GLOBAL_BURST, clock())
        self._wake = asyncio.Event()
        self._done = asyncio.Event()
        self._limit: asyncio.Timeout | None = None
        self._closed = False

    def record(self, event: TaskEvent) -> None:
        """Take an event to be posted soon; returns at once, never raises."""
        name, now = event.event_name, self._clock()
        if name in self._seen:
            self._seen.move_to_end(name)
        elif self._closed or len(self._pending) >= _MAX_PENDING or not self._allowed(event.uid, now):
            self.dropped += 1
        else:
            _remember(self._seen, name, None)
            self._pending.append((event, now))
            self._wake.set()

    async def run(self) -> None:
        """Post until ``close``. What the API refuses is counted and gone; anything else is a defect."""
        self._limit = limit = asyncio.timeout(None)
        try:
            async with limit:
                await self._drain()
        except TimeoutError:
            if not limit.expired():
                raise
        finally:
            self._done.set()

    async def close(self) -> None:
        """Take nothing any more, and wait until what was taken is posted, two seconds at most."""
        self._closed = True
        self._wake.set()
        if self._limit is not None and not self._done.is_set():
            self._limit.reschedule(asyncio.get_running_loop().time() + _FLUSH_SECONDS)
            await self._done.wait()
        self.dropped += len(self._pending)
        self._pending.clear()

    async def _drain(self) -> None:
        while True:
            while self._pending:
                event, when = self._pending[0]
                await self._post(event, when)
                self._pending.popleft()
            if self._closed:
                return
            self._wake.clear()
            await self._wake.wait()

    async def _post(self, event: TaskEvent, when: float) -> None:
        try:
            await self._client.create(EVENTS, event.namespace, _body(event, when, self._instance))
        except AlreadyExists:
            self.posted += 1
        except ApiError as error:
            self.failed += 1
            _log.debug("event %s of %s/%s lost: %s", event.reason, event.namespace, event.name, error)
        else:
            self.posted += 1

    def _allowed(self, uid: str, now: float) -> bool:
        bucket = self._tasks.get(uid) or _Bucket(_TASK_BURST, _TASK_RATE, _TASK_BURST, now)
        _remember(self._tasks, uid, bucket)
        # Both are looked at before a token is taken: a task that talks too much costs the others nothing.
        allowed = bucket.has_one(now) and self._all.has_one(now)
        if allowed:
            bucket.tokens -= 1
            self._all.tokens -= 1
        return allowed


def _remember(known: OrderedDict[str, _T], key: str, value: _T) -> None:
    known[key] = value
    known.move_to_end(key)
    if len(known) > _REMEMBERED:
        known.popitem(last=False)


def _body(event: TaskEvent, when: float, instance: str) -> dict[str, Any]:
    moment = datetime.fromtimestamp(when, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"namespace": event.namespace, "name": event.event_name},
        "involvedObject": {
            "apiVersion": event.api_version,
            "kind": event.kind,
            "namespace": event.namespace,
            "name": event.name,
            "uid": event.uid,
        },
        "type": event.type,
        "reason": event.reason,
        "action": event.reason,
        "message": _cut(event.message),
        "source": {"component": _COMPONENT},
        "reportingComponent": _COMPONENT,
        "reportingInstance": instance,
        "firstTimestamp": moment,
        "lastTimestamp": moment,
        "count": 1,
    }


def _cut(message: str) -> str:
    # The API counts bytes.
    data = message.encode(errors="replace")
    if len(data) <= _MAX_MESSAGE:
        return data.decode()
    return data[: _MAX_MESSAGE - 3].decode(errors="ignore") + "…"
