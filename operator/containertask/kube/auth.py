"""Where the API server is and who we are: read from the Pod's service account or from a kubeconfig.

The ``kubernetes`` package reads both, with its auth plugins, and serves for nothing else here. It is
imported only when something is read, because its import takes a quarter of a second.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import os
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from containertask.kube.errors import NoCredentials

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
        raise NoCredentials(f"no usable configuration: {error}") from error
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
    contexts = _Contexts()

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
    contexts = _Contexts()

    def read() -> Access:
        from kubernetes import config  # noqa: PLC0415 (see above)

        load_kube_config: Any = config.load_kube_config

        def load_and_set(configuration: object) -> None:
            load_kube_config(path, context, client_configuration=configuration, persist_config=False)

        return _access(load_and_set, contexts)

    return Credentials(read)


class _Contexts:
    """Makes a new TLS context only when a certificate changed: a new one means new connections."""

    def __init__(self) -> None:
        self._made_from: bytes | None = None
        self._context: ssl.SSLContext | None = None

    def get(self, configuration: Any) -> ssl.SSLContext:  # noqa: ANN401 (the package has no types)
        files = (configuration.ssl_ca_cert, configuration.cert_file, configuration.key_file)
        content = b"\0".join(Path(name).read_bytes() if name else b"" for name in files)
        fingerprint = hashlib.sha256(content + bytes([bool(configuration.verify_ssl)])).digest()
        if self._context is None or fingerprint != self._made_from:
            self._context = _tls(*files, verify=configuration.verify_ssl)
            self._made_from = fingerprint
        return self._context


def _tls(ca: str | None, certificate: str | None, key: str | None, *, verify: bool) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=ca)
    if not verify:  # the kubeconfig says insecure-skip-tls-verify
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if certificate:
        context.load_cert_chain(certificate, key)
    return context


def _access(load_and_set: Callable[[Any], None], contexts: _Contexts) -> Access:
    from kubernetes.client import Configuration  # noqa: PLC0415 (see above)

    configuration = Configuration()
    try:
        load_and_set(configuration)
        server = str(configuration.host).rstrip("/")
        token = str(configuration.api_key.get("BearerToken", "")).strip()
        return Access(
            server=server,
            headers={"Authorization": token} if token else {},
            tls=contexts.get(configuration) if server.startswith("https:") else None,
            tls_server_name=configuration.tls_server_name,
            proxy=configuration.proxy,
        )
    except Exception as error:  # nonsense in a file comes out of that package as anything
        raise NoCredentials(f"no usable configuration: {error}") from error
