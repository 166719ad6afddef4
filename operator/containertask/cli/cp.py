"""``ctask cp``: one output of a task, as a file or folder of this machine."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from containertask.cli.errors import CommandError
from containertask.cli.place import cluster_of, name_of
from containertask.cli.results import is_stored, outputs, value_of
from containertask.kube.resources import TASKS
from containertask.sdk import loop
from containertask.sdk.cluster import Cluster
from containertask.sdk.fetching import fetcher
from containertask.sdk.files import Fetch
from containertask.sdk.results import fetch_of
from containertask.sdk.status import RunStatus
from containertask.sdk.wording import nearest

Json = dict[str, Any]


def command(given: argparse.Namespace) -> int:
    """Do what was asked for."""
    written, colon, name = given.source.rpartition(":")
    if not colon or not name:
        raise CommandError("write NAME:OUTPUT, such as demo:area", exit_code=2)
    cluster = cluster_of(given)
    output = _output(loop.run(_status(cluster, name_of(written))), name)
    fetch = fetcher(cluster, cluster.namespace)
    if given.path == "-":
        _print(output, fetch)
    else:
        path = Path(given.path)
        _write(output, path / name if path.is_dir() else path, fetch)
    return 0


async def _status(cluster: Cluster, name: str) -> RunStatus:
    async with cluster.session() as session:
        return RunStatus.of(await session.api.get(TASKS, cluster.namespace, name))


def _output(status: RunStatus, name: str) -> Json:
    """Return the output of a status. Raises CommandError."""
    known = {one["name"]: one for one in outputs(status)}
    if name in known:
        return known[name]
    if not status.finished:
        raise CommandError(f"it has no outputs before its end, and is {status.phase or 'Pending'}")
    raise CommandError(f"it has left no output {name}: {nearest(name, known)}")


def _print(output: Json, fetch: Fetch) -> None:
    """Write the content to stdout."""
    if not _by_uri(output):
        sys.stdout.write(_text(output, fetch))
        return
    with tempfile.TemporaryDirectory() as folder:
        path = fetch_of(output, fetch)(output["uri"], Path(folder) / "content")
        if path.is_dir():
            raise CommandError(f"{output['name']} is a folder: write a PATH for it")
        with path.open("rb") as file:
            shutil.copyfileobj(file, sys.stdout.buffer)


def _write(output: Json, path: Path, fetch: Fetch) -> None:
    """Write the content to a path; a folder only to one that is not there yet."""
    if not _by_uri(output):
        path.write_text(_text(output, fetch), encoding="utf-8")
    elif path.is_dir():
        raise CommandError(f"{path} is there already")
    else:
        fetch_of(output, fetch)(output["uri"], path)


def _by_uri(output: Json) -> bool:
    return is_stored(output) and "uri" in output


def _text(output: Json, fetch: Fetch) -> str:
    """Return a value as a file of it has it: a string as it is, all else as JSON."""
    found = value_of(output, fetch)
    return found if isinstance(found, str) else json.dumps(found, ensure_ascii=False) + "\n"
