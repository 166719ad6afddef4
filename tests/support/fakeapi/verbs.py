"""What each verb does to the store, with the refusals of a real server. Knows no HTTP but the query."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from typing import Any

from support.fakeapi.kinds import Kind
from support.fakeapi.paths import Target
from support.fakeapi.refusals import RefusalError, bad_request, conflict, expired, immutable
from support.fakeapi.selectors import has_fields, matches
from support.fakeapi.store import Json, Store


class Verbs:
    """The verbs of all kinds.

    Attributes:
        graceful_pods: a deleted Pod only gets its deletionTimestamp and stays until the test removes it.
        complete: makes of a new object what a real server's defaults would; by default they are left out.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._pages: dict[str, tuple[list[Json], str]] = {}
        self.graceful_pods = False
        self.complete: Callable[[Kind, Json], Json] = lambda _, body: body

    def forget_pages(self) -> None:
        """Answer every list that goes on from now on with 410."""
        self._pages.clear()

    def list(self, target: Target, query: Mapping[str, str], *, metadata_only: bool) -> Json:
        """Return a page; its continuation shows the moment of the first page."""
        if token := query.get("continue"):
            if token not in self._pages:
                raise expired("The provided continue parameter is too old")
            items, version = self._pages[token]
        else:
            selector = query.get("labelSelector", "")
            found = self._store.items(target.kind.resource, target.namespace)
            fields = query.get("fieldSelector", "")
            found = [item for item in found if matches(selector, item) and has_fields(fields, item)]
            items, version = found, str(self._store.version)
        meta: Json = {"resourceVersion": version}
        limit = int(query.get("limit", 0)) or len(items)
        if len(items) > limit:
            meta["continue"] = secrets.token_hex(8)
            meta["remainingItemCount"] = len(items) - limit
            self._pages[meta["continue"]] = (items[limit:], version)
        if metadata_only:
            head = {"apiVersion": "meta.k8s.io/v1", "kind": "PartialObjectMetadata"}
            page = [{**head, "metadata": item["metadata"]} for item in items[:limit]]
            return {
                "apiVersion": "meta.k8s.io/v1",
                "kind": f"{head['kind']}List",
                "metadata": meta,
                "items": page,
            }
        page = [{k: v for k, v in item.items() if k not in ("apiVersion", "kind")} for item in items[:limit]]
        head = {"apiVersion": target.kind.resource.group_version, "kind": f"{target.kind.kind}List"}
        return {**head, "metadata": meta, "items": page}

    def get(self, target: Target) -> Json:
        """Return one object."""
        return self._store.get(target.kind.resource, target.namespace or "", target.name or "")

    def create(self, target: Target, body: Json) -> Json:
        """Create an object; a status is not taken from the body."""
        kind, namespace = target.kind, target.namespace
        meta = body.get("metadata") or {}
        _check_head(kind, body)
        if namespace is None or not (meta.get("name") or meta.get("generateName")):
            raise bad_request("name and namespace must be provided")
        if meta.get("namespace", namespace) != namespace:
            raise bad_request(
                "the namespace of the provided object does not match the namespace of the request"
            )
        if kind.status:
            body = {key: value for key, value in body.items() if key != "status"}
        if kind.kind == "Pod":
            body["status"] = {"phase": "Pending"}
        return self._store.create(kind, namespace, self.complete(kind, body))

    def update(self, target: Target, body: Json) -> Json:
        """Replace an object, or its status."""
        _check_head(target.kind, body)
        self._same_uid(target, body, conflict)
        return self._write(target, body, body)

    def merge_patch(self, target: Target, patch: Json) -> Json:
        """Merge a patch into an object, or into its status."""
        before = self._store.get(target.kind.resource, target.namespace or "", target.name or "")
        self._same_uid(target, patch, immutable)
        return self._write(target, patch, merged(before, patch))

    def delete(self, target: Target, options: Json) -> Json:
        """Delete an object, and at once what it owns."""
        resource, namespace, name = target.kind.resource, target.namespace or "", target.name or ""
        before = self._store.get(resource, namespace, name)
        uid = (options.get("preconditions") or {}).get("uid")
        if uid not in (None, before["metadata"]["uid"]):
            raise conflict(resource.plural, name, f"Precondition failed: UID in precondition: {uid}")
        grace = options.get("gracePeriodSeconds", 30)
        if target.kind.kind != "Pod" or not self.graceful_pods or grace == 0:
            return self._store.remove(resource, namespace, name)
        stamp = {"deletionTimestamp": "2026-01-01T00:00:00Z", "deletionGracePeriodSeconds": grace}
        return self._store.replace(target.kind, namespace, merged(before, {"metadata": stamp}))

    def _same_uid(self, target: Target, sent: Json, refusal: Callable[[str, str, str], RefusalError]) -> None:
        """Refuse a body that names the uid of another object."""
        uid = self.get(target)["metadata"]["uid"]
        if (sent.get("metadata") or {}).get("uid") not in (None, "", uid):
            raise refusal(target.kind.resource.plural, target.name or "", "metadata.uid")

    def _write(self, target: Target, sent: Json, after: Json) -> Json:
        """Put an object after its preconditions were checked; only the addressed half of it changes."""
        kind, namespace, name = target.kind, target.namespace or "", target.name or ""
        before = self._store.get(kind.resource, namespace, name)
        meta = sent.get("metadata") or {}
        if meta.get("name", name) != name:
            raise bad_request("the name of the object does not match the name on the URL")
        if meta.get("resourceVersion") not in (None, "", before["metadata"]["resourceVersion"]):
            raise conflict(kind.resource.plural, name, "the object has been modified")
        if target.subresource:
            after = {**before, "status": after.get("status") or {}}
        elif kind.status:
            after = {**after, "status": before.get("status")}
        after = {key: value for key, value in after.items() if value is not None}
        after["metadata"] = {**(after.get("metadata") or {}), "name": name}
        return self._store.replace(kind, namespace, after)


def _check_head(kind: Kind, body: Json) -> None:
    head = (kind.resource.group_version, kind.kind)
    found = (body.get("apiVersion", head[0]), body.get("kind", head[1]))
    if found != head:
        raise bad_request(f"{found} does not match the expected {head}")


def merged(target: Any, patch: Any) -> Any:
    """Return a JSON merge patch's outcome (RFC 7396); neither argument changes."""
    if not isinstance(patch, dict):
        return patch
    result = dict(target) if isinstance(target, dict) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merged(result.get(key), value)
    return result
