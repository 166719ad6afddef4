"""YAML documents, with the line of each field. It reads no files.

Like kubectl, times stay texts, and keys become strings. What JSON cannot say is an error, and so is a key
that is there twice, of which YAML silently takes the last.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import yaml

from containertask.manifests.scalars import Loader

Json = dict[str, Any]

_STEP: Final = re.compile(r"\[([^\]]*)\]|([^.\[\]]+)")
_MOST_VALUES: Final = 1_000_000
"""Values of one document: by aliases a few lines may stand for more than any memory holds."""


class ManifestError(ValueError):
    """What it says is not to be had as JSON. In words, with file and line."""


@dataclass(frozen=True, slots=True)
class Document:
    """One document; ``raw`` is what it says as JSON."""

    file: str
    raw: Any
    node: yaml.Node = field(repr=False)

    @property
    def kind(self) -> str:
        """Return its kind, or an empty text."""
        return str(self.raw.get("kind", "")) if isinstance(self.raw, dict) else ""

    @property
    def name(self) -> str:
        """Return its name, or what names are made from, or an empty text."""
        metadata = self.raw.get("metadata") if isinstance(self.raw, dict) else None
        found = (metadata.get("name") or metadata.get("generateName")) if isinstance(metadata, dict) else None
        return str(found or "")

    def line(self, path: str = "") -> int:
        """Return the line of a field, such as ``spec.inputs[a].uri``, or of the nearest around it."""
        node, line = self.node, self.node.start_mark.line
        for found in _STEP.finditer(path):
            step = _stepped(node, found[1] if found[2] is None else found[2])
            if step is None:
                break
            line, node = step
        return int(line) + 1


def read(text: str, file: str) -> Iterator[Document]:
    """Yield the documents of a text that are not empty. Raises ManifestError, which names the file."""
    try:
        loader = Loader(text)
        while loader.check_node() and (node := loader.get_node()) is not None:
            _check(file, node)
            raw = loader.construct_document(node)
            if raw is not None:
                plain = _Plain(f"{file}:{node.start_mark.line + 1}").of(raw)
                yield from _flat(Document(file, plain, node))
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark is not None else 1
        raise ManifestError(f"{file}:{line}: {error.problem}") from None
    except yaml.YAMLError:
        raise ManifestError(f"{file}: it has letters that YAML does not take") from None
    except RecursionError:
        raise ManifestError(f"{file}: values are in one another without end") from None


def _flat(document: Document) -> Iterator[Document]:
    """Yield a document, or the objects of one that is a list of such, as ``ctask get -o yaml`` prints it."""
    items = document.raw.get("items") if isinstance(document.raw, dict) else None
    if not document.kind.endswith("List") or not isinstance(items, list):
        yield document
        return
    step = _stepped(document.node, "items")
    nodes = step[1].value if step is not None and isinstance(step[1], yaml.SequenceNode) else ()
    for number, one in enumerate(items):
        node = nodes[number] if number < len(nodes) else document.node
        yield from _flat(Document(document.file, one, node))


def _stepped(node: yaml.Node, step: str) -> tuple[int, yaml.Node] | None:
    """Return the line of a part and the part: of a mapping by its key, of a sequence by number or name."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == step:
                return key.start_mark.line, value
    elif isinstance(node, yaml.SequenceNode):
        for number, one in enumerate(node.value):
            if step == str(number) or _name_of(one) == step:
                return one.start_mark.line, one
    return None


def _name_of(node: yaml.Node) -> str | None:
    if not isinstance(node, yaml.MappingNode):
        return None
    return next((str(value.value) for key, value in node.value if key.value == "name"), None)


def _check(file: str, node: yaml.Node) -> None:
    """Refuse a key that is there twice."""
    waiting, seen = [node], set[int]()
    while waiting:
        one = waiting.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        if isinstance(one, yaml.SequenceNode):
            waiting += one.value
        if isinstance(one, yaml.MappingNode):
            keys = set[str]()
            for key, value in one.value:
                text = str(key.value)
                if text in keys and text != "<<":
                    raise ManifestError(f"{file}:{key.start_mark.line + 1}: the key `{text}` is there twice")
                keys.add(text)
                waiting.append(value)


class _Plain:
    """Makes JSON of what YAML has read, in one document; what is named once may be used often."""

    def __init__(self, where: str) -> None:
        self._where, self._left = where, _MOST_VALUES

    def of(self, raw: object) -> object:
        """Return it as JSON has it; raises ManifestError."""
        self._left -= 1
        if self._left < 0:
            raise ManifestError(f"{self._where}: more than {_MOST_VALUES} values, with what is repeated")
        match raw:
            case dict():
                return {_key(one): self.of(value) for one, value in raw.items()}
            case list():
                return [self.of(one) for one in raw]
            case float() if not math.isfinite(raw):
                text = f"{raw} is no number of JSON: put it in quotes"
            case None | bool() | int() | float() | str():
                return raw
            case _:
                text = f"YAML's {type(raw).__name__} is no value of JSON: write a string"
        raise ManifestError(f"{self._where}: in this document, {text}")


def _key(raw: object) -> str:
    return str(raw).lower() if isinstance(raw, bool) else str(raw)
