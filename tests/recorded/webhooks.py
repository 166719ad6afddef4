"""Webhooks of the API server that deny, say nonsense, or take too long, on the first node.

They are served by a Pod on the node's own network, so that the API server there reaches them at localhost.
"""

from __future__ import annotations

import base64
import json
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from recorded.ending import ready
from support import cluster
from support.cluster import Json
from support.shapes import OPERATOR_IMAGE
from support.tasks import Tasks

_PORT: Final = 8449
_NAME: Final = "recorded-webhook"
_SERVER: Final = f"""
import http.server, json, ssl, time
ANSWERS = {{
    "/deny": dict(allowed=False, status=dict(message="Pods need an owner: ask team platform")),
    "/invalid": dict(allowed=False, status=dict(message="Pods need an owner", code=422, reason="Invalid")),
    "/mute": dict(allowed=False),
    "/conflict": dict(allowed=False, status=dict(message="Pods are counted just now", code=409)),
    "/busy": dict(allowed=False, status=dict(message="too many Pods at once", code=429)),
}}
class Hook(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        review = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        path = self.path.partition("?")[0]
        if path == "/slow":
            time.sleep(5)
        if path == "/fails":
            return self.send_error(503)
        review["response"] = dict(ANSWERS.get(path, dict(allowed=True)), uid=review.pop("request")["uid"])
        text = json.dumps(review).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)
server = http.server.ThreadingHTTPServer(("127.0.0.1", {_PORT}), Hook)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain("/secret/tls.crt", "/secret/tls.key")
server.socket = context.wrap_socket(server.socket, server_side=True)
server.serve_forever()
"""


@dataclass(frozen=True, slots=True)
class Hook:
    """Where a webhook is, and whether the API server knows its authority."""

    path: str
    port: int = _PORT
    trusted: bool = True


SLOW: Final = Hook("/slow")
DENIES: Final = Hook("/deny")
FAILS: Final = Hook("/fails")


def hooked(hook: Hook | None) -> Callable[[Tasks], AbstractContextManager[None]]:
    """Return what puts a webhook in force for the namespace's Pods; None: its Service is not there."""

    @contextmanager
    def in_force(here: Tasks) -> Iterator[None]:
        with _served(here) as authority:
            cluster.kubectl("apply", "--filename=-", stdin=json.dumps(_configuration(here, hook, authority)))
            try:
                yield
            finally:
                cluster.kubectl("delete", f"validatingwebhookconfiguration/{_NAME}")

    return in_force


def _configuration(here: Tasks, hook: Hook | None, authority: str) -> Json:
    client: Json = {"caBundle": authority}
    if hook is None:
        client["service"] = {"name": "absent", "namespace": here.namespace}
    else:
        client["url"] = f"https://localhost:{hook.port}{hook.path}"
    if hook is not None and not hook.trusted:
        client["caBundle"] = _certificate()[0]
    one = {
        "name": "owners.example.com",
        "clientConfig": client,
        "rules": [
            {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["pods"]}
        ],
        "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": here.namespace}},
        "failurePolicy": "Fail",
        "sideEffects": "None",
        "timeoutSeconds": 1,
        "admissionReviewVersions": ["v1"],
    }
    kind = "ValidatingWebhookConfiguration"
    return {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": kind,
        "metadata": {"name": _NAME},
        "webhooks": [one],
    }


@contextmanager
def _served(here: Tasks) -> Iterator[str]:
    """Serve on the first node; give the certificate by which it is known."""
    certificate, key = _certificate()
    secret = {"metadata": {"name": "webhook"}, "data": {"tls.crt": certificate, "tls.key": key}}
    where = cluster.Namespace(here.core, here.namespace)
    here.core.create_namespaced_secret(here.namespace, secret)
    where.create(_pod())
    try:
        where.wait("webhook", ready)
        yield certificate
    finally:
        where.delete("webhook")
        cluster.kubectl(
            "wait", f"--namespace={here.namespace}", "--for=delete", "pod/webhook", "--timeout=30s"
        )
        here.core.delete_namespaced_secret("webhook", here.namespace)


def _pod() -> Json:
    probe = {"tcpSocket": {"port": _PORT, "host": "127.0.0.1"}, "periodSeconds": 1}
    container: dict[str, Any] = {
        "name": "webhook",
        "image": OPERATOR_IMAGE,
        "command": ["python3", "-c", _SERVER],
        "readinessProbe": probe,
        "securityContext": {"runAsUser": 0},
        "volumeMounts": [{"name": "secret", "mountPath": "/secret"}],
    }
    return {
        "metadata": {"name": "webhook"},
        "spec": {
            "hostNetwork": True,
            "nodeSelector": {"node-role.kubernetes.io/control-plane": ""},
            "tolerations": [{"operator": "Exists"}],
            "terminationGracePeriodSeconds": 0,
            "containers": [container],
            "volumes": [{"name": "secret", "secret": {"secretName": "webhook"}}],
        },
    }


def _certificate() -> tuple[str, str]:
    """Make a certificate for localhost, and its key, both in base64."""
    with tempfile.TemporaryDirectory() as folder:
        certificate, key = Path(folder, "tls.crt"), Path(folder, "tls.key")
        request = [
            "openssl",
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-days",
            "2",
            "-subj",
            "/CN=localhost",
        ]
        files = ["-addext", "subjectAltName=DNS:localhost", "-out", str(certificate), "-keyout", str(key)]
        subprocess.run([*request, *files], check=True, capture_output=True)
        crt, pem = (base64.b64encode(one.read_bytes()).decode() for one in (certificate, key))
        return crt, pem
