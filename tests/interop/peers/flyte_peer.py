"""Reads and writes literals as flyte 2 does, each as a task's inputs and as its outputs."""

from __future__ import annotations

import asyncio
import importlib
import inspect
from typing import Any

from interop.peers.batch import run

_convert = importlib.import_module("flyte._internal.runtime.convert")
_interface = importlib.import_module("flyte.models").NativeInterface
_messages = importlib.import_module("flyteidl2.task.common_pb2")
_io = importlib.import_module("flyte.io")


class Flyte:
    """The SDK."""

    File = _io.File
    Directory = _io.Dir
    Dataset = _io.DataFrame

    def file(self, uri: str) -> Any:
        return self.File.from_existing_remote(uri)

    def directory(self, uri: str) -> Any:
        return self.Directory.from_existing_remote(uri)

    def dataset(self, uri: str) -> Any:
        return self.Dataset.from_existing_remote(uri, format="parquet")

    def place(self, value: Any) -> str | None:
        match value:
            case self.File():
                return f"File({value.path})"
            case self.Directory():
                return f"Directory({value.path})"
            case self.Dataset():
                return f"Dataset({value.uri}, {value.format})"
        return None

    def read(self, types: dict[str, Any], data: bytes) -> list[dict[str, Any]]:
        interface = _both(types)
        inputs = _convert.Inputs(proto_inputs=_messages.Inputs.FromString(data))
        outputs = _convert.Outputs(proto_outputs=_messages.Outputs.FromString(data))
        given = asyncio.run(_convert.convert_inputs_to_native(inputs, interface))
        made = asyncio.run(_convert.convert_outputs_to_native(interface, outputs))
        return [given, dict(zip(types, made if len(types) > 1 else [made], strict=True))]

    def write(self, kind: Any, value: Any) -> list[bytes]:
        interface = _both({"o0": kind})
        given = asyncio.run(_convert.convert_from_native_to_inputs(interface, o0=value))
        made = asyncio.run(_convert.convert_from_native_to_outputs(value, interface))
        return [given.proto_inputs.SerializeToString(), made.proto_outputs.SerializeToString()]

    def binary(self, data: bytes) -> bytes:
        return bytes(_messages.Inputs.FromString(data).literals[0].value.scalar.binary.value)


def _both(types: dict[str, Any]) -> Any:
    return _interface.from_types(
        {name: (kind, inspect.Parameter.empty) for name, kind in types.items()}, types
    )


if __name__ == "__main__":
    run(Flyte())
