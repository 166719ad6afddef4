"""Inputs with parts, and inputs that take their values from files of the user's: how they come."""

from __future__ import annotations

import json
import stat
from base64 import b64decode, b64encode
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from containertask.codec import literals
from containertask.contract.items import InputItem, Layout
from containertask.contract.manifest import Values
from containertask.contract.outcome import Outcome
from containertask.types.leaves import SimpleType
from containertask.types.model import ListOf, Type
from support.copilot import MANIFEST, Pod, Told, fault, message, temporary_pod
from support.copilotcode import WITH_LIBRARIES

LIST = InputItem("x", "list[list[string]]")
LONG = "k" * 250
KEPT = InputItem("x", "list[integer]", file="x")


@pytest.fixture
def pod() -> Iterator[Pod]:
    with temporary_pod() as made:
        made.path("sources").mkdir()
        yield made


def give(pod: Pod, item: InputItem, *value: object) -> Told:
    """Run the downloader for one input, with a value or without."""
    pod.rewrite(replace(MANIFEST, values=Values((item,), dict(zip([item.name], value, strict=False)))))
    return pod.download()


def keep(pod: Pod, data: bytes) -> None:
    (pod.path("sources") / "x").write_bytes(data)


def said(pod: Pod) -> object:
    return json.loads((pod.path("inputs") / "inputs.json").read_bytes())["x"]


def modes(folder: Path) -> set[tuple[bool, int]]:
    """Return the modes of all that is below: whether it is a directory, and what it may."""
    return {(path.is_dir(), stat.S_IMODE(path.stat().st_mode)) for path in folder.rglob("*")}


@pytest.mark.parametrize("umask", [0, 0o777], ids=oct)
def test_directories_and_files_can_be_read_whatever_the_umask(pod: Pod, umask: int) -> None:
    pod.rewrite(replace(MANIFEST, values=Values((LIST,), {"x": [["a"], []]})))
    assert pod.download(before=f"import os; os.umask({umask})").exit_code == 0
    assert (pod.path("inputs") / "x" / "0" / "0").read_bytes() == b"a"
    assert modes(pod.path("inputs")) == {(True, 0o755), (False, 0o644)}


def test_a_second_downloader_replaces_what_the_first_had_begun_and_what_it_had_done(pod: Pod) -> None:
    assert give(pod, LIST, [["a", "b"], ["c"]]).exit_code == 0
    half = pod.path("inputs") / ".x.partial" / "0"
    half.mkdir(parents=True)
    (half / "7").write_text("half")
    assert give(pod, LIST, [["d"]]).exit_code == 0
    files = [path.relative_to(pod.path("inputs")) for path in pod.path("inputs").rglob("*") if path.is_file()]
    assert sorted(map(str, files)) == ["inputs.json", "x/0/0"]


def test_a_list_comes_where_a_file_was(pod: Pod) -> None:
    assert give(pod, InputItem("x", "string"), "a file").exit_code == 0
    assert give(pod, LIST, []).exit_code == 0
    assert list((pod.path("inputs") / "x").iterdir()) == []


def test_keys_may_be_nearly_as_long_as_names(pod: Pod) -> None:
    assert give(pod, InputItem("x", "map[integer]"), {LONG: 1}).exit_code == 0
    assert (pod.path("inputs") / "x" / LONG).read_bytes() == b"1"


@pytest.mark.parametrize(
    ("data", "value"),
    [(b"[1, 2]\n", [1, 2]), (b"[]", []), (b'["3"]', [3])],
    ids=["a list", "an empty one", "digits"],
)
def test_a_file_of_the_users_is_read_as_one_that_a_command_writes(
    pod: Pod, data: bytes, value: list[int]
) -> None:
    keep(pod, data)
    assert give(pod, KEPT).exit_code == 0
    assert said(pod) == value
    files = {path.name: path.read_bytes() for path in (pod.path("inputs") / "x").iterdir()}
    assert files == {str(at): str(one).encode() for at, one in enumerate(value)}


@pytest.mark.parametrize(
    ("item", "data", "value"),
    [
        (InputItem("x", "integer", file="x"), b" 42\r\n", 42),
        (InputItem("x", "string", file="x"), b"a\n\n", "a\n"),
        (InputItem("x", "binary", file="x"), b"\x00\n", "AAo="),
        (InputItem("x", "none", file="x"), b"", None),
        (InputItem("x", 'enum["a"]', file="x"), b"a\n", "a"),
        (InputItem("x", "union[integer,string]", file="x"), b"five", "five"),
        (InputItem("x", "file", file="x"), b"\x00\n", "/var/inputs/x"),
        (InputItem("x", "file", Layout.NAMED_DIR, "x"), b"\x00\n", "/var/inputs/x/x"),
    ],
    ids=lambda one: one.type if isinstance(one, InputItem) else None,
)
def test_each_type_can_be_in_a_file_of_the_users(
    pod: Pod, item: InputItem, data: bytes, value: object
) -> None:
    keep(pod, data)
    assert give(pod, item).exit_code == 0
    assert said(pod) == value


def test_what_is_in_that_file_comes_before_the_default(pod: Pod) -> None:
    keep(pod, b"[1]")
    assert give(pod, KEPT, [2]).exit_code == 0
    assert said(pod) == [1]


def test_the_default_is_taken_where_there_is_no_such_file(pod: Pod) -> None:
    assert give(pod, KEPT, [2]).exit_code == 0
    assert said(pod) == [2]


def test_an_optional_one_may_have_no_such_file(pod: Pod) -> None:
    assert give(pod, replace(KEPT, optional=True)).exit_code == 0
    assert said(pod) is None
    assert not (pod.path("inputs") / "x").exists()


def test_inputs_pb_has_the_values_that_the_operator_did_not_know(pod: Pod) -> None:
    known = literals.to_literal_map({"k": SimpleType.INTEGER}, {"k": 1})
    keep(pod, b"[1,2]")
    values = Values((InputItem("k", "integer"), KEPT), {"k": 1}, b64encode(known).decode())
    pod.rewrite(replace(MANIFEST, metadata_format="PROTO", values=values))
    assert pod.download(before=WITH_LIBRARIES).exit_code == 0
    kinds: dict[str, Type] = {"k": SimpleType.INTEGER, "x": ListOf(SimpleType.INTEGER)}
    found = literals.from_literal_map(kinds, (pod.path("inputs") / "inputs.pb").read_bytes())
    assert found == {"k": 1, "x": [1, 2]}


def test_what_a_literal_cannot_hold_is_refused_by_name(pod: Pod) -> None:
    keep(pod, b'{"large": 9007199254740993}')
    values = Values((InputItem("x", "struct", file="x"),), pb="")
    pod.rewrite(replace(MANIFEST, metadata_format="PROTO", values=values))
    told = pod.download(before=WITH_LIBRARIES)
    assert fault(told) == (1, Outcome.INVALID_INPUT, None)
    assert message(told).startswith("metadataFormat PROTO: x: an integer beyond 2^53 inside a struct")


@pytest.mark.parametrize(
    ("kind", "data", "says"),
    [
        ("integer", b"many", "input `x` of type integer: `many` is not an integer"),
        ("list[integer]", b"1,2", "input `x` of type list[integer]: not JSON"),
        ("map[float]", b'{"k": "much"}', "input `x` of type map[float]: `k`: `much` is not a number"),
        ('enum["a"]', b"b", "`b` is none of the enum's values: a"),
        ("directory", b"", "a directory is no value"),
        ("string", b"\xff", "byte 0 is not UTF-8"),
    ],
)
def test_what_is_not_of_its_type_is_named_and_nothing_of_it_is_there(
    pod: Pod, kind: str, data: bytes, says: str
) -> None:
    keep(pod, data)
    told = give(pod, InputItem("x", kind, file="x"))
    assert fault(told) == (1, Outcome.INVALID_INPUT, "x")
    assert says in message(told)
    assert list(pod.path("inputs").iterdir()) == []


def test_many_large_files_of_the_users_are_refused_by_name(pod: Pod) -> None:
    keep(pod, b"x" * 1_000_000)
    items = tuple(InputItem(f"i{number}", "string", file="x") for number in range(5))
    pod.rewrite(replace(MANIFEST, values=Values(items)))
    told = pod.download()
    assert fault(told) == (1, Outcome.INVALID_INPUT, "i4")
    assert "the values from ConfigMaps have at most 4194304 bytes together" in message(told)


def test_a_file_of_the_users_that_is_too_many_files_is_refused(pod: Pod) -> None:
    keep(pod, b"[" + b",".join([b"[]"] * 10_000) + b"]")
    told = give(pod, InputItem("x", "list[list[integer]]", file="x"))
    assert fault(told) == (1, Outcome.INVALID_INPUT, "x")
    assert "the inputs are at most 10000 files" in message(told)


def test_a_file_that_should_be_there_and_is_not_is_our_fault(pod: Pod) -> None:
    told = give(pod, KEPT)
    assert fault(told) == (1, Outcome.COPILOT_FAILED, None)
    assert message(told) == "could not write input `x`: no such file or directory (ENOENT)"


def test_binary_is_base64_in_the_manifest_and_bytes_in_the_file(pod: Pod) -> None:
    assert give(pod, InputItem("x", "list[binary]"), ["AP8="]).exit_code == 0
    assert (pod.path("inputs") / "x" / "0").read_bytes() == b64decode("AP8=")
    assert said(pod) == ["AP8="]
