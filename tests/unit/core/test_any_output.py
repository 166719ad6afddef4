"""Whatever an uploader reports as an output, the task's end can be written, and is written once."""

from __future__ import annotations

from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from containertask.api.status import Phase
from containertask.codec import typed
from containertask.core.plan import plan
from containertask.types.grammar import parse_type
from containertask.types.model import Type, needs_store
from support.builders import CONFIG, a_pod, a_task, at, seen
from support.typedvalues import certain_types, value_types, with_value
from support.values import json_values


def phase(kind: Type, raw: object, exit_code: int = 0) -> Phase | None:
    """Return the phase of a task whose uploader reports this JSON for its output."""
    task = a_task(outputs=[{"name": "o", "type": str(kind)}])
    pod = a_pod(task=task)
    ended = pod.done({"o": raw}) if exit_code == 0 else pod.failed(exit_code)
    found = plan(seen(task, ended), at(20), CONFIG)
    assert found.status is not None
    return found.status.phase


@given(with_value(certain_types))
@example((parse_type("map[integer]"), {"k" * 260: 1}))
@example((parse_type("map[list[string]]"), {"/" * 200: []}))
def test_a_value_that_was_read_ends_the_task_well(typed_value: tuple[Type, Any]) -> None:
    kind, value = typed_value
    assert phase(kind, typed.to_json(kind, value)) is Phase.SUCCEEDED


@given(value_types.filter(lambda kind: not needs_store(kind)), json_values, st.sampled_from([0, 1]))
def test_any_json_ends_the_task(kind: Type, raw: object, exit_code: int) -> None:
    assert phase(kind, raw, exit_code) in {Phase.SUCCEEDED, Phase.FAILED}
