"""One input of every type: what golden trees, the node and the documents' examples have in common."""

from __future__ import annotations

import json
from typing import Any, Final

Json = dict[str, Any]

VALUES: Final[dict[str, tuple[str, object]]] = {
    "integer": ("integer", -9_223_372_036_854_775_808),
    "float": ("float", 0.1),
    "large": ("float", 1e21),
    "nan": ("float", "NaN"),
    "string": ("string", 'Zürich\n"quoted" \\ $(HOME) {{.inputs.integer}}'),
    "boolean": ("boolean", False),
    "datetime": ("datetime", "2026-01-31T12:00:00.123456789Z"),
    "duration": ("duration", "1h30m0s"),
    "struct": ("struct", {"nested": {"list": [1, None, "x", 2.5]}, "ü": True}),
    "binary": ("binary", "AAEC/w0KCg=="),
    "none": ("none", None),
    "enum": ('enum["small","very large"]', "very large"),
    "list": ("list[integer]", [3, 1, 2]),
    "list-empty": ("list[string]", []),
    "list-of-lists": ("list[list[float]]", [[0.5, 1e300], []]),
    "list-with-gaps": ("list[optional[string]]", ["a", None, ""]),
    "map": ("map[string]", {"": "empty", "a/b": "slash", "..": "dots", "50%": "percent", "ü": ""}),
    "map-empty": ("map[integer]", {}),
    "map-of-lists": ("map[list[boolean]]", {"k": [True, False]}),
    "optional": ("optional[duration]", "1.5ms"),
    "optional-absent": ("optional[list[integer]]", None),
    "union": ("union[integer,string]", 7),
    "union-second": ("union[integer,map[string]]", {"k": "v"}),
    "deep": (f"{'list[' * 15}binary{']' * 15}", json.loads("[" * 15 + '"/w=="' + "]" * 15)),
}
"""By name: type and value, written as the status has it. All of them can be outputs without a store."""

FILES: Final[list[Json]] = [
    {"name": "file", "type": "file", "value": "AP8K"},
    {"name": "file-direct", "type": "file", "value": "AP8K", "layout": "Direct"},
    {"name": "file-in-a-directory", "type": "optional[file]", "value": "AP8K", "layout": "NamedDir"},
    {"name": "files", "type": "list[file]", "value": ["YQ==", ""]},
    {"name": "files-by-name", "type": "map[union[file,string]]", "value": {"a/b": "YQ==", "c": "no file"}},
    {"name": "file-uri", "type": "file", "uri": "s3://bucket/a%20b", "mode": "Reference"},
    {"name": "directory-uri", "type": "directory", "uri": "gs://bucket/d/", "mode": "Reference"},
    {"name": "dataset-uri", "type": "dataset[parquet]", "uri": "https://x.org/t", "mode": "Reference"},
    {
        "name": "uris",
        "type": "map[list[file]]",
        "value": {"k": [{"uri": "s3://b/1"}, {"uri": "s3://b/2"}]},
        "mode": "Reference",
    },
]
"""Inputs that only a store could take back as outputs."""

INPUTS: Final[list[Json]] = [
    *({"name": name, "type": kind, "value": value} for name, (kind, value) in VALUES.items()),
    {"name": "default", "type": "list[integer]", "default": [1]},
    {"name": "left-out", "type": "list[integer]", "optional": True},
    *FILES,
]
