"""The figures of a storm as one table, beside the bounds of the design."""

from __future__ import annotations

from collections.abc import Sequence

from perf.storm import checks
from perf.storm.kinds import kind_of
from perf.storm.ledger import EVENTS
from perf.storm.parts import Part
from support.table import show_figures


def show(parts: Sequence[Part], peak_mb: float) -> None:
    """Print them."""
    rows = {
        "tasks": [f"{len(one.board.wanted)}" for one in parts] + [""],
        "attempts": [f"{len(one.board.made)}" for one in parts] + [""],
        "faults": [", ".join(f"{n} {what}" for what, n in one.faults.items()) for one in parts] + [""],
        "starts of the operator": [f"{one.starts}" for one in parts] + [""],
        "seconds": [f"{seconds(one):.0f}" for one in parts] + [""],
        "tasks/s": [f"{len(one.board.ended) / seconds(one):.1f}" for one in parts] + [""],
        "first Pod of a cold start, s": [_optional(one.cold) for one in parts] + ["<= 20"],
        "operator CPU ms/task, its starts included": [
            f"{one.cpu / len(one.board.wanted) * 1000:.1f}" for one in parts
        ]
        + ["<= 6"],
        "writes/task, most, of one attempt not stopped": [f"{most(one):.0f}" for one in parts] + ["<= 5"],
        "writes/task, mean": [f"{mean(one):.2f}" for one in parts] + [""],
        "events/task, mean": [
            f"{sum(c[EVENTS] for c in one.costs.values()) / len(one.costs):.2f}" for one in parts
        ]
        + ["<= 2"],
        "last end after the last fault, s": [_optional(longest(one)) for one in parts] + [""],
        "Pods taken away that nobody knew of": [f"{unseen(one)}" for one in parts] + [""],
        "operator's peak, MB": [f"{peak_mb:.0f}" for _ in parts] + ["<= 200"],
        "not as it should be": [f"{sum(len(c(one)) for c in checks.CHECKS.values())}" for one in parts]
        + ["0"],
    }
    show_figures("storm", [*(one.name for one in parts), "bound"], rows)
    for part in parts:
        ends = ", ".join(f"{phase} {reason} {n}" for (phase, reason), n in checks.counts(part).most_common())
        show_figures(f"{part.name}: {ends}", [], {})


def seconds(part: Part) -> float:
    """Return how long it took from the first task to the last end."""
    return max(part.board.ended.values()) - part.began


def longest(part: Part) -> float | None:
    """Return how long after the last fault a task still went on; nothing if there was no fault."""
    return None if not part.fault else max(0.0, max(part.board.ended.values()) - part.fault)


def unseen(part: Part) -> int:
    """Return how many attempts are told of nowhere."""
    told = sum(checks.unseen(name, one["status"]) for name, one in part.board.tasks.items())
    return told + checks.remade(part).total()


def most(part: Part) -> float:
    """Return what the dearest task of one attempt cost that nobody had to stop."""
    plain = (name for name in part.costs if kind_of(name).attempts == 1 and not kind_of(name).stopped)
    return max(_writes(part, name) for name in plain)


def mean(part: Part) -> float:
    """Return what a task cost, retries included."""
    return sum(_writes(part, name) for name in part.costs) / len(part.costs)


def _writes(part: Part, name: str) -> int:
    return part.costs[name].total() - part.costs[name][EVENTS]


def _optional(value: float | None) -> str:
    return "" if value is None else f"{value:.1f}"
