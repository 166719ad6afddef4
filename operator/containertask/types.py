"""The types of inputs and outputs, by their names in YAML. Standard library only."""

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
