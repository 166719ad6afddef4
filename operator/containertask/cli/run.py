"""``ctask run``: creates tasks, and waits for their end where that is wanted."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TextIO

from containertask.cli.asking import dry_run
from containertask.cli.attending import attend
from containertask.cli.composing import composed
from containertask.cli.errors import CommandError
from containertask.cli.outputdir import prepare
from containertask.cli.place import RESOURCE, cluster_of, flags_of
from containertask.cli.plain import flat
from containertask.cli.progress import progress
from containertask.cli.results import exit_code, print_values, values_of, write_folder
from containertask.cli.runhere import check_local, run_here
from containertask.cli.shown import print_objects
from containertask.cli.uploading import Uploads
from containertask.errors import ConflictError
from containertask.kube.resources import TASKS
from containertask.sdk import loop
from containertask.sdk.cluster import Cluster
from containertask.sdk.fetching import fetcher
from containertask.sdk.run import Run
from containertask.sdk.status import RunStatus

Json = dict[str, Any]

_INTERRUPTED = 130


def command(given: argparse.Namespace) -> int:
    """Do what was asked for; with ``--wait`` return the exit code of the first task that failed."""
    waits = given.wait or given.follow or given.output_dir is not None or given.wait_timeout is not None
    cluster = cluster_of(given)
    uploads = Uploads(cluster)
    tasks = composed(given, cluster, uploads)
    _check(given, tasks, waits=waits)
    if given.output_dir is not None:
        prepare(Path(given.output_dir), tasks)
    if given.local:
        return run_here(given, tasks)
    if given.dry_run is not None:
        return _dry_run(given, cluster, tasks)
    uploads.send()
    runs = _sent(cluster, tasks, None if waits else given.output, sys.stderr if waits else sys.stdout)
    return _wait(given, cluster, runs) if waits else 0


def _wait(given: argparse.Namespace, cluster: Cluster, runs: Sequence[Run]) -> int:
    """Wait for the end of runs; return the exit code."""
    try:
        with progress(plain=given.follow) as tell:
            ended = loop.run(attend(runs, tell, follow=given.follow, seconds=given.wait_timeout))
    except KeyboardInterrupt:
        names = " ".join(one.name for one in runs)
        sys.stderr.write(f"\n{names} goes on: `ctask cancel {names}{flags_of(given)}` ends it\n")
        return _INTERRUPTED
    codes = [_tell_end(given, cluster, run, status) for run, status in zip(runs, ended, strict=True)]
    return next((code for code in codes if code), 0)


def _check(given: argparse.Namespace, tasks: Sequence[Json], *, waits: bool) -> None:
    """Refuse what contradicts itself, before anything is sent. Raises CommandError."""
    check_local(given, tasks)
    if given.follow and (given.output in {"json", "yaml"} or len(tasks) > 1):
        raise CommandError("--follow has stdout for the log of one task: leave -o out", exit_code=2)
    if given.output_dir is not None and len(tasks) > 1:
        raise CommandError("--output-dir is for one task: write one FILE", exit_code=2)
    if waits and given.dry_run is not None:
        raise CommandError("--dry-run creates nothing that could be waited for", exit_code=2)


def _sent(cluster: Cluster, tasks: Sequence[Json], form: str | None, stream: TextIO) -> list[Run]:
    """Create tasks and say so, also of those before one that could not be."""
    made = list[Json]()
    try:
        for one in tasks:
            made.append(loop.run(_created(cluster, one)))
    except ConflictError as error:
        cure = "another one is given by --name, or made by --generate"
        raise ConflictError(f"{error}: {cure}") from None
    finally:
        _print_created(made, form, stream=stream)
    return [Run.of(one, cluster) for one in made]


async def _created(cluster: Cluster, document: Json) -> Json:
    async with cluster.session() as session:
        return await session.api.create(TASKS, _namespace(cluster, document), document, strict=True)


def _namespace(cluster: Cluster, document: Json) -> str:
    return document["metadata"].get("namespace") or cluster.namespace


def _dry_run(given: argparse.Namespace, cluster: Cluster, tasks: Sequence[Json]) -> int:
    where = given.dry_run
    found = list(tasks) if where == "client" else [loop.run(_tried(cluster, one)) for one in tasks]
    note = "dry run" if where == "client" else "server dry run"
    _print_created(found, given.output, f" ({note})")
    return 0


async def _tried(cluster: Cluster, document: Json) -> Json:
    async with cluster.session() as session:
        return await dry_run(session, TASKS, _namespace(cluster, document), document)


def _print_created(
    tasks: Sequence[Json], form: str | None, note: str = "", stream: TextIO | None = None
) -> None:
    if not tasks:
        return
    if form is None or form == "wide":
        names = (one["metadata"]["name"] for one in tasks)
        (stream or sys.stdout).write("".join(f"{RESOURCE}/{name} created{note}\n" for name in names))
    else:
        print_objects(tasks, form, single=len(tasks) == 1)


def _tell_end(given: argparse.Namespace, cluster: Cluster, run: Run, status: RunStatus) -> int:
    """Print the outputs of a run, and why it failed; return its exit code."""
    if given.output_dir is not None:
        write_folder(status, Path(given.output_dir), fetcher(cluster, run.namespace))
    print_values(values_of(status), given.output, sys.stderr if given.follow else None)
    if not status.succeeded:
        why = flat(f"{status.reason}: {status.message}")
        sys.stderr.write(f"ctask run: {run.name}: {why}\n")
        sys.stderr.write(f"see: ctask why {run.name}{flags_of(given)}\n")
    return exit_code(status.phase, status.exit_code)
