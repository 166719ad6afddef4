"""The folders of one run: the volumes of a Pod, and the folder that keeps what the task leaves."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from containertask.errors import LocalRunError

WORK: Final = ".work"
_OPEN: Final = 0o777
_OWN: Final = 0o700
"""Values and secrets lie in it. To containers each part is mounted by itself, so they need no way to it."""
_SHARED: Final = ("main", "outputs")
"""What the command writes to, as whoever it is."""
_OTHERS: Final = ("control", "inputs", "sources", "stores", "secrets")
_OURS: Final = (WORK, "inputs", "outputs", "logs", "outputs.json", "outputs.pb")
"""What a run makes in the folder that it is given."""


@dataclass(frozen=True, slots=True)
class Folders:
    """The folders of a run. ``kept`` stays, ``temporary`` only where outputs lie in it."""

    kept: Path
    temporary: bool

    @classmethod
    def make(cls, wanted: Path | None, name: str) -> Folders:
        """Make the folder of a run, and in it those of its parts. Raises LocalRunError."""
        try:
            if wanted is None:
                found = cls(Path(tempfile.mkdtemp(prefix=f"ctask-{name}-")).resolve(), temporary=True)
            else:
                found = cls(_usable(wanted), temporary=False)
            found.work.mkdir(mode=_OWN)
            for part in (*_SHARED, *_OTHERS):
                found.part(part).mkdir()
            for part in _SHARED:
                found.part(part).chmod(_OPEN)
        except OSError as error:
            where = wanted or tempfile.gettempdir()
            raise LocalRunError(f"{where}: {(error.strerror or 'unknown error').lower()}") from None
        return found

    @property
    def work(self) -> Path:
        """Return the folder that is only there to work with."""
        return self.kept / WORK

    def part(self, name: str) -> Path:
        """Return the path of a part of that, such as ``control``."""
        return self.work / name

    def message(self, who: str) -> Path:
        """Return the file of a termination message."""
        return self.part(f"message-{who}")

    def copilot(self, who: str) -> str:
        """Return where a part of the copilot finds things, as JSON for ``local.part``."""
        names = ("control", "main", "inputs", "outputs", "manifest", "values", "sources", "stores")
        places = {name: os.fspath(self.part(name)) for name in names}
        return json.dumps(places | {"message": os.fspath(self.message(who))})

    def keep_inputs(self) -> None:
        """Show the inputs beside the outputs."""
        if not self.temporary:
            self.part("inputs").rename(self.kept / "inputs")

    def remove_work(self) -> bool:
        """Remove what was only there to work with; return whether that was possible."""
        shutil.rmtree(self.work, ignore_errors=True)
        return not self.work.exists()

    def remove(self) -> None:
        """Remove a temporary folder with all that is in it."""
        if self.temporary:
            shutil.rmtree(self.kept, ignore_errors=True)


def _usable(wanted: Path) -> Path:
    wanted.mkdir(parents=True, exist_ok=True)
    found = wanted.resolve()
    for name in _OURS:
        if (found / name).exists():
            text = "is there already, perhaps from an earlier run: remove it, or name another folder"
            raise LocalRunError(f"{found / name} {text}")
    return found
