"""Tables of figures for people: of many measurements how they spread, of single ones each."""

from __future__ import annotations

import statistics
import sys
from collections.abc import Mapping, Sequence


def show(title: str, unit: str, rows: Mapping[str, Sequence[float]]) -> None:
    """Print how often, median, ninetieth percentile, maximum; each row is a name and its measurements."""
    width = max(len(name) for name in rows)
    lines = [f"\n{title} ({unit})", f"{'':{width}}  {'n':>5} {'p50':>9} {'p90':>9} {'max':>9}"]
    for name, values in rows.items():
        p90 = statistics.quantiles(values, n=10)[-1] if len(values) > 1 else values[0]
        figures = f"{statistics.median(values):9.2f} {min(p90, max(values)):9.2f} {max(values):9.2f}"
        lines.append(f"{name:{width}}  {len(values):5} {figures}")
    _print(lines)


def show_figures(title: str, columns: Sequence[str], rows: Mapping[str, Sequence[str]]) -> None:
    """Print single figures; each row is a name and a text for each column."""
    lines = [("", *columns), *((name, *texts) for name, texts in rows.items())]
    widths = [max(len(line[place]) for line in lines) for place in range(len(columns) + 1)]
    _print([f"\n{title}", *(_aligned(line, widths) for line in lines)])


def _aligned(texts: Sequence[str], widths: Sequence[int]) -> str:
    name, *others = zip(texts, widths, strict=True)
    return "  ".join((name[0].ljust(name[1]), *(text.rjust(width) for text, width in others)))


def _print(lines: Sequence[str]) -> None:
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()
