"""The manifest beside the inputs, in the format that the task asks for."""

from __future__ import annotations

import binascii
from collections.abc import Callable, Mapping
from typing import Final, cast

from containertask.codec import manifest, simple
from containertask.codec.errors import CodecError
from containertask.contract.outcome import Outcome
from containertask.copilot.inputs import Given
from containertask.copilot.journal import FailureError
from containertask.types.leaves import SimpleType

Leaf = Callable[[simple.Value], object]

_TEXTS: Final[Mapping[str, tuple[str, Leaf, Callable[[Mapping[str, object]], bytes]]]] = {
    "JSON": ("inputs.json", simple.to_json, manifest.to_json_manifest),
    "YAML": ("inputs.yaml", manifest.to_yaml, manifest.to_yaml_manifest),
}


def inputs_file(
    written: str, given: Mapping[str, Given | None], pb: str | None, later: frozenset[str]
) -> tuple[str, bytes]:
    """Return the name and the bytes of the file that holds all inputs together.

    ``pb`` is inputs.pb in base64 as the operator wrote it; it knew all values but those of ``later``. Raises
    FailureError.
    """
    if written == "PROTO":
        return "inputs.pb", _protobuf(pb) + _entries({name: given[name] for name in later})
    if written not in _TEXTS:
        raise FailureError(Outcome.COPILOT_FAILED, f"manifest: metadataFormat {written} is not known")
    name, leaf, encode = _TEXTS[written]
    return name, encode({one: _raw(found, leaf) for one, found in given.items()})


def _raw(found: Given | None, leaf: Leaf) -> object:
    if found is None:
        return None
    if isinstance(found.kind, SimpleType):
        return leaf(cast("simple.Value", found.value))
    from containertask.codec import typed  # noqa: PLC0415 - it is loaded already where it is needed

    return typed.to_json(found.kind, found.value, leaf)


def _protobuf(pb: str | None) -> bytes:
    if pb is None:
        raise FailureError(Outcome.COPILOT_FAILED, "manifest: pb is missing, metadataFormat is PROTO")
    try:
        return binascii.a2b_base64(pb, strict_mode=True)
    except binascii.Error:
        raise FailureError(Outcome.COPILOT_FAILED, "manifest: pb is not base64") from None


def _entries(given: Mapping[str, Given | None]) -> bytes:
    """Write more entries of a protobuf map, which is its entries one after another."""
    if not given:
        return b""
    from containertask.codec import literals  # noqa: PLC0415 - protobuf takes 30 ms to load

    kinds = {name: found.kind if found else SimpleType.STRING for name, found in given.items()}
    try:
        return literals.to_literal_map(kinds, {name: found and found.value for name, found in given.items()})
    except CodecError as error:
        raise FailureError(Outcome.INVALID_INPUT, f"metadataFormat PROTO: {error}") from None
