"""Write ``crds/``, one file for each kind, from the models in ``containertask.api``.

``make crds`` runs it; with ``--check`` it fails instead if a file is not what the models say.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import yaml

from containertask.api import crd, crdstores, crdtemplates

FOLDER = Path(__file__).resolve().parents[1] / "crds"
HEADER = "# Generated from operator/containertask/api by `make crds`. Do not edit.\n"


def rendered() -> dict[str, str]:
    """Return each file's name and text."""
    return {
        f"{definition['metadata']['name'].removesuffix(f'.{crd.GROUP}')}.yaml": HEADER + _yaml(definition)
        for definition in (
            crd.container_task(),
            crdstores.artifact_store(),
            crdstores.cluster_artifact_store(),
            crdtemplates.container_task_template(),
            crdtemplates.cluster_container_task_template(),
        )
    }


def _yaml(definition: dict[str, Any]) -> str:
    return yaml.safe_dump(definition, sort_keys=False, width=110, allow_unicode=True)


def main() -> int:
    """Write or check the files."""
    wanted = rendered()
    if sys.argv[1:] == ["--check"]:
        found = {path.name: path.read_text() for path in FOLDER.glob("*.yaml")}
        if found != wanted:
            sys.stderr.write("crds/ does not follow operator/containertask/api: run `make crds`\n")
            return 1
        return 0
    FOLDER.mkdir(exist_ok=True)
    for name, text in wanted.items():
        (FOLDER / name).write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
