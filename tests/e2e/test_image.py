"""The product's image as a container: who it runs as, what is compiled, what is not in it, its answers."""

from __future__ import annotations

import subprocess
from pathlib import PurePath

import pytest

from support.shapes import ARBITRARY_UID, COPILOT_UID, OPERATOR_IMAGE

HOME = "/opt/containertask"
PYTHON = "/usr/bin/python3"

# A pyc begins with a magic number and its flags: 1 is a hash that is never compared.
NOT_COMPILED = """
import importlib.util, pathlib
for folder in ("/opt/containertask", "/usr/lib/python3.13"):
    for source in pathlib.Path(folder).rglob("*.py"):
        compiled = pathlib.Path(importlib.util.cache_from_source(str(source)))
        if not compiled.is_file() or compiled.read_bytes()[4:8] != b"\\1\\0\\0\\0":
            print(source)
    print(folder, len(list(pathlib.Path(folder).rglob("*.pyc"))) > 50)
"""


def run(
    *command: str, entrypoint: str | None = None, user: int | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the image as its task Pods do: nothing to write to, no capability, no network."""
    flags = ["--rm", "--network=none", "--read-only", "--cap-drop=ALL"]
    flags += [f"--entrypoint={entrypoint}"] if entrypoint else []
    flags += [f"--user={user}"] if user is not None else []
    whole = ["docker", "run", *flags, OPERATOR_IMAGE, *command]
    return subprocess.run(whole, check=False, capture_output=True, text=True)


def output(*command: str, entrypoint: str, user: int | None = None) -> str:
    done = run(*command, entrypoint=entrypoint, user=user)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_it_runs_as_the_copilots_user_and_group_without_being_told() -> None:
    assert output("-c", "echo $(id -u):$(id -g)", entrypoint="sh") == f"{COPILOT_UID}:{COPILOT_UID}"


def test_nothing_that_it_is_made_of_can_be_written_by_its_user() -> None:
    script = (
        f"find {HOME} /usr/lib/python3* -user {COPILOT_UID} -o -group {COPILOT_UID} -o -perm -o=w ! -type l"
    )
    assert output("-c", script, entrypoint="sh", user=COPILOT_UID) == ""


def test_every_module_is_compiled_and_never_compared_with_its_source() -> None:
    said = output("-IS", "-c", NOT_COMPILED, entrypoint=PYTHON)
    assert said.splitlines() == [f"{HOME} True", "/usr/lib/python3.13 True"]


def test_there_is_neither_pip_nor_a_compiler_nor_a_download_tool() -> None:
    names = "pip pip3 gcc cc g++ c++ cpp ld as make go git curl wget"
    folders = "find / -xdev -type d -name pip -o -name setuptools -o -name ensurepip"
    said = output(
        "-c", f"for one in sh {names}; do command -v $one; done; {folders}", entrypoint="sh", user=0
    )
    assert [PurePath(line).name for line in said.splitlines()] == ["sh"]


NO_ARGUMENTS = "the operator takes no arguments: its settings are environment variables"
ONE_ARGUMENT = "copilot: the one argument is download or upload"
COPILOT = f"{HOME}/copilot"


@pytest.mark.parametrize(
    ("entrypoint", "arguments", "user", "sentence"),
    [
        (None, ["--help"], None, NO_ARGUMENTS),
        (None, [], ARBITRARY_UID, "CONTAINERTASK_IMAGE is not set"),
        (None, [], 0, "CONTAINERTASK_IMAGE is not set"),
        (COPILOT, [], None, ONE_ARGUMENT),
        (COPILOT, ["dowload"], ARBITRARY_UID, ONE_ARGUMENT),
        (COPILOT, ["download", "upload"], 0, ONE_ARGUMENT),
    ],
    ids=[
        "operator with an argument",
        "operator without settings, as OpenShift runs it",
        "operator without settings, as root",
        "copilot without an argument",
        "copilot with a wrong one, as OpenShift runs it",
        "copilot with two, as root",
    ],
)
def test_a_mistake_in_a_call_is_answered_by_two_and_a_sentence(
    entrypoint: str | None, arguments: list[str], user: int | None, sentence: str
) -> None:
    done = run(*arguments, entrypoint=entrypoint, user=user)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"{sentence}\n")
