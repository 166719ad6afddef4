"""Inputs and outputs as users declare them. What a value means for its type is the codec's matter."""

from __future__ import annotations

import enum
from typing import Annotated, Final

from pydantic import ConfigDict, Field

from containertask.api.base import BY_NAME, AbsolutePath, AnyJson, ApiModel, Name, Rule, first_rules
from containertask.types.leaves import SimpleType


class OutputSource(enum.StrEnum):
    """Where an output comes from."""

    FILE = "File"
    STDOUT = "Stdout"
    STDERR = "Stderr"
    EXIT_CODE = "ExitCode"


A_VALUE: Final = Rule(
    # The declared type has no field of any JSON, and has() takes a null for an absent field.
    "dyn(self).exists(field, field in ['value', 'default']) || (has(self.optional) && self.optional)",
    "an input needs a value: set value or default, or optional: true",
    ".value",
)


class Input(ApiModel):
    """One typed input. Its value is written to ``<inputDir>/<name>`` before the command runs."""

    model_config = ConfigDict(json_schema_extra=first_rules(A_VALUE))

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
            "`{k: v}`. A number may be written as a string, and one beyond 2^53 has to be; a time without a "
            "zone is in UTC; `binary` is base64.",
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


ONLY_A_FILE_HAS_A_PATH: Final = Rule(
    "!has(self.source) || self.source == 'File' || !has(self.path)",
    "path is only for source File: remove path, or set source to File",
    ".path",
)
EXIT_CODE_IS_INTEGER: Final = Rule(
    "!has(self.source) || self.source != 'ExitCode' || self.type == 'integer'",
    "an output with source ExitCode has type integer",
    ".type",
)
NOT_THE_ERROR_FILE: Final = Rule(
    "!(self.name in ['_ERROR'])",
    "_ERROR is the file by which a command reports an error: choose another name",
    ".name",
)


class Output(ApiModel):
    """One typed output. It is read when the command has ended, and checked against its type."""

    model_config = ConfigDict(
        json_schema_extra=first_rules(ONLY_A_FILE_HAS_A_PATH, EXIT_CODE_IS_INTEGER, NOT_THE_ERROR_FILE)
    )

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
