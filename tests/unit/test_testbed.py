"""The test bed's own logic: the cache of builds, which tools of PATH will do, what people are told."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from support import machine
from support.machine import put
from testbed import apt, cache, daemon, gobuild, nodeimage, shell, tools, versions
from testbed.errors import TestbedError
from testbed.nodeimage import NodeImage


@pytest.fixture(autouse=True)
def own_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return machine.of_its_own(tmp_path, monkeypatch)


def test_a_build_happens_once_and_appears_whole() -> None:
    built = []

    def build(folder: Path) -> None:
        (folder / "file").write_text("whole")
        built.append(folder)

    first = cache.folder("thing", "k", build)
    assert cache.folder("thing", "k", build) == first
    assert (first / "file").read_text() == "whole"
    assert len(built) == 1


def test_a_failed_build_leaves_nothing_behind() -> None:
    def build(folder: Path) -> None:
        (folder / "half").touch()
        raise TestbedError("no")

    with pytest.raises(TestbedError):
        cache.folder("thing", "k", build)
    assert list((cache.root() / "builds").iterdir()) == []


def test_two_builders_of_one_thing_wait_for_each_other() -> None:
    built = []
    begun, may_end = threading.Event(), threading.Event()

    def build(folder: Path) -> None:
        built.append(folder)
        begun.set()
        assert may_end.wait(10)

    pair = [threading.Thread(target=cache.folder, args=("thing", "k", build)) for _ in range(2)]
    for one in pair:
        one.start()
    assert begun.wait(10)
    may_end.set()
    for one in pair:
        one.join(10)
    assert len(built) == 1


def test_a_key_follows_content_and_executable_bit(tmp_path: Path) -> None:
    file = tmp_path / "source"
    file.write_text("a")
    first = cache.key(tmp_path / "source")
    file.chmod(0o755)
    second = cache.key(tmp_path / "source")
    file.write_text("b")
    assert len({first, second, cache.key(tmp_path / "source")}) == 3


@pytest.mark.parametrize(
    ("printed", "version"),
    [
        ("kind v0.33.0 go1.26 linux/amd64", (0, 33)),
        ("v4.3.1+gabcdef", (4, 3)),
        ("go1.26.8", (1, 26)),
        ("nothing here", None),
    ],
)
def test_versions_are_read_from_what_programs_print(printed: str, version: tuple[int, int] | None) -> None:
    assert versions.parse(printed) == version


def prepare(monkeypatch: pytest.MonkeyPatch, *, from_recipe: bool) -> dict[str, str]:
    """Choose the tools with building replaced by a name; return what each link leads to."""
    monkeypatch.setattr(gobuild, "program", lambda _versions, name: Path("/built") / name)
    monkeypatch.setattr(gobuild, "kubernetes", lambda _versions, command: Path("/built") / command)
    tools.prepare_kind_and_helm(versions.load())
    tools.prepare_kubectl(versions.load(), from_recipe=from_recipe)
    return {name: str(tools.tool(name).readlink()) for name in ("kind", "kubectl", "helm")}


def test_tools_on_path_are_taken_when_they_are_new_enough(
    own_machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind = put(own_machine, "kind", "echo kind v0.40.0")
    helm = put(own_machine, "helm", "echo v4.0.1")
    kubectl = put(own_machine, "kubectl", "echo Client Version: v1.37.1; echo Kustomize Version: v9.9.9")
    chosen = prepare(monkeypatch, from_recipe=False)
    assert chosen == {"kind": str(kind), "kubectl": str(kubectl), "helm": str(helm)}


def test_tools_on_path_that_are_too_old_or_broken_are_built_instead(
    own_machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(own_machine, "kind", "echo kind v0.20.0")
    put(own_machine, "helm", "exit 1")
    put(own_machine, "kubectl", "echo Client Version: v1.32.4-dispatcher")
    chosen = prepare(monkeypatch, from_recipe=False)
    assert chosen == {"kind": "/built/kind", "kubectl": "/built/kubectl", "helm": "/built/helm"}


def test_a_recipe_node_brings_its_own_kubectl(monkeypatch: pytest.MonkeyPatch) -> None:
    assert prepare(monkeypatch, from_recipe=True)["kubectl"] == "/built/multicall"


def test_a_program_that_is_not_among_the_pinned_ones_is_built_once_by_its_package_and_version(
    own_machine: Path,
) -> None:
    (own_machine / "touch").symlink_to("/bin/touch")
    install = 'touch "$GOBIN/thing"; echo "$*" >> "$0.asked"'
    put(own_machine, "go", f"case $1 in env) echo go1.26.8 ;; install) {install} ;; esac")
    first = gobuild.installed(versions.load(), "example.test/cmd/thing@v1.2.3")
    assert gobuild.installed(versions.load(), "example.test/cmd/thing@v1.2.3") == first
    assert first.is_file()
    (asked,) = (own_machine / "go.asked").read_text().splitlines()
    assert asked.endswith("example.test/cmd/thing@v1.2.3")
    other = gobuild.installed(versions.load(), "example.test/cmd/thing@v1.2.4")
    assert other != first


def test_without_go_the_message_names_what_to_install() -> None:
    with pytest.raises(TestbedError, match=r"Go >= 1\.21 is needed to build kind \(found: no go on PATH\)"):
        gobuild.require_go(versions.load(), "kind")


def test_a_go_that_is_too_old_is_named(own_machine: Path) -> None:
    put(own_machine, "go", "echo go1.19.8")
    with pytest.raises(TestbedError, match=r"found: go1\.19\.8"):
        gobuild.require_go(versions.load(), "kind")


def test_a_failed_command_shows_its_last_lines() -> None:
    with pytest.raises(TestbedError, match=r"exit code 3: sh -c [^\n]*\n  \| to stdout\n  \| to stderr"):
        shell.run(["sh", "-c", "echo to stdout; echo to stderr >&2; exit 3"])


def test_a_missing_program_is_named() -> None:
    with pytest.raises(TestbedError, match="no-such-program is not on this machine"):
        shell.run(["no-such-program"])


def test_a_dead_daemon_that_docker_host_names_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere")
    with pytest.raises(TestbedError, match="DOCKER_HOST names a daemon that does not answer"):
        daemon.ensure()


def test_a_working_daemon_is_used_as_it_is(own_machine: Path) -> None:
    put(own_machine, "docker", "echo 28.2.2")
    assert daemon.ensure() is False


def test_where_docker_is_missing_and_this_is_not_debian_the_message_says_so() -> None:
    with pytest.raises(TestbedError, match=r"install docker\.io jq \(this is not Debian"):
        daemon.ensure()


def test_without_root_the_packages_to_install_are_named(
    own_machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(own_machine, "apt-get", "exit 1")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(TestbedError, match=r"run `apt-get install debootstrap` as root"):
        apt.install("debootstrap", reason="the base image cannot be pulled")


DOCKER_WITH_A_REGISTRY = """
case "$1 $2" in
  "image inspect") exec 2>/dev/null; [ -e "$0.pulled" ] && echo sha256:1 ;;
  "pull --quiet") : > "$0.pulled" ;;
  *) exit 1 ;;
esac
"""


def test_where_a_registry_is_in_reach_the_published_node_image_is_pulled_and_nothing_is_built(
    own_machine: Path,
) -> None:
    put(own_machine, "docker", DOCKER_WITH_A_REGISTRY)
    image = nodeimage.ensure(versions.load())
    assert image == NodeImage(f"kindest/node:v{versions.load().kubernetes}", from_recipe=False)
    assert (own_machine / "docker.pulled").exists()


def test_without_a_registry_and_without_go_the_recipe_says_so_before_it_starts(own_machine: Path) -> None:
    put(own_machine, "docker", "exit 1")
    with pytest.raises(TestbedError, match=r"Go >= 1\.21 is needed to build the node image"):
        nodeimage.ensure(versions.load())


def test_a_user_without_a_registry_and_without_root_is_told_before_anything_is_built(
    own_machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(own_machine, "docker", "exit 1")
    put(own_machine, "go", "echo go1.26.8")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(TestbedError, match="cannot be pulled, and making it needs root"):
        nodeimage.ensure(versions.load())
