"""``ctask`` against the fake API server: a kubeconfig for it, a call, and what it printed."""

from __future__ import annotations

import asyncio
import io
import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from containertask.cli.main import main
from containertask.core.names import TASK_LABEL, pod_name
from containertask.kube.resources import PODS, TASKS
from support.fakeapi import Answer, FakeApi

Json = dict[str, Any]

NAMESPACE = "team"


@dataclass(frozen=True, slots=True)
class Done:
    """What one call did."""

    code: int
    out: str
    err: str


@dataclass(frozen=True, slots=True)
class Shell:
    """Calls of ``ctask`` for one server."""

    api: FakeApi
    folder: Path

    async def __call__(self, command: str, *arguments: str) -> Done:
        """Call a command that talks to the server."""
        where = f"--kubeconfig={self.kubeconfig()}"
        behind = arguments.index("--") if "--" in arguments else len(arguments)
        before = (command, where, *arguments[:behind], *arguments[behind:])
        return await asyncio.to_thread(called, *before)

    def kubeconfig(self) -> Path:
        """Write what leads to the server, and return its path."""
        path = self.folder / "kubeconfig"
        context = {"cluster": "c", "user": "u", "namespace": NAMESPACE}
        path.write_text(
            yaml.safe_dump(
                {
                    "apiVersion": "v1",
                    "kind": "Config",
                    "current-context": "c",
                    "contexts": [{"name": "c", "context": context}],
                    "clusters": [{"name": "c", "cluster": {"server": self.api.url}}],
                    "users": [{"name": "u", "user": {}}],
                }
            )
        )
        return path


def called(*arguments: str) -> Done:
    """Call ``ctask`` in this process."""
    with _caught() as (out, err):
        try:
            code = main(arguments)
        except SystemExit as end:
            code = int(end.code or 0)
    return Done(code, out.getvalue().decode(), err.getvalue())


@contextmanager
def _caught() -> Iterator[tuple[io.BytesIO, io.StringIO]]:
    raw, err = io.BytesIO(), io.StringIO()
    out = io.TextIOWrapper(raw, encoding="utf-8", write_through=True)
    with redirect_stdout(out), redirect_stderr(err):
        yield raw, err
        sys.stdout.flush()
    out.detach()


def task(name: str = "demo", spec: Mapping[str, Any] | None = None, **status: object) -> Json:
    """Return a task as the cluster has it."""
    return {
        "apiVersion": "containertask.dev/v1alpha1",
        "kind": "ContainerTask",
        "metadata": {"name": name, "namespace": NAMESPACE},
        "spec": {"image": "alpine", "command": ["sh"], **(spec or {})},
        "status": {"phase": "Pending", **status},
    }


def put(api: FakeApi, name: str = "demo", spec: Mapping[str, Any] | None = None, **status: object) -> Json:
    """Have the server have a task; return it."""
    return api.put(TASKS, task(name, spec, **status))


def put_pod(api: FakeApi, owner: Json, log: str | None = None, **status: object) -> Json:
    """Have the server have the Pod of a task's attempt, with the log of ``main``, and the task name it."""
    metadata = owner["metadata"]
    name = pod_name(metadata["name"], metadata["uid"], owner["status"].get("attempt", 0))
    labels = {TASK_LABEL: metadata["name"], "app.kubernetes.io/managed-by": "containertask-operator"}
    found = api.put(
        PODS,
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": name, "namespace": NAMESPACE, "labels": labels},
            "spec": {"containers": [{"name": "main", "image": "alpine"}]},
            "status": status,
        },
    )
    api.patch(TASKS, NAMESPACE, metadata["name"], {"status": {"podName": name}})
    if log is not None:
        path = f"/api/v1/namespaces/{NAMESPACE}/pods/{name}/log"
        api.faults.add("GET", path, Answer(code=200, text=log), times=None)
    return found


def template(api: FakeApi, kind: str, name: str, inputs: list[Json]) -> None:
    """Have the server have a template; the fake one knows nothing of them, so this is its answer."""
    namespace = "" if kind.startswith("Cluster") else f"/namespaces/{NAMESPACE}"
    path = f"/apis/containertask.dev/v1alpha1{namespace}/{kind.lower()}s/{name}"
    api.faults.add("GET", path, Answer(code=200, text=json.dumps({"spec": {"inputs": inputs}})))
