"""What holds for the repository as a whole: its layout, its budgets, its pinned versions."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from testbed import versions

ROOT = Path(__file__).resolve().parents[2]
MAX_LINES = 250
MAX_FUNCTION_LINES = 40
BUDGETED = ("operator", "hack", "tests/support")


def sources(*suffixes: str) -> list[Path]:
    found = (path for folder in BUDGETED for path in sorted((ROOT / folder).rglob("*")))
    return [path for path in found if path.suffix in suffixes and not path.name.endswith("_test.go")]


def test_the_operator_folder_is_no_package() -> None:
    assert not (ROOT / "operator" / "__init__.py").exists()


def test_the_standard_librarys_operator_wins_with_the_repository_first_on_the_path() -> None:
    code = "import collections, operator; print(operator.__file__)"
    command = [sys.executable, "-P", "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r}); {code}"]
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT)
    assert not Path(done.stdout.strip()).is_relative_to(ROOT)


@pytest.mark.parametrize("path", sources(".py", ".go"), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_source_file_stays_within_its_budget(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= MAX_LINES


@pytest.mark.parametrize("path", sources(".py"), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_function_stays_within_its_budget(path: Path) -> None:
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    long = [
        node.name
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, functions)
        and node.end_lineno is not None
        and node.end_lineno - node.lineno >= MAX_FUNCTION_LINES
    ]
    assert not long


@pytest.mark.parametrize("path", sources(".go"), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_go_function_stays_within_its_budget(path: Path) -> None:
    functions = re.findall(r"^func .*?^}$", path.read_text(), re.MULTILINE | re.DOTALL)
    assert not [found.split("\n")[0] for found in functions if found.count("\n") >= MAX_FUNCTION_LINES]


def test_the_multicall_binarys_modules_are_the_pinned_kubernetes() -> None:
    pinned = versions.load()
    modules = dict(
        re.findall(r"^\t(\S+) v(\S+)$", (ROOT / "hack/testbed/kube/go.mod").read_text(), re.MULTILINE)
    )
    staging = pinned.kubernetes.replace("1.", "0.", 1)
    assert modules["k8s.io/kubernetes"] == pinned.kubernetes
    assert modules["k8s.io/kubectl"] == modules["k8s.io/component-base"] == staging
    assert pinned.etcd.startswith(modules["go.etcd.io/etcd/server/v3"])


@pytest.mark.parametrize("path", ["Dockerfile", "tests/images/Dockerfile", "hack/testbed/node/Dockerfile"])
def test_every_dockerfile_starts_from_the_pinned_base_or_from_nothing(path: str) -> None:
    bases = set(re.findall(r"^FROM (\S+)", (ROOT / path).read_text(), re.MULTILINE))
    assert bases <= {versions.load().base_image, "scratch"}
