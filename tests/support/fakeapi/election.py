"""Candidates for a Lease on the fake server, in faked time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Final

from containertask.kube.client import ApiClient
from containertask.kube.lease import Lease
from containertask.kube.resources import LEASES
from support.fakeapi.faketime import FakeTime
from support.fakeapi.server import FakeApi

PATH: Final = LEASES.path("ns")
NOW: Final = datetime(2026, 5, 4, 3, 2, 1, 7, tzinfo=timezone(timedelta(hours=2)))
WIRE: Final = "2026-05-04T01:02:01.000007Z"
"""``NOW`` as a Lease has it."""


class StopError(Exception):
    """The scenario has seen enough."""


def a_lease(client: ApiClient, time: FakeTime, identity: str = "me") -> Lease:
    """Return a candidate for the Lease ``ns/l``."""
    return Lease(client, "ns", "l", identity, clock=time.clock, sleep=time.sleep, now=lambda: NOW)


def put_lease(api: FakeApi, holder: str, **more: object) -> None:
    """Make somebody the holder of the Lease."""
    spec = {
        "holderIdentity": holder,
        "leaseDurationSeconds": 15,
        "leaseTransitions": 4,
        "acquireTime": "then",
    }
    api.put(LEASES, {"metadata": {"name": "l", "namespace": "ns"}, "spec": spec | more})


def stop_after(seconds: float) -> Callable[[float], None]:
    """Return what ends a scenario that would go on for ever."""

    def after(passed: float) -> None:
        if passed > seconds:
            raise StopError

    return after
