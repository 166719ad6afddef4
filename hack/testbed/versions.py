"""The versions file as one frozen object, and comparing versions that programs print."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent


@dataclass(frozen=True, slots=True)
class Versions:
    """``versions.toml``; go modules are ``path@vX.Y.Z`` as ``go install`` takes them.

    What is no part of a node is left out of ``repr``: that is part of the node image's key.
    """

    kubernetes: str
    etcd: str
    pause: str
    coredns_image: str
    suite: str
    base_image: str
    go_minimum: str
    go: dict[str, str]
    path_minimum: dict[str, str]
    uv: str
    servers: dict[str, str] = field(repr=False)

    @property
    def published_node_image(self) -> str:
        """The public image that is used wherever it is present or can be pulled."""
        return f"kindest/node:v{self.kubernetes}"


def load() -> Versions:
    """Read the versions file beside this module."""
    raw = tomllib.loads((HERE / "versions.toml").read_text())
    go = dict(raw["go"])
    return Versions(
        kubernetes=raw["kubernetes"]["version"],
        etcd=raw["kubernetes"]["etcd"],
        pause=raw["kubernetes"]["pause"],
        coredns_image=raw["kubernetes"]["coredns"],
        suite=raw["debian"]["suite"],
        base_image=raw["debian"]["base_image"],
        go_minimum=go.pop("minimum"),
        go=go,
        path_minimum=raw["path_minimum"],
        uv=raw["uv"]["version"],
        servers=raw["servers"],
    )


def parse(text: str) -> tuple[int, int] | None:
    """Return (major, minor) of the first version number in a program's output."""
    found = re.search(r"(\d+)\.(\d+)", text)
    return (int(found[1]), int(found[2])) if found else None
