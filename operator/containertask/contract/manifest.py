"""The manifest: all that downloader and uploader know about their task.

The operator writes it into an annotation of the Pod, the copilot reads it from a downwardAPI file. It
holds the inputs with their values, or, where they are too large for an annotation, the digest of the file
that does. Standard library only.
"""

from __future__ import annotations

import enum
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from containertask.contract.fields import FieldError, member, objects, optional, parse_object, required
from containertask.contract.items import (
    InputItem,
    OutputItem,
    StreamItem,
    input_item,
    input_object,
    output_item,
    output_object,
    stream_item,
    stream_object,
)

if TYPE_CHECKING:
    from containertask.contract.stores import StoreItem

MANIFEST_VERSION: Final = 1

MAX_MANIFEST_BYTES: Final = 32 * 1024
MAX_INLINE_BYTES: Final = 24 * 1024
"""Values that are together larger travel in a ConfigMap."""

MAX_VALUES_BYTES: Final = 512 * 1024

MAX_DOCUMENT_BYTES: Final = 1_000_000
"""How much the inputs with names, types and values may be: a ConfigMap has at most 1 MiB."""

MAX_INPUT_FILES: Final = 10_000
"""How many files and directories the inputs of a task may be: lists and maps have one for each value."""

MAX_SOURCE_BYTES: Final = 4 * 1024 * 1024
"""How much the values that come from ConfigMaps may be together."""


class ManifestError(FieldError):
    """The text is not a manifest of a version that is known here."""


class Mode(enum.StrEnum):
    """How the parts of a Pod come together (design section 5)."""

    GATED = "Gated"
    """All three containers start at once; the launcher waits at the gate for the inputs."""
    INIT = "Init"
    """The downloader is an init container, and brings the launcher."""
    SIGNAL = "Signal"
    """The command runs untouched; the uploader is a sidecar that the end of the Pod wakes."""


@dataclass(frozen=True, slots=True)
class Values:
    """The inputs and their values as JSON; absent ones have none. ``pb`` is ``inputs.pb`` in base64."""

    items: tuple[InputItem, ...] = ()
    inputs: Mapping[str, object] = field(default_factory=dict)
    pb: str | None = None

    def encode(self) -> str:
        """Return the JSON text: the same values always give the same text."""
        return _compact(_values_object(self))

    @classmethod
    def decode(cls, text: str) -> Values:
        """Read what ``encode`` wrote; raises ManifestError."""
        try:
            return _values(parse_object(text))
        except FieldError as error:
            raise ManifestError(f"values: {error}") from None


def digest(text: str) -> str:
    """Return the SHA-256 of a text, in hex."""
    import hashlib  # noqa: PLC0415 - OpenSSL is slow to load, and few tasks need it

    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What one attempt of one task reads and writes. Exactly one of values and values_sha256 is set.

    Attributes:
        message_bytes: the longest termination message that arrives whole in this Pod.
        stores: all that URIs of inputs, ``results`` and destinations lie in; see ``contract.uris.route``.
        streams: the inputs of mode Stream that are there.
        results: URI of the folder of this attempt, with a slash at its end; None where no store keeps it.
    """

    namespace: str
    name: str
    uid: str
    attempt: int
    mode: Mode
    metadata_format: str
    input_dir: str
    outputs: tuple[OutputItem, ...] = ()
    values: Values | None = None
    values_sha256: str | None = None
    download_seconds: int | None = None
    upload_seconds: int | None = None
    message_bytes: int
    stores: tuple[StoreItem, ...] = ()
    streams: tuple[StreamItem, ...] = ()
    results: str | None = None

    def encode(self) -> str:
        """Return the JSON text for the annotation."""
        raw: dict[str, Any] = {
            "version": MANIFEST_VERSION,
            "namespace": self.namespace,
            "name": self.name,
            "uid": self.uid,
            "attempt": self.attempt,
            "mode": self.mode.value,
            "metadataFormat": self.metadata_format,
            "inputDir": self.input_dir,
            "outputs": [output_object(item) for item in self.outputs],
            "values": _values_object(self.values) if self.values is not None else None,
            "valuesSha256": self.values_sha256,
            "downloadSeconds": self.download_seconds,
            "uploadSeconds": self.upload_seconds,
            "messageBytes": self.message_bytes,
            "stores": _store_objects(self.stores) if self.stores else None,
            "streams": [stream_object(item) for item in self.streams] or None,
            "results": self.results,
        }
        return _compact({name: value for name, value in raw.items() if value is not None})

    @classmethod
    def decode(cls, text: str) -> Manifest:
        """Read what ``encode`` of this version wrote; raises ManifestError."""
        try:
            return _manifest(parse_object(text))
        except FieldError as error:
            raise ManifestError(f"manifest: {error}") from None


def _compact(raw: object) -> str:
    return json.dumps(raw, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _values_object(values: Values) -> dict[str, Any]:
    pb = {"pb": values.pb} if values.pb is not None else {}
    return {"items": [input_object(item) for item in values.items], "inputs": dict(values.inputs), **pb}


def _values(raw: dict[str, Any]) -> Values:
    items = tuple(input_item(item) for item in objects(raw, "items"))
    return Values(items, required(raw, "inputs", dict), optional(raw, "pb", str))


def _manifest(raw: dict[str, Any]) -> Manifest:
    if (version := required(raw, "version", int)) != MANIFEST_VERSION:
        raise FieldError(f"version {version}, {MANIFEST_VERSION} is known")
    values, values_sha256 = optional(raw, "values", dict), optional(raw, "valuesSha256", str)
    if (values is None) == (values_sha256 is None):
        raise FieldError("exactly one of values and valuesSha256 is wanted")
    return Manifest(
        namespace=required(raw, "namespace", str),
        name=required(raw, "name", str),
        uid=required(raw, "uid", str),
        attempt=required(raw, "attempt", int),
        mode=member(Mode, required(raw, "mode", str)),
        metadata_format=required(raw, "metadataFormat", str),
        input_dir=required(raw, "inputDir", str),
        outputs=tuple(output_item(item) for item in objects(raw, "outputs")),
        values=_values(values) if values is not None else None,
        values_sha256=values_sha256,
        download_seconds=optional(raw, "downloadSeconds", int),
        upload_seconds=optional(raw, "uploadSeconds", int),
        message_bytes=required(raw, "messageBytes", int),
        stores=_stores(raw) if "stores" in raw else (),
        streams=tuple(stream_item(one) for one in objects(raw, "streams")) if "streams" in raw else (),
        results=optional(raw, "results", str),
    )


def _store_objects(stores: tuple[StoreItem, ...]) -> list[dict[str, Any]]:
    from containertask.contract.stores import store_object  # noqa: PLC0415 - most Pods have no store

    return [store_object(one) for one in stores]


def _stores(raw: dict[str, Any]) -> tuple[StoreItem, ...]:
    from containertask.contract.stores import store_item  # noqa: PLC0415 - as above

    return tuple(store_item(one) for one in objects(raw, "stores"))
