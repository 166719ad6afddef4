"""What of a core/v1 container docker and podman are told by options. Pure but for the number of cores."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from containertask import contract
from containertask.api.quantity import to_bytes
from containertask.core.names import (
    CONTROL_VOLUME,
    INPUTS_VOLUME,
    LAUNCHER_VOLUME,
    MAIN_VOLUME,
    OUTPUTS_VOLUME,
    SECRET_VOLUME,
    SHARED_MEMORY_VOLUME,
)
from containertask.local.main import Wanted
from containertask.local.places import Folders

Json = dict[str, Any]

_OURS: Final = {
    CONTROL_VOLUME: "control",
    MAIN_VOLUME: "main",
    INPUTS_VOLUME: "inputs",
    OUTPUTS_VOLUME: "outputs",
}
_PARTS: Final = {"n": 1e-9, "u": 1e-6, "m": 1e-3}
_LEAST_CPUS: Final = 0.01
_MAX_HOSTNAME: Final = 63
_FOLLOWED: Final = re.compile(
    r"(docker|podman|_?containers?|buildah|storage|registry|moby|xdg|ld|ssh|grpc|otel|ssl|dbus|glibc|malloc"
    r"|notify|listen|lc)_.*|go[a-z]*(_.*)?|.*_?proxy|path|home|user|logname|tmpdir|pwd|shell|lang|tz|term",
    re.IGNORECASE,
)
"""Variables that tell the engine itself something: not to be set for it on the way to a command."""


def flags(wanted: Wanted, folders: Folders, launcher: Path | None) -> list[str]:
    """Return the options that make a container as the Pod's ``main`` is."""
    container = wanted.container
    found = ["--hostname", wanted.name[:_MAX_HOSTNAME].rstrip("-."), "--security-opt", "label=disable"]
    found += _security(container.get("securityContext") or {})
    found += _limits((container.get("resources") or {}).get("limits") or {})
    if (folder := container.get("workingDir")) is not None:
        found += ["--workdir", str(folder)]
    for one in container.get("volumeMounts") or ():
        found += _mount(one, wanted, folders, launcher)
    return found


def passed_on(variables: Mapping[str, str]) -> tuple[list[str], dict[str, str]]:
    """Return the options for variables, and what the engine finds for them in its own environment.

    Arguments are for all to see on this machine, so values are not among them, but where a variable of the
    same name would change what the engine does.
    """
    options: list[str] = []
    passed: dict[str, str] = {}
    for name, value in variables.items():
        if _FOLLOWED.fullmatch(name):
            options += ["--env", f"{name}={value}"]
        else:
            passed[name] = value
            options += ["--env", name]
    return options, passed


def _security(context: Json) -> Iterator[str]:
    """Yield what a security context says; the policy has refused what is not here."""
    user, group = context.get("runAsUser"), context.get("runAsGroup")
    if user is not None:
        yield from ("--user", str(user) if group is None else f"{user}:{group}")
    if context.get("readOnlyRootFilesystem"):
        yield "--read-only"
    if context.get("allowPrivilegeEscalation") is False:
        yield from ("--security-opt", "no-new-privileges")
    capabilities = context.get("capabilities") or {}
    for option, names in (("--cap-drop", "drop"), ("--cap-add", "add")):
        for name in capabilities.get(names) or ():
            yield from (option, str(name))


def _limits(limits: Json) -> Iterator[str]:
    if (memory := limits.get("memory")) is not None:
        size = str(to_bytes(memory))
        yield from ("--memory", size, "--memory-swap", size)
    if (cpu := limits.get("cpu")) is not None:
        cores = min(max(_cores(str(cpu)), _LEAST_CPUS), os.cpu_count() or 1)
        yield from ("--cpus", f"{cores:.3f}")


def _cores(quantity: str) -> float:
    factor = _PARTS.get(quantity[-1:])
    try:
        return float(quantity) if factor is None else float(quantity[:-1]) * factor
    except ValueError:
        return float(to_bytes(quantity))


def _mount(one: Json, wanted: Wanted, folders: Folders, launcher: Path | None) -> list[str]:
    volume, path = str(one["name"]), str(one["mountPath"])
    if volume == SHARED_MEMORY_VOLUME:
        size = "" if wanted.shared is None else f",size={to_bytes(wanted.shared)}"
        return ["--tmpfs", f"{path}:rw,nosuid,nodev,exec{size}"]
    if volume == LAUNCHER_VOLUME:
        return [] if launcher is None else bind(launcher, f"{path}/{contract.LAUNCHER_NAME}", read_only=True)
    if volume.startswith(SECRET_VOLUME):
        return bind(wanted.secrets[path], path, read_only=True)
    return bind(folders.part(_OURS[volume]), path, read_only=bool(one.get("readOnly")))


def bind(source: Path, target: str, *, read_only: bool) -> list[str]:
    """Return the option for a mount; its fields are read as CSV."""
    fields = ["type=bind", f"source={source}", f"target={target}", *(["readonly"] if read_only else [])]
    return ["--mount", ",".join(f'"{one.replace(chr(34), chr(34) * 2)}"' for one in fields)]
