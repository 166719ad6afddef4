"""What has to happen so that a task is on a cluster: its files first, then the object, once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from containertask.kube.errors import AlreadyExists, ServerError, Unreachable
from containertask.kube.resources import TASKS
from containertask.sdk.cluster import Session
from containertask.sdk.pieces import Piece

if TYPE_CHECKING:
    from containertask.sdk.run import Run

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Order:
    """One object to be created, and what has to be there before.

    Attributes:
        document: the object.
        sources: runs whose outputs it takes.
        uploads: files that its inputs name, also those of folders, by the inputs' URIs.
        store: the store that takes them, as its object.
    """

    document: Json
    sources: tuple[Run, ...] = ()
    uploads: Mapping[str, tuple[Piece, ...]] = field(default_factory=dict)
    store: Json | None = None


async def send(session: Session, order: Order, namespace: str) -> Order:
    """Upload, create, and return the order with the object as the cluster has it.

    A request whose answer was lost is made again. The name is one run's alone: an object that is there
    already is this one, whoever has sent it meanwhile. Raises TransferError, or ApiError.
    """
    if order.uploads:
        from containertask.sdk.uploads import upload_all  # noqa: PLC0415 - obstore is slow to load

        await upload_all(order.uploads, order.store)
    try:
        made = await _created(session, order.document, namespace)
    except AlreadyExists:
        made = await session.api.get(TASKS, namespace, order.document["metadata"]["name"])
        if made.get("spec", {}).get("inputs") != order.document["spec"].get("inputs"):
            raise
    return replace(order, document=made)


async def _created(session: Session, document: Json, namespace: str) -> Json:
    try:
        return await session.api.create(TASKS, namespace, document, strict=True)
    except (Unreachable, ServerError):
        return await session.api.create(TASKS, namespace, document, strict=True)
