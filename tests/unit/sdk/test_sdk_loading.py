"""``ct.load`` reads a manifest as kubectl and ``ctask`` do."""

from __future__ import annotations

from pathlib import Path

import pytest

import containertask as ct

TASK = """\
apiVersion: containertask.dev/v1alpha1
kind: ContainerTask
metadata: {name: demo}
spec:
  image: alpine
  command: [echo]
  inputs:
  - {name: x, type: KIND, value: VALUE}
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "task.yaml"
    path.write_text(text)
    return path


@pytest.mark.parametrize(
    ("kind", "value", "meant"),
    [
        ("boolean", "y", True),
        ("boolean", "Off", False),
        ("float", "1e3", 1000),
        ("integer", "2.0", 2),
        ("integer", "0o17", 15),
        ("string", "2026-01-01", "2026-01-01"),
        ("string", "1:30", "1:30"),
    ],
)
def test_a_plain_word_is_what_it_is_to_kubectl(tmp_path: Path, kind: str, value: str, meant: object) -> None:
    found = ct.load(written(tmp_path, TASK.replace("KIND", kind).replace("VALUE", value)))
    (item,) = found.to_manifest()["spec"]["inputs"]
    assert item["default"] == meant
    assert type(item["default"]) is type(meant)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a: [", "task.yaml:1: "),
        ("a: 1\na: 2", "task.yaml:2: the key `a` is there twice"),
        ("a: .nan", "task.yaml:1: in this document, nan is no number of JSON: put it in quotes"),
        ("", "one task is wanted, and there are none"),
        (TASK + "---\n" + TASK, "one task is wanted, and there are demo, demo: say which by `name`"),
        (TASK + "  templateRef: {name: t}\n", "templateRef: what a template says only the cluster knows"),
    ],
)
def test_what_is_no_task_is_said(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(ct.InvalidTaskError, match=says):
        ct.load(written(tmp_path, text.replace("KIND", "integer").replace("VALUE", "1")))


def test_bytes_that_are_no_text_are_said(tmp_path: Path) -> None:
    (tmp_path / "task.yaml").write_bytes(b"\xff")
    with pytest.raises(ct.InvalidTaskError, match=r"task\.yaml: it is not UTF-8"):
        ct.load(tmp_path / "task.yaml")


def test_a_list_of_objects_is_its_objects(tmp_path: Path) -> None:
    """As ``kubectl get -o yaml`` prints them."""
    inner = TASK.replace("KIND", "integer").replace("VALUE", "1").replace("\n", "\n  ")
    found = ct.load(written(tmp_path, f"apiVersion: v1\nkind: List\nitems:\n- {inner}"))
    assert found.name == "demo"


def test_null_is_a_field_left_out(tmp_path: Path) -> None:
    text = TASK.replace("KIND", "integer").replace("VALUE", "1")
    found = ct.load(written(tmp_path, text + "  templateRef: null\n  retries: null\n"))
    assert found.to_manifest()["spec"] == ct.load(written(tmp_path, text)).to_manifest()["spec"]
