"""What one client sees of its objects, each change with the moment of its arrival, by one clock.

Watches only, no polling. It measures and judges nothing; ``perf.stages`` reads what is kept here.
"""

from __future__ import annotations

import json
import queue
import re
import threading
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Final

import urllib3

from support import cluster
from support.cluster import Json

PATHS: Final = {
    "ContainerTask": "/apis/containertask.dev/v1alpha1/namespaces/{}/containertasks",
    "Job": "/apis/batch/v1/namespaces/{}/jobs",
    "Pod": "/api/v1/namespaces/{}/pods",
    "Event": "/api/v1/namespaces/{}/events",
}
_SILENCE_SECONDS: Final = 180
_OWNER: Final = re.compile(r"[a-z]+-\d{4}")


@dataclass(frozen=True, slots=True)
class Arrival:
    """One change of one object, and when this client had it (time.monotonic)."""

    at: float
    change: str
    raw: Json

    @property
    def kind(self) -> str:
        kind: str = self.raw["kind"]
        return kind

    @property
    def owner(self) -> str:
        """Return the name of the run that the object belongs to; empty if to none."""
        named = self.raw["involvedObject"] if self.kind == "Event" else self.raw["metadata"]
        found = _OWNER.match(named["name"])
        return found[0] if found else ""


@dataclass(slots=True)
class Run:
    """One object that was submitted, and all that was seen of it. ``offset``: wall clock - monotonic."""

    name: str
    submitted: float
    offset: float
    arrivals: list[Arrival] = field(default_factory=list)


class Client:
    """Submits, follows and deletes objects of one namespace."""

    def __init__(self, namespace: str, at_once: int) -> None:
        settings = cluster.connect().api_client.configuration
        self._pool = urllib3.PoolManager(
            maxsize=at_once + len(PATHS),
            ca_certs=settings.ssl_ca_cert,
            cert_file=settings.cert_file,
            key_file=settings.key_file,
        )
        self._host: str = settings.host
        self._namespace = namespace
        self._lines: queue.SimpleQueue[tuple[float, bytes]] = queue.SimpleQueue()
        self.runs: dict[str, Run] = {}
        for kind in PATHS:
            threading.Thread(target=self._watch, args=(kind, self._open(kind)), daemon=True).start()

    def submit(self, name: str, body: Json) -> None:
        """Create an object; the clock of its run starts just before the request leaves."""
        content = json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        now = time.monotonic()
        self.runs[name] = Run(name, now, time.time() - now)
        answer = self._pool.request("POST", self._url(body["kind"]), body=content, headers=headers)
        assert answer.status == 201, answer.data.decode()

    def delete(self, name: str, kind: str) -> None:
        """Delete an object; what belongs to it follows."""
        url = f"{self._url(kind)}/{name}?propagationPolicy=Background"
        answer = self._pool.request("DELETE", url)
        assert answer.status in {200, 202}, answer.data.decode()

    def follow(self, names: Collection[str], last: Callable[[Arrival], bool]) -> None:
        """Take in what arrives until each of these runs has had an arrival that is its last."""
        pending = set(names)
        while pending:
            try:
                at, line = self._lines.get(timeout=_SILENCE_SECONDS)
            except queue.Empty:
                raise AssertionError(f"waited in vain for {sorted(pending)}") from None
            event = json.loads(line)
            if event["type"] == "ERROR":  # the server ends such a watch, and it is opened anew
                continue
            arrival = Arrival(at, event["type"], event["object"])
            if arrival.owner in self.runs:
                self.runs[arrival.owner].arrivals.append(arrival)
                if last(arrival):
                    pending.discard(arrival.owner)

    def _url(self, kind: str) -> str:
        return self._host + PATHS[kind].format(self._namespace)

    def _open(self, kind: str) -> urllib3.BaseHTTPResponse:
        """Begin a watch: from its first answer on, no change is missed."""
        return self._pool.request(
            "GET", f"{self._url(kind)}?watch=true&allowWatchBookmarks=false", preload_content=False
        )

    def _watch(self, kind: str, response: urllib3.BaseHTTPResponse) -> None:
        """Note each line's moment, and nothing else: to parse it here would delay the next."""
        while True:
            try:
                for line in response:
                    self._lines.put((time.monotonic(), line))
            except urllib3.exceptions.HTTPError:
                pass
            response.release_conn()
            response = self._open(kind)
