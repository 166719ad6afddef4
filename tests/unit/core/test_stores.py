"""What a store's spec comes to: where it is, and the status that says whether it is valid."""

from __future__ import annotations

import pytest

from containertask.api.parse import SpecError
from containertask.api.status import Condition, ConditionStatus
from containertask.api.stores import MAX_LOCATION, ClusterArtifactStoreSpec, StoreStatus
from containertask.core.instants import from_ms
from containertask.core.stores import StoreView, new_status, store_view
from support.builders import NOW
from support.refusedstores import ONLY_OF_CLUSTER
from support.storespecs import ACCEPTED, LEAST, OF_CLUSTER, Json, a_store, http, s3

LATER = NOW + 60_000


def status_of(spec: object, namespace: str = "team") -> StoreStatus:
    found = new_status(store_view(a_store(spec, namespace)), NOW)
    assert found is not None
    return found


def ready(status: StoreStatus) -> Condition:
    (found,) = [one for one in status.conditions or () if one.type == "Ready"]
    return found


def written(spec: object, status: StoreStatus | Json, generation: int = 3) -> StoreView:
    """Return the store as it is after a status was written."""
    dumped = (
        status
        if isinstance(status, dict)
        else status.model_dump(mode="json", by_alias=True, exclude_none=True)
    )
    return store_view({**a_store(spec, generation=generation), "status": dumped})


@pytest.mark.parametrize(
    ("spec", "kind", "location"),
    [
        (LEAST, "s3", "s3://results"),
        (s3(prefix="a/b"), "s3", "s3://results/a/b"),
        ({"gcs": {"bucket": "results", "prefix": "a"}}, "gcs", "gs://results/a"),
        ({"azure": {"account": "team", "container": "results"}}, "azure", "az://team/results"),
        ({"pvc": {"claimName": "results", "subPath": "a"}}, "pvc", "pvc://results/a"),
        (http(), "http", "https://data.example.org"),
        (http(hosts=["*.example.org", "a", "b"]), "http", "https://*.example.org and 2 more"),
    ],
)
def test_where_a_store_is(spec: Json, kind: str, location: str) -> None:
    found = status_of(spec)
    assert (found.type, found.location) == (kind, location)


@pytest.mark.parametrize("spec", ACCEPTED.values(), ids=ACCEPTED)
def test_a_valid_store_is_ready_and_its_location_fits(spec: Json) -> None:
    found = status_of(spec)
    assert (ready(found).status, ready(found).reason) == (ConditionStatus.TRUE, "Valid")
    assert 0 < len(found.location or "") <= MAX_LOCATION
    assert found.observed_generation == ready(found).observed_generation == 3


def test_an_invalid_store_is_not_ready_and_is_told_field_and_cure() -> None:
    found = status_of({**LEAST, "limits": {"maxObjectSize": 0}})
    assert (ready(found).status, ready(found).reason) == (ConditionStatus.FALSE, "InvalidSpec")
    said = "spec.limits.maxObjectSize: no object is so small: write at least one byte, such as 50Gi"
    assert ready(found).message == said
    assert (found.type, found.location, found.observed_generation) == (None, None, 3)


def test_what_only_a_store_of_the_cluster_may_have() -> None:
    spec = OF_CLUSTER["prefixes for everybody"]
    assert ready(status_of(spec, namespace="")).reason == "Valid"
    assert ONLY_OF_CLUSTER.says in ready(status_of(spec)).message


def test_a_message_is_as_short_as_it_has_to_be() -> None:
    found = status_of({f"field-{number}": "x" * 200 for number in range(200)})
    assert len(ready(found).message) <= 1024


def test_a_parsed_spec_is_kept() -> None:
    valid, invalid = store_view(a_store(LEAST)), store_view(a_store({}, namespace=""))
    assert isinstance(valid.spec, ClusterArtifactStoreSpec)
    assert isinstance(invalid.spec, SpecError)
    assert (valid.of_cluster, invalid.of_cluster) == (False, True)


def test_a_status_that_says_so_already_is_not_written_again() -> None:
    for spec in (LEAST, {}):
        assert new_status(written(spec, status_of(spec)), LATER) is None


def test_a_condition_that_stays_keeps_its_time_and_one_that_turns_does_not() -> None:
    first = status_of(LEAST)
    moved = new_status(written(s3(prefix="a"), first, generation=4), LATER)
    assert moved is not None
    assert (moved.location, moved.observed_generation) == ("s3://results/a", 4)
    assert ready(moved).last_transition_time == from_ms(NOW)
    broken = new_status(written({}, moved, generation=5), LATER)
    assert broken is not None
    assert (ready(broken).last_transition_time, broken.location) == (from_ms(LATER), None)


def test_conditions_of_others_stay() -> None:
    other = {"type": "Reachable", "status": "True", "reason": "Seen", "lastTransitionTime": from_ms(NOW)}
    found = new_status(written(LEAST, {"conditions": [other]}), NOW)
    assert found is not None
    assert [one.type for one in found.conditions or ()] == ["Reachable", "Ready"]


@pytest.mark.parametrize("status", [{"conditions": "x"}, {"location": 5}, {"conditions": [{}]}], ids=str)
def test_a_status_that_cannot_be_read_is_written_anew(status: Json) -> None:
    found = new_status(written(LEAST, status), NOW)
    assert found is not None
    assert ready(found).reason == "Valid"
