"""Inputs as users declare them. What a value means for its type is the codec's matter."""

from __future__ import annotations

import enum
from typing import Annotated, Final

from pydantic import ConfigDict, Field

from containertask.api.base import (
    BY_NAME,
    TYPES_SAID,
    AnyJson,
    ApiModel,
    Name,
    ObjectName,
    Rule,
    TypeText,
    first_rules,
)
from containertask.api.structural import PATTERN_MESSAGE
from containertask.contract import MAX_URI
from containertask.contract.manifest import Layout

_HELD: Final = "dyn(self).exists(field, field in {fields})"
# The declared type has no field of any JSON, and has() takes a null for an absent field.
A_VALUE: Final = Rule(
    f"{_HELD.format(fields=['value', 'default', 'uri', 'valueFrom'])} || "
    "(has(self.optional) && self.optional) || self.type.matches('^[ \\t]*(optional|none)')",
    "an input needs a value: set value, default, uri or valueFrom, or optional: true",
    ".value",
)
ONE_VALUE: Final = Rule(
    "dyn(self).filter(field, field in ['value', 'uri', 'valueFrom']).size() <= 1 && "
    f"(!has(self.uri) || !{_HELD.format(fields=['default'])})",
    "an input has one value: keep one of value, uri and valueFrom; beside uri there is no default either",
    ".value",
)
A_REFERENCE: Final = Rule(
    "!has(self.uri) || (has(self.mode) && self.mode == 'Reference')",
    "this version fetches nothing from a URI: set mode: Reference, and the command gets the URI itself; or "
    "give a small file as value, in base64",
    ".mode",
)


class InputMode(enum.StrEnum):
    """Whether the command gets what lies at a URI."""

    DOWNLOAD = "Download"
    REFERENCE = "Reference"


class ConfigMapKey(ApiModel):
    """A key of a ConfigMap."""

    name: Annotated[ObjectName, Field(description="Name of the ConfigMap, such as `settings`.")]
    key: Annotated[
        str,
        Field(
            max_length=253,
            pattern=r"^([-_a-zA-Z0-9]|[.][-_a-zA-Z0-9])[-._a-zA-Z0-9]*$",
            json_schema_extra={PATTERN_MESSAGE: "write a key of a ConfigMap, such as rates.json"},
            description="Its key, such as `rate`.",
        ),
    ]


class InputSource(ApiModel):
    """Where the value of an input is kept."""

    config_map_key_ref: Annotated[
        ConfigMapKey,
        Field(description="A key of a ConfigMap in the task's namespace, such as `{name: a, key: b}`."),
    ]


class Input(ApiModel):
    """One typed input. It is at ``<inputDir>/<name>`` before the command runs."""

    model_config = ConfigDict(json_schema_extra=first_rules(A_VALUE, ONE_VALUE, A_REFERENCE))

    name: Annotated[
        Name,
        Field(
            description="Name of the input and of its file in inputDir, such as `a`. "
            "Letters, digits, `_` and `-`."
        ),
    ]
    type: Annotated[
        TypeText,
        Field(description=f"{TYPES_SAID} A value of another type is refused."),
    ]
    value: Annotated[
        AnyJson,
        Field(
            description="The value, as JSON: `3`, `0.5`, `hello`, `true`, `2026-01-31T12:00:00Z`, `1h30m`, "
            "`{k: v}`, `[1, 2]`. A number may be written as a string, and one beyond 2^53 has to be; a time "
            "without a zone is in UTC; `binary` and a small `file` are base64, `{uri: …}` lies elsewhere.",
        ),
    ] = None
    uri: Annotated[
        Annotated[str, Field(max_length=MAX_URI)] | None,
        Field(description="Where a file, directory or dataset lies, such as `s3://bucket/key`."),
    ] = None
    value_from: Annotated[
        InputSource | None,
        Field(
            description="Where the value is kept: the bytes there are read as those of a file that a command "
            "writes. The Pod waits for it, unless there is a default, or the input or its type is "
            "optional."
        ),
    ] = None
    default: Annotated[AnyJson, Field(description="The value to use where there is no other.")] = None
    optional: Annotated[
        bool | None,
        Field(
            description="Whether the input may be absent. Without value and default it then has no file, "
            "and `{{.inputs.NAME}}` is the empty string."
        ),
    ] = None
    mode: Annotated[
        Annotated[InputMode, BY_NAME] | None,
        Field(
            description="`Download`: the command finds what lies at a URI. `Reference`: it finds a file that "
            "holds the URI, and fetches by itself what it needs. Default: Download."
        ),
    ] = None
    layout: Annotated[
        Annotated[Layout, BY_NAME] | None,
        Field(
            description="Where a `file` is: at its path (`Direct`), or in a directory there under a name of "
            "its own (`NamedDir`). Default: spec.fileInputLayout."
        ),
    ] = None
