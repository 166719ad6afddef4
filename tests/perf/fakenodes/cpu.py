"""CPU seconds by program: of the node's processes, of kwok's, of this one, and of everybody else's.

Linux only, like the node itself. It reads what the kernel counts and changes nothing.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from support import cluster

PROGRAMS: Final = {
    "operator": "operator",
    "kube-apiserver": "kube-apiserver",
    "etcd": "etcd",
    "kube-scheduler": "kube-scheduler",
    "kube-controller": "kube-controller-manager",
    "kubelet": "kubelet",
}
"""Names as the kernel keeps them, at most 15 letters, and what people call these programs."""

_TICKS: Final = os.sysconf("SC_CLK_TCK")
_STAT: Final = re.compile(r"^\d+ \((.*)\) \S+ (.*)$")


@dataclass(frozen=True, slots=True)
class Cpu:
    """CPU seconds so far, by program; ``machine`` is what all processes of the machine have used."""

    by_program: dict[str, float]
    machine: float

    def since(self, before: Cpu) -> dict[str, float]:
        """Return the seconds used between two readings; ``others`` is what no named program has used."""
        used = {name: self.by_program[name] - before.by_program[name] for name in self.by_program}
        others = self.machine - before.machine - sum(used.values())
        return {**used, "others": others}


def read(kwoks: Iterable[int]) -> Cpu:
    """Read all counters; those of all kwoks are one."""
    seen = dict.fromkeys(PROGRAMS.values(), 0.0)
    for line in cluster.on_node("cat /proc/[0-9]*/stat 2>/dev/null || true").splitlines():
        name, seconds = _of(line)
        if name in PROGRAMS:
            seen[PROGRAMS[name]] += seconds
    seen["kwok"] = sum(_of(Path(f"/proc/{kwok}/stat").read_text())[1] for kwok in kwoks)
    seen["this client"] = time.process_time()
    busy = [int(ticks) for ticks in Path("/proc/stat").read_text().splitlines()[0].split()[1:]]
    idle, waiting = busy[3:5]
    return Cpu(seen, (sum(busy[:8]) - idle - waiting) / _TICKS)


def _of(stat: str) -> tuple[str, float]:
    found = _STAT.match(stat.strip())
    if found is None:
        return "", 0.0
    fields = found[2].split()
    return found[1], (int(fields[10]) + int(fields[11])) / _TICKS
