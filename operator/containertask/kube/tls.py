"""TLS contexts of what a kubeconfig or a service account says."""

from __future__ import annotations

import hashlib
import ssl
from pathlib import Path
from typing import Any


class Contexts:
    """Makes a new TLS context only when a certificate changed: a new one means new connections."""

    def __init__(self) -> None:
        self._made_from: bytes | None = None
        self._context: ssl.SSLContext | None = None

    def get(self, configuration: Any) -> ssl.SSLContext:  # noqa: ANN401 - the package has no types
        """Return the context of a Configuration. Raises OSError, ssl.SSLError."""
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
