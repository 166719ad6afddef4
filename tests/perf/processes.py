"""What the kernel says of a process, and how fast its core is meanwhile.

A core of a busy machine does less in a CPU second than an idle one: its cache and often its execution units
are shared. A small fixed work beside the measurement says how much less, so that runs can be compared.
"""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

_TICK: Final = os.sysconf("SC_CLK_TCK")
_QUIET_SECONDS: Final = 1.0
_QUIET_CPU: Final = 0.05
_SAMPLE_SECONDS: Final = 0.25
_WORK: Final = json.dumps(
    [{"name": f"v{n}", "state": {"at": n}, "mounts": [{"path": "/a"}]} for n in range(200)]
)


@dataclass(frozen=True, slots=True)
class Process:
    """One process, by its number."""

    pid: int

    @property
    def cpu_seconds(self) -> float:
        """User and system time so far, all threads."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICK

    @property
    def resident_mb(self) -> float:
        """What it has in memory."""
        return self._status("VmRSS")

    @property
    def peak_mb(self) -> float:
        """The most it ever had in memory: what a memory limit has to allow."""
        return self._status("VmHWM")

    async def quiet(self) -> None:
        """Wait until it has nothing to do."""
        before = self.cpu_seconds
        while True:
            await asyncio.sleep(_QUIET_SECONDS)
            used, before = self.cpu_seconds - before, self.cpu_seconds
            if used <= _QUIET_CPU:
                return

    def _status(self, field: str) -> float:
        lines = Path(f"/proc/{self.pid}/status").read_text().splitlines()
        (found,) = (line for line in lines if line.startswith(f"{field}:"))
        return int(found.split()[1]) * 1024 / 1e6


@dataclass(frozen=True, slots=True)
class Speed:
    """CPU microseconds that a fixed work took, each time it was done."""

    samples: list[float] = field(default_factory=list)

    @property
    def usual(self) -> float:
        """What it mostly took: CPU seconds of the operator are as long as these."""
        return statistics.median(self.samples)

    @property
    def best(self) -> float:
        """What it took when nothing disturbed it."""
        return min(self.samples)


@contextmanager
def speed_of(core: int) -> Iterator[Speed]:
    """Measure, now and then, how long reading some JSON, as long as a Pod's, takes on a core."""
    found, ended = Speed(), threading.Event()

    def measure() -> None:
        os.sched_setaffinity(0, {core})
        while not found.samples or not ended.wait(_SAMPLE_SECONDS):
            json.loads(_WORK)  # so that the one that is measured finds its data in the cache
            begun = time.thread_time_ns()
            json.loads(_WORK)
            found.samples.append((time.thread_time_ns() - begun) / 1000)

    thread = threading.Thread(target=measure)
    thread.start()
    try:
        yield found
    finally:
        ended.set()
        thread.join()
