"""The fake server itself: start, stop, and what a test does in the place of user, kubelet and scheduler."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import Callable, Sequence
from typing import Self

from aiohttp import web

from containertask.kube.auth import Access, Credentials
from containertask.kube.client import CONNECTIONS, REQUEST_SECONDS, ApiClient
from containertask.kube.gate import Gate
from containertask.kube.resources import Resource
from containertask.kube.watch import SILENCE_SECONDS, Watcher
from support.fakeapi.faults import Faults
from support.fakeapi.kinds import KINDS, Kind
from support.fakeapi.paths import Target
from support.fakeapi.recording import Request
from support.fakeapi.routes import Routes
from support.fakeapi.store import Json, Store
from support.fakeapi.verbs import Verbs, merged
from support.fakeapi.watch import Watches

UNTIL_SECONDS = 20.0
"""How long a condition may take on a busy machine before the test fails."""


class FakeApi:
    """A kube-apiserver on a free port of the loopback address, for ``async with``.

    Attributes:
        store: the objects, without HTTP.
        faults: what goes wrong.
        verbs: the verbs and their switches.
        watches: the open watches, to be ended or expired.
        routes: the recorded requests and what the Authorization header must be.
    """

    def __init__(self, kinds: Sequence[Kind] = KINDS) -> None:
        self.store = Store()
        self.faults = Faults()
        self.verbs = Verbs(self.store)
        self.watches = Watches(self.store)
        self.routes = Routes(kinds, self.verbs, self.watches, self.faults)
        self.url = ""
        self._kinds = {kind.resource: kind for kind in kinds}
        self._clients: list[ApiClient | Watcher] = []
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        application = web.Application(client_max_size=16 * 2**20)
        application.router.add_route("*", "/{path:.*}", self.routes.handle)
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{port}"
        return self

    async def __aexit__(self, *_: object) -> None:
        for client in self._clients:
            await client.close()
        await self.stop()

    async def stop(self) -> None:
        """End every watch and take no connection any more."""
        self.watches.end()
        if self._runner is not None:
            await self._runner.cleanup()

    @property
    def requests(self) -> list[Request]:
        """All requests so far, in the order of arrival."""
        return self.routes.requests

    @property
    def only_writes(self) -> list[Request]:
        """Those of them that can change something."""
        return [request for request in self.requests if request.writes]

    def credentials(self, token: str | None = None) -> Credentials:
        """Return credentials for this server."""
        headers = {"Authorization": token} if token else {}
        return Credentials(lambda: Access(server=self.url, headers=headers))

    def client(
        self,
        *,
        gate: Gate | None = None,
        credentials: Credentials | None = None,
        connections: int = CONNECTIONS,
        request_seconds: float = REQUEST_SECONDS,
    ) -> ApiClient:
        """Return a client of this server, closed with it."""
        found = credentials or self.credentials()
        client = ApiClient(found, gate=gate, connections=connections, request_seconds=request_seconds)
        self._clients.append(client)
        return client

    def watcher(self, *, credentials: Credentials | None = None, silence: float = SILENCE_SECONDS) -> Watcher:
        """Return what opens watches of this server, closed with it."""
        watcher = Watcher(credentials or self.credentials(), silence=silence)
        self._clients.append(watcher)
        return watcher

    def get(self, resource: Resource, namespace: str, name: str) -> Json:
        """Return a copy of an object; ``RefusalError`` if it is not there."""
        return copy.deepcopy(self.store.get(resource, namespace, name))

    def items(self, resource: Resource, namespace: str | None = None) -> list[Json]:
        """Return copies of all objects of a namespace, or of all."""
        return copy.deepcopy(self.store.items(resource, namespace))

    def put(self, resource: Resource, body: Json) -> Json:
        """Create or replace an object whole, its status included; return it as stored."""
        kind, body = self._kinds[resource], copy.deepcopy(body)
        namespace = body["metadata"].get("namespace", "default" if kind.namespaced else "")
        known = self.store.find(resource, namespace, body["metadata"]["name"])
        stored = (
            self.store.create(kind, namespace, body)
            if known is None
            else self.store.replace(kind, namespace, body)
        )
        return copy.deepcopy(stored)

    def set_status(self, resource: Resource, namespace: str, name: str, status: Json) -> Json:
        """Replace an object's status, as the kubelet does; return the object."""
        target = Target(kind=self._kinds[resource], namespace=namespace, name=name, subresource="status")
        return copy.deepcopy(self.verbs.update(target, {"status": copy.deepcopy(status)}))

    def patch(self, resource: Resource, namespace: str, name: str, patch: Json) -> Json:
        """Merge a patch into an object, status included; return the object."""
        before = self.store.get(resource, namespace, name)
        after = merged(before, copy.deepcopy(patch))
        return copy.deepcopy(self.store.replace(self._kinds[resource], namespace, after))

    def remove(self, resource: Resource, namespace: str, name: str) -> None:
        """Delete an object at once, and what it owns."""
        self.store.remove(resource, namespace, name)

    async def until(self, condition: Callable[[], object], *, within: float = UNTIL_SECONDS) -> None:
        """Return as soon as a condition holds; it is asked again after whatever the event loop does.

        Raises:
            TimeoutError: it does not, within so many seconds.
        """
        async with asyncio.timeout(within):
            while not condition():  # noqa: ASYNC110 (it may be about anything: no one event tells)
                await asyncio.sleep(0.002)
