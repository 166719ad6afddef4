"""Local runs in containers: what the kubelet gives a container, docker gives it, and nothing stays behind."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from containertask.local.engines import engine
from containertask.local.run import LocalOptions, LocalRun, Runtime, run_local
from support.ctrlc import HEARS_CTRL_C
from support.launcher import LIMIT_SECONDS
from support.localdocker import bring_launcher, containers
from support.localruns import NO_IMAGE, folder_of, task
from support.shapes import ENTRYPOINT_IMAGE, SHELL_IMAGE
from support.tasks import typed

Json = dict[str, Any]

ROOT: Json = {"securityContext": {"runAsUser": 0}}


@pytest.fixture(scope="module", autouse=True)
def _launcher(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in bring_launcher(tmp_path_factory.mktemp("launcher")).items():
            patch.setenv(name, value)
        yield


@pytest.fixture
def name() -> Iterator[str]:
    """A name that no other test's task has; no container of it may be left in the end."""
    found = f"t{uuid.uuid4().hex[:8]}"
    yield found
    assert not [one for one in containers(engine(Runtime.DOCKER)) if one.startswith(f"ctask-{found}-")]


def run(given: Json, **options: Any) -> LocalRun:
    if given["spec"]["image"] == NO_IMAGE:
        given["spec"]["image"] = SHELL_IMAGE
    return run_local(given, LocalOptions(**{"runtime": Runtime.DOCKER, **options}))


def test_the_container_has_what_its_pod_would(name: str, tmp_path: Path) -> None:
    script = """
    id -u; id -g; cat /etc/db/key; pwd; hostname; echo $SPACED
    touch /var/inputs/x /x 2>/dev/null || echo root is read-only
    touch /ct/control/x 2>/dev/null || echo control is read-only
    ls /ct/launcher /ct; grep -c NoNewPrivs:.*1 /proc/self/status; df /dev/shm | tail -n 1 | awk '{print $2}'
    """
    secrets = folder_of(tmp_path / "secrets", db={"key": "k\n"})
    given = task(
        f"({script}) > /var/outputs/seen",
        name,
        outputs=typed(seen="string"),
        secrets=[{"name": "db", "key": "key", "file": "/etc/db/key"}],
        env=[{"name": "SPACED", "value": "a\n b  c"}, {"name": "PATH", "value": "/bin"}],
        securityContext={"runAsUser": 1234, "runAsGroup": 55, "readOnlyRootFilesystem": True},
        sharedMemory={"sizeLimit": "8Mi"},
        workingDir="/proc",
        resources={"limits": {"cpu": "500m", "memory": "64Mi"}},
    )
    ended = run(given, secrets=secrets, folder=tmp_path / "run")
    seen = ended.outputs["seen"].splitlines()
    assert seen[:6] == ["1234", "55", "k", "/proc", f"{name}-{seen[4].split('-')[1]}-0", "a b c"], ended
    assert seen[6:] == [
        "root is read-only",
        "control is read-only",
        "/ct:",
        "control",
        "launcher",
        "main",
        "",
        "/ct/launcher:",
        "launcher",
        "1",
        "8192",
    ]
    assert ended.figures.memory_peak_bytes is not None


def test_the_entrypoint_of_an_image_runs_untouched(name: str) -> None:
    given = task("", name, image=ENTRYPOINT_IMAGE, args=["exit", "3"], outputs=[])
    del given["spec"]["command"]
    ended = run(given)
    assert (ended.phase, ended.reason, ended.exit_code) == ("Failed", "NonZeroExit", 3)


def test_a_command_without_the_launcher_is_ended_by_its_clock(name: str) -> None:
    given = task(
        "trap 'exit 1' TERM; echo 1 > /var/outputs/a; sleep 600 & wait",
        name,
        start="Signal",
        timeout={"execution": "1s"},
        outputs=typed(a="integer"),
    )
    ended = run(given)
    assert (ended.phase, ended.reason, ended.outputs) == ("Failed", "ExecutionTimeout", {"a": 1})


def test_a_command_that_is_not_in_the_image_is_told_without_the_launcher_too(name: str) -> None:
    given = task("", name, start="Signal")
    given["spec"]["command"] = ["no-such-program"]
    ended = run(given)
    assert (ended.phase, ended.reason, ended.exit_code) == ("Failed", "CommandNotFound", None)


def test_an_image_without_a_program_is_told(name: str) -> None:
    given = task("", name)
    del given["spec"]["command"]
    ended = run(given)
    assert (ended.reason, ended.message) == (
        "CommandNotFound",
        "the image has no ENTRYPOINT, and the task no command: set command",
    )


@pytest.mark.parametrize(
    ("image", "reason"), [("a/b/c:none", "ImagePullFailed"), ("UPPER", "InvalidImageName")]
)
def test_an_image_that_is_not_there_is_told(name: str, image: str, reason: str) -> None:
    policy = {} if reason == "InvalidImageName" else {"imagePullPolicy": "Never"}
    assert run(task("true", name, image=image, **policy)).reason == reason


def test_too_much_memory_is_told(name: str) -> None:
    limits = {"limits": {"memory": "32Mi"}}
    ended = run(task("x=x; while :; do x=$x$x; done", name, resources=limits))
    assert (ended.phase, ended.reason) == ("Failed", "OOMKilled"), ended


def test_a_caller_may_cancel_it(name: str) -> None:
    cancel = threading.Event()

    def tell(_stream: str, data: bytes) -> None:
        if data == b"ready\n":
            cancel.set()

    given = task("echo 1 > /var/outputs/a; echo ready; sleep 600", name, outputs=typed(a="integer"))
    ended = run(given, cancel=cancel, logs=tell)
    assert (ended.phase, ended.outputs) == ("Cancelled", {"a": 1})


def test_control_c_leaves_no_container(name: str) -> None:
    program = f"""
import sys
from containertask.local.run import LocalOptions, Runtime, run_local
given = {task("echo ready; sleep 600", name, image=SHELL_IMAGE)!r}
def tell(stream, data):
    sys.stdout.write(data.decode())
    sys.stdout.flush()
print(run_local(given, LocalOptions(runtime=Runtime.DOCKER, logs=tell)).phase)
"""
    process = subprocess.Popen(
        [*HEARS_CTRL_C, sys.executable, "-c", program], stdout=subprocess.PIPE, start_new_session=True
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=LIMIT_SECONDS)
    finally:
        process.kill()
        process.wait()
    assert out.decode().split() == ["Cancelled"]


def test_podman_is_asked_in_the_same_words(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Docker under podman's name: that the two take the same options is podman's promise."""
    (tmp_path / "podman").write_text(f'#!/bin/sh\nexec {engine(Runtime.DOCKER).path} "$@"\n')
    (tmp_path / "podman").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    ended = run(task("echo 1 > /var/outputs/a", name, outputs=typed(a="integer")), runtime=Runtime.PODMAN)
    assert ended.outputs == {"a": 1}


def test_what_root_of_the_container_left_goes_with_the_run(name: str, tmp_path: Path) -> None:
    script = "mkdir -p /var/outputs/d/e; echo 1 > /var/outputs/d/e/f; umask 077; mkdir /var/outputs/other"
    ended = run(task(script, name, outputs=typed(d="directory"), **ROOT), folder=tmp_path / "run")
    assert (tmp_path / "run/outputs/d/e/f").read_text() == "1\n"
    assert ended.phase == "Succeeded"
    assert not (tmp_path / "run/.work").exists()
