"""The test cluster as tests use it: namespaces, Pods, waiting on conditions, the node's own view.

Waits are watches with a limit: a test never sleeps.
"""

from __future__ import annotations

import json
import math
import subprocess
import time
import uuid
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any

from kubernetes import client, config, watch

REPOSITORY = Path(__file__).resolve().parents[2]
WAIT_SECONDS = 60

Json = dict[str, Any]


def tool(*arguments: str) -> str:
    """Run ``hack/cluster`` and return what it prints."""
    command = [str(REPOSITORY / "hack/cluster"), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def connect() -> Any:
    """Return a CoreV1Api of the test cluster, by its own kubeconfig and never the user's."""
    load: Any = config.new_client_from_config
    return client.CoreV1Api(load(config_file=tool("kubeconfig")))


def on_node(script: str) -> str:
    """Run shell on the node, outside of every Pod."""
    name = json.loads(kubectl("get", "nodes", "--output=json"))["items"][0]["metadata"]["name"]
    command = ["docker", "exec", name, "sh", "-euc", script]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def kubectl(*arguments: str, stdin: str | None = None) -> str:
    """Run kubectl against the test cluster; raise with its message if it fails."""
    done = subprocess.run(
        [REPOSITORY / "hack/cluster", "exec", "--", "kubectl", *arguments],
        input=stdin,
        check=False,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise AssertionError(f"kubectl {' '.join(arguments)}: {done.stderr.strip()}")
    return done.stdout.strip()


def changes(listing: Callable[..., Any], *where: str, **limits: object) -> Iterator[Json]:
    """Yield the events of one watch until it ends, early too: then it is for the caller to begin anew.

    A busy API server may end it at any time, or refuse it because its own cache is behind.
    """
    watcher: Any = watch.Watch  # its module has no types
    try:
        yield from watcher().stream(listing, *where, **limits)
    except client.ApiException as error:
        if error.status not in {HTTPStatus.GONE, HTTPStatus.GATEWAY_TIMEOUT}:
            raise


@dataclass(frozen=True, slots=True)
class Namespace:
    """One namespace of the test cluster, for Pods of one test module."""

    api: Any
    name: str

    def create(self, pod: Json) -> None:
        """Create a Pod."""
        self.api.create_namespaced_pod(self.name, pod)

    def delete(self, pod: str) -> None:
        """Delete a Pod without waiting for it."""
        self.api.delete_namespaced_pod(pod, self.name, grace_period_seconds=0)

    def dry_run(self, pod: Json) -> None:
        """Ask the API server whether it would take the Pod."""
        self.api.create_namespaced_pod(self.name, pod, dry_run="All")

    def apply(self, pod: Json, *flags: str) -> str:
        """Run ``kubectl apply`` on the Pod; return what it prints."""
        return kubectl("apply", "--namespace", self.name, *flags, "--filename=-", stdin=json.dumps(pod))

    def wait(self, pod: str, condition: Callable[[Json], bool], *, seconds: int = WAIT_SECONDS) -> Json:
        """Return the Pod as soon as the condition holds; fail with its statuses if it never does."""
        ends = time.monotonic() + seconds
        last: Json = {}
        while (left := ends - time.monotonic()) > 0:
            named = {"field_selector": f"metadata.name={pod}", "timeout_seconds": math.ceil(left)}
            for event in changes(self.api.list_namespaced_pod, self.name, **named):
                last = event["raw_object"]
                if condition(last):
                    return last
        raise AssertionError(f"{pod}: not within {seconds} s; last seen: {json.dumps(last.get('status'))}")

    def logs(self, pod: str, container: str) -> str:
        """Return a container's log so far."""
        return kubectl("logs", "--namespace", self.name, pod, "--container", container)

    def execute(self, pod: str, container: str, *command: str) -> str:
        """Run a command in a running container."""
        where = ["--namespace", self.name, pod, "--container", container]
        return kubectl("exec", *where, "--", *command)


def status(pod: Json, container: str) -> Json:
    """Return a container's status, or an empty one if the kubelet has not reported it."""
    found = pod.get("status", {})
    every = found.get("initContainerStatuses", []) + found.get("containerStatuses", [])
    return next((one for one in every if one["name"] == container), {})


def terminated(pod: Json, container: str) -> Json | None:
    """Return a container's terminated state, if it has ended."""
    state: Json | None = status(pod, container).get("state", {}).get("terminated")
    return state


def running(pod: Json, container: str) -> bool:
    """Tell whether the kubelet reports the container as running."""
    return "running" in status(pod, container).get("state", {})


@contextmanager
def restricted_namespace(purpose: str) -> Generator[Namespace]:
    """Make a namespace that enforces the *restricted* Pod Security Standard; delete it afterwards."""
    api, name = connect(), f"{purpose}-{uuid.uuid4().hex[:8]}"
    labels = {"pod-security.kubernetes.io/enforce": "restricted"}
    api.create_namespace({"metadata": {"name": name, "labels": labels}})
    try:
        kubectl("wait", "--for=create", "serviceaccount/default", "--namespace", name, "--timeout=30s")
        yield Namespace(api, name)
    finally:
        api.delete_namespace(name)
