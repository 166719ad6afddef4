"""Tables of figures for people: what was measured, how often, median, ninetieth percentile, maximum."""

from __future__ import annotations

import statistics
import sys
from collections.abc import Mapping, Sequence


def show(title: str, unit: str, rows: Mapping[str, Sequence[float]]) -> None:
    """Print one table; each row is a name and its measurements in the unit."""
    width = max(len(name) for name in rows)
    lines = [f"\n{title} ({unit})", f"{'':{width}}  {'n':>5} {'p50':>9} {'p90':>9} {'max':>9}"]
    for name, values in rows.items():
        p90 = statistics.quantiles(values, n=10)[-1] if len(values) > 1 else values[0]
        figures = f"{statistics.median(values):9.2f} {min(p90, max(values)):9.2f} {max(values):9.2f}"
        lines.append(f"{name:{width}}  {len(values):5} {figures}")
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()
