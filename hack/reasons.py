"""Write ``docs/reasons.md``, a paragraph for each reason, from ``containertask.api.reasons``.

With ``--check`` it fails instead if the page is not what the code says.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

from containertask.api.paragraphs import PARAGRAPHS

PAGE: Final = Path(__file__).resolve().parents[1] / "docs" / "reasons.md"
HEADER: Final = """\
<!-- Generated from operator/containertask/api/reasons.py by `hack/reasons.py`. Do not edit. -->
# Reasons

Every `reason` that a ContainerTask shows: in `status.reason`, in `status.waitingFor`, in its conditions, in
`status.error.code` and in its events. `status.message` says what exactly happened. The condition `Ready` of a
store ([stores.md](stores.md)) has one of two: `Valid` or `InvalidSpec`.

`status.error.kind` says whose failure it is: `User` (the command, or what it wrote), `System` (the cluster, a
node, or the operator; the same task may well succeed another time) or `Permanent` (the task as it is written
will never succeed).
"""


def rendered() -> str:
    """Return the page."""
    each = sorted(PARAGRAPHS.items(), key=lambda one: one[0].value.lower())
    return HEADER + "".join(f"\n## {reason.value}\n{paragraph}\n" for reason, paragraph in each)


def main() -> int:
    """Write or check the page."""
    if sys.argv[1:] == ["--check"]:
        if not PAGE.exists() or PAGE.read_text() != rendered():
            sys.stderr.write("docs/reasons.md does not follow api/reasons.py: run `hack/reasons.py`\n")
            return 1
        return 0
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(rendered())
    return 0


if __name__ == "__main__":
    sys.exit(main())
