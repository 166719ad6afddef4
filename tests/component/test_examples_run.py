"""The examples whose programs this machine has are run here, as plain processes, and give what they promise.

The others (bcftools, R, ffmpeg, a GPU, an image of one static program) are held together by test_examples.py.
"""

from __future__ import annotations

import shutil
import tarfile
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import pytest
import yaml

from containertask.core.blueprint import resolve
from containertask.local.run import LocalOptions, LocalRun, Runtime, run_local

FOLDER: Final = Path(__file__).resolve().parents[2] / "examples"
Json = dict[str, Any]

PROMISED: Final[dict[str, tuple[str, Json]]] = {
    "ellipse-area": ("awk", {"area": 21.9911485751, "metadata": "[from shell rawcontainer]"}),
    "word-count": ("awk", {"counts": {"blue": 1, "fish": 4, "one": 1, "red": 1, "two": 1}, "found": "fish"}),
    "python-script": ("python3", {"summary": {"mean": 5.0, "spread": 2.0}}),
    "sql": ("sqlite3", {"table": "region,sum(amount)\nnorth,7\nsouth,5"}),
    "r-regression": ("Rscript", {"fit": {"intercept": 1.15, "slope": 1.94}}),
}
HERE: Final = [name for name, (program, _) in PROMISED.items() if shutil.which(program)]


def tasks() -> dict[str, Json]:
    files = sorted(FOLDER.glob("*.yaml"))
    every = [one for file in files for one in yaml.safe_load_all(file.read_text())]
    return {one["metadata"]["name"]: one for one in every if one["kind"] == "ContainerTask"}


def resolved(task: Json, template: Json) -> Json:
    """Return the task that runs where one names a template."""
    spec = resolve(task["spec"], template["spec"])
    assert isinstance(spec, dict), spec
    return {**task, "spec": spec}


def run(task: Json, folder: Path) -> LocalRun:
    return run_local(task, LocalOptions(runtime=Runtime.PROCESS, folder=folder))


def test_this_machine_can_run_some() -> None:
    assert {"ellipse-area", "word-count", "python-script"} <= set(HERE)


@pytest.mark.parametrize("name", HERE)
def test_an_example_gives_what_it_promises(name: str, tmp_path: Path) -> None:
    found = run(tasks()[name], tmp_path)
    assert (found.phase, found.message) == ("Succeeded", "")
    assert found.outputs == PROMISED[name][1]


def test_the_chain_hands_on_what_it_has(tmp_path: Path) -> None:
    first = run(tasks()["throws"], tmp_path / "throws")
    throws = first.outputs["throws"]
    assert len(throws) == 10
    second = tasks()["highest"]
    second["spec"]["inputs"] = [{"name": "throws", "type": "list[integer]", "value": throws}]
    assert run(second, tmp_path / "highest").outputs == {"highest": max(throws)}


def test_what_fails_on_purpose_fails(tmp_path: Path) -> None:
    found = run(tasks()["fails-on-purpose"], tmp_path)
    assert (found.phase, found.reason, found.exit_code) == ("Failed", "OutputInvalid", 0)


def test_a_folder_is_packed(tmp_path: Path) -> None:
    folder = tmp_path / "reports"
    folder.mkdir()
    (folder / "january.txt").write_text("cold")
    task = tasks()["archive"]
    (given,) = task["spec"]["inputs"]
    given["uri"] = folder.as_uri()
    found = run(task, tmp_path / "run")
    assert (found.phase, found.message) == ("Succeeded", "")
    packed = Path(urlsplit(found.outputs["packed"]["uri"]).path)
    with tarfile.open(packed) as archive:
        assert "./january.txt" in archive.getnames()


def test_the_task_of_a_template_gives_what_it_promises(tmp_path: Path) -> None:
    template, task = yaml.safe_load_all((FOLDER / "template.yaml").read_text())
    assert run(resolved(task, template), tmp_path).outputs == {"total": 265.33}
