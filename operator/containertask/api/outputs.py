"""Outputs as users declare them. What a command may write for a type is the codec's matter."""

from __future__ import annotations

import enum
from typing import Annotated, Final

from pydantic import ConfigDict, Field

from containertask.api.base import (
    BY_NAME,
    MAX_PATH,
    TYPES_SAID,
    AbsolutePath,
    ApiModel,
    Name,
    Rule,
    TypeText,
    first_rules,
)
from containertask.api.structural import PATTERN_MESSAGE
from containertask.contract import MAX_BYTES, MAX_URI

DESTINATION_PATTERN: Final = r"^(s3|gs|az|pvc)://[^ \x00-\x1f\x7f]([^\x00-\x1f\x7f]*[^ \x00-\x1f\x7f])?$"


class OutputSource(enum.StrEnum):
    """Where an output comes from."""

    FILE = "File"
    STDOUT = "Stdout"
    STDERR = "Stderr"
    EXIT_CODE = "ExitCode"


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
GLOB_OR_PATH: Final = Rule(
    "!has(self.glob) || (!has(self.path) && (!has(self.source) || self.source == 'File'))",
    "glob names files in outputDir: remove path, and set source to File",
    ".glob",
)
GLOB_INSIDE: Final = Rule(
    "!has(self.glob) || (self.glob != '_ERROR' && !self.glob.split('/').exists(part, part in ['.', '..']))",
    "a glob stays below outputDir, without `.` or `..` in it, and does not mean _ERROR",
    ".glob",
)
GLOB_IS_A_LIST: Final = Rule(
    "!has(self.glob) || self.type.matches('^[ \\t]*(optional[ \\t]*\\\\[[ \\t]*)?list')",
    "a glob finds any number of files: its type is a list, such as list[string]",
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
        json_schema_extra=first_rules(
            ONLY_A_FILE_HAS_A_PATH,
            EXIT_CODE_IS_INTEGER,
            NOT_THE_ERROR_FILE,
            GLOB_OR_PATH,
            GLOB_INSIDE,
            GLOB_IS_A_LIST,
        )
    )

    name: Annotated[
        Name,
        Field(description="Name of the output, such as `area`. Letters, digits, `_` and `-`; not `_ERROR`."),
    ]
    type: Annotated[
        TypeText,
        Field(
            description=f"{TYPES_SAID} Content of another type fails the task. A file, directory or dataset "
            "needs a store."
        ),
    ]
    path: Annotated[
        AbsolutePath | None,
        Field(description="File the command writes, inside outputDir. Default: `<outputDir>/<name>`."),
    ] = None
    glob: Annotated[
        Annotated[
            str,
            Field(
                max_length=MAX_PATH,
                pattern=r"^[^/\x00-\x1f]+(/[^/\x00-\x1f]+)*$",
                json_schema_extra={
                    PATTERN_MESSAGE: "write a pattern of paths below outputDir, such as parts/*.json"
                },
            ),
        ]
        | None,
        Field(
            description="Files the command writes, as a pattern below outputDir: `parts/*.json`, `**/*.csv`. "
            "The list has an item for each, in the order of their paths. None at all is an error, or an "
            "empty list where the output is optional."
        ),
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
    max_bytes: Annotated[
        Annotated[int, Field(ge=1, le=MAX_BYTES)] | None,
        Field(
            description="Most bytes that a file, directory or dataset may have, such as `1073741824`. "
            "Default: no limit."
        ),
    ] = None
    destination: Annotated[
        Annotated[
            str,
            Field(
                max_length=MAX_URI,
                pattern=DESTINATION_PATTERN,
                json_schema_extra={
                    PATTERN_MESSAGE: "write a URI that begins with s3://, gs://, az:// or pvc://, such as "
                    "s3://team-results/report.html"
                },
            ),
        ]
        | None,
        Field(
            description="Where a file, directory or dataset is to lie, such as `s3://bucket/report.html`; "
            "what is there is replaced. Default: in the folder of the attempt, which no other attempt "
            "writes to."
        ),
    ] = None
