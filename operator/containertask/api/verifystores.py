"""Reading the spec of a store in Python: its model, and the CRD's rules between fields once more."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from typing import Final

from containertask.api import storekinds, storeparts, stores
from containertask.api.base import Rule
from containertask.api.parse import SpecError, read_model
from containertask.api.problem import Problem, broken
from containertask.api.quantity import to_bytes
from containertask.api.storekinds import HttpStore, S3Store
from containertask.api.storeparts import Credentials, CredentialType
from containertask.api.stores import ArtifactStoreSpec, ClusterArtifactStoreSpec, StoreLimits
from containertask.api.verifyplacement import quantity_of

_CURE: Final = "write one of s3, gcs, azure, pvc, http, with its fields"
_ADDRESS: Final = re.compile(r"[0-9]+([.][0-9]+){3}", re.ASCII)
_OF_THE_NODE: Final = re.compile(r"(0|127)([.][0-9]+){3}(:|$)|169[.]254[.]|(.*[.])?localhost(:|$)", re.ASCII)


def parse_store(raw: object, *, of_cluster: bool) -> ClusterArtifactStoreSpec:
    """Read ``spec`` of an ArtifactStore, or of a ClusterArtifactStore, and verify it.

    Raises:
        SpecError: everything that is wrong with it; what lies between fields only if nothing else is wrong.
    """
    spec = read_model(ClusterArtifactStoreSpec if of_cluster else ArtifactStoreSpec, raw, _CURE)
    if problems := tuple(_problems(spec)):
        raise SpecError(problems)
    return spec


def _problems(spec: ClusterArtifactStoreSpec) -> Iterator[Problem]:
    for rule in _contradictions(spec):
        yield broken(rule, "spec")
    for where, prefix in _prefixes(spec):
        if len(prefix.encode()) > storeparts.MAX_PREFIX:
            yield broken(storeparts.PREFIX_BYTES, where)
    for where, endpoint in _endpoints(spec):
        yield from _endpoint(where, endpoint)
    for where, credentials in _credentials(spec):
        if (credentials.type is CredentialType.SECRET) != (credentials.secret_name is not None):
            yield broken(storeparts.A_SECRET_BY_NAME, where)
    yield from _buckets(spec)
    if spec.http is not None:
        yield from _http(spec.http)
    if spec.limits is not None:
        yield from _limits(spec.limits)


def _contradictions(spec: ClusterArtifactStoreSpec) -> Iterator[Rule]:
    if sum(getattr(spec, kind) is not None for kind in stores.KINDS) != 1:
        yield stores.ONE_KIND
    if spec.tls is not None and spec.pvc is not None:
        yield stores.NO_TLS
    if spec.allowed_prefixes is not None and spec.http is not None:
        yield stores.HOSTS_CONFINE
    if spec.allowed_prefixes is not None and isinstance(spec, ArtifactStoreSpec):
        yield stores.OF_THE_CLUSTER


def _prefixes(spec: ClusterArtifactStoreSpec) -> Iterator[tuple[str, str]]:
    for kind, store in (("s3", spec.s3), ("gcs", spec.gcs), ("azure", spec.azure)):
        if store is not None and store.prefix is not None:
            yield f"spec.{kind}.prefix", store.prefix
    if spec.pvc is not None and spec.pvc.sub_path is not None:
        yield "spec.pvc.subPath", spec.pvc.sub_path
    for number, prefix in enumerate(spec.allowed_prefixes or ()):
        yield f"spec.allowedPrefixes[{number}]", prefix


def _endpoints(spec: ClusterArtifactStoreSpec) -> Iterator[tuple[str, str]]:
    for kind, store in (("s3", spec.s3), ("gcs", spec.gcs), ("azure", spec.azure)):
        if store is not None and store.endpoint is not None:
            yield f"spec.{kind}.endpoint", store.endpoint


def _endpoint(where: str, endpoint: str) -> Iterator[Problem]:
    """Look into brackets: a pattern cannot tell whether they hold an address."""
    _, bracket, rest = endpoint.partition("[")
    if bracket:
        address = rest.partition("]")[0]
        try:
            ipaddress.IPv6Address(address)
        except ValueError:
            yield Problem(
                where, f"[{address}] is no IPv6 address: write the host's name, such as minio.storage.svc"
            )


def _credentials(spec: ClusterArtifactStoreSpec) -> Iterator[tuple[str, Credentials]]:
    each = (("s3", spec.s3), ("gcs", spec.gcs), ("azure", spec.azure), ("http", spec.http))
    for kind, store in each:
        if store is not None and store.credentials is not None:
            yield f"spec.{kind}.credentials", store.credentials


def _buckets(spec: ClusterArtifactStoreSpec) -> Iterator[Problem]:
    for kind, store in (("s3", spec.s3), ("gcs", spec.gcs)):
        if store is not None and (".." in store.bucket or _ADDRESS.fullmatch(store.bucket)):
            yield broken(storekinds.NO_ADDRESS, f"spec.{kind}.bucket")
        if isinstance(store, S3Store) and store.region is None and store.endpoint is None:
            yield broken(storekinds.REGION, f"spec.{kind}")


def _http(store: HttpStore) -> Iterator[Problem]:
    for number, host in enumerate(store.hosts):
        if _OF_THE_NODE.match(host):
            yield broken(storeparts.NOT_OF_THE_NODE, f"spec.http.hosts[{number}]")
    if store.credentials is not None and store.credentials.type is CredentialType.POD_IDENTITY:
        yield broken(storekinds.NO_IDENTITY, "spec.http")


def _limits(limits: StoreLimits) -> Iterator[Problem]:
    where, size = "spec.limits.maxObjectSize", limits.max_object_size
    if size is None:
        return
    if wrong := tuple(quantity_of(where, size)):
        yield from wrong
        return
    try:
        too_small = to_bytes(size) < 1
    except ValueError as error:
        yield Problem(where, str(error))
    else:
        if too_small:
            yield Problem(where, "no object is so small: write at least one byte, such as 50Gi")
