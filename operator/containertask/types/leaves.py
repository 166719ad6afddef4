"""Types that hold no other type. Nothing else is here: this is loaded inside every task Pod."""

from __future__ import annotations

import enum


class SimpleType(enum.StrEnum):
    """A type whose value is one file's content and one JSON value."""

    INTEGER = "integer"
    FLOAT = "float"
    STRING = "string"
    BOOLEAN = "boolean"
    DATETIME = "datetime"
    DURATION = "duration"
    STRUCT = "struct"
    BINARY = "binary"


class BareType(enum.StrEnum):
    """A type that has one value, which is none."""

    NONE = "none"


class StoredType(enum.StrEnum):
    """A type whose value is what lies at a path: only a store can keep it."""

    FILE = "file"
    DIRECTORY = "directory"
