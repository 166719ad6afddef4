"""Where the API server is and who we are: read from the Pod's service account or from a kubeconfig.

The ``kubernetes`` package reads both, with its auth plugins, and serves for nothing else here. It is
imported only when something is read, because its import takes a quarter of a second.
"""

from __future__ import annotations

import asyncio
import logging
import os
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from containertask.kube import kubeconfig as files
from containertask.kube.errors import NoCredentials
from containertask.kube.tls import Contexts

TOKEN_SECONDS = 60.0
"""How old a service account's token may get before its file is read again: the kubelet renews it."""

SERVICE_ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """What one request needs. Never printed: the headers hold the token.

    Attributes:
        server: URL without a slash at its end; may have a path.
        headers: what every request carries.
        tls: certificates; None where the server is spoken to without TLS.
        tls_server_name: the name in the server's certificate, if not that of the URL.
        proxy: URL of a proxy.
    """

    server: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    tls: ssl.SSLContext | None = None
    tls_server_name: str | None = None
    proxy: str | None = None


class Credentials:
    """The access in use, read again when it gets old and when the server does not accept it.

    Args:
        read: reads the access; may block; raises ``NoCredentials``.
        max_age: seconds until it is read again unasked; None for never.
        clock: seconds, monotonic.
    """

    def __init__(
        self,
        read: Callable[[], Access],
        *,
        max_age: float | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._read = read
        self._max_age = max_age
        self._clock = clock
        self._access = read()
        self._read_at = clock()
        self._reading = asyncio.Lock()

    @property
    def server(self) -> str:
        """URL of the API server."""
        return self._access.server

    async def current(self) -> Access:
        """Return the access, read again if it is old. If that fails the old one stays in use."""
        if self._max_age is not None and self._clock() - self._read_at >= self._max_age:
            try:
                return await self.refresh(self._access)
            except NoCredentials as error:
                self._read_at = self._clock()
                _log.warning("credentials cannot be read again, the old ones stay in use: %s", error)
        return self._access

    async def refresh(self, refused: Access) -> Access:
        """Read again, unless somebody has done so since ``refused`` was handed out.

        Raises:
            NoCredentials: they cannot be read.
        """
        async with self._reading:
            if self._access is refused:
                self._access = await asyncio.to_thread(self._read)
                self._read_at = self._clock()
        return self._access


def load(
    *,
    kubeconfig: str | None = None,
    context: str | None = None,
    environ: Mapping[str, str] = os.environ,
    service_account: Path = SERVICE_ACCOUNT,
) -> Credentials:
    """Return the credentials of the Pod this runs in; outside of a cluster those of the kubeconfig.

    Args:
        kubeconfig: file to read; without it ``KUBECONFIG``, else the user's default. Given, it wins.
        context: the kubeconfig's context; without it the current one.
        environ: the process's environment.
        service_account: folder of the service account's token and certificate.

    Raises:
        NoCredentials: neither is there, or it cannot be read.
    """
    token = service_account / "token"
    if kubeconfig is None and environ.get("KUBERNETES_SERVICE_HOST") and token.is_file():
        return in_cluster(environ, service_account)
    return from_kubeconfig(kubeconfig or environ.get("KUBECONFIG") or None, context)


def namespace(
    *,
    kubeconfig: str | None = None,
    context: str | None = None,
    environ: Mapping[str, str] = os.environ,
    service_account: Path = SERVICE_ACCOUNT,
) -> str:
    """Return the namespace that is meant where none is said: the context's, or that of the Pod.

    Args:
        kubeconfig: as for ``load``.
        context: as for ``load``.
        environ: as for ``load``.
        service_account: as for ``load``.

    Raises:
        NoCredentials: there is no such context, or the file cannot be read.
    """
    own = service_account / "namespace"
    if kubeconfig is None and environ.get("KUBERNETES_SERVICE_HOST") and own.is_file():
        return own.read_text().strip()
    from kubernetes import config  # noqa: PLC0415 (see above)

    try:
        list_contexts: Any = config.list_kube_config_contexts
        contexts, active = list_contexts(kubeconfig or environ.get("KUBECONFIG") or None)
    except Exception as error:  # as in _access
        raise _unusable(error, kubeconfig or environ.get("KUBECONFIG")) from error
    wanted = context or active["name"]
    found = next((one for one in contexts if one["name"] == wanted), None)
    if found is None:
        raise NoCredentials(f"the kubeconfig has no context {wanted}")
    return str(found["context"].get("namespace") or "default")


def in_cluster(
    environ: Mapping[str, str],
    service_account: Path = SERVICE_ACCOUNT,
    *,
    clock: Callable[[], float] = time.monotonic,
) -> Credentials:
    """Return a Pod's credentials. Their files are read again every minute."""
    contexts = Contexts()

    def read() -> Access:
        from kubernetes.config.incluster_config import InClusterConfigLoader  # noqa: PLC0415 (see above)

        make: Any = InClusterConfigLoader
        loader = make(
            token_filename=str(service_account / "token"),
            cert_filename=str(service_account / "ca.crt"),
            environ=environ,
        )
        return _access(loader.load_and_set, contexts)

    return Credentials(read, max_age=TOKEN_SECONDS, clock=clock)


def from_kubeconfig(path: str | None, context: str | None = None) -> Credentials:
    """Return a kubeconfig's credentials; its plugins run again when the server refuses what they gave."""
    contexts = Contexts()

    def read() -> Access:
        from kubernetes import config  # noqa: PLC0415 (see above)

        load_kube_config: Any = config.load_kube_config

        def load_and_set(configuration: object) -> None:
            load_kube_config(path, context, client_configuration=configuration, persist_config=False)

        try:
            return _access(load_and_set, contexts)
        except NoCredentials as error:
            raise _unusable(error, path) from error

    return Credentials(read)


def _access(load_and_set: Callable[[Any], None], contexts: Contexts) -> Access:
    from kubernetes.client import Configuration  # noqa: PLC0415 (see above)

    configuration = Configuration()
    try:
        with files.complaints() as said:
            load_and_set(configuration)
        token = str(configuration.api_key.get("BearerToken", "")).strip()
        if said and not token and not configuration.cert_file:
            raise NoCredentials(f"the user's plugin gave no credential: {files.without_values(said[0])}")  # noqa: TRY301 - one way out
        server = str(configuration.host).rstrip("/")
        if not server.startswith(("http://", "https://")):
            raise NoCredentials("no usable configuration: the cluster's `server` is no URL")  # noqa: TRY301 - as above
        return Access(
            server=server,
            headers={"Authorization": token} if token else {},
            tls=contexts.get(configuration) if server.startswith("https:") else None,
            tls_server_name=configuration.tls_server_name,
            proxy=configuration.proxy,
        )
    except Exception as error:  # nonsense in a file comes out of that package as anything
        if isinstance(error, NoCredentials):
            raise
        raise NoCredentials(f"no usable configuration: {files.without_values(str(error))}") from error


def _unusable(error: Exception, path: str | None) -> NoCredentials:
    if (found := files.fault(path)) is not None:
        return NoCredentials(f"no usable configuration: {found}")
    text = files.without_values(str(error))
    return error if isinstance(error, NoCredentials) else NoCredentials(f"no usable configuration: {text}")
