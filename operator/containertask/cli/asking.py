"""Requests that only a command line makes: dry runs, reviews of rights, metrics, the server's version."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from containertask.kube.resources import Resource
from containertask.kube.transport import Call, Transport
from containertask.sdk.cluster import Session

Json = dict[str, Any]

_SECONDS: Final = 15.0
_REVIEWS: Final = Resource(group="authorization.k8s.io", version="v1", plural="selfsubjectaccessreviews")
POD_METRICS: Final = Resource(group="metrics.k8s.io", version="v1beta1", plural="pods")
DEPLOYMENTS: Final = Resource(group="apps", version="v1", plural="deployments")


async def ask(session: Session, path: str, query: Mapping[str, str] | None = None) -> Json:
    """Return what is at a path. Raises ApiError."""
    return await _send(session, Call(method="GET", verb="get", resource="", path=path, query=query or {}))


async def dry_run(session: Session, resource: Resource, namespace: str, document: Json) -> Json:
    """Return an object as the server would create it. Raises ApiError."""
    query = {"fieldValidation": "Strict", "dryRun": "All"}
    return await _post(session, resource.path(namespace), document, query)


async def allowed(session: Session, verb: str, resource: Resource, namespace: str, *, part: str = "") -> bool:
    """Tell whether the user may do something with a kind of object, or a part of it. Raises ApiError."""
    attributes = {
        "namespace": namespace,
        "verb": verb,
        "group": resource.group,
        "resource": resource.plural,
        **({"subresource": part} if part else {}),
    }
    body = {
        "apiVersion": _REVIEWS.group_version,
        "kind": "SelfSubjectAccessReview",
        "spec": {"resourceAttributes": attributes},
    }
    answer = await _post(session, _REVIEWS.path(), body, {})
    return bool((answer.get("status") or {}).get("allowed"))


async def _post(session: Session, path: str, body: Json, query: Mapping[str, str]) -> Json:
    call = Call(method="POST", verb="create", resource="", path=path, query=query, body=body)
    return await _send(session, call)


async def _send(session: Session, call: Call) -> Json:
    transport = Transport(connections=1, request_seconds=_SECONDS)
    try:
        return await transport.send(call, await session.credentials.current())
    finally:
        await transport.close()
