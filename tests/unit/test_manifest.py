"""The manifest between operator and copilot: round trips, and everything that may be wrong with it."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from containertask.contract.items import InputItem, InputMode, Layout, OutputItem, Source, StreamItem
from containertask.contract.manifest import Manifest, ManifestError, Mode, Values, digest

LEAST: dict[str, Any] = {
    "version": 1,
    "namespace": "default",
    "name": "add",
    "uid": "u",
    "attempt": 0,
    "mode": "Gated",
    "metadataFormat": "JSON",
    "inputDir": "/in",
    "outputs": [],
    "values": {"items": [], "inputs": {}},
    "messageBytes": 2457,
}

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=5,
)
numbers = st.integers(0, 2**40)
inputs = st.builds(
    InputItem,
    texts,
    texts,
    st.sampled_from(Layout),
    file=st.none() | texts,
    optional=st.booleans(),
    mode=st.sampled_from(InputMode),
    document=st.none() | texts,
    sha256=st.none() | texts,
    max_bytes=st.none() | numbers,
    may_be_empty=st.booleans(),
)
streams = st.builds(StreamItem, texts, texts, st.none() | texts, st.none() | numbers)
values = st.builds(
    Values,
    st.lists(inputs, max_size=3).map(tuple),
    st.dictionaries(texts, json_values, max_size=4),
    st.none() | texts,
)
outputs = st.builds(
    OutputItem,
    name=texts,
    type=texts,
    path=st.none() | texts,
    glob=st.none() | texts,
    optional=st.booleans(),
    source=st.sampled_from(Source),
    max_bytes=st.none() | numbers,
    destination=st.none() | texts,
)


def manifests(**which: st.SearchStrategy[Any]) -> st.SearchStrategy[Manifest]:
    return st.builds(
        Manifest,
        namespace=texts,
        name=texts,
        uid=texts,
        attempt=numbers,
        mode=st.sampled_from(Mode),
        metadata_format=texts,
        input_dir=texts,
        outputs=st.lists(outputs, max_size=3).map(tuple),
        download_seconds=st.none() | numbers,
        upload_seconds=st.none() | numbers,
        message_bytes=numbers,
        streams=st.lists(streams, max_size=3).map(tuple),
        results=st.none() | texts,
        **which,
    )


@given(manifests(values=values) | manifests(values_sha256=texts))
def test_what_was_encoded_is_decoded(manifest: Manifest) -> None:
    assert Manifest.decode(manifest.encode()) == manifest


@given(values)
def test_values_are_decoded_as_they_were(encoded: Values) -> None:
    assert Values.decode(encoded.encode()) == encoded


def test_the_same_values_in_another_order_are_the_same_text() -> None:
    one, other = Values((), {"a": 1, "b": {"c": 2, "d": 3}}), Values((), {"b": {"d": 3, "c": 2}, "a": 1})
    assert one.encode() == other.encode()
    assert digest(one.encode()) == digest(other.encode())


def test_the_digest_is_that_of_the_utf_8_text() -> None:
    assert digest("é") == hashlib.sha256("é".encode()).hexdigest()


def test_a_field_that_a_later_operator_adds_is_no_error() -> None:
    assert Manifest.decode(json.dumps(LEAST | {"novelty": 1})).name == "add"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"version": 2}, "version 2, 1 is known"),
        ({"version": ...}, "version is missing"),
        ({"name": ...}, "name is missing"),
        ({"name": 3}, "name is a int, str is wanted"),
        ({"attempt": True}, "attempt is a bool, int is wanted"),
        ({"attempt": 10**30}, "attempt does not fit 64 bits"),
        ({"mode": "Warm"}, "'Warm' is no mode"),
        ({"inputDir": ...}, "inputDir is missing"),
        ({"values": {"items": {}, "inputs": {}}}, "items is a dict, list is wanted"),
        ({"values": {"items": [3], "inputs": {}}}, "items has a int in it, an object is wanted"),
        ({"values": {"items": [{"name": "x"}], "inputs": {}}}, "type is missing"),
        (
            {"values": {"items": [{"name": "x", "type": "file", "layout": "Flat"}], "inputs": {}}},
            "'Flat' is no layout",
        ),
        ({"outputs": [None]}, "outputs has a NoneType in it, an object is wanted"),
        ({"outputs": [{"name": "x", "type": "integer"}]}, "source is missing"),
        ({"outputs": [{"name": "x", "type": "integer", "source": "Pipe"}]}, "'Pipe' is no source"),
        ({"outputs": [{"name": "x", "type": "integer", "source": "File", "path": 3}]}, "path is a int"),
        ({"values": 3}, "values is a int, dict is wanted"),
        ({"values": {}}, "items is missing"),
        ({"values": {"items": [], "inputs": []}}, "inputs is a list, dict is wanted"),
        ({"values": ...}, "exactly one of values and valuesSha256 is wanted"),
        ({"valuesSha256": "0"}, "exactly one of values and valuesSha256 is wanted"),
        ({"messageBytes": "4096"}, "messageBytes is a str, int is wanted"),
        ({"uploadSeconds": 0.5}, "uploadSeconds is a float, int is wanted"),
    ],
)
def test_what_is_wrong_is_named(changes: dict[str, object], message: str) -> None:
    raw = {name: value for name, value in (LEAST | changes).items() if value is not ...}
    with pytest.raises(ManifestError) as caught:
        Manifest.decode(json.dumps(raw))
    assert str(caught.value).startswith(f"manifest: {message}")


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "3", "[" * 100_000, "9" * 5000])
def test_what_is_no_object_is_refused(text: str) -> None:
    with pytest.raises(ManifestError):
        Manifest.decode(text)
    with pytest.raises(ManifestError):
        Values.decode(text)


@given(st.text(st.characters(exclude_categories=[])))
def test_arbitrary_text_raises_nothing_but_a_manifest_error(text: str) -> None:
    with pytest.raises(ManifestError):
        Manifest.decode(text)


@given(st.dictionaries(st.sampled_from(sorted(LEAST)), json_values))
def test_arbitrary_fields_raise_nothing_but_a_manifest_error(changes: dict[str, object]) -> None:
    try:
        manifest = Manifest.decode(json.dumps(LEAST | changes))
    except ManifestError:
        return
    assert Manifest.decode(manifest.encode()) == manifest
