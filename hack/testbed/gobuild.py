"""Programs built with Go: tools for this machine and the parts of the node image.

Everything is static and comes through the module proxy by the ordinary ``go`` client.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from testbed import cache
from testbed.errors import TestbedError
from testbed.shell import output, run
from testbed.versions import HERE, Versions, parse

_ENV = {
    "CGO_ENABLED": "0",
    "GOFLAGS": "-trimpath -buildvcs=false",
    # A module may ask for a newer toolchain than the machine has: the module proxy serves those too.
    "GOTOOLCHAIN": "auto",
}
_CONTAINERD_TAGS = "no_btrfs no_aufs no_zfs no_devmapper"
_GIT_COMMIT = "0" * 40
_BUILD_DATE = "2026-01-01T00:00:00Z"


def require_go(versions: Versions, wanted_for: str) -> None:
    """Raise unless a usable ``go`` is on PATH."""
    found = output(["go", "env", "GOVERSION"])
    minimum = parse(versions.go_minimum)
    have = parse(found) if found else None
    if have is None or minimum is None or have < minimum:
        raise TestbedError(
            f"Go >= {versions.go_minimum} is needed to build {wanted_for} "
            f"(found: {found or 'no go on PATH'}). Install Go, or put {wanted_for} on PATH."
        )


def program(versions: Versions, name: str) -> Path:
    """Return the file of one `go install`-able program of the versions file, built if need be."""
    return installed(versions, versions.go[name])


def installed(versions: Versions, module: str) -> Path:
    """Return the file of a program by `package@version`, as `go install` takes it, built if need be."""
    binary = module.partition("@")[0].rsplit("/", 1)[-1]

    def build(folder: Path) -> None:
        require_go(versions, binary)
        tags = ["-tags", _CONTAINERD_TAGS] if "containerd" in module else []
        env = {**_ENV, "GOBIN": str(folder)}
        run(["go", "install", *tags, "-ldflags", "-s -w", module], env=env)

    return cache.folder(binary, cache.key(module), build) / binary


def kubernetes(versions: Versions, command: str) -> Path:
    """Return ``multicall`` (everything in one binary) or ``kubectl``, built at the pinned version."""
    major, minor = parse(versions.kubernetes) or (0, 0)
    stamp = {
        "gitVersion": f"v{versions.kubernetes}",
        "gitMajor": str(major),
        "gitMinor": str(minor),
        "gitCommit": _GIT_COMMIT,
        "gitTreeState": "clean",
        "buildDate": _BUILD_DATE,
    }
    flags = " ".join(f"-X k8s.io/component-base/version.{name}={value}" for name, value in stamp.items())
    source = HERE / "kube"

    def build(folder: Path) -> None:
        require_go(versions, command)
        goal = folder / command
        run(["go", "build", "-ldflags", f"-s -w {flags}", "-o", goal, f"./{command}"], env=_ENV, cwd=source)

    return cache.folder(f"kubernetes-{command}", cache.key(source, flags), build) / command


def pause(versions: Versions) -> Path:
    """Return the program that holds a Pod's namespaces."""
    source = HERE / "pause"

    def build(folder: Path) -> None:
        require_go(versions, "pause")
        run(["go", "build", "-ldflags", "-s -w", "-o", folder / "pause", "main.go"], env=_ENV, cwd=source)

    return cache.folder("pause", cache.key(source), build) / "pause"


def kind_base_files(versions: Versions, into: Path) -> None:
    """Copy the node base files that the kind module ships: entrypoint, units, configuration."""
    require_go(versions, "the node image")
    module = versions.go["kind"]
    run(["go", "mod", "download", module], env=_ENV)
    source = output(["go", "env", "GOMODCACHE"])
    folder = Path(source or "", module, "images/base/files")
    if not folder.is_dir():
        raise TestbedError(f"the module {module} holds no images/base/files: the recipe must follow it")
    shutil.copytree(folder, into, dirs_exist_ok=True, copy_function=shutil.copyfile)
    for path in (into, *into.rglob("*")):
        path.chmod(0o755 if path.is_dir() or path.parent.name == "bin" else 0o644)
