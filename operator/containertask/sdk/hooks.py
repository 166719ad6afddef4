"""Hooks of a task around its runs, awaited as they were written."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

from containertask.sdk.wording import kind_of, nearest


async def awaited(given: object, name: str) -> Any:  # noqa: ANN401 - what the hook returns
    """Return what a call of a hook comes to. Raises TypeError, where it is none that can be awaited."""
    if not inspect.isawaitable(given):
        raise TypeError(f"{name} is no coroutine function: write `async def {name}`")
    return await given


def with_context(
    inputs: Mapping[str, object], context: object, declared: Mapping[str, object]
) -> dict[str, Any]:
    """Return inputs with those that ``pre`` has added; None adds nothing. Raises TypeError."""
    if context is None:
        return dict(inputs)
    if not isinstance(context, Mapping):
        raise TypeError(f"pre gave {kind_of(context)}: return a dict of inputs by name, or nothing")
    for name in context:
        if name not in declared:
            raise TypeError(f"pre gave {name}, which is no input: {nearest(str(name), declared)}")
    return {**inputs, **context}
