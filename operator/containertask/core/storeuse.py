"""Which stores a task uses, and what of them it may: the one that keeps its outputs, those of its URIs.

Pure. Through a ClusterArtifactStore a namespace reaches its own folder and what is allowed to all, no more.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from containertask.api.reasons import Reason
from containertask.api.spec import ContainerTaskSpec
from containertask.contract.stores import ClaimPlace, store_object
from containertask.contract.uris import UriError, located
from containertask.core.storeitems import Store
from containertask.core.stores import StoreView, root_of
from containertask.core.storeshelf import DEFAULT, Forbidden, Lacking, Shelf, StopError, said, valid
from containertask.core.task import TaskView

MAX_STORES_BYTES: Final = 64 * 1024
"""How much the manifest may have of stores: all annotations of a Pod have 256 KiB."""
_MAX_FOLDER: Final = 768
"""How many bytes the key of a task's folder may have: a key has at most 1,024 in any store."""
_UID_LETTERS: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """What a task needs stores for.

    Attributes:
        fetched: URIs of what the downloader brings.
        streamed: URIs of what the uploader feeds to the command.
        lacks: the output that only a store can keep, in words, if there is one.
    """

    fetched: Sequence[str] = ()
    streamed: Sequence[str] = ()
    lacks: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """The stores of a task.

    Attributes:
        downloads: ids of those that the downloader needs.
        uploads: ids of those that the uploader writes to.
        feeds: ids of those that the uploader reads, while the command does.
        folder: URI of the task's folder, with a slash at its end: each attempt has one in it.
    """

    stores: tuple[Store, ...] = ()
    downloads: frozenset[str] = frozenset()
    uploads: frozenset[str] = frozenset()
    feeds: frozenset[str] = frozenset()
    folder: str | None = None


Found: TypeAlias = Use | Lacking | Forbidden


def use_of(
    task: TaskView,
    spec: ContainerTaskSpec,
    known: Sequence[StoreView],
    needs: Needs,
) -> Found:
    """Return the stores of a task, or what it waits for.

    ``known`` are the stores of its namespace and those of the cluster.
    """
    shelf = Shelf(task, known)
    try:
        folder = _folder(shelf, spec, needs.lacks)
        kept = {
            _destination(shelf, one.name, one.destination) for one in spec.outputs or () if one.destination
        }
        keeper = set() if folder is None else {_writable(shelf.at(folder), "the task's folder", folder)}
        fetched = {shelf.at(uri).item.id for uri in needs.fetched}
        fed = {shelf.at(uri).item.id for uri in needs.streamed}
    except UriError as error:
        text = f"a URI that another task gave cannot be fetched from: {error}"
        return Forbidden(reason=Reason.INVALID_INPUT, message=text)
    except StopError as error:
        return error.found
    if (written := sum(len(json.dumps(store_object(one.item))) for one in shelf.used)) > MAX_STORES_BYTES:
        text = (
            f"what the task's stores say of themselves takes {written} bytes, at most {MAX_STORES_BYTES} do"
        )
        return Forbidden(reason=Reason.INVALID_SPEC, message=f"{text}: name fewer hosts or prefixes in them")
    return Use(
        stores=tuple(shelf.used),
        downloads=frozenset(fetched),
        uploads=frozenset(kept | keeper),
        feeds=frozenset(fed),
        folder=folder,
    )


def _folder(shelf: Shelf, spec: ContainerTaskSpec, lacks: str | None) -> str | None:
    """Return the URI of the task's folder in the store that keeps what it leaves; that one is used now."""
    view = shelf.named(spec.store_ref) if spec.store_ref is not None else shelf.default()
    if view is None:
        if lacks is not None:
            text = f"{lacks} needs a store, and there is none: create an ArtifactStore named {DEFAULT}"
            raise StopError(Lacking(reason=Reason.STORE_NOT_FOUND, message=text))
        return None
    found = valid(view)
    if found.http is not None or (found.pvc is not None and found.pvc.read_only):
        if spec.store_ref is None and lacks is None:
            return None
        text = f"{said(view)} can only be read, so it keeps nothing: name another one in storeRef"
        raise StopError(Lacking(reason=Reason.STORE_INVALID, message=text))
    shelf.take(view)
    task = shelf.task
    names = (task.namespace, spec.store_prefix, f"{task.name}-{task.uid[:_UID_LETTERS]}")
    folder = f"{root_of(found)}/{'/'.join(one for one in names if one)}/"
    if (size := len(located(folder).key.encode())) > _MAX_FOLDER:
        text = (
            f"the keys of its outputs would begin with {size} bytes in {said(view)}, at most {_MAX_FOLDER} do"
        )
        raise StopError(Forbidden(reason=Reason.INVALID_SPEC, message=f"{text}: shorten storePrefix"))
    return folder


def _destination(shelf: Shelf, output: str, uri: str) -> str:
    """Return the id of the store of a destination: nobody writes without a credential."""
    what = f"the destination of output `{output}`"
    if shelf.matching(uri) is None:
        text = f"{what} lies in no store: create an ArtifactStore for {located(uri).root}"
        raise StopError(Lacking(reason=Reason.STORE_NOT_FOUND, message=text))
    return _writable(shelf.at(uri), what, uri)


def _writable(store: Store, what: str, uri: str) -> str:
    """Return the id of a store. That it cannot be written to must not be found when the command has ended."""
    if isinstance(store.item.place, ClaimPlace) and store.item.place.read_only:
        text = (
            f"{what} lies in a store that can only be read, by readOnly of the claim in {located(uri).root}"
        )
        raise StopError(Lacking(reason=Reason.STORE_INVALID, message=text))
    return store.item.id
