"""What a run leaves: its outputs as lines, as JSON, or as files of a folder; and the exit code."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

from containertask.cli import outputdir
from containertask.cli.shown import dumped, print_json
from containertask.sdk.fetching import stored_value
from containertask.sdk.files import Fetch
from containertask.sdk.results import fetch_of, stored_value_of
from containertask.sdk.status import RunStatus
from containertask.types.grammar import parse_type

Json = dict[str, Any]

FAILED = 1


def exit_code(phase: str, code: int | None) -> int:
    """Return 0 for success, the command's own code where it ended with one, else 1."""
    if phase == "Succeeded":
        return 0
    return code or FAILED if phase == "Failed" else FAILED


def values_of(status: RunStatus) -> Json:
    """Return the outputs by name; of what lies in a store the URI."""
    return {one["name"]: one.get("value", one.get("uri")) for one in outputs(status)}


def print_values(found: Json, form: str | None, stream: TextIO | None = None) -> None:
    """Print each output as ``name=value``, or all as JSON or YAML. Raises CommandError."""
    if form in {"json", "yaml"}:
        print_json(found, form)
        return
    (stream or sys.stdout).write("".join(f"{name}={_line(value)}\n" for name, value in found.items()))


def outputs(status: RunStatus) -> Iterator[Json]:
    """Yield the outputs as the status has them."""
    yield from status.raw.get("outputs") or ()


def is_stored(output: Json) -> bool:
    """Tell whether an output is itself a file, a folder or a dataset, and not a value."""
    return outputdir.is_stored(parse_type(output["type"]))


def value_of(output: Json, fetch: Fetch) -> Any:  # noqa: ANN401 - any JSON
    """Return the value of an output, also of one that only its store has room for. Raises TransferError."""
    if "value" in output or "uri" not in output:
        return output.get("value")
    return stored_value_of(output, stored_value(fetch))


def write_folder(status: RunStatus, folder: Path, fetch: Fetch) -> None:
    """Write ``outputs.json``, and beside it the files and folders that are outputs.

    Raises CommandError, TransferError.
    """
    folder.mkdir(parents=True, exist_ok=True)
    found = Json()
    for one in outputs(status):
        if is_stored(one) and "uri" in one:
            path = fetch_of(one, fetch)(one["uri"], outputdir.room(folder, one["name"]))
            found[one["name"]] = str(path.relative_to(folder))
        else:
            found[one["name"]] = value_of(one, fetch)
    outputdir.write_json(found, folder)


def _line(value: object) -> str:
    plain = isinstance(value, str) and value.isprintable()
    return str(value) if plain else dumped(value)
