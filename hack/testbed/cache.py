"""Builds cached outside the work tree, each in a folder named by what went into it.

A folder appears by rename when its build has ended, so what is there is whole; a lock file keeps
two programs from building the same thing at once.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from testbed.progress import step


def root() -> Path:
    """Return the cache folder: ``CONTAINERTASK_CACHE``, else the user's cache folder."""
    if chosen := os.environ.get("CONTAINERTASK_CACHE"):
        return Path(chosen).resolve()
    base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(base).expanduser() / "containertask"


def key(*parts: str | Path) -> str:
    """Digest strings and files' names, modes and contents to a short folder name."""
    digest = hashlib.sha256()
    for part in parts:
        for item in sorted(part.rglob("*")) if isinstance(part, Path) and part.is_dir() else [part]:
            if isinstance(item, str):
                content = item.encode()
            elif item.is_file():
                content = f"{item.name} {item.stat().st_mode & 0o111}\n".encode() + item.read_bytes()
            else:
                continue
            digest.update(len(content).to_bytes(8, "big") + content)
    return digest.hexdigest()[:12]


@contextlib.contextmanager
def lock(name: str) -> Iterator[None]:
    """Hold the lock of this name against other threads and other programs."""
    folder = root() / "locks"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / name).open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def folder(name: str, made_from: str, build: Callable[[Path], None]) -> Path:
    """Return the folder ``<name>-<made_from>``, calling ``build(empty folder)`` if it is not there."""
    final = root() / "builds" / f"{name}-{made_from}"
    if final.is_dir():
        return final
    with lock(final.name):
        if not final.is_dir():
            final.parent.mkdir(parents=True, exist_ok=True)
            work = Path(tempfile.mkdtemp(prefix=f".{name}-", dir=final.parent))
            try:
                with step(f"building {name}"):
                    build(work)
                work.chmod(0o755)
                work.rename(final)
            finally:
                shutil.rmtree(work, ignore_errors=True)
    return final
