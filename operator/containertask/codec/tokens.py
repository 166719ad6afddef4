"""What a token stands for: ``.inputs.x``, ``.outputs.x.path``, ``.name`` and their kin, each as one text.

Of the text around a token nothing is known here, nor of how much an argument may hold: see ``templates``.
Profile Strict of design section 7; tokens as in `reference/flyte-wire.md` 3.1.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, TypeVar, cast

from containertask.codec import text, typed
from containertask.codec.simple import Value, to_file
from containertask.codec.stored import LocalPath, Stored
from containertask.codec.typed import AnyValue
from containertask.types.leaves import BareType
from containertask.types.model import Type
from containertask.words import shown

T = TypeVar("T")

_STORE_TOKENS: Final = frozenset(
    {
        "input",
        "inputprefix",
        "outputprefix",
        "rawoutputdataprefix",
        "tasktemplatepath",
        "checkpointoutputprefix",
        "prevcheckpointprefix",
    }
)


class TemplateError(ValueError):
    """A template cannot be rendered; the message names the token and the cure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InputView:
    """An input as templates see it. A value of None is one that is absent; a file's content is a LocalPath.

    Attributes:
        known: the value is the one that ``main`` finds; else only its path can be written.
    """

    kind: Type
    value: AnyValue
    path: str
    known: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What there is to be named.

    Attributes:
        output_paths: None is an output that no path of its own leads to.
        fixed: words that stand alone, in lower case.
    """

    inputs: Mapping[str, InputView] = field(default_factory=dict)
    output_paths: Mapping[str, str | None] = field(default_factory=dict)
    fixed: Mapping[str, str] = field(default_factory=dict)


def stands_for(token: str, scope: Scope) -> str:
    """Return the text for a token, which is given without its braces and the dot in front.

    Raises:
        TemplateError: there is no such token, or it stands for nothing that is a text.
    """
    words, bar, pipe = token.partition("|")
    found = _lookup(words.rstrip().split("."), scope)
    if not bar:
        return found
    if pipe.strip() != "sh":
        raise TemplateError(f"`{shown(pipe.strip())}` is nothing that can follow `|`: only sh is")
    return shlex.quote(found)


def _lookup(words: list[str], scope: Scope) -> str:
    head = words[0].lower()
    match head, words[1:]:
        case "inputs", [name, *form]:
            return _input(_known(name, scope.inputs, "input"), form)
        case "outputs", [name, *form]:
            return _output(_known(name, scope.output_paths, "output"), form)
        case _, [] if head in scope.fixed:
            return scope.fixed[head]
        case _, [] if head in _STORE_TOKENS:
            raise TemplateError(
                "this token needs a store, and the task has none: use {{.inputs.NAME.path}} and "
                "{{.outputs.NAME.path}}"
            )
    raise TemplateError("unknown token; text with such braces of its own can be passed as an input")


def _known(name: str, names: Mapping[str, T], what: str) -> T:
    if name in names:
        return names[name]
    there = ", ".join(sorted(names)) or "none"
    raise TemplateError(f"there is no {what} `{shown(name)}`; {what}s are: {shown(there)}")


def _output(path: str | None, form: list[str]) -> str:
    if form != ["path"]:
        raise TemplateError("of an output there is only the path: write {{.outputs.NAME.path}}")
    if path is None:
        raise TemplateError(
            "the output has no path of its own, as it is a stream, an exit code or files of a glob: write to "
            "outputDir"
        )
    return path


def _input(view: InputView, form: list[str]) -> str:
    match form:
        case ["path"]:
            return view.path
        case [] | ["json" | "uri"] if not view.known:
            raise TemplateError("the value is read when the task runs: use .path, and read the file")
        case []:
            return _text(view)
        case ["json"]:
            return _json(view)
        case ["uri"]:
            return _uri(view)
    raise TemplateError(f"`.{shown('.'.join(form))}` is none of .path, .json and .uri")


def _text(view: InputView) -> str:
    """Write a value as its file has it; what is several files, as JSON."""
    match view.value:
        case None:
            return "null" if view.kind is BareType.NONE else ""
        case bytes():
            raise TemplateError("bytes are no text: use .path, or .json, which is base64")
        case Stored():
            raise TemplateError("what lies somewhere else is no text: use .uri, or .path of a file with it")
        case LocalPath(path):
            return path
        case list() | dict():
            return _json(view)
        case str() as value:
            return value
        case value:
            return to_file(cast("Value", value)).decode()


def _json(view: InputView) -> str:
    """Write a value as inputs.json has it: an absent one is null, whatever its type."""
    return "null" if view.value is None else text.compact(typed.to_json(view.kind, view.value))


def _uri(view: InputView) -> str:
    if isinstance(view.value, Stored):
        return view.value.uri
    if view.value is None and typed.holds(view.kind, Stored("")):
        return ""
    raise TemplateError("the value has no URI: use .path, .json or the value itself")
