"""What downloader and uploader load: each import is time that every task waits."""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from containertask.contract.manifest import InputItem, OutputItem, Values
from containertask.copilot.places import Places
from support.copilot import LIBRARY, MANIFEST, Part, Pod, record

FORBIDDEN = {
    "argparse",
    "asyncio",
    "base64",
    "flyteidl",
    "google",
    "hashlib",
    "kubernetes",
    "logging",
    "obstore",
    "pathlib",
    "pydantic",
    "selectors",
    "shutil",
    "site",
    "socket",
    "ssl",
    "subprocess",
    "tempfile",
    "threading",
    "traceback",
    "yaml",
    "_hashlib",
}
LIST = "print(*sys.modules, file=open({path!r}, 'w'))"
TASK = replace(
    MANIFEST,
    inputs=(InputItem("a", "integer"), InputItem("b", "string"), InputItem("c", "datetime")),
    values=Values({"a": 1, "b": "x", "c": "2026-01-31T12:00:00Z"}),
    outputs=(OutputItem(name="x", type="integer", path="x"),),
)


def loaded(path: Path) -> set[str]:
    return {name.split(".")[0] for name in path.read_text().split()}


def show(what: str, part: Part, begun: float) -> None:
    told = part.told()
    assert told.exit_code == 0, told
    sys.stdout.write(f"{what}: {(time.perf_counter() - begun) * 1000:.0f} ms from start to end\n")


@pytest.mark.parametrize("part", ["download", "upload"])
def test_nothing_is_loaded_that_a_task_of_values_does_not_need(tmp_path: Path, part: str) -> None:
    pod = Pod(tmp_path)
    pod.prepare(TASK)
    (pod.path("outputs") / "x").write_text("1")
    (tmp_path / "a-launcher").write_text("stands in for the binary")
    modules = tmp_path / "modules"
    after = LIST.format(path=str(modules))
    begun = time.perf_counter()
    download = pod.spawn("download", launcher=str(tmp_path / "a-launcher"), after=after)
    show("download", download, begun)
    if part == "upload":
        upload = pod.spawn("upload", after=after)
        upload.waits()
        begun = time.perf_counter()
        pod.tell(record())
        show("upload, from the launcher's end", upload, begun)
    assert f"containertask.copilot.{part}" in modules.read_text().split()
    assert not loaded(modules) & FORBIDDEN
    assert {name for name in loaded(modules) if name.startswith("containertask")} == {"containertask"}


def image_script(*arguments: str, before: str = "") -> subprocess.CompletedProcess[str]:
    """Run what the image's script runs."""
    code = f"import sys; sys.path.append({str(LIBRARY)!r}); from containertask import copilot"
    return subprocess.run(
        [sys.executable, "-I", "-S", "-c", f"{code}\n{before}\nsys.exit(copilot.main())", *arguments],
        check=False,
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize("arguments", [[], ["sideload"], ["download", "upload"]])
def test_an_argument_that_is_none_of_ours_is_refused(arguments: list[str]) -> None:
    done = image_script(*arguments)
    assert done.returncode == 2
    assert done.stderr == "copilot: the one argument is download or upload\n"


@pytest.mark.parametrize("part", ["download", "upload"])
def test_the_argument_says_which_part_it_is_on_the_contracts_places(part: str) -> None:
    seen = f"from containertask.copilot import {part}\n{part}.run = lambda places, *_: print(places) or 7"
    done = image_script(part, before=seen)
    assert (done.returncode, done.stderr) == (7, "")
    assert done.stdout == f"{Places()}\n"
