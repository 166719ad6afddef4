"""Inputs and outputs as users declare them. What a value means for its type is the codec's matter."""

from __future__ import annotations

import enum
from typing import Annotated

from pydantic import ConfigDict, Field
from pydantic.config import JsonDict

from containertask.api.base import BY_NAME, AbsolutePath, AnyJson, ApiModel, Name, Rule, rules
from containertask.types import SimpleType


class OutputSource(enum.StrEnum):
    """Where an output comes from."""

    FILE = "File"
    STDOUT = "Stdout"
    STDERR = "Stderr"
    EXIT_CODE = "ExitCode"


_OPTIONAL: JsonDict = {"required": ["optional"], "properties": {"optional": {"enum": [True]}}}
_A_VALUE: JsonDict = {"anyOf": [{"required": ["value"]}, {"required": ["default"]}, _OPTIONAL]}
"""CEL cannot see whether a field of any JSON is there; this can."""


class Input(ApiModel):
    """One typed input. Its value is written to ``<inputDir>/<name>`` before the command runs."""

    model_config = ConfigDict(json_schema_extra=_A_VALUE)

    name: Annotated[
        Name,
        Field(
            description="Name of the input and of its file in inputDir, such as `a`. "
            "Letters, digits, `_` and `-`."
        ),
    ]
    type: Annotated[
        SimpleType,
        BY_NAME,
        Field(description="Type of the value, such as `float`. A value of another type is refused."),
    ]
    value: Annotated[
        AnyJson,
        Field(
            description="The value, as JSON: `3`, `0.5`, `hello`, `true`, `2026-01-31T12:00:00Z`, `1h30m`, "
            "`{k: v}`. Integers beyond 2^53 may be strings.",
        ),
    ] = None
    default: Annotated[AnyJson, Field(description="The value to use where `value` is absent.")] = None
    optional: Annotated[
        bool | None,
        Field(
            description="Whether the input may be absent. Without value and default it then has no file and "
            "renders as the empty string."
        ),
    ] = None


_SOURCE_RULES = rules(
    Rule(
        "!has(self.source) || self.source == 'File' || !has(self.path)",
        "path is only for source File: remove path, or set source to File",
        ".path",
    ),
    Rule(
        "!has(self.source) || self.source != 'ExitCode' || self.type == 'integer'",
        "an output with source ExitCode has type integer",
        ".type",
    ),
    Rule(
        "!(self.name in ['_ERROR'])",
        "_ERROR is the file by which a command reports an error: choose another name",
        ".name",
    ),
)


class Output(ApiModel):
    """One typed output. It is read when the command has ended, and checked against its type."""

    model_config = ConfigDict(json_schema_extra=_SOURCE_RULES)

    name: Annotated[
        Name,
        Field(description="Name of the output, such as `area`. Letters, digits, `_` and `-`; not `_ERROR`."),
    ]
    type: Annotated[
        SimpleType,
        BY_NAME,
        Field(description="Type of the output, such as `float`. Content of another type fails the task."),
    ]
    path: Annotated[
        AbsolutePath | None,
        Field(description="File the command writes, inside outputDir. Default: `<outputDir>/<name>`."),
    ] = None
    source: Annotated[
        Annotated[OutputSource, BY_NAME] | None,
        Field(
            description="Where the output comes from: `File` (the default), the command's `Stdout` or "
            "`Stderr`, or its `ExitCode`."
        ),
    ] = None
    optional: Annotated[
        bool | None,
        Field(description="Whether the command may leave the output out. Default: false."),
    ] = None
