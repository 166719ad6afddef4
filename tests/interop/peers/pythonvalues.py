"""Python types and values by name, as people declare them with Flyte's SDKs.

This runs in an environment with an SDK; what each is to us stands in ``interop.cases`` under the same name.
"""

# No annotations from the future here: flytekit cannot read some dataclasses whose types are text.
import dataclasses
import datetime as dt
import enum
from pathlib import Path
from typing import Any, Protocol

import pydantic


class Sdk(Protocol):
    """What the SDKs have in common: their types of places, and their type engines."""

    File: Any
    Directory: Any
    Dataset: Any

    def file(self, uri: str) -> Any: ...
    def directory(self, uri: str) -> Any: ...
    def dataset(self, uri: str) -> Any: ...
    def place(self, value: Any) -> str | None: ...
    def read(self, types: dict[str, Any], data: bytes) -> list[dict[str, Any]]: ...
    def write(self, kind: Any, value: Any) -> list[bytes]: ...
    def binary(self, data: bytes) -> bytes: ...


class Color(enum.Enum):
    """An enum whose names are its values."""

    red = "red"
    blue = "blue"


class Size(enum.Enum):
    """An enum whose names are others than its values."""

    SMALL = "small"
    LARGE = "large"


@dataclasses.dataclass
class Point:
    """A struct."""

    x: int
    name: str = "p"
    inner: dict[str, list[float]] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass
class Late:
    """A struct whose types are text, as they are with annotations from the future."""

    items: "list[int]"


class Model(pydantic.BaseModel):
    """A struct of the other kind."""

    x: int
    name: str = "m"


_UTC = dt.UTC
_ROWS = {"a": 1, "b": "x", "c": [True, None, 0.5]}

Values = dict[str, tuple[Any, Any]]


def values(sdk: Sdk) -> Values:
    """Return all types and values by name; those of ``optional …`` and ``absent …`` may be None."""
    found = {**_SIMPLE, **_SEVERAL, **_UNIONS, **_stored(sdk)}
    plain = {name: one for name, one in found.items() if name != "none"}
    optional = {f"optional {name}": (kind | None, value) for name, (kind, value) in plain.items()}
    absent = {f"absent {name}": (kind | None, None) for name, (kind, _) in plain.items()}
    return {**found, **optional, **absent, **_LIMITS, **_local(sdk)}


_SIMPLE: Values = {
    "integer": (int, 2**53 + 1),
    "smallest integer": (int, -(2**63)),
    "float": (float, 0.1),
    "nan": (float, float("nan")),
    "infinity": (float, float("-inf")),
    "negative zero": (float, -0.0),
    "string": (str, "Zürich\n\t<&>"),
    "empty string": (str, ""),
    "true": (bool, True),
    "false": (bool, False),
    "datetime": (dt.datetime, dt.datetime(2026, 1, 31, 12, 0, 0, 123456, _UTC)),
    "old datetime": (dt.datetime, dt.datetime(1901, 2, 3, 4, 5, 6, 7, _UTC)),
    "date": (dt.date, dt.date(2026, 1, 31)),
    "duration": (dt.timedelta, dt.timedelta(days=2, seconds=3, microseconds=4)),
    "negative duration": (dt.timedelta, -dt.timedelta(seconds=1, microseconds=500000)),
    "none": (type(None), None),
    "enum": (Color, Color.blue),
    "dict": (dict, _ROWS),
    "dataclass": (Point, Point(3, inner={"k": [0.5]})),
    "model": (Model, Model(x=3)),
}

_SEVERAL: Values = {
    "list": (list[int], [3, 1, 2]),
    "empty list": (list[str], []),
    "list of lists": (list[list[float]], [[0.5, 1e300], []]),
    "list with gaps": (list[str | None], ["a", None, ""]),
    "list of dataclasses": (list[Point], [Point(3), Point(3)]),
    "list of enums": (list[Color], [Color.red, Color.blue]),
    "map": (dict[str, int], {"": 1, "a/b": 2, "ü": 3}),
    "empty map": (dict[str, int], {}),
    "map of lists": (dict[str, list[bool]], {"k": [True, False]}),
    "map of maps": (dict[str, dict[str, str]], {"k": {"l": "v"}, "e": {}}),
    "map of models": (dict[str, Model], {"k": Model(x=1)}),
}

_UNIONS: Values = {
    "first of a union": (int | str, 7),
    "second of a union": (int | str, "7"),
    "integer beside float": (float | int, 7),
    "float beside integer": (int | float, 7.0),
    "boolean beside string": (bool | str, False),
    "string beside boolean": (bool | str, ""),
    "datetime beside duration": (
        dt.timedelta | dt.datetime,
        dt.datetime(2026, 1, 31, tzinfo=_UTC),
    ),
    "duration beside datetime": (dt.timedelta | dt.datetime, dt.timedelta(0)),
    "enum beside integer": (int | Color, Color.red),
    "string beside enum": (Color | str, "green"),
    "list beside boolean": (bool | list[int], [1]),
    "one list beside another": (list[int] | list[str], ["a"]),
    "list of structs beside string": (str | list[Point], [Point(3)]),
    "map beside list": (list[int] | dict[str, int], {"k": 1}),
    "dict beside string": (str | dict, _ROWS),
    "dataclass beside string": (str | Point, Point(3)),
    "model beside integer": (int | Model, Model(x=3)),
    "list of unions": (list[int | float | str], [1, 1.0, "1"]),
    "map of unions": (dict[str, bool | int], {"a": True, "b": 1}),
}

_LIMITS: Values = {
    "bytes": (bytes, b"\x00\xff"),
    "named enum": (Size, Size.LARGE),
    "late dataclass": (Late, Late([1])),
    "precise dict": (dict, {"n": 2**60}),
    "numbered dict": (dict[int, str], {1: "a"}),
    "struct beside boolean": (bool | Point, Point(3)),
    "empty list beside another": (list[int] | list[str], []),
}


def _stored(sdk: Sdk) -> Values:
    files: Any = list.__class_getitem__(sdk.File)
    places = {
        "file": (sdk.File, sdk.file("s3://bucket/a%20b")),
        "directory": (sdk.Directory, sdk.directory("gs://bucket/d")),
        "dataset": (sdk.Dataset, sdk.dataset("s3://bucket/table")),
    }
    return {
        **places,
        "list of files": (files, [sdk.file("s3://b/1"), sdk.file("s3://b/2")]),
        "map of directories": (
            dict.__class_getitem__((str, sdk.Directory)),
            {"k": sdk.directory("s3://b/d")},
        ),
        "file beside string": (str | sdk.File, sdk.file("s3://b/1")),
        "string beside file": (sdk.File | str, "s3://b/1"),
        "directory beside file": (sdk.File | sdk.Directory, sdk.directory("s3://b/d")),
        "list of files beside string": (str | files, [sdk.file("s3://b/1")]),
        "dataset beside integer": (int | sdk.Dataset, sdk.dataset("s3://bucket/table")),
    }


def _local(sdk: Sdk) -> Values:
    file = Path.cwd() / "made-here.txt"
    file.write_text("made here")
    return {"local file": (sdk.File, sdk.file(str(file)))}
