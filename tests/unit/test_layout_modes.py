"""Where what lies at a URI is for the command, by the input's mode, type and layout."""

from __future__ import annotations

from typing import Final

import pytest

from containertask.codec import typed
from containertask.codec.layout import input_path, input_tree, placed
from containertask.codec.stored import LocalPath, Shape, Sought, Streamed
from containertask.codec.typed import AnyValue
from containertask.contract.items import InputMode, Layout
from containertask.types.grammar import parse_type

KEY: Final = "s3://b/d/data.csv"
PREFIX: Final = "s3://b/d/"


def at(uri: str) -> dict[str, str]:
    return {"uri": uri}


def file(uri: str = KEY) -> Sought:
    return Sought(uri, Shape.FILE)


def folder(uri: str = PREFIX) -> Sought:
    return Sought(uri, Shape.FOLDER)


DIRECT: Final[dict[str, tuple[str, object, object, object]]] = {
    "a file": ("file", at(KEY), file(), LocalPath("/in/x")),
    "an optional file": ("optional[file]", at(KEY), file(), LocalPath("/in/x")),
    "a directory": ("directory", at(KEY), folder(KEY), LocalPath("/in/x", is_file=False)),
    "a directory with a slash": ("directory", at(PREFIX), folder(), LocalPath("/in/x", is_file=False)),
    "a dataset": ("dataset[csv]", at(KEY), Sought(KEY, Shape.EITHER), LocalPath("/in/x", is_file=False)),
    "a dataset's folder": ("dataset[csv]", at(PREFIX), folder(), LocalPath("/in/x", is_file=False)),
    "a list": (
        "list[file]",
        [at(KEY), "AA=="],
        {"0": file(), "1": b"\0"},
        [LocalPath("/in/x/0"), LocalPath("/in/x/1")],
    ),
    "a map": (
        "map[directory]",
        {"a/b": at(PREFIX)},
        {"a%2Fb": folder()},
        {"a/b": LocalPath("/in/x/a%2Fb", is_file=False)},
    ),
    "a list with gaps": (
        "list[optional[file]]",
        [None, at(KEY)],
        {"0%none": b"", "1": file()},
        [None, LocalPath("/in/x/1")],
    ),
    "a union's file": ("union[integer,file,directory]", at(KEY), file(), LocalPath("/in/x")),
    "a union's directory": (
        "union[integer,file,directory]",
        at(PREFIX),
        folder(),
        LocalPath("/in/x", is_file=False),
    ),
    "a union's dataset": (
        "union[file,dataset[csv]]",
        at(PREFIX),
        folder(),
        LocalPath("/in/x", is_file=False),
    ),
    "a union without a folder": ("union[file,integer]", at(PREFIX), file(PREFIX), LocalPath("/in/x")),
}


@pytest.mark.parametrize(("kind", "raw", "tree", "value"), DIRECT.values(), ids=DIRECT)
def test_what_is_fetched_has_a_path_and_is_sought(
    kind: str, raw: object, tree: object, value: AnyValue
) -> None:
    mode = InputMode.DOWNLOAD
    of, found = parse_type(kind), typed.from_json(parse_type(kind), raw)
    assert input_tree("x", of, found, Layout.DIRECT, mode=mode) == tree
    path = input_path("/in", "x", of, found, Layout.DIRECT, mode=mode)
    assert path == "/in/x"
    assert placed(of, found, path, mode=mode) == value
    assert typed.holds(of, value)


@pytest.mark.parametrize("name", [name for name in DIRECT if name != "a list"])
@pytest.mark.parametrize("layout", Layout)
def test_what_is_handed_over_is_a_file_with_its_uri(name: str, layout: Layout) -> None:
    kind, raw, _, _ = DIRECT[name]
    of, found = parse_type(kind), typed.from_json(parse_type(kind), raw)
    tree = input_tree("x", of, found, layout, mode=InputMode.REFERENCE)
    assert "Sought" not in repr(tree)
    assert input_path("/in", "x", of, found, layout, mode=InputMode.REFERENCE) == "/in/x"
    assert placed(of, found, "/in/x", mode=InputMode.REFERENCE) == found


@pytest.mark.parametrize("kind", ["file", "optional[file]"])
@pytest.mark.parametrize(
    ("layout", "tree", "path"),
    [
        (Layout.DIRECT, Streamed("/ct/control/stream-x"), "/in/x"),
        (Layout.NAMED_DIR, {"data.csv": Streamed("/ct/control/stream-x")}, "/in/x/data.csv"),
    ],
)
def test_what_streams_is_a_link_to_its_fifo(kind: str, layout: Layout, tree: object, path: str) -> None:
    of, found = parse_type(kind), typed.from_json(parse_type(kind), at(KEY))
    assert input_tree("x", of, found, layout, mode=InputMode.STREAM) == tree
    assert input_path("/in", "x", of, found, layout, mode=InputMode.STREAM) == path
    assert placed(of, found, path, mode=InputMode.STREAM) == LocalPath(path)


def test_nothing_streams_for_an_absent_value() -> None:
    of = parse_type("optional[file]")
    assert input_tree("x", of, None, Layout.DIRECT, mode=InputMode.STREAM) is None


NAMES: Final = {
    "s3://b/d/data.csv": "data.csv",
    "s3://b/data": "data",
    "s3://b/a%20b?c#d": "a%20b?c#d",
    "gs://b/d/\u00fc": "\u00fc",
    "az://a/c/d/f": "f",
    "pvc://c/d/f": "f",
    "s3://b/d/" + "n" * 255: "n" * 255,
    "s3://b/d/" + "n" * 256: "x",
    "s3://b/d/" + "\u00fc" * 128: "x",
    "s3://b/d/": "x",
    "s3://b": "x",
    "https://h/d/data.csv?X-Signature=a/b": "data.csv",
    "https://h/d/data.csv#part": "data.csv",
    "https://h/a%20b": "a b",
    "https://h/%C3%BC": "\u00fc",
    "https://h/a%2Fb": "x",
    "https://h/a%00": "x",
    "https://h/a%0Ab": "x",
    "https://h/..": "x",
    "https://h/%2e%2E": "x",
    "https://h/%ff": "x",
    "https://h/%empty": "x",
    "https://h/": "x",
    "https://h": "x",
    "https://h?a/b": "x",
}


@pytest.mark.parametrize(("uri", "name"), NAMES.items())
@pytest.mark.parametrize("kind", ["file", "optional[file]"])
def test_in_a_directory_of_its_own_a_file_has_its_own_name(kind: str, uri: str, name: str) -> None:
    of, found = parse_type(kind), typed.from_json(parse_type(kind), at(uri))
    assert input_tree("x", of, found, Layout.NAMED_DIR) == {name: file(uri)}
    assert input_path("/in", "x", of, found, Layout.NAMED_DIR) == f"/in/x/{name}"


@pytest.mark.parametrize("kind", ["directory", "dataset[csv]", "union[file,integer]"])
def test_only_a_file_is_in_a_directory_of_its_own(kind: str) -> None:
    of, found = parse_type(kind), typed.from_json(parse_type(kind), at(KEY))
    assert isinstance(input_tree("x", of, found, Layout.NAMED_DIR), Sought)
    assert input_path("/in", "x", of, found, Layout.NAMED_DIR) == "/in/x"
