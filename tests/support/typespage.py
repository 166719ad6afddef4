"""``docs/types.md`` as data: its sections, and in them the fenced blocks and the tables.

A fence says what its block is: ``yaml task``, ``yaml configmap``, ``text sees``, ``sh``, ``python``,
``yaml outputs``, ``text message``, ``text refused``. A block ``yaml task`` begins an example.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

PAGE: Final = Path(__file__).resolve().parents[2] / "docs" / "types.md"
TASK: Final = "yaml task"
_HEADING: Final = re.compile(r"#{1,6} (.+)")
_CELL: Final = re.compile(r"(?<!\\)\|")
_FENCE: Final = "```"


@dataclass(slots=True)
class Example:
    """The blocks from one ``yaml task`` to the next, by what they are."""

    where: str
    blocks: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.where


@dataclass(slots=True)
class Table:
    """A table: its header, and each row's cells as they are written."""

    header: tuple[str, ...]
    rows: list[tuple[str, ...]] = field(default_factory=list)


@dataclass(slots=True)
class Section:
    """What stands below one heading of the second level."""

    title: str
    examples: list[Example] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)


def sections(text: str) -> list[Section]:
    """Read the page. What is neither prose, nor a block, nor a table, is an error."""
    found = [Section("")]
    lines = iter(text.splitlines())
    before = ""
    for line in lines:
        if line.startswith("## "):
            found.append(Section(line.removeprefix("## ")))
        elif line.startswith(_FENCE):
            _block(found[-1], line.removeprefix(_FENCE), lines)
        elif line.startswith("|"):
            _row(found[-1], line, before)
        else:
            assert not re.match(r" {4}|\t|~~~|\s+([|]|```)|<", line), (
                f"this may be code, and nothing tests it: {line}"
            )
        before = line
    return found


def _block(section: Section, info: str, lines: Iterator[str]) -> None:
    body = []
    for line in lines:
        if line == _FENCE:
            break
        body.append(f"{line}\n")
    else:
        raise AssertionError(f"{section.title}: the block `{info}` has no end")
    if info == TASK:
        section.examples.append(Example(f"{section.title or 'top'} {len(section.examples) + 1}"))
    assert section.examples, f"{section.title}: the block `{info}` is before any `{TASK}`"
    blocks = section.examples[-1].blocks
    assert info not in blocks, f"{section.title}: the block `{info}` is there twice"
    blocks[info] = "".join(body)


def _row(section: Section, line: str, before: str) -> None:
    cells = tuple(cell.replace(r"\|", "|").strip() for cell in _CELL.split(line)[1:-1])
    if not before.startswith("|"):
        section.tables.append(Table(cells))
    elif not set("".join(cells)) <= set("-:"):
        table = section.tables[-1]
        assert len(cells) == len(table.header), (
            f"{section.title}: not as many cells as its header has: {line}"
        )
        table.rows.append(cells)


PAGES: Final = sections(PAGE.read_text())
"""All sections; the first is what stands above them."""
