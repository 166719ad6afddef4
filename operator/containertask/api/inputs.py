"""Inputs as users declare them. What a value means for its type is the codec's matter."""

from __future__ import annotations

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
    TaskName,
    TypeText,
    first_rules,
)
from containertask.api.structural import PATTERN_MESSAGE
from containertask.contract import MAX_BYTES, MAX_URI
from containertask.contract.items import InputMode, Layout

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
DIGEST_OF_ONE: Final = Rule(
    "!has(self.sha256) || has(self.uri)",
    "sha256 is that of the one file at uri: set uri, or leave sha256 out",
    ".sha256",
)
ONE_SOURCE: Final = Rule(
    "has(self.configMapKeyRef) != has(self.taskOutputRef)",
    "a value comes from one place: set configMapKeyRef or taskOutputRef",
)


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


class TaskOutput(ApiModel):
    """An output of another task."""

    name: Annotated[
        TaskName, Field(description="Name of a ContainerTask in the same namespace, such as `train`.")
    ]
    output: Annotated[Name, Field(description="Name of its output, such as `model`.")]


class InputSource(ApiModel):
    """Where the value of an input is kept: one of these."""

    model_config = ConfigDict(json_schema_extra=first_rules(ONE_SOURCE))

    config_map_key_ref: Annotated[
        ConfigMapKey | None,
        Field(description="A key of a ConfigMap in the task's namespace, such as `{name: a, key: b}`."),
    ] = None
    task_output_ref: Annotated[
        TaskOutput | None,
        Field(
            description="An output of another task in the namespace, of the same type as this input, such as "
            "`{name: train, output: model}`. The task waits until that one has succeeded, and fails if it "
            "fails or is deleted."
        ),
    ] = None


class Input(ApiModel):
    """One typed input. It is at ``<inputDir>/<name>`` before the command runs."""

    model_config = ConfigDict(json_schema_extra=first_rules(A_VALUE, ONE_VALUE, DIGEST_OF_ONE))

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
        Field(
            description="Where a file, directory or dataset lies: `s3://bucket/key`, `gs://bucket/key`, "
            "`az://account/container/key`, `pvc://claim/path` or `https://host/path`. It is fetched through "
            "the ArtifactStore that it belongs to; without one, as anybody could."
        ),
    ] = None
    sha256: Annotated[
        Annotated[
            str,
            Field(
                max_length=64,
                pattern=r"^[0-9a-f]{64}$",
                json_schema_extra={PATTERN_MESSAGE: "write 64 hexadecimal digits in small letters"},
            ),
        ]
        | None,
        Field(description="SHA-256 of the file at `uri`, in hex: another content is refused."),
    ] = None
    max_bytes: Annotated[
        Annotated[int, Field(ge=1, le=MAX_BYTES)] | None,
        Field(
            description="Most bytes that what is fetched may have, such as `1073741824`. Default: no limit."
        ),
    ] = None
    value_from: Annotated[
        InputSource | None,
        Field(
            description="Where the value is kept: in a ConfigMap, whose bytes are read as those of a file "
            "that a command writes, or as an output of another task. The task waits for it; for a ConfigMap "
            "not, where there is a default, or the input or its type is optional."
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
            description="`Download`: the command finds what lies at a URI. `Stream`: it finds a FIFO, "
            "through which one file comes while it is read, once and from its begin. `Reference`: it finds "
            "a file that holds the URI, and fetches by itself what it needs. Default: Download."
        ),
    ] = None
    layout: Annotated[
        Annotated[Layout, BY_NAME] | None,
        Field(
            description="Where a `file` is: at its path (`Direct`), or in a directory there under a name of "
            "its own (`NamedDir`). Default: spec.fileInputLayout."
        ),
    ] = None
