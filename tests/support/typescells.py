"""What the cells of the tables in ``docs/types.md`` mean: values, and files or folders of them.

Code is what it says, with ``\\n``, ``\\r``, ``\\t`` and ``\\xff`` for bytes that do not show. *no file*,
*empty file* and *empty folder* are what they say. ``0`` = ``a``, ``1/x`` = ``b`` is a folder with two files.
``or`` stands between ways to write one value.
"""

from __future__ import annotations

import re
from typing import Any, Final

import yaml

from containertask.codec.trees import Tree

_SPAN: Final = re.compile(r"(?<!`)(`+)(?!`)(.*?)(?<!`)\1(?!`)")
_ESCAPE: Final = re.compile(r"\\(n|r|t|x[0-9a-f]{2})")
_BYTES: Final = {"n": b"\n", "r": b"\r", "t": b"\t"}
_WORDS: Final[dict[str, Tree | None]] = {"no file": None, "empty file": b"", "empty folder": {}}


class _Loader(yaml.SafeLoader):
    """YAML as kubectl reads it: a time is a string, and a ``y`` or ``n`` is none, which fails here."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in each if not tag.endswith(":timestamp")]
    for first, each in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("[yYnN]$"), list("yYnN"))


def from_yaml(written: str) -> Any:
    """Read YAML as kubectl does."""
    return yaml.load(written, _Loader)  # noqa: S506 - it is a SafeLoader


def code(cell: str) -> str:
    """Return the one piece of code in a cell."""
    (found,) = _spans(cell)
    return found


def ways(cell: str) -> list[Tree | None]:
    """Return each way to write a value that a cell names."""
    return [_tree(one) for one in _parts(cell, " or ")]


def tree(cell: str) -> Tree | None:
    """Return the files that a cell names."""
    (found,) = ways(cell)
    return found


def _tree(part: str) -> Tree | None:
    if part.startswith("*"):
        return _WORDS[part.strip("*")]
    spans, names = _spans(part), part.count("` = ")
    if not names:
        return _bytes(code(part))
    entries = [_parts(one, " = ") for one in _parts(part, ", ")]
    assert all(len(one) == 2 for one in entries), part
    assert len(spans) >= len(entries), part
    root: dict[str, Any] = {}
    for name, content in entries:
        *above, last = code(name).split("/")
        folder = root
        for one in above:
            folder = folder.setdefault(one, {})
        folder[last] = _tree(content)
    return root


def _bytes(text: str) -> bytes:
    parts = _ESCAPE.split(text)
    plain = [one.encode() for one in parts[::2]]
    special = [_BYTES.get(one) or bytes.fromhex(one[1:]) for one in parts[1::2]]
    return b"".join(one for pair in zip(plain, [*special, b""], strict=True) for one in pair)


def _spans(cell: str) -> list[str]:
    found = [one[2] for one in _SPAN.finditer(cell)]
    return [one[1:-1] if one[0] == one[-1] == " " and one.strip() else one for one in found]


def _parts(cell: str, mark: str) -> list[str]:
    """Split a cell at a mark that stands outside of code."""
    hidden = _SPAN.sub(lambda found: "`" * len(found[0]), cell)
    ends = [found.span() for found in re.finditer(re.escape(mark), hidden)]
    starts = [0, *(end for _, end in ends)]
    stops = [*(start for start, _ in ends), len(cell)]
    return [cell[start:stop].strip() for start, stop in zip(starts, stops, strict=True)]
