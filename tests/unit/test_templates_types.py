"""Every type by every token: what ``main`` gets, or why it gets nothing."""

from __future__ import annotations

import shlex
from typing import Final, NamedTuple

import pytest

from containertask.codec import layout, typed
from containertask.codec.templates import InputView, Scope, TemplateError, render
from containertask.codec.typed import AnyValue
from containertask.contract.items import InputItem, InputMode, Layout
from containertask.copilot.inputs import ABSENT, Given, read_input
from containertask.copilot.inputsfile import inputs_file
from containertask.types.grammar import parse_type
from containertask.types.leaves import BareType, SimpleType, StoredType
from support.expansion import expanded

NO_URI: Final = "the value has no URI: use .path, .json or the value itself"
BYTES: Final = "bytes are no text: use .path, or .json, which is base64"
ELSEWHERE: Final = "what lies somewhere else is no text: use .uri, or .path of a file with it"


class Row(NamedTuple):
    """An input and its texts; ``path`` is below the folder of inputs, and an exception is a refusal."""

    kind: str
    value: object
    bare: str | TemplateError
    json: str
    path: str = "x"
    uri: str | TemplateError = TemplateError(NO_URI)
    layout: Layout = Layout.DIRECT


URI: Final = {"uri": "s3://b/a%20b"}
ROWS: Final = {
    "integer": Row("integer", -(2**63), "-9223372036854775808", "-9223372036854775808"),
    "integer as a string": Row("integer", "9007199254740993", "9007199254740993", "9007199254740993"),
    "float": Row("float", 0.1, "0.1", "0.1"),
    "a whole float": Row("float", 2, "2", "2.0"),
    "a large float": Row("float", 1e21, "1000000000000000000000", "1e+21"),
    "a small float": Row("float", 1e-7, "0.0000001", "1e-07"),
    "not a number": Row("float", "NaN", "NaN", '"NaN"'),
    "infinity": Row("float", "-Infinity", "-Inf", '"-Infinity"'),
    "string": Row("string", 'it\'s "$5"\n', 'it\'s "$5"\n', '"it\'s \\"$5\\"\\n"'),
    "an empty string": Row("string", "", "", '""'),
    "a string with a NUL": Row(
        "string",
        "a\0b",
        TemplateError(
            "a NUL character, which no process can get in an argument: use .path, and read the file"
        ),
        '"a\\u0000b"',
    ),
    "boolean": Row(kind="boolean", value=False, bare="false", json="false"),
    "datetime": Row(
        "datetime", "2026-01-31T13:00:00.5+01:00", "2026-01-31T12:00:00.5Z", '"2026-01-31T12:00:00.5Z"'
    ),
    "duration": Row("duration", "PT90M", "1h30m0s", '"1h30m0s"'),
    "struct": Row(
        "struct", {"k": [1, None, "é"], "a": {}}, '{"a":{},"k":[1,null,"é"]}', '{"a":{},"k":[1,null,"é"]}'
    ),
    "binary": Row("binary", "AP8=", TemplateError(BYTES), '"AP8="'),
    "none": Row("none", None, "null", "null"),
    "enum": Row('enum["a","{{.name}} $$"]', "{{.name}} $$", "{{.name}} $$", '"{{.name}} $$"'),
    "list": Row("list[integer]", [3, 1], "[3,1]", "[3,1]"),
    "an empty list": Row("list[string]", [], "[]", "[]"),
    "a list of strings": Row("list[string]", ["a,b", 'c"'], '["a,b","c\\""]', '["a,b","c\\""]'),
    "a list with gaps": Row(
        "list[optional[float]]", [0.5, None, "NaN"], '[0.5,null,"NaN"]', '[0.5,null,"NaN"]'
    ),
    "a list of nothing": Row("list[none]", [None], "[null]", "[null]"),
    "a list of bytes": Row("list[binary]", ["AP8="], '["AP8="]', '["AP8="]'),
    "a list of lists": Row("list[list[boolean]]", [[True], []], "[[true],[]]", "[[true],[]]"),
    "map": Row(
        "map[duration]", {"b": "1s", "a/b": "1m"}, '{"a/b":"1m0s","b":"1s"}', '{"a/b":"1m0s","b":"1s"}'
    ),
    "an empty map": Row("map[string]", {}, "{}", "{}"),
    "optional": Row("optional[duration]", "90m", "1h30m0s", '"1h30m0s"'),
    "optional bytes": Row("optional[binary]", "AP8=", TemplateError(BYTES), '"AP8="'),
    "an absent optional": Row("optional[integer]", None, "", "null"),
    "an absent list": Row("optional[list[integer]]", None, "", "null"),
    "left out, of a type that is not optional": Row("string", None, "", "null"),
    "a union's first": Row("union[integer,string]", 7, "7", "7"),
    "a union's second": Row("union[integer,string]", "seven", "seven", '"seven"'),
    "a union's map": Row("union[integer,map[string]]", {"k": "v"}, '{"k":"v"}', '{"k":"v"}'),
    "a union's bytes": Row("union[binary,integer]", "AP8=", TemplateError(BYTES), '"AP8="'),
    "an absent union": Row("optional[union[integer,string]]", None, "", "null"),
    "file": Row("file", "AP8=", "/in/x", '"/in/x"'),
    "a file in its directory": Row(
        "file", "AP8=", "/in/x/x", '"/in/x/x"', path="x/x", layout=Layout.NAMED_DIR
    ),
    "an optional file": Row(
        "optional[file]", "AP8=", "/in/x/x", '"/in/x/x"', path="x/x", layout=Layout.NAMED_DIR
    ),
    "an absent file": Row("optional[file]", None, "", "null", uri=""),
    "files": Row("list[file]", ["AP8=", ""], '["/in/x/0","/in/x/1"]', '["/in/x/0","/in/x/1"]'),
    "files by name": Row("map[file]", {"a/b": ""}, '{"a/b":"/in/x/a%2Fb"}', '{"a/b":"/in/x/a%2Fb"}'),
    "a union's file": Row("union[file,integer]", "AP8=", "/in/x", '"/in/x"'),
    "a file elsewhere": Row(
        "file", URI, TemplateError(ELSEWHERE), '{"uri":"s3://b/a%20b"}', uri="s3://b/a%20b"
    ),
    "a directory elsewhere": Row(
        "directory", {"uri": "gs://b/$d/"}, TemplateError(ELSEWHERE), '{"uri":"gs://b/$d/"}', uri="gs://b/$d/"
    ),
    "a dataset elsewhere": Row(
        "dataset[parquet]", URI, TemplateError(ELSEWHERE), '{"uri":"s3://b/a%20b"}', uri="s3://b/a%20b"
    ),
    "a file elsewhere, named": Row(
        "file",
        URI,
        TemplateError(ELSEWHERE),
        '{"uri":"s3://b/a%20b"}',
        uri="s3://b/a%20b",
        layout=Layout.NAMED_DIR,
    ),
    "an absent directory": Row("optional[directory]", None, "", "null", uri=""),
    "an absent union with a dataset": Row("optional[union[integer,dataset[csv]]]", None, "", "null", uri=""),
    "files elsewhere": Row("list[file]", [URI], '[{"uri":"s3://b/a%20b"}]', '[{"uri":"s3://b/a%20b"}]'),
}
"""By name. What is written as JSON, whole, has no other text: what has several files, in particular."""


def value_of(row: Row) -> AnyValue:
    return None if row.value is None else typed.from_json(parse_type(row.kind), row.value)


def scope_of(row: Row) -> Scope:
    """Return what the operator knows of the input ``x``."""
    kind, value = parse_type(row.kind), value_of(row)
    path = layout.input_path("/in", "x", kind, value, row.layout, mode=InputMode.REFERENCE)
    found = layout.placed(kind, value, path, mode=InputMode.REFERENCE)
    return Scope(inputs={"x": InputView(kind=kind, value=found, path=path)})


def by_token(row: Row) -> dict[str, str | TemplateError]:
    return {"": row.bare, ".json": row.json, ".path": f"/in/{row.path}", ".uri": row.uri}


CASES: Final = [
    pytest.param(row, form, wanted, id=f"{name}{form}")
    for name, row in ROWS.items()
    for form, wanted in by_token(row).items()
]


@pytest.mark.parametrize(("row", "form", "wanted"), CASES)
def test_what_a_token_is_for_a_value(row: Row, form: str, wanted: str | TemplateError) -> None:
    for template in (f"{{{{.inputs.x{form}}}}}", f"{{{{.inputs.x{form} | sh}}}}"):
        if isinstance(wanted, TemplateError):
            with pytest.raises(TemplateError) as caught:
                render(template, scope_of(row))
            assert str(caught.value) == f"{template}: {wanted}"
        else:
            found = expanded(render(f"--x={template}.", scope_of(row)))
            assert found == f"--x={shlex.quote(wanted) if '|' in template else wanted}."


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_an_input_whose_value_is_read_later_has_only_a_path(row: Row) -> None:
    kind = parse_type(row.kind)
    scope = Scope(inputs={"x": InputView(kind=kind, value=None, path="/in/x", known=False)})
    assert render("{{.inputs.x.path}}", scope) == "/in/x"
    for form in ("", ".json", ".uri"):
        with pytest.raises(TemplateError, match="the value is read when the task runs"):
            render(f"{{{{.inputs.x{form}}}}}", scope)


def given(row: Row) -> Given | None:
    """Return the input as the downloader reads it from the manifest."""
    value = value_of(row)
    raw = ABSENT if value is None else typed.to_json(parse_type(row.kind), value)
    item = InputItem("x", row.kind, row.layout, None, optional=True, mode=InputMode.REFERENCE)
    return read_input(item, raw, None, "/in")


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_json_is_what_the_downloader_writes_into_the_manifest(row: Row) -> None:
    rendered = expanded(render("{{.inputs.x.json}}", scope_of(row)))
    _, written = inputs_file("JSON", {"x": given(row)}, None, frozenset())
    assert f'{{"x":{rendered}}}'.encode() == written


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_a_value_of_one_file_is_the_text_of_its_file(row: Row) -> None:
    found = given(row)
    if (
        isinstance(row.bare, str)
        and found
        and isinstance(found.tree, bytes)
        and row.bare != f"/in/{row.path}"
    ):
        assert row.bare.encode() == found.tree
    if isinstance(row.uri, str) and row.uri:
        assert found is not None
        assert row.uri.encode() == found.tree


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_a_path_leads_to_what_there_is_of_a_value(row: Row) -> None:
    found = given(row)
    tree: object = {"x": found.tree} if found and found.tree is not None else {}
    for part in row.path.split("/"):
        tree = tree.get(part) if isinstance(tree, dict) else None
    assert (tree is not None) == (value_of(row) is not None or row.kind == "none")
    assert isinstance(tree, bytes | dict | None)


def test_every_type_has_a_row() -> None:
    kinds = {parse_type(row.kind) for row in ROWS.values()}
    assert {*SimpleType, *BareType, *StoredType} <= kinds
    assert {"EnumOf", "DatasetOf", "ListOf", "MapOf", "OptionalOf", "UnionOf"} <= {
        type(one).__name__ for one in kinds
    }
