"""The stores that the operator knows, by namespace and name, the newest version of each with its spec parsed.

A cache like ``runtime.store``: an older version never replaces a newer one, and what is deleted stays so.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Any, Final, TypeAlias

from containertask.core.stores import StoreView, store_view
from containertask.runtime.queue import Key

Json: TypeAlias = dict[str, Any]

_REMEMBERED: Final = 1000
"""How many deleted stores are remembered, so that a late answer does not bring one back."""


class StoreRegistry:
    """Stores by key; a ClusterArtifactStore's has an empty namespace. For one event loop."""

    def __init__(self) -> None:
        self._by_namespace: dict[str, dict[str, StoreView]] = {}
        self._removed: OrderedDict[str, None] = OrderedDict()

    def apply(self, raw: Json) -> Key | None:
        """Take a store as the API server shows it; return its key if that is news.

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
        self._by_namespace.setdefault(key[0], {})[key[1]] = store_view(raw)
        return key

    def remove(self, key: Key, uid: str) -> bool:
        """Forget a store that is deleted; tell whether its name is free now."""
        self._removed[uid] = None
        while len(self._removed) > _REMEMBERED:
            self._removed.popitem(last=False)
        known = self.view(key)
        if known is None or known.uid != uid:
            return False
        del self._by_namespace[key[0]][key[1]]
        return True

    def view(self, key: Key) -> StoreView | None:
        """Return a store, or None if there is none of that name."""
        return self._by_namespace.get(key[0], {}).get(key[1])

    def of(self, namespace: str) -> tuple[StoreView, ...]:
        """Return the stores of a namespace and those of the cluster."""
        return tuple(self._by_namespace.get(namespace, {}).values()) + tuple(
            self._by_namespace.get("", {}).values()
        )

    def views(self) -> tuple[StoreView, ...]:
        """Return all stores."""
        return tuple(store for each in self._by_namespace.values() for store in each.values())
