"""Leader election by a Lease: at most one process works at a time, another takes over when it is gone.

With client-go's numbers and rules, so that operators of both kinds get on. Whether another's Lease has run
out is judged by how long its record has not changed before our own eyes: clocks of two machines are never
compared. It starts and stops nothing: whoever loses the Lease has to end its work.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NoReturn

from containertask.kube.client import ApiClient, Json
from containertask.kube.errors import AlreadyExists, ApiError, Conflict, LeaseLost, NotFound
from containertask.kube.resources import LEASES

RELEASE_SECONDS = 3.0
"""How long giving the Lease back may delay the end of the process."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """The three numbers of the election, in seconds.

    Attributes:
        duration: how long others leave an unrenewed Lease alone.
        renew_deadline: when the holder gives up; below ``duration``, so that two never work together.
        retry: between two attempts to take or to renew.
    """

    duration: int = 15
    renew_deadline: float = 10.0
    retry: float = 2.0


class Lease:
    """One candidate for one Lease.

    Args:
        client: one without a gate: a Lease that waits while the server is overloaded is lost.
        namespace: the Lease's.
        name: the Lease's.
        identity: unique among the candidates and the same after a restart, so that a restarted process goes
            on at once.
        timing: the election's numbers.
        clock: seconds, monotonic.
        sleep: waits that many seconds.
        now: the time to write down, for people only.
    """

    def __init__(  # noqa: PLR0913 (three of them are the clock, for tests)
        self,
        client: ApiClient,
        namespace: str,
        name: str,
        identity: str,
        *,
        timing: Timing = Timing(),
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._client = client
        self._namespace = namespace
        self._name = name
        self._identity = identity
        self._timing = timing
        self._clock = clock
        self._sleep = sleep
        self._now = now
        self._written: Json | None = None  # the Lease as our last write left it
        self._seen: Json | None = None  # another's record, and since when it has not changed
        self._seen_at = 0.0
        self._renewed_at = 0.0

    async def acquire(self) -> None:
        """Wait until the Lease is ours, however long that takes and whatever the server answers."""
        complaint = ""
        while True:
            try:
                if await self._take():
                    _log.info("lease %s/%s is held by %s", self._namespace, self._name, self._identity)
                    return
            except ApiError as error:
                if str(error) != complaint:
                    complaint = str(error)
                    _log.warning("lease %s/%s cannot be taken: %s", self._namespace, self._name, error)
            await self._sleep(self._timing.retry)

    async def hold(self) -> NoReturn:
        """Renew the Lease until it is lost. Only after ``acquire``.

        Raises:
            LeaseLost: another took it, or no renewal succeeded before the deadline.
        """
        complaint: Exception | None = None
        while True:
            left = self._renewed_at + self._timing.renew_deadline - self._clock()
            if left <= 0:
                raise LeaseLost(
                    f"not renewed for {self._timing.renew_deadline:g} s; last: {complaint}"
                ) from complaint
            await self._sleep(min(self._timing.retry, left))
            left = self._renewed_at + self._timing.renew_deadline - self._clock()
            try:
                async with asyncio.timeout(max(left, 0)):
                    await self._renew()
            except LeaseLost:
                raise
            except (ApiError, TimeoutError) as error:
                complaint = error
                _log.warning("lease %s/%s not renewed: %r", self._namespace, self._name, error)

    async def release(self) -> None:
        """Give the Lease back if it is ours, so that another need not wait; never fails."""
        written, self._written = self._written, None
        if written is None:
            return
        now = self._wire_time()
        spec = written["spec"] | {"holderIdentity": "", "leaseDurationSeconds": 1}
        body = written | {"spec": spec | {"acquireTime": now, "renewTime": now}}
        try:
            async with asyncio.timeout(RELEASE_SECONDS):
                await self._client.update(LEASES, self._namespace, self._name, body)
        except (ApiError, TimeoutError) as error:
            _log.warning("lease %s/%s not given back: %r", self._namespace, self._name, error)

    async def _renew(self) -> None:
        if self._written is not None:
            try:
                await self._write(self._written)
            except (Conflict, NotFound):
                self._written = None  # somebody else wrote or deleted it: look
            else:
                return
        if not await self._take(only_ours=True):
            raise LeaseLost(f"another holds the lease: {(self._seen or {}).get('holderIdentity')}")

    async def _take(self, *, only_ours: bool = False) -> bool:
        """Write ourselves into the Lease if it is free, ours or has run out; say whether that was done."""
        try:
            try:
                lease = await self._client.get(LEASES, self._namespace, self._name)
            except NotFound:
                await self._write(None)
                return True
            if not self._free(lease, only_ours=only_ours):
                return False
            await self._write(lease)
        except (AlreadyExists, Conflict):
            if only_ours:
                raise
            return False  # another was quicker
        return True

    def _free(self, lease: Json, *, only_ours: bool) -> bool:
        spec = lease.get("spec") or {}
        holder = spec.get("holderIdentity")
        if holder == self._identity:
            return True
        if spec != self._seen:
            self._seen, self._seen_at = spec, self._clock()
        if only_ours:
            return False
        duration = spec.get("leaseDurationSeconds") or self._timing.duration
        return not holder or self._clock() - self._seen_at >= duration

    async def _write(self, lease: Json | None) -> None:
        """Create the Lease, or make it ours or renew it; ours from the moment before the request left."""
        started = self._clock()
        now = self._wire_time()
        before = (lease or {}).get("spec") or {}
        mine = before.get("holderIdentity") == self._identity
        spec = before | {
            "holderIdentity": self._identity,
            "leaseDurationSeconds": self._timing.duration,
            "acquireTime": (before.get("acquireTime") if mine else None) or now,
            "renewTime": now,
            "leaseTransitions": (before.get("leaseTransitions") or 0) + (lease is not None and not mine),
        }
        if lease is None:
            kind = {"apiVersion": LEASES.group_version, "kind": "Lease"}
            body = kind | {"metadata": {"name": self._name}, "spec": spec}
            self._written = await self._client.create(LEASES, self._namespace, body)
        else:
            body = lease | {"spec": spec}
            self._written = await self._client.update(LEASES, self._namespace, self._name, body)
        self._renewed_at = started

    def _wire_time(self) -> str:
        return self._now().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
