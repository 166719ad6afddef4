"""The end of a Pod as its stand-in uploader noted it, beside what the kubelet reports."""

from __future__ import annotations

from dataclasses import dataclass

from containertask.contract.exitrecord import ExitRecord
from support import cluster
from support.cluster import Json, Namespace


@dataclass(frozen=True, slots=True)
class Ended:
    """A Pod whose uploader has ended: what it was told, when, and what the kubelet says of main."""

    pod: Json
    arrived_ns: int
    raw: str

    @property
    def record(self) -> ExitRecord:
        return ExitRecord.parse(self.raw.encode())

    @property
    def delay_ms(self) -> float:
        return self.arrived_ns / 1e6 - self.record.finished_ms

    @property
    def main(self) -> Json:
        state = cluster.terminated(self.pod, "main")
        assert state is not None
        return state


def run(namespace: Namespace, name: str, pod: Json) -> Ended:
    namespace.create(pod)
    return ended(namespace, name)


def ended(namespace: Namespace, name: str) -> Ended:
    return read_ending(namespace.wait(name, everything_ended))


def read_ending(pod: Json) -> Ended:
    message = (cluster.terminated(pod, "uploader") or {})["message"]
    arrived, _, raw = message.partition("\n")
    return Ended(pod, int(arrived), raw.strip())


def everything_ended(pod: Json) -> bool:
    return all(cluster.terminated(pod, name) for name in ("main", "uploader"))
