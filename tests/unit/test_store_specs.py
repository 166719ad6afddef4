"""Reading the spec of a store in Python: takes and refuses what the API server does, with the same words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from containertask.api.parse import SpecError
from containertask.api.problem import Problem
from containertask.api.stores import ArtifactStoreSpec, ClusterArtifactStoreSpec
from containertask.api.structural import Schema, structural
from containertask.api.verifystores import parse_store
from support.refusals import Refusal
from support.refusedstores import ONLY_OF_CLUSTER, REFUSED, REFUSED_OF_CLUSTER
from support.storespecs import ACCEPTED, LEAST, OF_CLUSTER, Json, s3

EITHER = pytest.mark.parametrize("of_cluster", [False, True], ids=["of a namespace", "of the cluster"])
EVERY_REFUSAL = {**REFUSED, **REFUSED_OF_CLUSTER, "only of the cluster": ONLY_OF_CLUSTER}


def problems(raw: object, *, of_cluster: bool) -> tuple[Problem, ...]:
    with pytest.raises(SpecError) as caught:
        parse_store(raw, of_cluster=of_cluster)
    return caught.value.problems


@EITHER
@pytest.mark.parametrize("spec", ACCEPTED.values(), ids=ACCEPTED)
def test_what_is_accepted(spec: Json, of_cluster: bool) -> None:  # noqa: FBT001 - a parameter of a table
    parse_store(spec, of_cluster=of_cluster)


@pytest.mark.parametrize("spec", OF_CLUSTER.values(), ids=OF_CLUSTER)
def test_what_is_accepted_of_the_cluster_alone(spec: Json) -> None:
    parse_store(spec, of_cluster=True)
    (problem,) = problems(spec, of_cluster=False)
    assert ONLY_OF_CLUSTER.says in problem.message


def checked(refusal: Refusal, *, of_cluster: bool) -> None:
    found = problems(refusal.change, of_cluster=of_cluster)
    assert [one.field for one in found] == [refusal.field]
    assert refusal.says in found[0].message


@EITHER
@pytest.mark.parametrize("refusal", REFUSED.values(), ids=REFUSED)
def test_what_is_refused_and_how(refusal: Refusal, of_cluster: bool) -> None:  # noqa: FBT001 - as above
    checked(refusal, of_cluster=of_cluster)


@pytest.mark.parametrize("refusal", REFUSED_OF_CLUSTER.values(), ids=REFUSED_OF_CLUSTER)
def test_what_is_refused_of_the_cluster(refusal: Refusal) -> None:
    checked(refusal, of_cluster=True)


def test_allowed_prefixes_are_the_clusters() -> None:
    checked(ONLY_OF_CLUSTER, of_cluster=False)


def rule_messages(schema: Schema) -> Iterator[str]:
    yield from (rule["message"] for rule in schema.get("x-kubernetes-validations", []))
    for field in schema.get("properties", {}).values():
        yield from rule_messages(field)
    if "items" in schema:
        yield from rule_messages(schema["items"])


MESSAGES = {
    *rule_messages(structural(ArtifactStoreSpec)),
    *rule_messages(structural(ClusterArtifactStoreSpec)),
}


@pytest.mark.parametrize("message", sorted(MESSAGES))
def test_every_rule_of_the_crds_has_an_example_that_python_refuses_with_its_message(message: str) -> None:
    said = [
        one.message
        for refusal in EVERY_REFUSAL.values()
        for one in problems(refusal.change, of_cluster=refusal in REFUSED_OF_CLUSTER.values())
    ]
    assert any(message in one for one in said)


@pytest.mark.parametrize("raw", [None, [], "s3", 5], ids=str)
def test_what_is_no_object_is_told_what_to_write(raw: object) -> None:
    (problem,) = problems(raw, of_cluster=False)
    assert "write one of s3, gcs, azure, pvc, http, with its fields" in problem.message


def test_all_problems_are_found_at_once() -> None:
    found = problems({"s3": {"prefix": "/"}, "limits": {"maxObjects": "5"}}, of_cluster=False)
    assert {one.field for one in found} == {"spec.s3.bucket", "spec.s3.prefix", "spec.limits.maxObjects"}
    between = problems(
        {**s3(region=..., credentials={"type": "Secret"}), "pvc": {"claimName": "a"}}, of_cluster=True
    )
    assert [one.field for one in between] == ["spec", "spec.s3.credentials.secretName", "spec.s3.region"]


def test_defaults_are_filled_in() -> None:
    found = parse_store(LEAST, of_cluster=False).s3
    assert found is not None
    assert (found.path_style, found.conditional_writes, found.credentials) == (None, "Supported", None)


PART = st.text(
    st.characters(exclude_characters="/", exclude_categories=("Cc", "Cs")), min_size=1, max_size=20
)


def taken(prefix: str) -> bool:
    try:
        parse_store(s3(prefix=prefix), of_cluster=False)
    except SpecError:
        return False
    return True


@given(st.lists(PART, min_size=1, max_size=4))
def test_a_prefix_is_taken_if_no_part_of_it_is_a_dot_or_two(parts: list[str]) -> None:
    assert taken("/".join(parts)) is {".", ".."}.isdisjoint(parts)


@given(st.text(max_size=40))
def test_whatever_prefix_is_taken_stays_below_the_stores_own(prefix: str) -> None:
    if taken(prefix):
        assert not {"", ".", ".."} & {*prefix.split("/")}
        assert not re.search(r"[\x00-\x1f\x7f-\x9f]", prefix)


JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["s3", "http", "bucket", "hosts", "credentials", "limits", "x"]), inner
        )
    ),
    max_leaves=8,
)


@EITHER
@given(raw=JSON)
def test_whatever_is_written_is_read_or_refused_by_its_fields(raw: object, of_cluster: bool) -> None:  # noqa: FBT001 - as above
    try:
        parse_store(raw, of_cluster=of_cluster)
    except SpecError as error:
        assert all(one.field.startswith("spec") and one.message for one in error.problems)  # noqa: PT017 - both ends are right
