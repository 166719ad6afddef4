"""What the operator tells the copilot of a store arrives as it was said."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from containertask.contract.fields import FieldError
from containertask.contract.stores import (
    AzurePlace,
    ClaimPlace,
    Credentials,
    GcsPlace,
    S3Place,
    StoreItem,
    WebPlace,
    store_item,
    store_object,
)

TEXTS = st.text(max_size=20)
MAYBE = st.none() | TEXTS
PLACES = st.one_of(
    st.builds(
        S3Place,
        bucket=TEXTS,
        region=TEXTS,
        endpoint=MAYBE,
        path_style=st.booleans(),
        conditional=st.booleans(),
    ),
    st.builds(GcsPlace, bucket=TEXTS, endpoint=MAYBE),
    st.builds(AzurePlace, account=TEXTS, container=TEXTS, endpoint=MAYBE),
    st.builds(ClaimPlace, read_only=st.booleans()),
    st.builds(WebPlace, hosts=st.lists(TEXTS, max_size=3).map(tuple)),
)
NUMBERS = st.none() | st.integers(0, 2**63 - 1)
ITEMS = st.builds(
    StoreItem,
    id=TEXTS,
    place=PLACES,
    credentials=st.sampled_from(Credentials),
    ca=MAYBE,
    local=st.booleans(),
    max_object_bytes=NUMBERS,
    max_objects=NUMBERS,
)


@given(ITEMS)
def test_a_store_comes_back_as_it_was(item: StoreItem) -> None:
    assert store_item(json.loads(json.dumps(store_object(item)))) == item


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"id": None}, "id is missing"),
        ({"id": 3}, "id is a int"),
        ({"s3": None, "ftp": {}}, "s3 is missing"),
        ({"s3": []}, "s3 is a list"),
        ({"s3": {}}, "bucket is missing"),
        ({"credentials": "Password"}, "is no credentials"),
        ({"maxObjects": 2**63}, "64 bits"),
        ({"local": "true"}, "local is a str"),
    ],
)
def test_what_is_no_store_is_named(change: dict[str, Any], word: str) -> None:
    raw = store_object(StoreItem(id="0", place=S3Place(bucket="b", region="r")))
    with pytest.raises(FieldError, match=word):
        store_item({**raw, **change})


def test_a_kind_that_is_not_known_is_told() -> None:
    with pytest.raises(FieldError, match="no kind that is known"):
        store_item({"id": "0", "credentials": "Anonymous", "ftp": {}})
    with pytest.raises(FieldError, match="hosts has something other"):
        store_item({"id": "0", "credentials": "Anonymous", "http": {"hosts": [1]}})
