"""A value comes back as it was by every road it can take, and by any two of them one after the other."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from containertask.codec import literals, trees, typed
from containertask.codec.manifest import to_json_manifest, to_yaml, to_yaml_manifest
from containertask.types.leaves import SimpleType
from containertask.types.model import ListOf, MapOf, OptionalOf, Type
from support.literalvalues import fitting
from support.typedvalues import alike, certain_types, filed_types, stored_types, value_types, with_value

Road = Callable[[Type, Any], Any]


def by_files(kind: Type, value: object) -> object:
    return trees.from_tree(kind, as_echo_writes(kind, value, trees.to_tree(kind, value)))


def by_json(kind: Type, value: object) -> object:
    written = to_json_manifest({"x": typed.to_json(kind, value)})
    return typed.from_json(kind, json.loads(written)["x"])


def by_yaml(kind: Type, value: object) -> object:
    written = to_yaml_manifest({"x": typed.to_json(kind, value, to_yaml)})
    return typed.from_json(kind, yaml.safe_load(written)["x"])


def by_literal(kind: Type, value: object) -> object:
    return literals.from_literal_map({"x": kind}, literals.to_literal_map({"x": kind}, {"x": value})).get("x")


def as_echo_writes(kind: Type, value: Any, tree: Any) -> Any:
    """Return the files as a program writes them that ends each text with a newline, which is not its own."""
    match kind:
        case OptionalOf(item) if value is not None:
            return as_echo_writes(item, value, tree)
        case ListOf(item) | MapOf(item):
            values = value.values() if isinstance(value, dict) else value
            pairs = zip(values, tree.items(), strict=True)
            return {name: as_echo_writes(item, one, below) for one, (name, below) in pairs}
        case SimpleType.STRING:
            return tree + b"\n"
    return tree


TEXTS: list[Road] = [by_json, by_yaml]
ANY: list[Road] = [by_files, *TEXTS, by_literal]


@settings(max_examples=400)
@given(with_value(certain_types), st.sampled_from(ANY), st.sampled_from(ANY))
def test_a_value_survives_any_two_roads(typed_value: tuple[Type, Any], one: Road, other: Road) -> None:
    kind, value = typed_value[0], fitting(*typed_value)
    assert alike(other(kind, one(kind, value)), value)


@given(with_value(filed_types), st.sampled_from([by_files, *TEXTS]), st.sampled_from([by_files, *TEXTS]))
def test_the_content_of_a_small_file_survives_files_and_texts(
    typed_value: tuple[Type, Any], one: Road, other: Road
) -> None:
    kind, value = typed_value
    assert alike(other(kind, one(kind, value)), value)


@given(with_value(stored_types), st.sampled_from([by_literal, *TEXTS]), st.sampled_from([by_literal, *TEXTS]))
def test_where_something_lies_survives_literals_and_texts(
    typed_value: tuple[Type, Any], one: Road, other: Road
) -> None:
    kind, value = typed_value[0], fitting(*typed_value)
    assert alike(other(kind, one(kind, value)), value)


@settings(max_examples=200)
@given(with_value(value_types), st.sampled_from([by_files, *TEXTS]))
def test_a_value_of_a_union_stays_one_and_changes_once_at_most(
    typed_value: tuple[Type, Any], road: Road
) -> None:
    kind, value = typed_value
    once = road(kind, value)
    assert typed.holds(kind, once)
    assert alike(road(kind, road(kind, once)), road(kind, once))
