"""kind, kubectl and helm: from PATH where they will do, else built at the pinned version."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from testbed import cache, gobuild
from testbed.shell import on_path, output
from testbed.versions import Versions, parse


def folder() -> Path:
    """Return the folder of links to the tools in use, to be put first on PATH."""
    return cache.root() / "bin"


def prepare_kind_and_helm(versions: Versions) -> None:
    """Make ``kind`` and ``helm`` ready in ``folder()``; their builds run side by side."""
    with ThreadPoolExecutor() as pool:
        kind, helm = pool.submit(_kind, versions), pool.submit(_helm, versions)
        _link("kind", kind.result())
        _link("helm", helm.result())


def prepare_kubectl(versions: Versions, *, from_recipe: bool) -> None:
    """Make ``kubectl`` ready; a node image from the recipe brings a binary that serves as one."""
    _link("kubectl", gobuild.kubernetes(versions, "multicall") if from_recipe else _kubectl(versions))


def tool(name: str) -> Path:
    """Return the tool of this name that was made ready."""
    return folder() / name


def _link(name: str, target: Path) -> None:
    folder().mkdir(parents=True, exist_ok=True)
    link = folder() / name
    if link.is_symlink() and link.readlink() == target:
        return
    fresh = folder() / f".{name}.new"
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(target)
    fresh.replace(link)


def _kind(versions: Versions) -> Path:
    return _new_enough(versions, "kind", "version") or gobuild.program(versions, "kind")


def _helm(versions: Versions) -> Path:
    return _new_enough(versions, "helm", "version", "--short") or gobuild.program(versions, "helm")


def _kubectl(versions: Versions) -> Path:
    found = on_path("kubectl")
    printed = output([found, "version", "--client"]) if found and found.parent != folder() else None
    version = re.search(r"Client Version: v(\S+)", printed or "")
    have, want = parse(version[1]) if version else None, parse(versions.kubernetes)
    if found and have and want and have[0] == want[0] and abs(have[1] - want[1]) <= 1:
        return found
    return gobuild.kubernetes(versions, "kubectl")


def _new_enough(versions: Versions, name: str, *ask: str) -> Path | None:
    found = on_path(name)
    if found is None or found.parent == folder():
        return None
    have, minimum = parse(output([found, *ask]) or ""), parse(versions.path_minimum[name])
    return found if have and minimum and have >= minimum else None
