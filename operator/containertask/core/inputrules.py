"""What must hold between an input's type, its value, and where that is: the CRD cannot see it."""

from __future__ import annotations

from collections.abc import Iterator

from containertask.api.inputs import Input
from containertask.codec.errors import CodecError
from containertask.codec.stored import FileContent, Stored
from containertask.codec.typed import AnyValue
from containertask.contract.items import InputMode
from containertask.contract.uris import WEB, UriError, located
from containertask.types.leaves import StoredType
from containertask.types.model import Type, alternatives, needs_store, present


def check_source(one: Input, kind: Type) -> None:
    """Hold mode, uri and valueFrom against the type; raises CodecError."""
    stored = needs_store(kind)
    if not stored and (one.uri is not None or one.mode not in {None, InputMode.DOWNLOAD}):
        raise CodecError("uri, and a mode, are for file, directory and dataset: set value")
    if not stored and one.max_bytes is not None:
        raise CodecError("maxBytes is for what is fetched, a file, directory or dataset: leave it out")
    if one.mode is InputMode.STREAM and present(kind) is not StoredType.FILE:
        raise CodecError("mode Stream is for one file: leave mode out")
    if one.sha256 is not None and StoredType.FILE not in alternatives(kind):
        raise CodecError("sha256 is that of one file: leave it out")
    if one.value_from is None or one.value_from.config_map_key_ref is None:
        return
    if one.mode not in {None, InputMode.DOWNLOAD}:
        raise CodecError("a ConfigMap has the content, and nothing lies at a URI: leave mode out")
    if stored and present(kind) is not StoredType.FILE:
        raise CodecError("a ConfigMap gives values, and the content of one file: this is neither")


def check_stored(one: Input, value: AnyValue) -> None:
    """Hold a value against where it lies; raises CodecError."""
    found = list(leaves(value))
    if one.uri is not None and not isinstance(value, Stored):
        raise CodecError(
            "one uri says where one file, directory or dataset lies: set value, with {uri: …} in it"
        )
    if one.mode not in {None, InputMode.DOWNLOAD} and any(isinstance(leaf, FileContent) for leaf in found):
        raise CodecError(f"mode {one.mode} is for what lies at a URI: set uri, or leave mode out")
    if one.mode is InputMode.REFERENCE:
        return
    for leaf in found:
        if isinstance(leaf, Stored):
            _check_uri(leaf.uri)


def _check_uri(uri: str) -> None:
    try:
        at = located(uri)
    except UriError as error:
        raise CodecError(f"the URI cannot be fetched from: {error}") from None
    if at.scheme in WEB and " " in uri:
        raise CodecError("a URL has no blanks: write %20")
    if at.scheme in WEB and "@" in at.root:
        raise CodecError("a URI has no user and no password in it: name an http store with credentials")


def leaves(value: AnyValue) -> Iterator[AnyValue]:
    """Yield what a value consists of."""
    match value:
        case list():
            for one in value:
                yield from leaves(one)
        case dict():
            for one in value.values():
                yield from leaves(one)
        case _:
            yield value
