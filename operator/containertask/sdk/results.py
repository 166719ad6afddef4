"""What the status of a run says of its outputs, as Python's values."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final

from containertask.codec import typed
from containertask.codec.trees import from_tree
from containertask.contract.keptline import NO_FILES
from containertask.errors import TransferError
from containertask.sdk.files import Dir, Fetch, File
from containertask.sdk.outputs import Outputs
from containertask.sdk.values import from_wire
from containertask.types.grammar import parse_type
from containertask.types.leaves import SimpleType, StoredType
from containertask.types.model import DatasetOf, EnumOf, Type, present

Json = dict[str, Any]
Stored = Callable[[str], bytes]
"""From a URI of the store to the document of a value that the status has no room for."""

_JSON: Final = ".json"
"""How the documents of values with parts end; the others are as a command would have written them."""


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
            name: _value(found[name], annotation, stored, fetch) if name in found else None
            for name, annotation in wanted.items()
        }
    )


def fetch_of(item: Json, fetch: Fetch) -> Fetch:
    """Return what fetches an output that is a file or a folder, as its status tells of it.

    A file with another digest is refused; a folder without files is not there for a store, and empty here.
    """
    return partial(_fetched, item, fetch)


def _fetched(item: Json, fetch: Fetch, uri: str, to: Path) -> Path:
    if item.get("sha256") == NO_FILES and uri == item.get("uri"):
        to.mkdir(parents=True)
        return to
    return File(uri=uri, sha256=_digest(item), fetch=fetch).download(to)


def stored_value_of(item: Json, stored: Stored) -> Any:  # noqa: ANN401 - any JSON
    """Return the JSON of a value that the status has no room for. Raises TransferError."""
    uri, data = item["uri"], stored(item["uri"])
    wanted = item.get("sha256")
    if wanted is not None and hashlib.sha256(data).hexdigest() != wanted:
        raise TransferError(f"what is at {uri} has another sha256 than {wanted}")
    return _of_document(parse_type(item["type"]), uri, data)


def _of_document(kind: Type, uri: str, data: bytes) -> Any:  # noqa: ANN401 - any JSON
    """Return the JSON of a value that is kept in a document.

    Which form it has is told by its name, never by its look: a string may look like anything.
    """
    try:
        if uri.endswith(_JSON):
            return json.loads(data)
        if isinstance(present(kind), EnumOf) or present(kind) is SimpleType.STRING:
            return data.decode()
        return typed.to_json(kind, from_tree(kind, data))
    except ValueError as error:
        raise TransferError(f"what is at {uri} is no {kind}: {type(error).__name__}") from None


def _type(item: Json) -> object:
    return parse_type(item["type"])


def _value(item: Json, annotation: object, stored: Stored, fetch: Fetch) -> object:
    fetch = fetch_of(item, fetch)
    found = from_wire(_wire(item, stored), annotation, f"output `{item['name']}`", fetch)
    if isinstance(found, File | Dir) and found.uri is not None:
        return type(found)(uri=found.uri, sha256=_digest(item), size=item.get("size"), fetch=fetch)
    return found


def _wire(item: Json, stored: Stored) -> Any:  # noqa: ANN401 - any JSON
    if "value" in item:
        return item["value"]
    if "uri" in item:
        kind = parse_type(item["type"])
        itself = isinstance(present(kind), StoredType | DatasetOf)
        return {"uri": item["uri"]} if itself else stored_value_of(item, stored)
    raise TransferError(f"output `{item['name']}` is neither in the status nor in a store")


def _digest(item: Json) -> str | None:
    """Return the digest of a file; that of a folder is of its list."""
    return item.get("sha256") if present(parse_type(item["type"])) is StoredType.FILE else None
