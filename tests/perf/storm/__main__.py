"""``make soak``: 5,000 tasks at once, the operator killed again and again, the API server killed and away."""

from __future__ import annotations

import argparse
import signal
import sys

from perf.storm import checks, figures
from perf.storm.parts import Plan
from perf.storm.run import Outcome, storm

_SHOWN = 10


def main() -> int:
    """Print the figures, and what is not as it should be."""
    parser = argparse.ArgumentParser(prog="perf.storm", description=__doc__)
    parser.add_argument("--tasks", type=int, default=5000, help="at once, while the operator is killed")
    parser.add_argument("--kills", type=int, default=1000, help="at most")
    parser.add_argument("--every", type=float, default=10, help="seconds between two kills")
    parser.add_argument("--others", type=int, default=500, help="tasks, while the API server is taken away")
    parser.add_argument("--away", type=float, default=600, help="seconds without API server")
    parser.add_argument("--seconds", type=float, default=3600, help="for each part, at most")
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    seen = Outcome()
    try:
        storm(Plan(**vars(given)), seen)
    finally:
        if seen.parts:
            figures.show(seen.parts, seen.peak_mb)
    wrong = [
        f"{part.name}, {name}: {one}"
        for part in seen.parts
        for name, check in checks.CHECKS.items()
        for one in check(part)
    ]
    sys.stdout.write("\n".join([f"{len(wrong)} not as it should be", *wrong[:_SHOWN]]) + "\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
