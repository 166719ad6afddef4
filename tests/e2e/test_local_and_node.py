"""The same tasks on the node and on this machine: the same ends, the same values, the same ``outputs.pb``."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from flyteidl.core.literals_pb2 import LiteralMap  # type: ignore[import-untyped]

from containertask.local.localfiles import RESULTS
from containertask.local.run import LocalOptions, LocalRun, Runtime, run_local
from support import tasks
from support.claims import Claim, claim
from support.localcase import Case, document
from support.localcases import CASES
from support.localdocker import bring_launcher
from support.objectstore import apply, store
from support.seen import Seen
from support.tasks import ONCE, Tasks

Json = dict[str, Any]

_CLAIM: Final = "results"
_ROOT: Final = f"pvc://{_CLAIM}/"


@pytest.fixture(scope="module")
def node() -> Iterator[tuple[Tasks, Claim]]:
    with tasks.namespace("baseline") as made, claim(made, _CLAIM) as found:
        apply(made, store("default", {"pvc": {"claimName": _CLAIM, "subPath": "runs"}}))
        yield made, found


@pytest.fixture(scope="module", autouse=True)
def _launcher(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in bring_launcher(tmp_path_factory.mktemp("launcher")).items():
            patch.setenv(name, value)
        yield


@pytest.fixture
def here(node: tuple[Tasks, Claim]) -> Iterator[Tasks]:
    own = Tasks(node[0].core, node[0].namespace)
    yield own
    own.assert_nothing_left()


def on_this_machine(case: Case, folder: Path) -> LocalRun:
    return run_local(document(case), LocalOptions(runtime=Runtime.DOCKER, folder=folder))


def kept(claim: Claim, done: Seen, name: str) -> bytes | None:
    """Return a file of the folder of a task's attempt; None if it is not there."""
    folder = done.status["outputsURI"].removeprefix(_ROOT)
    said = claim.run(f"if [ -e {folder}{name} ]; then base64 -w0 {folder}{name}; else printf none; fi")
    return None if said == "none" else base64.b64decode(said)


def read(file: Path) -> bytes | None:
    return file.read_bytes() if file.exists() else None


def without_places(data: bytes | None, folder: str) -> str | None:
    """Return what ``outputs.pb`` says, with nothing of where its files lie."""
    return None if data is None else str(LiteralMap.FromString(data)).replace(folder, "")


def outputs(data: bytes | None, folder: str) -> list[Json]:
    assert data is not None
    found: list[Json] = json.loads(data.decode().replace(folder, ""))["outputs"]
    return found


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_task_comes_to_the_same(case: Case, here: Tasks, node: tuple[Tasks, Claim], tmp_path: Path) -> None:
    here.create(case.name, {**ONCE, **case.spec})
    local = on_this_machine(case, tmp_path / "run")
    done = here.ended(case.name)
    assert (local.reason, local.exit_code) == (done.reason, done.status.get("exitCode"))
    assert (local.reason, local.exit_code) == (case.reason, case.exit_code)
    folder, there = done.status["outputsURI"], node[1]
    protobuf, ours = kept(there, done, "outputs.pb"), read(local.folder / "outputs.pb")
    assert without_places(ours, RESULTS) == without_places(protobuf, folder)
    if case.only_values:
        assert ours == protobuf
    assert outputs(read(local.folder / "outputs.json"), RESULTS) == outputs(
        kept(there, done, "outputs.json"), folder
    )
    for path, content in case.files.items():
        assert kept(there, done, f"outputs/{path}") == content.encode()
        assert read(local.folder / "outputs" / path) == content.encode()
