"""Objects of the API server, followed by a watch: waiting on what they say, with a limit in time.

Whatever passes through here is looked at for the marks that kopf leaves where it is let: there must be none.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from support.cluster import WAIT_SECONDS, Json, changes

Objects = dict[str, Json]
T = TypeVar("T")


def follow(
    listing: Callable[..., Any], *where: str, seconds: int = WAIT_SECONDS, **selectors: str
) -> Iterator[Objects]:
    """Yield the objects by name after each change, the first time as they are now; end after the time."""
    ends = time.monotonic() + seconds
    while (left := ends - time.monotonic()) > 0:
        page = json.loads(listing(*where, _preload_content=False, **selectors).data)
        objects = {one["metadata"]["name"]: unmarked(one) for one in page["items"]}
        yield dict(objects)
        # The API server may end a watch early, for one when a CRD is applied again: look anew.
        since = page["metadata"]["resourceVersion"]
        limits = {"resource_version": since, "timeout_seconds": math.ceil(left)}
        for event in changes(listing, *where, **limits, **selectors):
            raw = unmarked(event["raw_object"])
            if event["type"] == "DELETED":
                objects.pop(raw["metadata"]["name"], None)
            else:
                objects[raw["metadata"]["name"]] = raw
            yield dict(objects)


def first(states: Iterator[T], condition: Callable[[T], bool], what: str) -> T:
    """Return the first state for which the condition holds; fail with the last one if there is none."""
    last: T | None = None
    for last in states:
        if condition(last):
            return last
    raise AssertionError(f"waited in vain for {what}; last seen: {json.dumps(last, default=str)[:4000]}")


def unmarked(raw: Json) -> Json:
    """Return the object, after a look for kopf's annotations and for finalizers."""
    metadata = raw["metadata"]
    marks = [*metadata.get("annotations", {}), *metadata.get("finalizers", [])]
    assert not [mark for mark in marks if "kopf" in mark], f"{metadata['name']} carries {marks}"
    return raw
