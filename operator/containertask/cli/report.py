"""``ctask report``: what is known of a task, in a zip file for somebody who may not see the cluster."""

from __future__ import annotations

import argparse
import sys
import zipfile
from collections.abc import Awaitable, Sequence
from contextlib import aclosing
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final, TypeVar

import yaml

from containertask.cli.asking import ask
from containertask.cli.errors import CommandError
from containertask.cli.operators import deployments
from containertask.cli.place import cluster_of, name_of
from containertask.cli.redaction import REMOVED, Cleaner, kept, secrets_of
from containertask.cli.reportfields import EVENT, POD, STORE, TASK
from containertask.cli.why import events_of
from containertask.core.names import TASK_LABEL
from containertask.kube.errors import ApiError
from containertask.kube.podlog import pod_log
from containertask.kube.resources import ARTIFACT_STORES, CLUSTER_ARTIFACT_STORES, PODS, TASKS
from containertask.sdk import loop
from containertask.sdk.cluster import Cluster, Session

Json = dict[str, Any]
Files = dict[str, str]
T = TypeVar("T")

_LINES: Final = 1000
_README: Final = f"""\
A report of `ctask report` about one task, for somebody who helps with it.

Left out: values of inputs and outputs, of variables, of annotations and labels; command and arguments, which
may have values in them; podTemplate and all other fields that are not known to be free of such; Secrets,
which are never read; messages of containers. Passwords and signatures in URIs are replaced by {REMOVED}.

Logs (the last {_LINES} lines of each container) and messages are what the command and the cluster said. The
values that are left out elsewhere were replaced by {REMOVED} there, where they have four characters or more.
A log may still have what only its command knows, such as the content of a Secret or of a file: read it before
you hand it on, or write the report with --no-logs.
"""


def command(given: argparse.Namespace) -> int:
    """Do what was asked for."""
    name = name_of(given.name)
    path = Path(given.file or f"{name}-report.zip")
    if path.exists():
        raise CommandError(f"{path} is there already: write another one by --file")
    files = loop.run(_gathered(cluster_of(given), name, logs=not given.no_logs))
    with zipfile.ZipFile(path, "x", zipfile.ZIP_DEFLATED) as archive:
        for inside, text in files.items():
            archive.writestr(inside, text)
    sys.stdout.write(f"{path}: {', '.join(files)}\n")
    sys.stdout.write("Values and Secrets are left out; logs are what the command wrote: read README.txt\n")
    return 0


async def _gathered(cluster: Cluster, name: str, *, logs: bool) -> Files:
    """Return the files by their names. Raises ApiError where the task itself cannot be read."""
    async with cluster.session() as session:
        task = await session.api.get(TASKS, cluster.namespace, name)
        selector = f"{TASK_LABEL}={name}"
        pods = await _list(session.api.list(PODS, cluster.namespace, label_selector=selector))
        pods = [one for one in pods if _belongs(one, task)]
        cleaner = Cleaner(secrets_of(task, pods))
        events = await events_of(session, task) + [
            one for pod in pods for one in await events_of(session, pod)
        ]
        stores = [
            *await _list(session.api.list(ARTIFACT_STORES, cluster.namespace)),
            *await _list(session.api.list(CLUSTER_ARTIFACT_STORES)),
        ]
        files = {
            "README.txt": _README,
            "task.yaml": _yaml(cleaner, [task], TASK),
            "pods.yaml": _yaml(cleaner, pods, POD),
            "events.yaml": _yaml(cleaner, events, EVENT),
            "stores.yaml": _yaml(cleaner, stores, STORE),
            "versions.txt": await _versions(session),
        }
        for pod in pods if logs else ():
            files |= await _logs(session, pod, cleaner)
    return files


def _belongs(pod: Json, task: Json) -> bool:
    owners = pod["metadata"].get("ownerReferences") or ()
    return any(one["uid"] == task["metadata"]["uid"] for one in owners)


def _yaml(cleaner: Cleaner, found: Sequence[Json], allowed: Json) -> str:
    whole = [cleaner.whole(kept(one, allowed)) for one in found]
    return yaml.safe_dump_all(whole, sort_keys=False, width=110, allow_unicode=True)


async def _logs(session: Session, pod: Json, cleaner: Cleaner) -> Files:
    """Return the end of the log of each container, or why there is none."""
    metadata, found = pod["metadata"], Files()
    containers = (*(pod["spec"].get("initContainers") or ()), *pod["spec"]["containers"])
    for name in [one["name"] for one in containers]:
        log = pod_log(session.credentials, metadata["namespace"], metadata["name"], name, tail=_LINES)
        try:
            async with aclosing(log) as pieces:
                text = b"".join([piece async for piece in pieces]).decode(errors="replace")
        except ApiError as error:
            text = f"(no log: {error})\n"
        found[f"logs/{metadata['name']}/{name}.log"] = cleaner.text(text)
    return found


async def _versions(session: Session) -> str:
    lines = [f"ctask: {version('containertask')}"]
    server = await _if_seen(ask(session, "/version"))
    lines.append(f"Kubernetes: {'unknown' if server is None else server.get('gitVersion')}")
    for one in await deployments(session) or ():
        images = [part["image"] for part in one["spec"]["template"]["spec"]["containers"]]
        lines.append(
            f"operator {one['metadata']['namespace']}/{one['metadata']['name']}: {', '.join(images)}"
        )
    return "\n".join(lines) + "\n"


async def _list(asked: Awaitable[Any]) -> list[Json]:
    found = await _if_seen(asked)
    return [] if found is None else list(found.items)


async def _if_seen(asked: Awaitable[T]) -> T | None:
    try:
        return await asked
    except ApiError:
        return None  # what the user may not see is not in the report
