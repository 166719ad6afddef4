"""From an HTTP request to a verb and back: recording, credentials, faults, refusals."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

from aiohttp import web

from support.fakeapi.faults import Answer, DropAfter, DropBefore, Faults, Hold
from support.fakeapi.kinds import Kind, discovery
from support.fakeapi.paths import Target, parse
from support.fakeapi.raw import Raw
from support.fakeapi.recording import Request, record
from support.fakeapi.refusals import RefusalError, bad_request
from support.fakeapi.store import Json
from support.fakeapi.verbs import Verbs
from support.fakeapi.watch import Watches, compact


class Routes:
    """The one handler of all requests.

    Attributes:
        requests: what came, in the order of arrival.
        tell: is told of each request as it comes, and keeps it there; a long run may want to count only.
        authorization: what the Authorization header must be; None lets everybody in.
    """

    def __init__(self, kinds: Sequence[Kind], verbs: Verbs, watches: Watches, faults: Faults) -> None:
        self.requests: list[Request] = []
        self.tell: Callable[[Request], None] = self.requests.append
        self.authorization: str | None = None
        self._kinds = kinds
        self._verbs = verbs
        self._watches = watches
        self._faults = faults

    async def handle(self, raw: web.Request) -> web.StreamResponse:
        """Answer one request."""
        request = await record(raw)
        self.tell(request)
        fault = self._faults.take(request)
        match fault:
            case DropBefore():
                return _cut(raw)
            case Answer():
                return _refuse(fault)
            case Raw():
                return await _speak(raw, fault)
            case Hold():
                fault.arrived.set()
                await fault.released.wait()
            case _:
                pass
        try:
            answer = await self._do(raw, request)
        except RefusalError as refusal:
            answer = web.json_response(refusal.status(), status=refusal.code)
        return _cut(raw) if isinstance(fault, DropAfter) else answer

    async def _do(self, raw: web.Request, request: Request) -> web.StreamResponse:
        if self.authorization not in (None, raw.headers.get("Authorization")):
            raise RefusalError(401, "Unauthorized", "Unauthorized")
        target = parse(self._kinds, request.path)
        if target is None:
            found = discovery(self._kinds, request.path)
            if found is None:
                raise RefusalError(404, "NotFound", "the server could not find the requested resource")
            return web.json_response(found)
        if request.verb == "WATCH":
            return await self._watches.serve(raw, target.kind, target.namespace, request.query)
        created = 201 if request.method == "POST" else 200
        return web.json_response(self._verb(request, target), status=created, dumps=compact)

    def _verb(self, request: Request, target: Target) -> Json:
        body = request.body if isinstance(request.body, dict) else {}
        kind_of_patch = request.headers.get("Content-Type", "")
        match request.method, target.name:
            case "GET", None:
                partial = "as=PartialObjectMetadataList" in request.headers.get("Accept", "")
                return self._verbs.list(target, request.query, metadata_only=partial)
            case "GET", str():
                return self._verbs.get(target)
            case "POST", None:
                return self._verbs.create(target, body)
            case "PUT", str():
                return self._verbs.update(target, body)
            case "PATCH", str() if kind_of_patch == "application/merge-patch+json":
                return self._verbs.merge_patch(target, body)
            case "DELETE", str():
                return self._verbs.delete(target, body)
            case _:
                raise bad_request(
                    f"the fake server does not know {request.method} {request.path} {kind_of_patch}"
                )


def _cut(raw: web.Request) -> web.Response:
    if raw.transport is not None:
        raw.transport.abort()
    return web.Response()


async def _speak(raw: web.Request, words: Raw) -> web.Response:
    if raw.transport is not None:
        await words.answer(raw.transport)
    return web.Response()


def _refuse(answer: Answer) -> web.Response:
    if answer.text is not None:
        return web.Response(text=answer.text, status=answer.code, headers=answer.headers)
    status = RefusalError(answer.code, answer.reason, answer.message).status()
    return web.Response(
        text=json.dumps(status), status=answer.code, headers=answer.headers, content_type="application/json"
    )
