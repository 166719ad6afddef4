"""Every field of a Pod is ours, an overlay's, or refused: by what the Python client knows of Kubernetes."""

from __future__ import annotations

from typing import Any

import pytest
from kubernetes import client

from containertask.core.podfields import CONTAINER, POD, Merge, Owner
from support.golden import CASES, made
from support.inventory import CURE, TABLES, unnamed

MODELS: dict[str, Any] = {kind: getattr(client, f"V1{kind}") for kind in TABLES}


@pytest.mark.parametrize("kind", TABLES)
def test_no_field_of_kubernetes_is_without_an_owner(kind: str) -> None:
    assert not unnamed(kind, MODELS[kind].attribute_map.values()), CURE


@pytest.mark.parametrize("kind", TABLES)
def test_no_table_names_a_field_that_there_is_not(kind: str) -> None:
    assert {*TABLES[kind]} <= {*MODELS[kind].attribute_map.values()}


@pytest.mark.parametrize("table", [POD, CONTAINER], ids=["pod", "container"])
def test_what_an_overlay_may_not_set_has_a_cure_and_a_list_by_name_has_keys(table: Any) -> None:
    for field in table.values():
        assert (field.owner is Owner.OVERLAY) is (field.cure == "")
        assert bool(field.keys) is (field.merge in {Merge.NAMED, Merge.CONTAINERS})


@pytest.mark.parametrize("name", CASES)
def test_what_we_build_ourselves_is_in_the_tables_too(name: str) -> None:
    spec = made(name)[-1]["spec"]
    assert spec.keys() <= POD.keys()
    for one in (*spec["containers"], *spec.get("initContainers", ())):
        assert one.keys() <= CONTAINER.keys()
