"""Specs of stores that are refused: where, with which words, by the API server and ``parse_store`` alike."""

from __future__ import annotations

from typing import Final

from support.refusals import OBJECT, Refusal
from support.storespecs import HTTP, LEAST, Json, http, s3

PREFIX: Final = "write names with one slash between them, none at either end, without `.`, `..` and control"
BYTES: Final = "at most 512 bytes, as UTF-8: shorten it"
ENDPOINT: Final = "write http:// or https://, a host in small letters and at most a port, no user, path or "
"query"
HOST: Final = "write a host in small letters with at most a port, such as data.example.org:8443"
OF_THE_NODE: Final = "loopback and link-local addresses are nobody's store: write the host's name"
BUCKET: Final = "letters, digits, `-` and `.`, a letter or digit at both ends, such as team-results"
NO_ADDRESS: Final = "a bucket's name is no address and has no two dots in a row"
ONE_KIND: Final = "a store is of one kind: set exactly one of s3, gcs, azure, pvc, http"
BY_NAME: Final = "secretName belongs to type Secret, and to no other: set both, or leave secretName out"
REGION: Final = "AWS needs the bucket's region, such as eu-central-1; or set endpoint to another server"
QUANTITY: Final = "write a quantity as Kubernetes does, not negative, such as 2, 500m or 1.5Gi"
PREFIXES: Final = ("/a", "a/", "a//b", ".", "a/..", "../a", "a/./b", "a\nb", "a\x00", "a\x7f", "a\x85b", "")
ENDPOINTS: Final = (
    "minio:9000", "ftp://a", "http://", "http://u:p@a", "http://a/b", "http://a/", "http://a?x", "http://a#x",
    "http://a:0", "http://a:65536", "http://a:", "http://A", "http://a b", "http://-a", "http://256.0.0.1",
    "http://[::1", "http://a\n", "http://1.2.3", "",
)  # fmt: skip
HOSTS: Final = (
    "http://a", "a/b", "a:0", "a:99999", "A", "*", "*.org", "a.*", "*a.b", "a..b", ".a", "a.", "u@a", "[::1]",
    "::1", "127.1", "2130706433", "0x7f.1", "010.0.0.1", "1.2.3.4.5", "", "a b",
)  # fmt: skip
OF_NODES: Final = (
    "127.0.0.1", "127.8.9.1:80", "0.0.0.0", "169.254.169.254", "169.254.1.1:80", "localhost",  # noqa: S104 - none to bind to
    "localhost:8080", "a.localhost", "*.a.localhost",
)  # fmt: skip

VALUES: dict[str, Refusal] = {
    "no bucket": Refusal(s3(bucket=...), "spec.s3.bucket", "is missing", r"spec\.s3\.bucket: Required value"),
    "a bucket in capitals": Refusal(s3(bucket="Results"), "spec.s3.bucket", BUCKET),
    "a short bucket": Refusal(s3(bucket="ab"), "spec.s3.bucket", BUCKET),
    "a long bucket": Refusal(
        s3(bucket="a" * 64), "spec.s3.bucket", "64 characters: at most 63", r"spec\.s3\.bucket: Too long"
    ),
    "an address for a bucket": Refusal(s3(bucket="10.0.0.1"), "spec.s3.bucket", NO_ADDRESS),
    "two dots in a bucket": Refusal(s3(bucket="a..b"), "spec.s3.bucket", NO_ADDRESS),
    "too many letters of a prefix": Refusal(
        s3(prefix="x" * 513), "spec.s3.prefix", "513 characters: at most 512", r"spec\.s3\.prefix: Too long"
    ),
    "too many bytes of a prefix": Refusal(s3(prefix="ä" * 257), "spec.s3.prefix", BYTES),
    "an endpoint that is no address": Refusal(
        s3(endpoint="http://[2001:db8::1::2]"), "spec.s3.endpoint", "is no IPv6 address", "-"
    ),
    "a region with a blank": Refusal(
        s3(region="eu central"), "spec.s3.region", "write a region in small letters, digits and `-`"
    ),
    "no region for AWS": Refusal(s3(region=...), "spec.s3.region", REGION),
    "a word for pathStyle": Refusal(
        s3(pathStyle="yes"),
        "spec.s3.pathStyle",
        "a string where true or false is wanted",
        "must be of type boolean",
    ),
    "no such conditionalWrites": Refusal(
        s3(conditionalWrites="No"),
        "spec.s3.conditionalWrites",
        "`No` is none of Supported, Unsupported",
        r"spec\.s3\.conditionalWrites: Unsupported value",
    ),
    "a bucket of Google in capitals": Refusal(
        {"gcs": {"bucket": "Results"}}, "spec.gcs.bucket", "write 3 to 222 small letters"
    ),
    "an address for a bucket of Google": Refusal(
        {"gcs": {"bucket": "10.0.0.1"}}, "spec.gcs.bucket", NO_ADDRESS
    ),
    "an account with a dash": Refusal(
        {"azure": {"account": "a-b", "container": "abc"}},
        "spec.azure.account",
        "write 3 to 24 small letters and digits, such as teamresults",
    ),
    "a short container": Refusal(
        {"azure": {"account": "abc", "container": "ab"}},
        "spec.azure.container",
        "write 3 to 63 small letters, digits and single `-`, a letter or digit at both ends, such as results",
    ),
    "two dashes in a container": Refusal(
        {"azure": {"account": "abc", "container": "a--b"}}, "spec.azure.container", "single `-`"
    ),
    "a claim in capitals": Refusal({"pvc": {"claimName": "Results"}}, "spec.pvc.claimName", OBJECT),
    "a claim's part from the root": Refusal(
        {"pvc": {"claimName": "a", "subPath": "/a"}}, "spec.pvc.subPath", PREFIX
    ),
    "no hosts": Refusal(
        http(hosts=[]),
        "spec.http.hosts",
        "an empty list",
        r"spec\.http\.hosts: Invalid value.*at least 1 "
        "item",
    ),
    "too many hosts": Refusal(
        http(hosts=["a"] * 65), "spec.http.hosts", "65 items: at most 64", r"spec\.http\.hosts: Too many"
    ),
    "a misspelt field": Refusal(
        s3(buckett="x"), "spec.s3.buckett", "did you mean bucket?", r'unknown field "spec\.s3\.buckett"'
    ),
    "credentials of no type": Refusal(
        s3(credentials={"secretName": "a"}), "spec.s3.credentials.type", "is missing", "Required value"
    ),
    "credentials of another type": Refusal(
        s3(credentials={"type": "Key"}),
        "spec.s3.credentials.type",
        "`Key` is none of Secret, PodIdentity, Anonymous",
        r"spec\.s3\.credentials\.type: Unsupported value",
    ),
    "a Secret in capitals": Refusal(
        s3(credentials={"type": "Secret", "secretName": "A"}), "spec.s3.credentials.secretName", OBJECT
    ),
    "no key of certificates": Refusal(
        {**LEAST, "tls": {"caConfigMap": {"name": "a"}}},
        "spec.tls.caConfigMap.key",
        "is missing",
        "Required value",
    ),
    "a key with a slash": Refusal(
        {**LEAST, "tls": {"caConfigMap": {"name": "a", "key": "a/b"}}},
        "spec.tls.caConfigMap.key",
        "write a ConfigMap's key, such as ca.crt",
    ),
    "a ConfigMap in capitals": Refusal(
        {**LEAST, "tls": {"caConfigMap": {"name": "A", "key": "b"}}}, "spec.tls.caConfigMap.name", OBJECT
    ),
    "a size below nothing": Refusal(
        {**LEAST, "limits": {"maxObjectSize": "-1"}}, "spec.limits.maxObjectSize", QUANTITY
    ),
    "a size of nothing": Refusal(
        {**LEAST, "limits": {"maxObjectSize": 0}}, "spec.limits.maxObjectSize", "no object is so small", "-"
    ),
    "a size beyond counting": Refusal(
        {**LEAST, "limits": {"maxObjectSize": "9Ei"}},
        "spec.limits.maxObjectSize",
        "more than Kubernetes can",
        "-",
    ),
    "no object at all": Refusal(
        {**LEAST, "limits": {"maxObjects": 0}},
        "spec.limits.maxObjects",
        "0 is not within 1 to 100000",
        r"spec\.limits\.maxObjects: Invalid value",
    ),
    "too many objects": Refusal(
        {**LEAST, "limits": {"maxObjects": 100_001}},
        "spec.limits.maxObjects",
        "100001 is not within 1 to 100000",
        r"spec\.limits\.maxObjects: Invalid value",
    ),
}
BETWEEN: dict[str, Refusal] = {
    "no kind": Refusal({}, "spec", ONE_KIND),
    "two kinds": Refusal({**LEAST, "http": HTTP}, "spec", ONE_KIND),
    "a Secret without a name": Refusal(
        s3(credentials={"type": "Secret"}), "spec.s3.credentials.secretName", BY_NAME
    ),
    "a name without a Secret": Refusal(
        {"gcs": {"bucket": "abc", "credentials": {"type": "Anonymous", "secretName": "a"}}},
        "spec.gcs.credentials.secretName",
        BY_NAME,
    ),
    "a web server that knows Pods": Refusal(
        http(credentials={"type": "PodIdentity"}),
        "spec.http.credentials",
        "a web server knows no identity of Pods: choose type Secret or Anonymous",
    ),
    "certificates of a claim": Refusal(
        {"pvc": {"claimName": "a"}, "tls": {"caConfigMap": {"name": "a", "key": "b"}}},
        "spec.tls",
        "a claim is mounted and not asked for over a network: leave tls out",
    ),
}
ONLY_OF_CLUSTER: Final = Refusal(
    {**LEAST, "allowedPrefixes": ["a"]},
    "spec.allowedPrefixes",
    "an ArtifactStore is its namespace's own and confines nobody: leave allowedPrefixes out, or create a",
)


def _each(name: str, field: str, says: str, specs: dict[str, Json]) -> dict[str, Refusal]:
    return {f"{name} {text!r}": Refusal(spec, field, says) for text, spec in specs.items()}


REFUSED: dict[str, Refusal] = {
    **VALUES,
    **BETWEEN,
    **_each("prefix", "spec.s3.prefix", PREFIX, {one: s3(prefix=one) for one in PREFIXES}),
    **_each("endpoint", "spec.s3.endpoint", ENDPOINT, {one: s3(endpoint=one) for one in ENDPOINTS}),
    **_each("host", "spec.http.hosts[1]", HOST, {one: http(hosts=["a.b", one]) for one in HOSTS}),
    **_each("host", "spec.http.hosts[0]", OF_THE_NODE, {one: http(hosts=[one]) for one in OF_NODES}),
}
REFUSED_OF_CLUSTER: dict[str, Refusal] = {
    "prefixes of web servers": Refusal(
        {"http": HTTP, "allowedPrefixes": ["a"]},
        "spec.allowedPrefixes",
        "what may be read over http is said by http.hosts: leave allowedPrefixes out",
    ),
    "a prefix that climbs": Refusal(
        {**LEAST, "allowedPrefixes": ["a", "../b"]}, "spec.allowedPrefixes[1]", PREFIX
    ),
    "too many prefixes": Refusal(
        {**LEAST, "allowedPrefixes": ["a"] * 65},
        "spec.allowedPrefixes",
        "65 items: at most 64",
        r"spec\.allowedPrefixes: Too many",
    ),
}
