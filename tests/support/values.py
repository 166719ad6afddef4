"""Hypothesis strategies for values of every simple type, and what makes two of them the same."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

from containertask.codec.simple import Value
from containertask.codec.times import Instant, Span
from containertask.types.leaves import SimpleType as T

S = 10**9

unicode_text = st.text(st.characters(exclude_categories=["Cs"]))
json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | unicode_text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(unicode_text, inner, max_size=3),
    max_leaves=8,
)
VALUES: dict[T, st.SearchStrategy[Any]] = {
    T.INTEGER: st.integers(-(2**63), 2**63 - 1),
    T.FLOAT: st.floats(),
    T.STRING: unicode_text,
    T.BOOLEAN: st.booleans(),
    T.DATETIME: st.integers(-62_135_596_800 * S, 253_402_300_800 * S - 1).map(Instant),
    T.DURATION: st.integers(-315_576_000_000 * S, 315_576_000_000 * S).map(Span),
    T.STRUCT: st.dictionaries(unicode_text, json_values, max_size=4),
    T.BINARY: st.binary(max_size=40),
}
typed_values = st.one_of([st.tuples(st.just(kind), values) for kind, values in VALUES.items()])


def same(one: Value, other: Value) -> bool:
    """Compare exactly, also inside structs: NaN is NaN, -0.0 is not 0.0, and 1 is neither 1.0 nor true."""
    if isinstance(one, float | dict):
        return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)
    return type(one) is type(other) and one == other
