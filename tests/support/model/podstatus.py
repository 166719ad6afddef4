"""How a node writes the status of a Pod: whole, with times in seconds; and how such a status is read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from containertask.contract.report import Report, message_budget
from containertask.core.names import DOWNLOADER, MAIN, UPLOADER
from support.model.server import POD, Server

Json = dict[str, Any]

OURS: Final = (DOWNLOADER, MAIN, UPLOADER)


@dataclass(frozen=True, slots=True)
class Clerk:
    """Writes Pods. ``now`` is the time of all nodes.

    Attributes:
        causes: whose failure each Pod's end was, by uid.
        silent: uids of Pods of whose nodes nothing is heard any more.
    """

    server: Server
    now: Callable[[], datetime]
    causes: dict[str, str | None] = field(default_factory=dict)
    silent: set[str] = field(default_factory=set)

    def report(self, pod: Json, *containers: Json, whose: str | None = None, **change: object) -> None:
        """Report containers where they belong by the Pod's spec, beside the others."""
        init = {one["name"] for one in pod["spec"].get("initContainers", [])}
        status = {**pod["status"], **change}
        for one in containers:
            place = "initContainerStatuses" if one["name"] in init else "containerStatuses"
            others = [known for known in status.get(place, []) if known["name"] != one["name"]]
            status[place] = [*others, one]
        if whose is not None:
            self.causes.setdefault(pod["metadata"]["uid"], whose)
        self.write(pod, status)

    def write(self, pod: Json, status: Json) -> None:
        """Put this into the status of a Pod."""
        whole = {**pod["status"], **status}
        self.server.objects.replace(POD, pod["metadata"]["namespace"], {**pod, "status": whole})

    def known(self, pod: Json, name: str) -> Json:
        """Return what is reported of a container."""
        return next(one for one in statuses(pod) if one["name"] == name)

    def running(self, name: str) -> Json:
        """Return a container that runs since now."""
        return {"name": name, "state": {"running": {"startedAt": self.time()}}}

    def ended(self, name: str, exit_code: int, message: str = "", *, reason: str = "") -> Json:
        """Return a container that has just ended."""
        end = {"exitCode": exit_code, "reason": reason or ("Error" if exit_code else "Completed")}
        times = {"startedAt": self.time(), "finishedAt": self.time()}
        return {"name": name, "state": {"terminated": {**end, **times, "message": message}}}

    def condition(self, kind: str, status: str) -> Json:
        """Return a condition that is so since now."""
        return {"type": kind, "status": status, "lastTransitionTime": self.time()}

    def time(self) -> str:
        """Return the time as the kubelet writes it."""
        return self.now().strftime("%Y-%m-%dT%H:%M:%SZ")

    def ms(self) -> int:
        """Return the time in Unix milliseconds."""
        return round(self.now().timestamp() * 1000)


def said(report: Report) -> str:
    """Return a report as text."""
    return report.encode(message_budget(3)).decode()


def statuses(pod: Json) -> list[Json]:
    """Return what is reported of all containers."""
    status = pod["status"]
    return [*status.get("initContainerStatuses", []), *status.get("containerStatuses", [])]


def state(pod: Json, name: str) -> str | None:
    """Return the state of a container in one word."""
    return next((next(iter(one["state"]), None) for one in statuses(pod) if one["name"] == name), None)


def begun(pod: Json) -> bool:
    """Tell whether a container of ours has ever started."""
    return any(state(pod, name) in {"running", "terminated"} for name in OURS)


def guests(pod: Json) -> list[str]:
    """Return the containers of others that run."""
    return [one["name"] for one in statuses(pod) if one["name"] not in OURS and "running" in one["state"]]
