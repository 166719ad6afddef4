"""``error.pb``: the document by which Flyte's tasks report an error (flyteidl ``core/errors.proto``)."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import Any

from containertask.codec.errors import CodecError


@dataclass(frozen=True, slots=True)
class ErrorDocument:
    """What the command says of its error. One that is not recoverable would come again."""

    code: str
    message: str
    recoverable: bool


def read_error_document(data: bytes) -> ErrorDocument:
    """Read the bytes of a ``flyteidl.core.ErrorDocument``.

    Raises:
        CodecError: they are none.
    """
    messages: Any = importlib.import_module("flyteidl.core.errors_pb2")
    decoding: Any = importlib.import_module("google.protobuf.message")
    try:
        found = messages.ErrorDocument.FromString(data)
    except decoding.DecodeError as error:
        raise CodecError("it is no ErrorDocument of flyteidl") from error
    if not found.HasField("error"):
        raise CodecError("it is an ErrorDocument without an error")
    one = found.error
    return ErrorDocument(one.code, one.message, one.kind == messages.ContainerError.RECOVERABLE)
