"""Figures of many runs, and tables of them for people."""

from __future__ import annotations

import statistics
import sys
from collections.abc import Mapping, Sequence

middle = statistics.median


def ninetieth(values: Sequence[float]) -> float:
    """Return the ninetieth percentile, never more than the maximum."""
    if len(values) == 1:
        return values[0]
    return min(statistics.quantiles(values, n=10)[-1], max(values))


def print_table(title: str, heads: Sequence[str], rows: Mapping[str, Sequence[str]], unit: str) -> None:
    """Print one table: a name, then a cell under each head."""
    width = max(len(name) for name in rows)
    sizes = [max(len(head), *(len(row[at]) for row in rows.values())) for at, head in enumerate(heads)]
    lines = [f"\n{title} ({unit})", _line("", width, heads, sizes)]
    lines += [_line(name, width, row, sizes) for name, row in rows.items()]
    say("\n".join(lines))


def say(text: str) -> None:
    """Print lines at once: a run takes minutes, and its tables come one by one."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _line(name: str, width: int, cells: Sequence[str], sizes: Sequence[int]) -> str:
    return f"{name:{width}}" + "".join(f"  {cell:>{size}}" for cell, size in zip(cells, sizes, strict=True))
