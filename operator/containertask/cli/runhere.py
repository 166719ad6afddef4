"""``ctask run --local``: the same task on this machine, its log on stderr and its outputs on stdout."""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote, urlsplit

from containertask.cli.documents import documents
from containertask.cli.endings import Log, endings
from containertask.cli.errors import CommandError
from containertask.cli.offline import STORES
from containertask.cli.outputdir import room, write_json
from containertask.cli.plain import flat
from containertask.cli.results import exit_code, print_values

if TYPE_CHECKING:
    from containertask.local.run import LocalRun

Json = dict[str, Any]

_STDIN: Final = "-"


def check_local(given: argparse.Namespace, tasks: Sequence[Json]) -> None:
    """Refuse options that contradict where the task runs. Raises CommandError."""
    only = {"--runtime": given.runtime, "--logs": given.logs, "--secrets": given.secrets}
    for option, value in {**only, "--config-maps": given.config_maps}.items():
        if value is not None and not given.local:
            raise CommandError(f"{option} is for --local", exit_code=2)
    if given.local and (given.dry_run is not None or given.wait_timeout is not None or len(tasks) > 1):
        text = "--local runs one task to its end: leave --dry-run, --wait-timeout and other files out"
        raise CommandError(text, exit_code=2)


def run_here(given: argparse.Namespace, tasks: Sequence[Json]) -> int:
    """Run a task and return its exit code. Raises InvalidTaskError, MissingToolError, LocalRunError."""
    from containertask.local.run import LocalOptions, Runtime, run_local  # noqa: PLC0415 - few want it

    (task,) = tasks
    with endings() as ends:
        log = Log(sys.stdout if given.follow else sys.stderr, ends)
        options = LocalOptions(
            runtime=Runtime(given.runtime or Runtime.AUTO),
            logs=None if given.logs is False else log,
            secrets=_folder("--secrets", given.secrets),
            config_maps=_folder("--config-maps", given.config_maps),
            stores=_stores(given.sources),
            cancel=ends.cancel,
        )
        found = run_local(task, options)
    values = {name: _plain(value) for name, value in found.outputs.items()}
    if given.output_dir is not None:
        values = _taken(values, found, Path(given.output_dir))
    print_values(values, given.output, sys.stderr if given.follow else None)
    if found.phase != "Succeeded":
        sys.stderr.write(f"ctask run: {found.name}: {found.reason}: {flat(found.message)}\n")
    return ends.code if found.phase == "Cancelled" else exit_code(found.phase, found.exit_code)


def _stores(sources: Sequence[str]) -> list[Json]:
    """Return the stores that the same files have."""
    files = [one for one in sources if one != _STDIN]
    return [one.raw for file in files for one in documents(file) if one.kind in STORES]


def _folder(option: str, path: str | None) -> Path | None:
    if path is not None and not Path(path).is_dir():
        raise CommandError(f"{option}: {path}: no such folder", exit_code=2)
    return None if path is None else Path(path)


def _plain(value: Any) -> Any:  # noqa: ANN401 - any JSON
    """Return a value as it is told: of a file or folder of this machine its path."""
    path = _path(value)
    return str(path) if path is not None else value


def _taken(values: Json, run: LocalRun, folder: Path) -> Json:
    """Move files and folders to a folder, beside ``outputs.json``; return the values with their places."""
    try:
        told = _copied(values, run.outputs, folder)
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise CommandError(f"--output-dir: {folder}: {why}: the outputs are in {run.folder}") from None
    shutil.rmtree(run.folder, ignore_errors=True)
    return told


def _copied(values: Json, outputs: Mapping[str, Any], folder: Path) -> Json:
    inside, told = Json(), Json()
    for name, value in values.items():
        path = _path(outputs[name])
        if path is not None:
            copy = shutil.copytree if path.is_dir() else shutil.copy2
            copy(path, room(folder, name))
        inside[name] = value if path is None else name
        told[name] = value if path is None else str(folder / name)
    write_json(inside, folder)
    return told


def _path(value: object) -> Path | None:
    """Return where something lies on this machine, if it does."""
    if isinstance(value, dict) and value.keys() == {"uri"} and str(value["uri"]).startswith("file://"):
        return Path(unquote(urlsplit(str(value["uri"])).path))
    return None
