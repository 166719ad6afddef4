"""Secrets and ConfigMaps as folders of this machine: a folder for each, a file for each key.

What is read here is never logged, nor part of any message.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from containertask.api.reasons import Reason
from containertask.local.unstarted import UnstartedError

_NO_NAMES: Final = frozenset({"", ".", ".."})


@dataclass(frozen=True, slots=True)
class Kind:
    """Secrets, or ConfigMaps."""

    name: str
    option: str
    missing: Reason


SECRET: Final = Kind("Secret", "secrets", Reason.SECRET_NOT_FOUND)
CONFIG_MAP: Final = Kind("ConfigMap", "config_maps", Reason.CONFIG_MAP_NOT_FOUND)


@dataclass(frozen=True, slots=True)
class Shelf:
    """All of one kind. ``folder`` None is that there are none."""

    kind: Kind
    folder: Path | None

    def key(self, name: str, key: str, *, optional: bool = False) -> bytes | None:
        """Return the value of a key; None of one that may be missing and is. Raises UnstartedError."""
        path = self._path(name, key)
        if path is not None and path.is_file():
            return self._read(path, name)
        if optional:
            return None
        raise self._missing(name, key)

    def whole(self, name: str, *, optional: bool = False) -> dict[str, bytes] | None:
        """Return all keys with their values; None of one that may be missing and is. Raises as ``key``."""
        path = self.place(name)
        if path is None:
            if optional:
                return None
            raise self._missing(name, None)
        # Files beginning with `..` are how a kubelet mounts a Secret, and no keys.
        files = sorted(one for one in path.iterdir() if one.is_file() and not one.name.startswith(".."))
        return {one.name: self._read(one, name) for one in files}

    def required(self, name: str) -> Path:
        """Return the folder of one. Raises UnstartedError."""
        path = self.place(name)
        if path is None:
            raise self._missing(name, None)
        return path

    def place(self, name: str) -> Path | None:
        """Return the folder of one, None if there is none."""
        path = self._path(name)
        return path if path is not None and path.is_dir() else None

    def _path(self, *names: str) -> Path | None:
        """Return what is below the folder; None for what could be elsewhere."""
        if self.folder is None or any(one in _NO_NAMES or "/" in one or "\0" in one for one in names):
            return None
        return self.folder.joinpath(*names)

    def _read(self, path: Path, name: str) -> bytes:
        try:
            return path.read_bytes()
        except OSError as error:
            why = (error.strerror or "unknown error").lower()
            text = f"{self.kind.name} {name}: the file of key {path.name} cannot be read: {why}"
            raise UnstartedError(self.kind.missing, text) from None

    def _missing(self, name: str, key: str | None) -> UnstartedError:
        what = f"{self.kind.name} {name}" if key is None else f"key {key} of {self.kind.name} {name}"
        path = name if key is None else f"{name}/{key}"
        if self.folder is None:
            cure = f"name a folder with {path} in it as {self.kind.option}"
        else:
            cure = f"put {path} into the folder of {self.kind.option}"
        return UnstartedError(self.kind.missing, f"{what} is not there: {cure}")


@dataclass(frozen=True, slots=True)
class Referents:
    """What a task may refer to."""

    secrets: Shelf
    config_maps: Shelf

    @classmethod
    def of(cls, secrets: Path | None, config_maps: Path | None) -> Referents:
        """Return those of two folders."""
        return cls(Shelf(SECRET, secrets), Shelf(CONFIG_MAP, config_maps))
