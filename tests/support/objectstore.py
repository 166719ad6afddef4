"""A real S3 server in the test cluster, by TLS of an authority of its own, and what it holds."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import obstore
from obstore.store import S3Store

from support import cluster, tasks
from support.cluster import Json
from support.s3 import REGION, SECRET, USER
from support.tasks import Tasks

S3_IMAGE: Final = "containertask-test/s3:dev"
PORT: Final = 7070
_LABELS: Final = {"app": "s3"}
_RESTRICTED: Final[Json] = {
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "runAsNonRoot": True,
    "runAsUser": 65532,
    "seccompProfile": {"type": "RuntimeDefault"},
}


@dataclass(frozen=True, slots=True)
class ObjectStore:
    """The server: how Pods and how this machine reach it, and the certificate of its authority."""

    endpoint: str
    outside: str
    authority: str

    def bucket(self, name: str) -> S3Store:
        """Open a bucket from outside the cluster."""
        return S3Store(
            name,
            endpoint=self.outside,
            region=REGION,
            access_key_id=USER,
            secret_access_key=SECRET,
            client_options={"root_certificate": self.authority.encode(), "timeout": "60s"},
        )

    def spec(self, bucket: str, **more: object) -> Json:
        """Return the spec of a store that is a bucket here."""
        return {
            "s3": {
                "bucket": bucket,
                "endpoint": self.endpoint,
                "credentials": {"type": "Secret", "secretName": "s3-key"},
                **more,
            },
            "tls": {"caConfigMap": {"name": "s3-ca", "key": "ca.crt"}},
        }

    def introduce(self, here: Tasks, *, secret: str = SECRET) -> None:
        """Have the Secret and the authority in a namespace that its stores name."""
        keys = {"AWS_ACCESS_KEY_ID": USER, "AWS_SECRET_ACCESS_KEY": secret}
        here.core.create_namespaced_secret(
            here.namespace, {"metadata": {"name": "s3-key"}, "stringData": keys}
        )
        data = {"ca.crt": self.authority}
        here.core.create_namespaced_config_map(here.namespace, {"metadata": {"name": "s3-ca"}, "data": data})


def objects(bucket: S3Store, prefix: str = "") -> dict[str, int]:
    """Return the objects of a bucket with their sizes."""
    return {one["path"]: one["size"] for page in obstore.list(bucket, prefix or None) for one in page}


def content(bucket: S3Store, key: str) -> bytes:
    """Return what an object holds."""
    return bytes(obstore.get(bucket, key).bytes())


def store(name: str, spec: Json, kind: str = "ArtifactStore") -> Json:
    """Return a store as it is written in a file."""
    return {
        "apiVersion": f"{tasks.GROUP}/v1alpha1",
        "kind": kind,
        "metadata": {"name": name},
        "spec": spec,
    }


@contextmanager
def running(*buckets: str) -> Iterator[ObjectStore]:
    """Run a server with these buckets, in a namespace of its own."""
    with tasks.namespace("baseline") as made:
        node = _address(made)
        name = f"s3.{made.namespace}.svc"
        authority, pair = _certificates(name, node)
        core = made.core
        core.create_namespaced_secret(
            made.namespace, {"metadata": {"name": "tls"}, "stringData": {"pair.pem": pair}}
        )
        core.create_namespaced_pod(made.namespace, _pod(buckets))
        ports = [{"port": PORT, "targetPort": PORT}]
        service = core.create_namespaced_service(
            made.namespace,
            {"metadata": {"name": "s3"}, "spec": {"type": "NodePort", "selector": _LABELS, "ports": ports}},
        )
        cluster.Namespace(core, made.namespace).wait("s3", is_ready)
        port = service.spec.ports[0].node_port
        yield ObjectStore(f"https://{name}:{PORT}", f"https://{node}:{port}", authority)


def _address(made: Tasks) -> str:
    """Return where this machine reaches the node."""
    addresses = made.core.list_node().items[0].status.addresses
    return next(str(one.address) for one in addresses if one.type == "InternalIP")


def is_ready(pod: Json) -> bool:
    """Tell whether a Pod is ready."""
    conditions = pod.get("status", {}).get("conditions", [])
    return any(one["type"] == "Ready" and one["status"] == "True" for one in conditions)


def _pod(buckets: tuple[str, ...]) -> Json:
    """Return the server's Pod; a bucket is a folder."""
    folders = " ".join(f"/data/{one}" for one in buckets)
    container = {
        "name": "s3",
        "image": S3_IMAGE,
        "args": [
            "--port",
            f":{PORT}",
            "--quiet",
            "--cert",
            "/tls/pair.pem",
            "--key",
            "/tls/pair.pem",
            "posix",
            "/data",
        ],
        "env": [{"name": "ROOT_ACCESS_KEY", "value": USER}, {"name": "ROOT_SECRET_KEY", "value": SECRET}],
        "securityContext": _RESTRICTED,
        "readinessProbe": {"tcpSocket": {"port": PORT}, "periodSeconds": 1},
        "volumeMounts": [{"name": "data", "mountPath": "/data"}, {"name": "tls", "mountPath": "/tls"}],
    }
    make = {
        "name": "buckets",
        "image": "containertask-test/shell:dev",
        "command": ["sh", "-euc", f"mkdir -p {folders}"],
        "securityContext": _RESTRICTED,
        "volumeMounts": [{"name": "data", "mountPath": "/data"}],
    }
    volumes = [{"name": "data", "emptyDir": {}}, {"name": "tls", "secret": {"secretName": "tls"}}]
    spec = {"initContainers": [make], "containers": [container], "volumes": volumes}
    return {"metadata": {"name": "s3", "labels": _LABELS}, "spec": spec}


def _certificates(name: str, address: str) -> tuple[str, str]:
    """Return the certificate of a new authority, and what it vouches for, with its key."""
    with tempfile.TemporaryDirectory() as folder:
        at = Path(folder)
        _openssl(
            at,
            "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=tests "
            "-keyout ca.key -out ca.crt",
        )
        _openssl(
            at,
            "req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=s3 -keyout s3.key -out s3.csr",
        )
        (at / "names").write_text(f"subjectAltName=DNS:{name},IP:{address}\n")
        _openssl(
            at,
            "x509 -req -in s3.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 2 "
            "-extfile names -out s3.crt",
        )
        pair = (at / "s3.crt").read_text() + (at / "s3.key").read_text()
        return (at / "ca.crt").read_text(), pair


def _openssl(folder: Path, arguments: str) -> None:
    subprocess.run(["openssl", *arguments.split()], cwd=folder, check=True, capture_output=True)


def apply(here: Tasks, *documents: Json) -> None:
    """Run ``kubectl apply`` in a namespace."""
    everything = {"apiVersion": "v1", "kind": "List", "items": list(documents)}
    cluster.kubectl("apply", "--namespace", here.namespace, "--filename=-", stdin=json.dumps(everything))
