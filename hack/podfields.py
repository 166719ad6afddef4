"""Write the two tables of fields in ``docs/pods.md`` from ``core/podfields.py``.

With ``--check`` this fails instead if the page is not what the code says.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from containertask.core.podfields import CONTAINER, POD, Field, Merge, Owner

PAGE: Final = Path(__file__).resolve().parents[1] / "docs" / "pods.md"
BEGIN: Final = "<!-- fields: written by hack/podfields.py from core/podfields.py -->\n"
END: Final = "<!-- end of fields -->\n"
_OWNERS: Final = {Owner.OURS: "ours", Owner.OVERLAY: "yours", Owner.REFUSED: "refused"}


def said(field: Field) -> str:
    """Return what a table says of a field."""
    if field.owner is not Owner.OVERLAY:
        return field.cure
    keys = " and ".join(f"`{key}`" for key in field.keys)
    return f"{field.merge.value} {keys}" if field.merge is Merge.NAMED else field.merge.value


def table(title: str, fields: Mapping[str, Field]) -> str:
    """Return one table."""
    rows = [
        f"| `{name}` | {_OWNERS[field.owner]} | {said(field)} |" for name, field in sorted(fields.items())
    ]
    return "\n".join(
        [f"| {title} | whose | how it is merged, or what to do instead |", "|---|---|---|", *rows, ""]
    )


def renewed(page: str) -> str:
    """Return the page with the tables between its two marks."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    tables = f"{table('field of the Pod', POD)}\n{table('field of `main`', CONTAINER)}"
    return f"{before}{BEGIN}\n{tables}\n{END}{after}"


def main() -> int:
    """Write or check the page; return the exit code."""
    found = PAGE.read_text()
    wanted = renewed(found)
    if sys.argv[1:] != ["--check"]:
        PAGE.write_text(wanted)
    elif found != wanted:
        sys.stderr.write("docs/pods.md does not follow core/podfields.py: run `hack/podfields.py`\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
