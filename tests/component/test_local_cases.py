"""Tasks without a cluster and without a container: each comes to what it comes to on a node."""

from __future__ import annotations

from pathlib import Path

import pytest

from containertask.local.run import LocalOptions, LocalRun, Runtime, run_local
from support.localcase import Case, document
from support.localcases import CASES
from support.localruns import LAUNCHERS, variable


@pytest.fixture(params=LAUNCHERS, autouse=True)
def _launcher(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in variable(request.param).items():
        monkeypatch.setenv(name, value)


def found(folder: Path) -> dict[str, str]:
    """Return the files below a folder with their contents, by path."""
    return {str(one.relative_to(folder)): one.read_text() for one in folder.rglob("*") if one.is_file()}


def run(case: Case, folder: Path) -> LocalRun:
    return run_local(document(case), LocalOptions(runtime=Runtime.PROCESS, folder=folder))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_task_comes_to_what_it_says(case: Case, tmp_path: Path) -> None:
    ended = run(case, tmp_path / "run")
    assert (ended.reason, ended.exit_code) == (case.reason, case.exit_code), ended
    if case.only_values:
        assert ended.outputs == case.values
    else:
        kept = {path: text for path, text in found(ended.folder / "outputs").items() if path in case.files}
        assert kept == case.files
    assert (ended.folder / "outputs.pb").exists() == (ended.phase == "Succeeded" and case.exit_code == 0)
    assert not (ended.folder / ".work").exists()
