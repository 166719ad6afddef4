"""The operator of a storm: the chart's, in its own Pod, but started again at once whenever it ends.

A kubelet would wait longer before each start, so the container runs a loop. Name and uid of the Pod stay, and
so its Lease, as they would with a kubelet. What the process used is read on the node, before each kill.
"""

from __future__ import annotations

import json
import os
import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from perf.storm.faults import Machine
from support import cluster
from support.release import Release

_TICKS: Final = os.sysconf("SC_CLK_TCK")
_LOOP: Final = """
trap 'exit 0' TERM
run=0
while :; do
  run=$((run + 1))
  STORM_RUN=$run /opt/containertask/operator & wait $!
  echo "the operator ended: $?"
  sleep 1 & wait $!
done
"""
_READ: Final = """
until run=$(pgrep -r R,S,D -x operator); do sleep 0.05; done
loop=$(cut -d' ' -f4 /proc/$run/stat)
echo "$run $loop"
tr '\\0' '\\n' < /proc/$run/environ | grep ^STORM_RUN=
grep VmHWM /proc/$run/status
cut -d' ' -f14,15,22 /proc/$run/stat
cut -d' ' -f16,17 /proc/$loop/stat
cut -d' ' -f1 /proc/uptime
"""


@dataclass(frozen=True, slots=True)
class Use:
    """What all processes have used so far; ``age`` is the present one's, in seconds."""

    pid: int
    starts: int
    cpu: float
    age: float


@dataclass(slots=True)
class Rig:
    """One release whose operator can be killed."""

    release: Release
    machine: Machine
    kills: int = 0
    killed_at: float = 0.0
    peak_mb: float = 0.0
    _loops: dict[str, tuple[int, float]] = field(default_factory=dict)
    """Starts and CPU seconds of each: the kubelet starts the container anew, too, when it does not answer."""
    _stop: threading.Event = field(default_factory=threading.Event)

    def prepare(self) -> None:
        """Put the loop in place of the operator; it was installed without a Pod."""
        container = {"name": "operator", "command": ["sh", "-c", _LOOP]}
        patch = {"spec": {"template": {"spec": {"containers": [container]}}}}
        self._kubectl("patch", "deployment", self.release.deployment, f"--patch={json.dumps(patch)}")

    def begin(self) -> None:
        """Start the operator."""
        self._kubectl("scale", "deployment", self.release.deployment, "--replicas=1")

    def read(self) -> Use:
        """Read what it has used, as soon as it runs."""
        lines = self.machine.run(_READ).splitlines()
        pid, loop = lines[0].split()
        run = int(lines[1].partition("=")[2])
        peak = int(re.sub(r"\D", "", lines[2])) / 1024
        own_user, own_system, began = map(int, lines[3].split())
        ended = sum(map(int, lines[4].split()))
        self.peak_mb = max(self.peak_mb, peak)
        self._loops[loop] = run, (own_user + own_system + ended) / _TICKS
        starts, cpu = (sum(figures) for figures in zip(*self._loops.values(), strict=True))
        return Use(pid=int(pid), starts=int(starts), cpu=cpu, age=float(lines[5]) - began / _TICKS)

    def kill(self) -> None:
        """Kill the process, so that it can tell nobody anything."""
        pid = self.read().pid
        self.kills += 1
        self.machine.run(f"kill -9 {pid} || true")
        self.killed_at = time.monotonic()

    def keep_killing(self, most: int, every: float, done: Callable[[], int]) -> None:
        """Kill it again and again, until ``let_live``; not before it has done something, as ``done`` counts.

        On a busy machine one that starts anew may take longer than that, and nothing would ever get done.
        """
        self._stop.clear()
        known = done()
        while self.kills < most and not self._stop.wait(every):
            if done() > known:
                self.kill()
                known = done()

    def let_live(self) -> None:
        """Kill it no more."""
        self._stop.set()

    def _kubectl(self, *arguments: str) -> str:
        return cluster.kubectl(*arguments, f"--namespace={self.release.name}")
