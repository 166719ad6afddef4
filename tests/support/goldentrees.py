"""Golden trees: what ``main`` finds in its folder of inputs, byte for byte, in ``tests/golden/trees``.

``PYTHONPATH=tests python -m support.goldentrees`` writes them anew; read the difference before it is
committed. A listing has a line for each file, with its bytes as Python writes them, and for each directory.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from containertask.contract.items import Layout
from containertask.contract.manifest import Mode
from containertask.core.accept import Accepted, accept
from containertask.core.attempt import Attempt
from containertask.core.config import Config
from containertask.core.manifest import manifest_of
from support.builders.tasks import a_task
from support.copilot import temporary_pod
from support.copilotcode import WITH_LIBRARIES
from support.everytype import INPUTS

FOLDER: Final = Path(__file__).resolve().parents[1] / "golden" / "trees"
CASES: Final = {
    f"{layout}-{written}".lower(): (layout, written)
    for layout in Layout
    for written in ("JSON", "YAML", "PROTO")
}
KEPT: Final = {"configMapKeyRef": {"name": "settings", "key": "rates"}}


def listing(name: str) -> str:
    """Have the real downloader write a case's inputs; return what is there then."""
    layout, written = CASES[name]
    kept = {"name": "kept", "type": "map[float]", "valueFrom": KEPT}
    view = a_task(inputs=[*INPUTS, kept], fileInputLayout=layout.value, metadataFormat=written).view()
    accepted = accept(view)
    assert isinstance(accepted, Accepted), accepted
    config = Config(image="containertask/operator:test")
    with temporary_pod() as pod:
        attempt = Attempt(number=0, mode=Mode.SIGNAL)
        pod.rewrite(manifest_of(view, accepted.spec, accepted.document, attempt, config))
        pod.path("sources").mkdir()
        (pod.path("sources") / "kept").write_text('{"rate": 0.5}\n')
        told = pod.download(before=WITH_LIBRARIES)
        assert told.exit_code == 0, told
        return "".join(f"{line}\n" for line in _lines(pod.path("inputs"), pod.path("inputs")))


def _lines(root: Path, folder: Path) -> list[str]:
    lines = []
    for path in sorted(folder.iterdir()):
        name = path.relative_to(root)
        lines += [f"{name}/", *_lines(root, path)] if path.is_dir() else [f"{name}  {path.read_bytes()!r}"]
    return lines


def main() -> None:
    """Write all listings, and remove those that no case has."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for path in FOLDER.glob("*.txt"):
        path.unlink()
    for name in CASES:
        (FOLDER / f"{name}.txt").write_text(listing(name))


if __name__ == "__main__":
    main()
