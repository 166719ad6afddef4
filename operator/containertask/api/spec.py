"""``ContainerTask.spec``: what a user writes. Descriptions here are what ``kubectl explain`` prints."""

from __future__ import annotations

import enum
from typing import Annotated

from pydantic import ConfigDict, Field

from containertask.api.base import (
    ATOMIC,
    BY_NAME,
    MAX_ELEMENT,
    MAX_PATH,
    AbsolutePath,
    ApiModel,
    FreeObject,
    first_rules,
    list_map,
)
from containertask.api.inputs import Input
from containertask.api.keeping import Keeping
from containertask.api.lifecycle import Lifecycle, Steering
from containertask.api.outputs import Output
from containertask.api.placement import Placement
from containertask.api.pod import EnvVar, ImagePullPolicy, LocalObjectReference
from containertask.api.specrules import SPEC_RULES
from containertask.api.structural import PATTERN_MESSAGE
from containertask.contract.items import Layout


class MetadataFormat(enum.StrEnum):
    """Format of the manifest of inputs."""

    JSON = "JSON"
    YAML = "YAML"
    PROTO = "PROTO"


class Start(enum.StrEnum):
    """How inputs, command and outputs are brought together in the Pod."""

    AUTO = "Auto"
    GATED = "Gated"
    INIT = "Init"
    SIGNAL = "Signal"


Argument = Annotated[str, Field(max_length=MAX_ELEMENT)]


class Command(ApiModel):
    """What runs, and what goes in and comes out."""

    image: Annotated[
        str,
        Field(
            max_length=1024,
            pattern=r"^\S+$",
            json_schema_extra={PATTERN_MESSAGE: "an image has a name without blanks, such as alpine:3.22"},
            description="Image of the command, such as `alpine:3.22` or one with a digest.",
        ),
    ]
    image_pull_policy: Annotated[
        Annotated[ImagePullPolicy, BY_NAME] | None,
        Field(description="When the node pulls the image, as in core/v1."),
    ] = None
    image_pull_secrets: Annotated[
        list[LocalObjectReference] | None,
        Field(
            max_length=16,
            json_schema_extra=list_map("name"),
            description="Secrets with registry credentials, such as `[{name: registry}]`.",
        ),
    ] = None
    command: Annotated[
        list[Argument] | None,
        Field(
            min_length=1,
            max_length=1024,
            json_schema_extra=ATOMIC,
            description="Program and first arguments; replaces the image's ENTRYPOINT. Without it the "
            "ENTRYPOINT runs, untouched (see `start`). Each element is a template, such as "
            "`--rate={{.inputs.rate}}`: a value stays within its element. Where the "
            "program is a shell, never put a token into its script, for the shell would read the value as "
            'code: pass it in `args` and write `"$1"`. In your own text, as in core/v1, `$(NAME)` is a '
            "variable and `$$` is one `$`. The command also finds CT_INPUT_DIR, CT_OUTPUT_DIR, "
            "CT_INPUTS_FILE, CT_NAME, CT_NAMESPACE, CT_UID and CT_ATTEMPT in its environment.",
        ),
    ] = None
    args: Annotated[
        list[Argument] | None,
        Field(
            max_length=10_000,
            json_schema_extra=ATOMIC,
            description="Further arguments, as templates, such as `{{.inputs.x}}`.",
        ),
    ] = None
    working_dir: Annotated[
        str | None,
        Field(
            max_length=MAX_PATH,
            pattern=r"^/[^\x00-\x1f]*$",
            json_schema_extra={PATTERN_MESSAGE: "write an absolute path, such as /work"},
            description="Working directory, such as `/work`. Default: the image's.",
        ),
    ] = None
    env: Annotated[
        list[EnvVar] | None,
        Field(max_length=512, json_schema_extra=list_map("name"), description="Environment of the command."),
    ] = None
    env_from: Annotated[
        list[FreeObject] | None,
        Field(
            max_length=64,
            json_schema_extra=ATOMIC,
            description="Whole ConfigMaps or Secrets as environment, as in core/v1.",
        ),
    ] = None
    inputs: Annotated[
        list[Input] | None,
        Field(
            max_length=1000,
            json_schema_extra=list_map("name"),
            description="Typed inputs, such as `[{name: a, type: float, value: 2.5}]`. Their values take at "
            "most 512 KiB together.",
        ),
    ] = None
    outputs: Annotated[
        list[Output] | None,
        Field(
            max_length=32,
            json_schema_extra=list_map("name"),
            description="Typed outputs, such as `[{name: area, type: float}]`. Values come back in the "
            "status as far as about 2 KB of them together go, and the others are in the store.",
        ),
    ] = None
    input_dir: Annotated[
        AbsolutePath,
        Field(
            description="Folder in which the command finds its inputs, a file each; CT_INPUT_DIR names it. "
            "Default: `/var/inputs`."
        ),
    ] = "/var/inputs"
    output_dir: Annotated[
        AbsolutePath,
        Field(
            description="Folder in which the command leaves its outputs, a file each; CT_OUTPUT_DIR names "
            "it. Always there. A file `_ERROR` in it fails the task, with its text as the message. "
            "Default: `/var/outputs`."
        ),
    ] = "/var/outputs"
    metadata_format: Annotated[
        MetadataFormat,
        BY_NAME,
        Field(
            description="Format of the manifest beside the inputs: inputs.json, inputs.yaml or inputs.pb. "
            "CT_INPUTS_FILE names it. Default: JSON."
        ),
    ] = MetadataFormat.JSON
    file_input_layout: Annotated[
        Layout,
        BY_NAME,
        Field(
            description="Where an input of type `file` is: at inputDir/NAME (`Direct`), or under a name of "
            "its own in that directory (`NamedDir`). Default: Direct."
        ),
    ] = Layout.DIRECT
    display_name: Annotated[
        str | None, Field(max_length=63, description="Short name for people, such as `Area of an ellipse`.")
    ] = None
    description: Annotated[
        str | None, Field(max_length=4096, description="What the task does, for people.")
    ] = None
    start: Annotated[
        Start,
        BY_NAME,
        Field(
            description="How the Pod starts. `Gated`: all containers at once, the command waits for its "
            "inputs; needs nodes that mount image volumes, else `Init` takes its place. `Init`: the inputs "
            "come before the command's container. `Signal`: the command runs untouched, without our "
            "launcher, so only files can be outputs. `Auto`, the default: `Signal` without a `command`, else "
            "`Gated` where every node can, else `Init`."
        ),
    ] = Start.AUTO


class Recipe(Lifecycle, Placement, Keeping, Command):
    """All of a task that more than one run may share: what a template says, too."""


class ContainerTaskSpec(Steering, Recipe):
    """One container to run, with typed inputs and outputs. Fixed once created, but for a few fields."""

    model_config = ConfigDict(json_schema_extra=first_rules(*SPEC_RULES))
