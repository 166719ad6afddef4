"""The stores that there are for a task, and which of them its URIs lie in.

Pure. A URI belongs to the store whose folder around it is the longest, of those that let the task use it, and
to nobody's where there is none.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from containertask.api.keeping import StoreKind, StoreRef
from containertask.api.parse import SpecError
from containertask.api.reasons import Reason
from containertask.api.stores import ClusterArtifactStoreSpec
from containertask.contract.uris import CLAIM, WEB, Located, below, host_rank, located
from containertask.core.storeitems import Store, anonymous, store_of
from containertask.core.stores import StoreView, root_of
from containertask.core.task import TaskView

DEFAULT: Final = "default"
MAX_STORES: Final = 16
"""How many stores one task may use: each is a volume or two, and a host or two."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lacking:
    """What a task waits for before it can have a Pod: a store that is not there, or that is invalid."""

    reason: Reason
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Forbidden:
    """Why a task will never get what it asks for of a store."""

    reason: Reason
    message: str


class StopError(Exception):
    """There is no use of a store as it is wanted."""

    def __init__(self, found: Lacking | Forbidden) -> None:
        super().__init__(found.message)
        self.found = found


@dataclass(frozen=True, slots=True)
class Match:
    """How a store fits a URI: by a folder as long as ``rank``; ``allowed`` is whether the task may use it."""

    rank: int
    allowed: bool
    view: StoreView


class Shelf:
    """The stores that there are for a task, and those that it uses."""

    def __init__(self, task: TaskView, known: Sequence[StoreView]) -> None:
        self.task = task
        self.used: list[Store] = []
        self._known = sorted(known, key=lambda one: (one.of_cluster, one.name))
        self._taken: dict[tuple[str, str], Store] = {}

    def named(self, ref: StoreRef) -> StoreView:
        """Return the store that the task names."""
        of_cluster = ref.kind is StoreKind.CLUSTER_ARTIFACT_STORE
        found = self._find(ref.name, of_cluster=of_cluster)
        if found is None:
            where = "" if of_cluster else f" in namespace {self.task.namespace}"
            text = f"there is no {ref.kind.value} {ref.name}{where}: create it"
            raise StopError(Lacking(reason=Reason.STORE_NOT_FOUND, message=text))
        return found

    def default(self) -> StoreView | None:
        """Return the namespace's default store, else the cluster's."""
        return self._find(DEFAULT, of_cluster=False) or self._find(DEFAULT, of_cluster=True)

    def _find(self, name: str, *, of_cluster: bool) -> StoreView | None:
        each = (one for one in self._known if one.name == name and one.of_cluster == of_cluster)
        return next(each, None)

    def take(self, view: StoreView) -> Store:
        """Return a store to use."""
        key = (view.namespace, view.name)
        if key not in self._taken:
            spec = valid(view)
            serves = () if spec.http is not None else tuple(_served(view, self.task.namespace))
            self._taken[key] = self._use(store_of(spec, f"s{len(self.used)}", serves))
        return self._taken[key]

    def _use(self, store: Store) -> Store:
        if len(self.used) >= MAX_STORES:
            text = f"the task uses more than {MAX_STORES} stores, buckets and servers: split it"
            raise StopError(Forbidden(reason=Reason.INVALID_SPEC, message=text))
        self.used.append(store)
        return store

    def at(self, uri: str) -> Store:
        """Return the store that a URI lies in, which is used now; raises UriError."""
        where, best = located(uri), self.matching(uri)
        if best is None:
            return self._nobodys(where)
        if not best.allowed:
            text = f"{said(best.view)} lets namespace {self.task.namespace} use only {self._allowed(best)}"
            raise StopError(Forbidden(reason=Reason.STORE_FORBIDDEN, message=f"{where.root}: {text}"))
        return self.take(best.view)

    def matching(self, uri: str) -> Match | None:
        """Return the store that fits a URI best; raises UriError.

        What another store does not let the task do is no reason against one that does: of two that cover one
        folder, the copilot knows only what they let it. Of equals it takes the one that was used first.
        """
        found = self._matches(uri, located(uri))
        return max(found, key=lambda one: (one.allowed, one.rank), default=None)

    def _matches(self, uri: str, at: Located) -> Iterator[Match]:
        known = {(one.namespace, one.name): one for one in self._known}
        taken = {key: known[key] for key in self._taken if key in known}
        for view in (taken | known).values():
            if isinstance(view.spec, SpecError):
                continue
            if view.spec.http is not None:
                rank = max((host_rank(one, at) for one in view.spec.http.hosts), default=-1)
                if rank >= 0:
                    yield Match(rank, allowed=True, view=view)
                continue
            served = [len(one) for one in _served(view, self.task.namespace) if below(uri, one)]
            root = root_of(view.spec)
            if served or below(uri, root):
                yield Match(max(served, default=len(root)), allowed=bool(served), view=view)

    def _nobodys(self, at: Located) -> Store:
        """Return what asks for a URI without any credential; a claim has to be mounted."""
        key = ("", "http:" if at.scheme in WEB else at.root)
        if key not in self._taken:
            store = anonymous(at, f"s{len(self.used)}")
            if store is None:
                claim = at.root.removeprefix(f"{CLAIM}://")
                text = f"no store is the claim {claim}: create an ArtifactStore with pvc.claimName {claim}"
                raise StopError(Lacking(reason=Reason.STORE_NOT_FOUND, message=text))
            self._taken[key] = self._use(store)
        return self._taken[key]

    def _allowed(self, match: Match) -> str:
        return ", ".join(f"{one}/" for one in _served(match.view, self.task.namespace))


def _served(view: StoreView, namespace: str) -> list[str]:
    """Return the folders of a store that a namespace may use, as URIs."""
    spec = valid(view)
    if not view.of_cluster:
        return [root_of(spec)]
    bucket = located(root_of(spec)).root
    return [f"{root_of(spec)}/{namespace}", *(f"{bucket}/{one}" for one in spec.allowed_prefixes or ())]


def valid(view: StoreView) -> ClusterArtifactStoreSpec:
    """Return the spec of a store; raises StopError."""
    if isinstance(view.spec, SpecError):
        text = f"{said(view)} is invalid: {view.spec}"
        raise StopError(Lacking(reason=Reason.STORE_INVALID, message=text))
    return view.spec


def said(view: StoreView) -> str:
    """Return what a store is called."""
    return f"{'ClusterArtifactStore' if view.of_cluster else 'ArtifactStore'} {view.name}"
