"""JSON from the msgpack in Flyte's literals, which is what its SDKs make of dicts, dataclasses and models.

What no JSON has, such as keys that are no strings, is refused. Nothing here writes msgpack: a struct that is
written is protobuf's own. Importing this module does not import msgpack.
"""

from __future__ import annotations

import importlib
from typing import Any, Final

from containertask.codec.errors import CodecError
from containertask.codec.simple import MAX_BYTES
from containertask.words import shown

TAG: Final = "msgpack"
"""What Flyte's SDKs say of a binary that is msgpack."""


def decode(binary: Any) -> object:  # noqa: ANN401 - flyteidl's Binary
    """Read a binary scalar; what it may hold is the matter of its type.

    Raises:
        CodecError: it is no msgpack, or too large, or nothing is installed that reads msgpack.
    """
    if binary.tag != TAG:
        raise CodecError(f"a binary with the tag `{shown(binary.tag)}`, where only {TAG} can be read")
    if len(binary.value) > MAX_BYTES:
        raise CodecError(f"{len(binary.value)} bytes of msgpack, a value has at most {MAX_BYTES}: write less")
    try:
        msgpack = importlib.import_module("msgpack")
    except ModuleNotFoundError:
        raise CodecError("it is msgpack: install containertask[literals], which can read it") from None
    try:
        return msgpack.unpackb(binary.value)
    except (ValueError, msgpack.UnpackException):
        raise CodecError("not msgpack, or an object in it has keys that are no strings") from None
