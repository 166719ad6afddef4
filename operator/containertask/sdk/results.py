"""What the status of a run says of its outputs, as Python's values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from containertask.errors import TransferError
from containertask.sdk.files import Fetch
from containertask.sdk.outputs import Outputs
from containertask.sdk.values import from_wire
from containertask.types.grammar import parse_type
from containertask.types.leaves import StoredType
from containertask.types.model import DatasetOf, present

Json = dict[str, Any]
Stored = Callable[[str], Any]
"""From a URI of the store to the JSON of a value that the status has no room for."""


def outputs_of(
    status: Mapping[str, Any], annotations: Mapping[str, object] | None, stored: Stored, fetch: Fetch
) -> Outputs:
    """Return the outputs in the order of declaration; where no types are known, by the status' own.

    An optional output that is absent is None. Raises TransferError for a value that cannot be fetched.
    """
    found = {one["name"]: one for one in status.get("outputs") or ()}
    wanted = annotations if annotations is not None else {name: _type(one) for name, one in found.items()}
    return Outputs(
        {
            name: from_wire(_wire(found[name], stored), annotation, f"output `{name}`", fetch)
            if name in found
            else None
            for name, annotation in wanted.items()
        }
    )


def _type(item: Json) -> object:
    return parse_type(item["type"])


def _wire(item: Json, stored: Stored) -> Any:  # noqa: ANN401 - any JSON
    if "value" in item:
        return item["value"]
    if "uri" in item:
        kind = parse_type(item["type"])
        itself = isinstance(present(kind), StoredType | DatasetOf)
        return {"uri": item["uri"]} if itself else stored(item["uri"])
    raise TransferError(f"output `{item['name']}` is neither in the status nor in a store")
