"""Programs from npm: installed once, by the lock file, with Debian's Node.js where there is none."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from support import machine
from support.machine import put
from testbed import apt, npm, versions
from testbed.errors import TestbedError

LOCK = json.loads((versions.HERE / "azurite" / "package-lock.json").read_text())


@pytest.fixture(autouse=True)
def own_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return machine.of_its_own(tmp_path, monkeypatch)


def test_a_program_is_installed_once_and_runs_with_node(own_machine: Path) -> None:
    node = put(own_machine, "node", "echo v20.19.2")
    put(own_machine, "npm", 'echo "$PWD $*" >> "$0.asked"')
    command = npm.azurite(versions.load())
    assert npm.azurite(versions.load()) == command
    assert command[0] == node
    (asked,) = (own_machine / "npm.asked").read_text().splitlines()
    assert asked.split()[1:3] == ["ci", "--ignore-scripts"]
    assert (command[1].parents[5] / "package-lock.json").is_file()


def test_a_node_that_is_too_old_is_told(own_machine: Path) -> None:
    put(own_machine, "node", "echo v16.20.0")
    with pytest.raises(
        TestbedError, match=r"Node\.js >= 18\.19 is needed to run Azurite \(found: v16\.20\.0\)"
    ):
        npm.azurite(versions.load())


def test_what_is_missing_comes_from_debian(own_machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def install(package: str, *, reason: str) -> None:
        asked.append(f"{package}: {reason}")
        put(own_machine, {"nodejs": "node"}.get(package, package), "echo v20.19.2")

    monkeypatch.setattr(apt, "install", install)
    npm.azurite(versions.load())
    assert [one.split(":")[0] for one in asked] == ["nodejs", "npm"]


def test_every_package_is_locked_by_its_digest_and_none_names_a_registry() -> None:
    packages = {name: one for name, one in LOCK["packages"].items() if name}
    assert len(packages) > 100
    assert not [name for name, one in packages.items() if not one["integrity"].startswith("sha512-")]
    assert not [name for name, one in packages.items() if "resolved" in one]


def test_no_package_needs_a_newer_node_than_ours() -> None:
    oldest = versions.parse(versions.load().servers["node"])
    assert oldest is not None
    for name, one in LOCK["packages"].items():
        said = re.findall(r"\d+\.\d+", json.dumps(one.get("engines")))
        least = min((found for text in said if (found := versions.parse(text))), default=oldest)
        assert least <= oldest, name
