"""What an SDK reads otherwise than we wrote it, or not at all, and files that show why we write as we do."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any, Final

from containertask.codec import simple
from containertask.codec.literals import to_literal_map
from containertask.codec.stored import LocalPath
from containertask.codec.typed import AnyValue
from containertask.types.grammar import parse_type
from containertask.types.leaves import SimpleType
from interop.peer import Read

_literals = importlib.import_module("flyteidl.core.literals_pb2")

BYTES: Final = b"\x00\xff"
HERE: Final = str(Path(__file__))
"""A file that is there for everyone."""


def _ours(name: str, kind: str, value: AnyValue) -> Read:
    return Read({"o0": name}, to_literal_map({"o0": parse_type(kind)}, {"o0": value}))


def _bare(name: str, **scalar: Any) -> Read:
    literal = _literals.Literal(scalar=_literals.Scalar(**scalar))
    return Read({"o0": name}, _literals.LiteralMap(literals={"o0": literal}).SerializeToString())


READS: Final = {
    "bytes": _ours("bytes", "binary", BYTES),
    "enum by value": _ours("named enum", 'enum["small","large"]', "large"),
    "enum by name": _ours("named enum", 'enum["SMALL","LARGE"]', "LARGE"),
    "struct beside boolean": _ours("struct beside boolean", "union[boolean,struct]", {"x": 3, "name": "p"}),
    "empty list beside another": _ours("empty list beside another", "union[list[integer],list[string]]", []),
    "late dataclass": _ours("late dataclass", "struct", {"items": [1]}),
    "nanoseconds": _ours(
        "datetime", "datetime", simple.from_json(SimpleType.DATETIME, "2026-01-31T12:00:00.123456789Z")
    ),
    "local file": _ours("file", "file", LocalPath(HERE)),
    "absent boolean": _ours("optional true", "boolean", None),
    "bare none for a boolean": _bare("optional true", none_type={}),
    "bare none for a list": _bare("optional list", none_type={}),
    "bare integer beside float": _bare("integer beside float", primitive={"integer": 7}),
    "bare string beside boolean": _bare("string beside boolean", primitive={"string_value": ""}),
}
