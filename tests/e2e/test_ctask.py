"""The program ``ctask`` on the real node, as a user calls it: a process, a kubeconfig, exit codes."""

from __future__ import annotations

import json
import subprocess
import sys
import uuid
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from support import cluster
from support.shapes import SHELL_IMAGE
from support.tasks import Tasks

PROGRAM: Final = [sys.executable, "-m", "containertask.cli"]
IMAGE: Final = ("--image", SHELL_IMAGE, "--retries", "0")
SECONDS: Final = 120


@dataclass(frozen=True, slots=True)
class Done:
    code: int
    out: str
    err: str


def ctask(here: Tasks, command: str, *arguments: str) -> Done:
    """Call it for the test's namespace."""
    where = [f"--kubeconfig={cluster.tool('kubeconfig')}", f"--namespace={here.namespace}"]
    done = subprocess.run(
        [*PROGRAM, command, *where, *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS,
    )
    assert "Traceback" not in done.stderr, done.stderr
    return Done(done.returncode, done.stdout, done.stderr)


def run(here: Tasks, name: str, *options: str, script: str) -> Done:
    """Run a shell script as a task, which the test's end removes."""
    found = ctask(here, "run", *IMAGE, "--name", name, *options, "--", "sh", "-euc", script)
    adopt(here, name)
    return found


def adopt(here: Tasks, name: str) -> None:
    """Have the test's end remove a task that the program has made."""
    shown = ctask(here, "get", name, "-o", "json")
    assert shown.code == 0, shown.err
    here.made[name] = json.loads(shown.out)["metadata"]["uid"]


def test_run_waits_for_typed_outputs_and_the_rest_tells_of_them(here: Tasks, tmp_path: Path) -> None:
    script = 'echo said; cat /var/inputs/a > /var/outputs/area; echo "a b" > /var/outputs/text'
    inputs = ("--in", "a:float=3.5", "--out", "area:float", "--out", "text:string")
    folder = tmp_path / "out"
    done = run(here, "waited", *inputs, "--wait", "--output-dir", str(folder), script=script)
    assert (done.code, done.out) == (0, "area=3.5\ntext=a b\n"), done.err
    assert done.err.splitlines()[-1] == "waited: Succeeded"
    assert json.loads((folder / "outputs.json").read_text()) == {"area": 3.5, "text": "a b"}
    assert ctask(here, "logs", "waited").out == "said\n"
    assert ctask(here, "cp", "waited:area", "-").out == "3.5\n"
    described = ctask(here, "describe", "waited").out
    assert "Phase:         Succeeded\n" in described
    assert described.index("podCreated") < described.index("completed")
    assert ctask(here, "why", "waited").out.startswith("Task waited succeeded: Succeeded (after ")
    rows = [line.split() for line in ctask(here, "get", "waited", "-o", "wide").out.splitlines()]
    assert rows[1][:4] == ["waited", "Succeeded", "Succeeded", "0"]
    by_kubectl = ctask(here, "get", "ctask/waited", "-o", "jsonpath={.status.outputs[0].value}")
    assert (by_kubectl.out, by_kubectl.err) == ("3.5", "")


def test_following_hands_the_log_through_and_ends_with_the_commands_code(here: Tasks, tmp_path: Path) -> None:
    done = run(here, "followed", "--follow", script="for i in 1 2 3; do echo $i; sleep 0.2; done; exit 7")
    assert (done.code, done.out) == (7, "1\n2\n3\n"), done.err
    assert "ctask run: followed: NonZeroExit: " in done.err
    why = ctask(here, "why", "followed").out
    assert why.startswith("Task followed failed: NonZeroExit (after ")
    assert "exit code 7, container main" in why
    assert "    | 3\n" in why
    assert "`ctask retry followed -n " in why
    path = tmp_path / "report.zip"
    assert ctask(here, "report", "followed", "--file", str(path)).code == 0
    with zipfile.ZipFile(path) as archive:
        logs = [archive.read(name) for name in archive.namelist() if name.endswith("/main.log")]
        assert logs == [b"1\n2\n3\n"]
        assert SHELL_IMAGE.encode() in archive.read("task.yaml")
    again = ctask(here, "retry", "followed", "--more-memory", "64Mi", "-o", "name")
    assert again.out == "containertask.containertask.dev/followed-r1\n"
    adopt(here, "followed-r1")
    assert here.ended("followed-r1").status["exitCode"] == 7


def test_a_task_that_waits_says_for_what_and_is_cancelled(here: Tasks) -> None:
    done = run(here, "waits", "--cpu", "4000", script="true")
    assert (done.code, done.out) == (0, "containertask.containertask.dev/waits created\n")
    here.waiting_for("waits", "Unschedulable")
    why = ctask(here, "why", "waits").out
    assert why.startswith("Task waits waits: Unschedulable (for ")
    assert "lower `resources`" in why
    assert len(why.splitlines()) <= 24
    assert ctask(here, "cancel", "waits").out == "containertask.containertask.dev/waits cancelled\n"
    assert here.ended("waits").phase == "Cancelled"


def test_a_task_is_suspended_and_resumed(here: Tasks) -> None:
    script = '[ "$CT_ATTEMPT" = 1 ] || sleep 60; echo "$CT_ATTEMPT" > /var/outputs/a'
    run(here, "paused", "--out", "a:integer", script=script)
    here.running_pod("paused")
    assert ctask(here, "suspend", "paused").code == 0
    here.in_phase("paused", "Queued")
    assert ctask(here, "why", "paused").out.startswith("Task paused waits: Suspended (")
    assert ctask(here, "resume", "paused").code == 0
    assert here.ended("paused").status["outputs"][0]["value"] == 1


def test_a_wait_that_is_over_leaves_the_task(here: Tasks) -> None:
    done = run(here, "slow", "--wait-timeout", "1s", script="sleep 3")
    assert done.code == 124
    assert here.ended("slow").phase == "Succeeded"


def test_the_server_checks_a_dry_run(here: Tasks, tmp_path: Path) -> None:
    (tmp_path / "F").write_text(json.dumps(here.document("dry", {"image": SHELL_IMAGE, "command": ["true"]})))
    done = ctask(here, "run", str(tmp_path / "F"), "--dry-run", "server", "-o", "json")
    assert json.loads(done.out)["spec"]["outputDir"] == "/var/outputs"
    assert ctask(here, "get", "dry").code == 1


def test_the_doctor_finds_all_well(here: Tasks) -> None:
    done = ctask(here, "doctor")
    assert done.code == 0, done.out
    lines = done.out.splitlines()
    assert lines[0].startswith("ok    the API server answers: Kubernetes v")
    assert sum(line.startswith("ok ") for line in lines) >= 9


def test_a_template_is_run_by_its_name_and_told_of(here: Tasks, tmp_path: Path) -> None:
    name = f"ctt-{uuid.uuid4().hex[:8]}"
    file = tmp_path / "template.json"
    spec = {
        "image": SHELL_IMAGE,
        "command": ["sh", "-euc", 'echo $(($1 + $2)) > "$CT_OUTPUT_DIR/sum"', "add"],
        "args": ["{{.inputs.a}}", "{{.inputs.b}}"],
        "inputs": [{"name": "a", "type": "integer"}, {"name": "b", "type": "integer", "default": 1}],
        "outputs": [{"name": "sum", "type": "integer"}],
    }
    kind = {"apiVersion": "containertask.dev/v1alpha1", "kind": "ContainerTaskTemplate"}
    file.write_text(json.dumps({**kind, "metadata": {"name": name}, "spec": spec}))
    where = f"--namespace={here.namespace}"
    cluster.kubectl("apply", where, f"--filename={file}")
    try:
        done = ctask(here, "run", f"template/{name}", "--name", "added", "--in", "a=3", "--wait")
        adopt(here, "added")
        assert (done.code, done.out) == (0, "sum=4\n"), done.err
        assert f"ContainerTaskTemplate/{name} generation 1" in ctask(here, "describe", "added").out
        wrong = ctask(here, "run", f"template/{name}", "--name", "wrong", "--in", "a=three")
        assert wrong.code != 0
        assert "--in a: it is an integer" in wrong.err
    finally:
        cluster.kubectl("delete", "containertasktemplates", name, where)
