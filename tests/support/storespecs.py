"""Specs of stores that are taken, by Python and the API server; ``refusedstores`` has those that are not."""

from __future__ import annotations

from typing import Any, Final

Json = dict[str, Any]

LEAST: Final[Json] = {"s3": {"bucket": "results", "region": "eu-central-1"}}
SECRET: Final[Json] = {"type": "Secret", "secretName": "store-key"}
HTTP: Final[Json] = {"hosts": ["data.example.org"]}
LONGEST: Final = "/".join(["x" * 127] * 4)


def s3(**change: object) -> Json:
    """Return a bucket with a change; ``...`` takes a field away."""
    return {"s3": _changed(LEAST["s3"], change)}


def http(**change: object) -> Json:
    """Return web servers with a change."""
    return {"http": _changed(HTTP, change)}


def _changed(least: Json, change: Json) -> Json:
    return {name: value for name, value in {**least, **change}.items() if value is not ...}


def a_store(spec: object, namespace: str = "team", **metadata: object) -> Json:
    """Return a store as the API server shows it; without a namespace that of the cluster."""
    where = {"namespace": namespace} if namespace else {}
    named = {"name": "default", "uid": "u1", "resourceVersion": "7", "generation": 3}
    return {"metadata": {**named, **where, **metadata}, "spec": spec}


ACCEPTED: Final[dict[str, Json]] = {
    "the least bucket": LEAST,
    "a bucket with all there is": {
        **s3(
            prefix="team-a/..results/.x/…/a b",
            endpoint="http://minio.storage.svc:9000",
            pathStyle=True,
            conditionalWrites="Unsupported",
            credentials=SECRET,
        ),
        "tls": {"caConfigMap": {"name": "company-ca", "key": "ca.crt"}},
        "limits": {"maxObjectSize": "50Gi", "maxObjects": 100_000},
    },
    "a server without a region": s3(region=..., endpoint="https://s3.example.org"),
    "a server by its address": s3(endpoint="http://10.0.0.7:65535"),
    "a server by its long address": s3(endpoint="https://[2001:db8::1]:443"),
    "the identity of the Pod": s3(credentials={"type": "PodIdentity"}),
    "nobody": s3(credentials={"type": "Anonymous"}),
    "the longest prefix": s3(prefix=LONGEST),
    "bytes as a number": {**LEAST, "limits": {"maxObjectSize": 1, "maxObjects": 1}},
    "a bucket of Google": {"gcs": {"bucket": "team_results.example.org", "prefix": "a/b"}},
    "an emulator of Google": {
        "gcs": {"bucket": "abc", "endpoint": "http://gcs:4443", "credentials": {"type": "Anonymous"}}
    },
    "a container of Azure": {
        "azure": {
            "account": "teamresults",
            "container": "a-b",
            "prefix": "p",
            "endpoint": "http://azurite:10000",
            "credentials": SECRET,
        }
    },
    "a claim": {"pvc": {"claimName": "results"}},
    "a part of a claim": {"pvc": {"claimName": "results", "subPath": "a/b", "readOnly": True}},
    "a web server": {"http": HTTP},
    "many web servers": http(
        hosts=["a.example.org:8443", "*.example.com", "minio", "10.0.0.7:80", "x-1.1e100.net", "*.a.b:1"],
        credentials=SECRET,
    ),
    "as many web servers as may be": http(hosts=[f"h{number}.example.org" for number in range(64)]),
    "anybody at a web server": http(credentials={"type": "Anonymous"}),
    "nulls": {**s3(prefix=None, credentials=None), "gcs": None, "limits": None},
}
OF_CLUSTER: Final[dict[str, Json]] = {
    "prefixes for everybody": {**LEAST, "allowedPrefixes": ["shared/models", "public"]},
    "none": {**LEAST, "allowedPrefixes": []},
    "as many as may be": {**LEAST, "allowedPrefixes": [f"p{number}" for number in range(64)]},
}
