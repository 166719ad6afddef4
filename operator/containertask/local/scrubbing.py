"""Removing what a container has left as another user: root of a container can, the caller may not."""

from __future__ import annotations

from typing import Final

from containertask.local.engines import Engine
from containertask.local.flags import bind
from containertask.local.places import Folders

_WORK: Final = "/ct/work"
_PARTS: Final = ("outputs", "main", "inputs")


def scrub(engine: Engine | None, image: str, folders: Folders) -> bool:
    """Remove the folder that was worked in by a container of the same image; tell whether it is gone."""
    if engine is None:
        return False
    paths = [f"{_WORK}/{part}" for part in _PARTS]
    where = bind(folders.work, _WORK, read_only=False)
    engine.ask(
        "run", "--rm", "--network", "none", "--user", "0", *where, "--entrypoint", "rm", image, "-rf", *paths
    )
    return folders.remove_work()
