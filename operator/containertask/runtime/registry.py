"""The stores, or the templates, that the operator knows, by namespace and name, the newest version of each.

A cache like ``runtime.store``: an older version never replaces a newer one, and what is deleted stays so.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Generic, Protocol, TypeAlias, TypeVar

from containertask.api.stores import StoreStatus
from containertask.api.templates import TemplateStatus
from containertask.kube.resources import Resource
from containertask.runtime.queue import Key

Json: TypeAlias = dict[str, Any]

_REMEMBERED: Final = 1000
"""How many deleted objects are remembered, so that a late answer does not bring one back."""


class View(Protocol):
    """What every object that is kept has; the namespace of one of the cluster is empty."""

    @property
    def namespace(self) -> str:
        """Return its namespace."""

    @property
    def name(self) -> str:
        """Return its name."""

    @property
    def uid(self) -> str:
        """Return its uid."""

    @property
    def resource_version(self) -> int:
        """Return its version."""


V = TypeVar("V", bound=View)
Status: TypeAlias = StoreStatus | TemplateStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Kinds(Generic[V]):
    """A kind of object that namespaces have, and its twin that the cluster has.

    Attributes:
        noun: what logs call one.
        value: of the chart, that gives the right to those of the cluster.
        view: makes the view of one as the API server shows it. Raises ValueError.
        new_status: returns the status that one is to have, or None if it has that one.
    """

    noun: str
    kind: str
    cluster_kind: str
    resource: Resource
    cluster_resource: Resource
    value: str
    view: Callable[[Json], V]
    new_status: Callable[[V, int], Status | None]

    @property
    def resources(self) -> tuple[Resource, Resource]:
        """Return both."""
        return self.resource, self.cluster_resource


class Registry(Generic[V]):
    """Objects by key, of both kinds. For one event loop."""

    def __init__(self, kinds: Kinds[V]) -> None:
        self.kinds = kinds
        self._by_namespace: dict[str, dict[str, V]] = {}
        self._removed: OrderedDict[str, None] = OrderedDict()

    def apply(self, raw: Json) -> Key | None:
        """Take an object as the API server shows it; return its key if that is news.

        Raises:
            ValueError: it cannot be read; what is known of it stays.
        """
        metadata = raw["metadata"]
        key = (metadata.get("namespace", ""), metadata["name"])
        known = self.view(key)
        if metadata["uid"] in self._removed:
            return None
        if known is not None and known.resource_version >= int(metadata["resourceVersion"]):
            return None
        self._by_namespace.setdefault(key[0], {})[key[1]] = self.kinds.view(raw)
        return key

    def remove(self, key: Key, uid: str) -> bool:
        """Forget an object that is deleted; tell whether its name is free now."""
        self._removed[uid] = None
        while len(self._removed) > _REMEMBERED:
            self._removed.popitem(last=False)
        known = self.view(key)
        if known is None or known.uid != uid:
            return False
        del self._by_namespace[key[0]][key[1]]
        return True

    def view(self, key: Key) -> V | None:
        """Return an object, or None if there is none of that name."""
        return self._by_namespace.get(key[0], {}).get(key[1])

    def of(self, namespace: str) -> tuple[V, ...]:
        """Return those of a namespace and those of the cluster."""
        return tuple(self._by_namespace.get(namespace, {}).values()) + tuple(
            self._by_namespace.get("", {}).values()
        )

    def views(self) -> tuple[V, ...]:
        """Return all of them."""
        return tuple(view for each in self._by_namespace.values() for view in each.values())
