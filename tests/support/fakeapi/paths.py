"""What a path means: of which kind, where, which object, which part of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from support.fakeapi.kinds import Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What a request is about. ``namespace`` is None for all of them; ``name`` is None for a collection."""

    kind: Kind
    namespace: str | None
    name: str | None
    subresource: str


def parse(kinds: Sequence[Kind], path: str) -> Target | None:
    """Return what a path means; None if nothing is served there."""
    parts = path.strip("/").split("/")
    match parts:
        case ["api", version, *rest]:
            group = ""
        case ["apis", group, version, *rest]:
            pass
        case _:
            return None
    namespace = None
    match rest:
        case ["namespaces", found, _, *_]:
            namespace, rest = found, rest[2:]
        case _:
            pass
    if not 1 <= len(rest) <= 3:
        return None
    plural, name, subresource = [*rest, "", ""][:3]
    for kind in kinds:
        resource = kind.resource
        if (resource.group, resource.version, resource.plural) == (group, version, plural):
            served = subresource == "" or (subresource == "status" and kind.status)
            where = namespace if kind.namespaced else ""
            return (
                Target(kind=kind, namespace=where, name=name or None, subresource=subresource)
                if served
                else None
            )
    return None
