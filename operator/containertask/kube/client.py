"""Requests to the Kubernetes API by aiohttp: one method for each verb the operator needs.

Objects come and go as dictionaries. What a refusal means is the caller's matter: nothing is tried again
here, except once, with credentials that were read anew, after a 401.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass

from containertask.kube.auth import Credentials
from containertask.kube.errors import ApiStatusError, NotFound, Unauthorized, Unreachable
from containertask.kube.gate import Gate
from containertask.kube.resources import Resource, group_version_path
from containertask.kube.transport import JSON, Call, Json, Observer, Transport

__all__ = ["ApiClient", "Json", "Listing"]

REQUEST_SECONDS = 15.0
CONNECTIONS = 64
PAGE_SIZE = 500

_MERGE_PATCH = "application/merge-patch+json"
_METADATA_LIST = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"


@dataclass(frozen=True, slots=True)
class Listing:
    """What a list found, or one page of it.

    Attributes:
        items: the objects.
        resource_version: the version that the list shows.
    """

    items: tuple[Json, ...]
    resource_version: str


class ApiClient:
    """The API server, as the operator sees it. Every method raises ``kube.errors.ApiError`` and nothing else.

    Args:
        credentials: where the server is and who we are.
        gate: what to wait at while the server is overloaded; None only for what must not wait (the Lease).
        connections: how many requests may be under way at once.
        request_seconds: limit for one request, waiting for a free connection included.
    """

    def __init__(
        self,
        credentials: Credentials,
        *,
        gate: Gate | None,
        connections: int = CONNECTIONS,
        request_seconds: float = REQUEST_SECONDS,
    ) -> None:
        self._credentials = credentials
        self._gate = gate
        self._transport = Transport(connections=connections, request_seconds=request_seconds)

    def tell(self, observer: Observer) -> None:
        """Have an observer told of each request when it is over."""
        self._transport.observer = observer

    async def create(self, resource: Resource, namespace: str, body: Json, *, strict: bool = False) -> Json:
        """Create an object and return it as stored; ``strict`` refuses fields the server does not know."""
        query = {"fieldValidation": "Strict"} if strict else {}
        return await self._json(
            Call(
                method="POST",
                verb="create",
                resource=resource.plural,
                path=resource.path(namespace),
                query=query,
                body=body,
            )
        )

    async def get(self, resource: Resource, namespace: str | None, name: str) -> Json:
        """Return one object."""
        return await self._json(
            Call(method="GET", verb="get", resource=resource.plural, path=resource.path(namespace, name))
        )

    async def about(self, resource: Resource, namespace: str, *, field_selector: str, limit: int) -> Listing:
        """Return some objects that the server finds by their fields."""
        query = {"fieldSelector": field_selector, "limit": str(limit)}
        path = resource.path(namespace)
        page = await self._json(
            Call(method="GET", verb="list", resource=resource.plural, path=path, query=query)
        )
        version = (page.get("metadata") or {}).get("resourceVersion", "")
        return Listing(tuple(page.get("items") or ()), str(version))

    async def list(
        self,
        resource: Resource,
        namespace: str | None = None,
        *,
        label_selector: str | None = None,
        metadata_only: bool = False,
    ) -> Listing:
        """Return all objects of a namespace, or of all, by a consistent read: nothing in it is stale.

        Raises:
            Gone: the pages took so long that the server forgot the moment of the first; list again.
        """
        found = self.pages(resource, namespace, label_selector=label_selector, metadata_only=metadata_only)
        pages = [page async for page in found]
        return Listing(tuple(item for page in pages for item in page.items), pages[0].resource_version)

    async def pages(
        self,
        resource: Resource,
        namespace: str | None = None,
        *,
        label_selector: str | None = None,
        metadata_only: bool = False,
        page_size: int = PAGE_SIZE,
    ) -> AsyncGenerator[Listing, None]:
        """Yield what ``list`` returns, page by page, for what is too large to have in memory at once."""
        query = {"limit": str(page_size)} | ({"labelSelector": label_selector} if label_selector else {})
        accept = _METADATA_LIST if metadata_only else JSON
        path = resource.path(namespace)
        while True:
            page = await self._json(
                Call(
                    method="GET", verb="list", resource=resource.plural, path=path, query=query, accept=accept
                )
            )
            if "items" not in page:
                raise Unreachable(f"GET {path}: the answer is no list")
            meta = page.get("metadata") or {}
            yield Listing(tuple(page.get("items") or ()), str(meta.get("resourceVersion", "")))
            if not meta.get("continue"):
                return
            query = {**query, "continue": meta["continue"]}

    async def merge_patch(self, resource: Resource, namespace: str, name: str, body: Json) -> Json:
        """Merge fields into an object and return the whole."""
        path = resource.path(namespace, name)
        return await self._json(
            Call(
                method="PATCH",
                verb="patch",
                resource=resource.plural,
                path=path,
                body=body,
                content_type=_MERGE_PATCH,
            )
        )

    async def update_status(self, resource: Resource, namespace: str | None, name: str, body: Json) -> Json:
        """Replace the status of an object and return the whole; nothing else of the body is taken.

        ``metadata.uid`` and ``metadata.resourceVersion`` in the body are preconditions. No apply patch: the
        API server reads that as YAML, which refuses characters beyond U+FFFF as JSON writes them (seen on
        1.36); no merge patch: it drops nulls.
        """
        return await self._json(
            Call(
                method="PUT",
                verb="update",
                resource=f"{resource.plural}/status",
                path=resource.path(namespace, name, "status"),
                body=body,
            )
        )

    async def update(self, resource: Resource, namespace: str, name: str, body: Json) -> Json:
        """Replace an object; ``metadata.resourceVersion`` in the body is a precondition."""
        return await self._json(
            Call(
                method="PUT",
                verb="update",
                resource=resource.plural,
                path=resource.path(namespace, name),
                body=body,
            )
        )

    async def delete(
        self,
        resource: Resource,
        namespace: str,
        name: str,
        *,
        uid: str | None = None,
        grace_seconds: int | None = None,
    ) -> None:
        """Delete an object; with a uid only if it is that one (else ``Conflict``)."""
        options: Json = {}
        if uid is not None:
            options["preconditions"] = {"uid": uid}
        if grace_seconds is not None:
            options["gracePeriodSeconds"] = grace_seconds
        body = {"kind": "DeleteOptions", "apiVersion": "v1", **options} if options else None
        await self._json(
            Call(
                method="DELETE",
                verb="delete",
                resource=resource.plural,
                path=resource.path(namespace, name),
                body=body,
            )
        )

    async def served(self, group_version: str) -> frozenset[str]:
        """Return the plural names that a group's version serves; none if it is not there."""
        try:
            found = await self._json(
                Call(method="GET", verb="discover", resource="", path=group_version_path(group_version))
            )
        except NotFound:
            return frozenset()
        names = (str(resource["name"]) for resource in found.get("resources") or ())
        return frozenset(name for name in names if "/" not in name)

    async def close(self) -> None:
        """Close all connections; requests under way fail."""
        await self._transport.close()

    async def _json(self, call: Call) -> Json:
        if self._gate is None:
            return await self._authorized(call)
        ticket = await self._gate.passage()
        try:
            answer = await self._authorized(call)
        except ApiStatusError as error:
            if error.concerns_all:
                self._gate.refused(ticket, error.retry_after)
            else:
                self._gate.answered(ticket)
            raise
        self._gate.answered(ticket)
        return answer

    async def _authorized(self, call: Call) -> Json:
        access = await self._credentials.current()
        try:
            return await self._transport.send(call, access)
        except Unauthorized:
            return await self._transport.send(call, await self._credentials.refresh(access))
