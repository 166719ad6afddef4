"""``ctask render``: what the operator would create; and the program around its commands."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from containertask.cli.main import main
from support.manifests import GOOD, HEAD, needing

ROOT = Path(__file__).resolve().parents[2]

ELLIPSE = str(ROOT / "examples" / "ellipse-area.yaml")
STORE = """\
apiVersion: containertask.dev/v1alpha1
kind: ArtifactStore
metadata: {name: default}
spec: {s3: {bucket: team, region: r1, credentials: {type: Secret, secretName: key}}}
"""
KEEPS = f"{HEAD}spec: {{image: alpine, command: [sh], outputs: [{{name: 'y', type: file}}]}}\n"


def rendered(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[dict[str, Any]]:
    assert main(["render", *arguments]) == 0, capsys.readouterr().err
    return list(yaml.safe_load_all(capsys.readouterr().out))


def names(pod: dict[str, Any], which: str) -> list[str]:
    return [one["name"] for one in pod["spec"].get(which, ())]


def test_a_task_becomes_a_pod_with_its_arguments(capsys: pytest.CaptureFixture[str]) -> None:
    (pod,) = rendered(capsys, ELLIPSE)
    assert (pod["kind"], pod["metadata"]["namespace"]) == ("Pod", "default")
    assert (names(pod, "initContainers"), names(pod, "containers")) == (["downloader"], ["main", "uploader"])
    main_container = next(one for one in pod["spec"]["containers"] if one["name"] == "main")
    assert main_container["command"][-2:] == ["3.5", "2"]


def test_options_say_which_pod(capsys: pytest.CaptureFixture[str]) -> None:
    (pod,) = rendered(capsys, ELLIPSE, "--gated", "--attempt", "3", "--image", "mine:1")
    assert pod["metadata"]["name"].endswith("-3")
    assert "initContainers" not in pod["spec"]
    assert {one["image"] for one in pod["spec"]["containers"]} == {"mine:1", "debian:trixie-slim"}
    chain = str(ROOT / "examples" / "chain.yaml")
    (pod,) = rendered(capsys, chain, "--task", "throws")
    assert pod["metadata"]["name"].startswith("throws-")


def test_the_pod_of_a_template_s_task_needs_the_template(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (pod,) = rendered(capsys, str(ROOT / "examples" / "template.yaml"))
    main_container = next(one for one in pod["spec"]["containers"] if one["name"] == "main")
    assert main_container["image"] == "debian:trixie-slim"
    assert main_container["command"][-3:] == ["100", "0.05", "20"]
    (tmp_path / "F").write_text(f"{HEAD}spec: {{templateRef: {{name: growth}}}}\n")
    assert main(["render", str(tmp_path / "F")]) == 1
    said = "task demo runs template growth of namespace default, which is not known here: give the template's"
    assert said in capsys.readouterr().err
    broken = HEAD.replace("Task", "TaskTemplate").replace("demo", "growth")
    (tmp_path / "G").write_text(f"{broken}spec: {{timeout: 1s}}\n")
    assert main(["render", str(tmp_path / "F"), str(tmp_path / "G")]) == 1
    assert f"{tmp_path / 'G'}:4: spec.image: is missing" in capsys.readouterr().err


def test_large_values_are_a_config_map_beside_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    inputs = f"inputs: [{{name: s, type: string, value: '{'x' * 30_000}'}}]"
    (tmp_path / "F").write_text(f"{HEAD}spec: {{image: alpine, command: [sh], {inputs}}}\n")
    assert [one["kind"] for one in rendered(capsys, str(tmp_path / "F"))] == ["ConfigMap", "Pod"]


def test_a_store_of_the_same_manifests_is_used(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "store").write_text(STORE)
    (tmp_path / "task").write_text(KEEPS)
    (pod,) = rendered(capsys, str(tmp_path / "task"), str(tmp_path / "store"))
    assert pod["metadata"]["annotations"]["containertask.dev/results"].startswith("s3://team/default/demo-")


FAILS = {
    "no store": (KEEPS, "task demo: output `y` of type file needs a store, and there is none: "),
    "another task": (needing("train", "m", "file"), "task demo waits for train, and what that gives is not"),
    "no task": (STORE, "no ContainerTask in F"),
    "a task that does not hold together": (
        GOOD.replace("alpine", "''"),
        "F:4: spec.image: ",
    ),
}


@pytest.mark.parametrize(("text", "says"), FAILS.values(), ids=FAILS)
def test_what_becomes_no_pod_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], text: str, says: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("F").write_text(text)
    assert main(["render", "F"]) == 1
    found = capsys.readouterr()
    assert found.out == ""
    assert found.err.startswith(f"ctask render: {says}"), found.err


def test_a_manifest_may_come_from_stdin(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(GOOD))
    (pod,) = rendered(capsys, "-")
    assert pod["metadata"]["name"].startswith("demo-")


def test_who_reads_no_further_gets_no_traceback() -> None:
    command = [sys.executable, "-m", "containertask.cli", "render", *[ELLIPSE] * 200]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.read(1)
        process.stdout.close()
        assert (process.wait(), process.stderr.read()) == (141, b"")


@pytest.mark.parametrize("arguments", [["version"], ["--help"], ["lint", "--help"]])
def test_a_word_of_help_loads_nothing_slow(arguments: list[str]) -> None:
    code = (
        "import sys; from containertask.cli.main import main\n"
        "try: main(sys.argv[1:])\n"
        "except SystemExit as error: assert error.code == 0\n"
        "assert not {'pydantic', 'yaml', 'kubernetes', 'asyncio'} & set(sys.modules)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "ctask" in done.stdout


def test_a_wrong_call_is_exit_code_2(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as wrong:
        main(["lnt"])
    assert wrong.value.code == 2
    assert "lnt" in capsys.readouterr().err
