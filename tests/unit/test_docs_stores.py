"""The page about stores: it names every field, and its examples are stores."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from containertask.api.crdstores import CLUSTER_STORE, STORE
from containertask.api.stores import KINDS, ClusterArtifactStoreSpec
from containertask.api.structural import Schema, structural
from containertask.api.verifystores import parse_store
from containertask.core.stores import location, type_of
from support.storespecs import Json

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "stores.md").read_text()
EXAMPLES: list[Json] = [
    one for text in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL) for one in yaml.safe_load_all(text)
]


def names(schema: Schema) -> Iterator[str]:
    for name, field in schema.get("properties", {}).items():
        yield name
        yield from names(field)


@pytest.mark.parametrize("name", sorted({*names(structural(ClusterArtifactStoreSpec))}))
def test_every_field_is_named(name: str) -> None:
    assert re.search(rf"\b{name}\b", PAGE)


def test_the_examples_are_stores_of_each_kind_and_the_table_shows_the_first() -> None:
    read = [parse_store(one["spec"], of_cluster=one["kind"] == CLUSTER_STORE) for one in EXAMPLES]
    assert {one["kind"] for one in EXAMPLES} == {STORE, CLUSTER_STORE}
    assert {type_of(one) for one in read} == set(KINDS)
    assert f"{location(read[0])} " in PAGE
