"""What a ContainerTask is made of, read once and never changed; overriding makes another one."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePath
from typing import Any, Final, Protocol, runtime_checkable

from containertask.sdk.building import output_items
from containertask.sdk.declare import Declared, declared_inputs, declared_outputs
from containertask.sdk.keywords import KEYWORDS, LOCAL, group_of, spec_fields
from containertask.sdk.wording import kind_of, nearest

Json = dict[str, Any]

FORMATS: Final = ("JSON", "YAML", "PROTO")
DEFAULTS: Final = {"inputDir": "/var/inputs", "outputDir": "/var/outputs", "metadataFormat": "JSON"}
"""What the CRD has for what is not said: a manifest does not say it."""
_FIXED: Final = frozenset({"name", "command", "inputs", "arguments", "outputs", "interface"})


@runtime_checkable
class HasUri(Protocol):
    """An image that somebody else has built, such as Flyte's Image."""

    @property
    def uri(self) -> str:
        """Return its name in a registry."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """The parameters of a task, as they were read.

    Attributes:
        options: keywords that become fields of the spec.
        own: keywords that the task itself keeps.
        changed: what has been overridden, image included: all that a reference to a template says anew.
        local: whether calls run on this machine.
        ref: whether it refers to the template of its name.
    """

    name: str
    image: str
    command: tuple[str, ...]
    arguments: tuple[str, ...]
    inputs: Mapping[str, Declared]
    outputs: Mapping[str, Declared]
    input_dir: str
    output_dir: str
    metadata_format: str
    local_logs: bool
    options: Mapping[str, Any] = field(default_factory=dict)
    own: Mapping[str, Any] = field(default_factory=dict)
    changed: frozenset[str] = frozenset()
    local: bool = True
    ref: bool = False

    def with_options(self, keywords: Mapping[str, Any]) -> Parts:
        """Return the same with these keywords in place of what was said of the same before."""
        for name in keywords:
            if name in _FIXED:
                raise ValueError(f"{name} cannot be overridden: make another ContainerTask")
            if name not in KEYWORDS and name not in LOCAL:
                raise TypeError(f"there is no keyword {name}: {nearest(name, {*KEYWORDS, *LOCAL})}")
        gone = {group_of(name) for name in keywords}
        kept = {name: value for name, value in self.options.items() if group_of(name) not in gone}
        options = kept | {name: value for name, value in keywords.items() if name in KEYWORDS}
        spec_fields(options)
        own = {**self.own, **{name: value for name, value in keywords.items() if name in LOCAL}}
        return replace(self, options=options, own=checked_own(own), changed=self.changed | set(keywords))

    def spec(self) -> Json:
        """Return the spec, but for its inputs."""
        fields = spec_fields(self.options)
        if self.own.get("keep_entrypoint"):
            run: Json = {"args": [*self.command, *self.arguments]}
        else:
            run = {"command": [*self.command], "args": [*self.arguments]}
        ways = {
            "inputDir": self.input_dir,
            "outputDir": self.output_dir,
            "metadataFormat": self.metadata_format,
        }
        told = {name: value for name, value in ways.items() if value != DEFAULTS[name]}
        found = {"image": self.image, **run, **told, **fields}
        outputs = output_items(self.outputs)
        return {name: one for name, one in {**found, "outputs": outputs}.items() if one not in ([], None)}

    def metadata(self, name: str) -> Json:
        """Return the metadata of an object of that name."""
        own = {key: self.own.get(key) for key in ("namespace", "labels", "annotations")}
        return {"name": name, **{key: value for key, value in own.items() if value}}


def checked_name(name: object) -> str:
    """Return the name of a task. Raises TypeError."""
    if not isinstance(name, str) or not name:
        raise TypeError(f"name is {kind_of(name)}: write a str that is not empty")
    return name


def checked_image(image: object) -> str:
    """Return the name of an image. Raises TypeError or ValueError."""
    found = image if isinstance(image, str) else getattr(image, "uri", None)
    if not isinstance(found, str):
        text = "write its name, or give an object whose `uri` is a str"
        raise TypeError(f"image is {kind_of(image)}: {text}")
    if found == "auto":
        raise ValueError("image 'auto' would have to be built: write the name of an image that is there")
    return found


def checked_words(given: object, what: str) -> tuple[str, ...]:
    """Return a command or arguments. Raises TypeError."""
    if isinstance(given, str):
        text = f"write a list, such as ['sh', '-c', {given!r:.60}]" if what == "command" else "write a list"
        raise TypeError(f"{what} is a bare str, which Python would take letter by letter: {text}")
    if given is None:
        return ()
    if not isinstance(given, Sequence) or isinstance(given, bytes | bytearray):
        raise TypeError(f"{what} is {kind_of(given)}: write a list of str")
    for number, one in enumerate(given):
        if not isinstance(one, str):
            raise TypeError(f"{what}[{number}] is {kind_of(one)}: write a str")
    return tuple(given)


def checked_folder(given: object, what: str) -> str:
    """Return a folder of the command. Raises TypeError."""
    if not isinstance(given, str | PurePath):
        raise TypeError(f"{what} is {kind_of(given)}: write an absolute path")
    return os.fspath(given)


def checked_format(given: object) -> str:
    """Return the format of the manifest of inputs, also of a member of Flyte's enum. Raises ValueError."""
    said = given if isinstance(given, str) else getattr(given, "name", None)
    if said not in FORMATS:
        raise ValueError(f"metadata_format: write one of {', '.join(FORMATS)}")
    return str(said)


def checked_flag(given: object, what: str, *, default: bool) -> bool:
    """Return a flag, None as its default. Raises TypeError."""
    if given is None:
        return default
    if not isinstance(given, bool):
        raise TypeError(f"{what} is {kind_of(given)}: write True or False")
    return given


def checked_own(own: Mapping[str, Any]) -> dict[str, Any]:
    """Return the keywords that are no fields of the spec. Raises TypeError or ValueError."""
    keep = own.get("keep_entrypoint")
    if keep is not None and not isinstance(keep, bool):
        raise TypeError(f"keep_entrypoint is {kind_of(keep)}: write True or False")
    most = own.get("max_inline_io_bytes")
    if most is not None and (isinstance(most, bool) or not isinstance(most, int) or most < 0):
        raise ValueError(f"max_inline_io_bytes is {kind_of(most)}: write a number of bytes")
    return {name: value for name, value in own.items() if value is not None}


def checked_interface(
    inputs: object, outputs: object
) -> tuple[Mapping[str, Declared], Mapping[str, Declared]]:
    """Return what is declared. Raises TypeError or ValueError."""
    return declared_inputs(inputs), declared_outputs(outputs)
