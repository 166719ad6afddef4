"""Reads and writes literals as flytekit does: the interface of the first Flyte."""

from __future__ import annotations

import importlib
from typing import Any

from interop.peers.batch import run

_engine = importlib.import_module("flytekit.core.type_engine").TypeEngine
_context = importlib.import_module("flytekit.core.context_manager").FlyteContextManager
_models = importlib.import_module("flytekit.models.literals")
_messages = importlib.import_module("flyteidl.core.literals_pb2")


class Flytekit:
    """The SDK."""

    File = importlib.import_module("flytekit.types.file").FlyteFile
    Directory = importlib.import_module("flytekit.types.directory").FlyteDirectory
    Dataset = importlib.import_module("flytekit.types.structured").StructuredDataset

    def file(self, uri: str) -> Any:
        return self.File(uri)

    def directory(self, uri: str) -> Any:
        return self.Directory(uri)

    def dataset(self, uri: str) -> Any:
        return self.Dataset(uri=uri, file_format="parquet")

    def place(self, value: Any) -> str | None:
        match value:
            case self.File():
                return f"File({value.remote_source or value.path})"
            case self.Directory():
                return f"Directory({value.remote_source or value.path})"
            case self.Dataset():
                return f"Dataset({value.literal.uri}, {value.file_format})"
        return None

    def read(self, types: dict[str, Any], data: bytes) -> list[dict[str, Any]]:
        literals = _models.LiteralMap.from_flyte_idl(_messages.LiteralMap.FromString(data))
        return [_engine.literal_map_to_kwargs(_context.current_context(), literals, types)]

    def write(self, kind: Any, value: Any) -> list[bytes]:
        literals = _engine.dict_to_literal_map(_context.current_context(), {"o0": value}, {"o0": kind})
        return [literals.to_flyte_idl().SerializeToString()]

    def binary(self, data: bytes) -> bytes:
        return bytes(_messages.LiteralMap.FromString(data).literals["o0"].scalar.binary.value)


if __name__ == "__main__":
    run(Flytekit())
