"""Random tasks."""

from __future__ import annotations

from typing import Any, Final

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

Json = dict[str, Any]

_OUTPUTS: Final = [{"name": "area", "type": "float"}]
_LARGE: Final = [{"name": "text", "type": "string", "value": "x" * 26_000}]
_ODDITIES: Final[tuple[Json, ...]] = (
    {"suspend": True},
    {"cancel": True},
    {"inputs": _LARGE},
    {"inputs": [{"name": "n", "type": "integer", "value": "many"}]},
)
"""What few tasks are like: the last is one that contradicts itself."""


def _clocks() -> SearchStrategy[Json]:
    return st.fixed_dictionaries(
        {},
        optional={
            "queued": st.sampled_from(["30s", "5m"]),
            "execution": st.sampled_from(["10s", "10m"]),
            "total": st.sampled_from(["1m", "1h"]),
            "upload": st.just("30s"),
        },
    )


def _retries() -> SearchStrategy[Json]:
    rules = [
        [{"exitCodes": [75], "action": "Retry"}],
        [{"exitCodes": [3], "action": "Succeed"}],
        [{"reasons": ["Evicted", "InvalidInput"], "action": "Retry"}],
        [{"reasons": ["OOMKilled", "PodDeleted"], "action": "Fail"}],
    ]
    backoffs = [{"base": "1s", "factor": 1}, {"base": "1m", "factor": 3, "cap": "2m"}]
    return st.fixed_dictionaries(
        {"limit": st.integers(0, 2)},
        optional={
            "systemLimit": st.integers(0, 1),
            "backoff": st.sampled_from(backoffs),
            "rules": st.sampled_from(rules),
        },
    )


def specs() -> SearchStrategy[Json]:
    """Return specs of tasks."""
    whole = st.fixed_dictionaries(
        {"image": st.just("alpine"), "outputs": st.just(_OUTPUTS)},
        optional={
            "retries": _retries(),
            "interruptible": st.booleans(),
            "timeout": _clocks(),
            "podRetention": st.sampled_from(["Always", "OnFailure", "Never"]),
            "ttlSecondsAfterFinished": st.sampled_from([60, 3600, 0]),
        },
    )
    starts = st.sampled_from(["Auto", "Gated", "Init", "Signal", None])
    return st.builds(_spec, whole, starts, st.sampled_from([*[None] * 6, *_ODDITIES]))


def _spec(whole: Json, start: str | None, oddity: Json | None) -> Json:
    command = {} if start is None else {"command": ["true"], "start": start}
    return {**whole, **command, **(oddity or {})}
