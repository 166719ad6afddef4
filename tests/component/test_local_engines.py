"""Which program runs containers, and what is said where none can. The programs are scripts."""

from __future__ import annotations

from pathlib import Path

import pytest

from containertask.errors import LocalRunError, MissingToolError
from containertask.local.engines import engine
from containertask.local.options import LocalOptions, Runtime
from containertask.local.run import run_local
from support.localruns import task


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    return tmp_path / "bin"


def put(programs: Path, name: str, script: str) -> None:
    (programs / name).write_text(f"#!/bin/sh\n{script}\n")
    (programs / name).chmod(0o755)


def test_docker_is_taken_where_it_answers(programs: Path) -> None:
    put(programs, "docker", "exit 0")
    put(programs, "podman", "exit 0")
    assert engine(Runtime.AUTO).path == str(programs / "docker")
    assert engine(Runtime.PODMAN).path == str(programs / "podman")


def test_podman_is_taken_where_docker_does_not_answer(programs: Path) -> None:
    put(programs, "docker", "exit 1")
    put(programs, "podman", "exit 0")
    assert engine(Runtime.AUTO).path == str(programs / "podman")


def test_without_either_nothing_is_chosen_silently(programs: Path) -> None:
    assert not [*programs.iterdir()]
    with pytest.raises(MissingToolError, match=r"neither docker nor podman is on the PATH.*`process`"):
        run_local(task("true"))
    with pytest.raises(MissingToolError, match="no podman is on the PATH"):
        run_local(task("true"), LocalOptions(runtime=Runtime.PODMAN))


def test_one_that_does_not_answer_is_named(programs: Path) -> None:
    put(programs, "docker", "exit 1")
    with pytest.raises(MissingToolError, match="docker cannot be asked for its version: start it"):
        engine(Runtime.AUTO)


def test_one_in_a_machine_of_its_own_is_refused(programs: Path) -> None:
    put(programs, "docker", "echo 'Server: Docker Desktop 4.44.3 (202357)'")
    with pytest.raises(LocalRunError, match="Docker Desktop has a machine of its own"):
        run_local(task("true"))


def test_without_a_launcher_no_container_is_made(programs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(programs, "docker", f'echo "$1" >> {programs}/asked')
    monkeypatch.setenv("CT_LAUNCHER", "")
    with pytest.raises(MissingToolError, match="set CT_LAUNCHER to a copy"):
        run_local(task("true"))
    assert (programs / "asked").read_text().split() == ["version"]


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("pull access denied for x, repository does not exist", "ImagePullFailed"),
        ("invalid reference format", "InvalidImageName"),
    ],
)
def test_an_image_that_cannot_be_got_ends_the_run(programs: Path, said: str, reason: str) -> None:
    put(programs, "docker", f'[ "$1" = version ] || {{ echo "{said}" >&2; exit 1; }}')
    ended = run_local(task("true", image="x"))
    assert (ended.phase, ended.reason, ended.message) == ("Failed", reason, f"image x: {said}")


def test_an_image_is_not_pulled_where_that_is_forbidden(programs: Path) -> None:
    put(programs, "docker", f'echo "$1" >> {programs}/asked; [ "$1" = version ]')
    ended = run_local(task("true", image="x", imagePullPolicy="Never"))
    assert ended.reason == "ImagePullFailed"
    assert "pull" not in (programs / "asked").read_text().split()


def test_an_image_that_runs_as_root_is_refused_where_that_is_forbidden(programs: Path) -> None:
    put(programs, "docker", '[ "$1" = image ] && echo \'{"User": "0:0"}\'; exit 0')
    ended = run_local(task("true", securityContext={"runAsNonRoot": True}))
    assert (ended.phase, ended.reason) == ("Failed", "RunAsRootForbidden")
    assert "set securityContext.runAsUser" in ended.message
