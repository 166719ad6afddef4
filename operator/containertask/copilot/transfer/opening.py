"""Opening the store that a manifest tells of: credentials, hosts, authorities, and how long it may take.

What is read here is secret, and stays in obstore. Nothing is asked of the store yet.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any, Final

from obstore.store import AzureStore, GCSStore, ObjectStore, S3Store

from containertask.contract import STORES_DIR
from containertask.contract.stores import (
    AzurePlace,
    Credentials,
    GcsPlace,
    S3Place,
    StoreItem,
)
from containertask.copilot import files
from containertask.copilot.transfer import guard
from containertask.copilot.transfer.errors import ForbiddenError
from containertask.copilot.transfer.place import Place

METADATA: Final = "169.254.169.254"
"""Where clouds tell a Pod who it is: allowed for that alone."""
_CLIENT: Final = {
    "connect_timeout": "10s",
    "read_timeout": "30s",
    "timeout": "15m",
    "user_agent": "containertask",
}
_RETRIES: Final = {
    "max_retries": 6,
    "retry_timeout": timedelta(seconds=90),
    "backoff": {"init_backoff": timedelta(milliseconds=100), "max_backoff": timedelta(seconds=10), "base": 2},
}
_AWS: Final = {"access_key_id": "AWS_ACCESS_KEY_ID", "secret_access_key": "AWS_SECRET_ACCESS_KEY"}
_TOKEN: Final = "AWS_SESSION_TOKEN"  # noqa: S105 - a name
_AZURE: Final = {"account_key": "AZURE_STORAGE_ACCOUNT_KEY", "sas_key": "AZURE_STORAGE_SAS_TOKEN"}
_AZURE_TYPES: Final = {"account_key": "access_key", "sas_key": "sas_token"}
"""Named, as obstore would else prefer what a webhook for identities puts into the environment."""
_GOOGLE: Final = "key.json"

Allow = Callable[..., None]


def opened(item: StoreItem, *, folder: str = STORES_DIR, allow: Allow = guard.allow) -> Place:
    """Open a bucket or container, and have its hosts allowed.

    ``folder`` has a folder for each store. Raises ForbiddenError where a credential is missing or is none.
    """
    keys = _Keys(f"{folder}/{item.id}/secret")
    client: dict[str, Any] = dict(_CLIENT)
    if item.ca is not None:
        client["root_certificate"] = files.read(f"{folder}/{item.id}/ca/{item.ca}")
    for host in _hosts(item):
        allow(host, local=item.local)
    if item.credentials is Credentials.POD_IDENTITY:
        for host in _identity_hosts(item):
            allow(host, local=True)
    match item.place:
        case S3Place() as place:
            return Place(_s3(place, item.credentials, keys, client), f"s3://{place.bucket}")
        case GcsPlace() as place:
            return Place(_gcs(place, item.credentials, keys, client), f"gs://{place.bucket}")
        case AzurePlace() as place:
            return Place(_azure(place, item.credentials, keys, client), f"az://{place.container}")
    raise TypeError(f"{type(item.place).__name__} is not opened here")


class _Keys:
    """The files of a mounted Secret."""

    def __init__(self, folder: str) -> None:
        self._folder = folder

    def text(self, key: str) -> str | None:
        """Return one, without the line's end that editors leave; None if it is not there."""
        try:
            data = files.read(f"{self._folder}/{key}")
        except FileNotFoundError:
            return None
        try:
            return data.decode().strip("\r\n")
        except UnicodeDecodeError:
            raise ForbiddenError(f"the key {key} of the store's Secret is not UTF-8") from None

    def required(self, key: str) -> str:
        """Return one that has to be there; raises ForbiddenError."""
        found = self.text(key)
        if not found:
            raise ForbiddenError(f"the store's Secret has no key {key}, or an empty one: add it")
        return found


def _s3(place: S3Place, who: Credentials, keys: _Keys, client: dict[str, Any]) -> ObjectStore:
    config: dict[str, Any] = {
        "region": place.region,
        "virtual_hosted_style_request": not place.path_style,
        "conditional_put": "etag" if place.conditional else "disabled",
        "skip_signature": who is Credentials.ANONYMOUS,
        "unsigned_payload": _is_tls(place.endpoint),
    }
    if place.endpoint is not None or not place.path_style:
        config["endpoint"] = _s3_endpoint(place)
    if who is Credentials.SECRET:
        config |= {name: keys.required(key) for name, key in _AWS.items()}
        if (token := keys.text(_TOKEN)) is not None:
            config["session_token"] = token
    return _made(S3Store, place.bucket, config, client, plain=not _is_tls(place.endpoint))


def _gcs(place: GcsPlace, who: Credentials, keys: _Keys, client: dict[str, Any]) -> ObjectStore:
    config: dict[str, Any] = {"base_url": _gcs_endpoint(place)}
    if who is Credentials.ANONYMOUS:
        # What is written is signed even so: without a token of its own obstore asks the node for one.
        config |= {"skip_signature": True, "bearer_token": ""}
    if who is Credentials.SECRET:
        config["service_account_key"] = keys.required(_GOOGLE)
    return _made(GCSStore, place.bucket, config, client, plain=not _is_tls(place.endpoint))


def _azure(place: AzurePlace, who: Credentials, keys: _Keys, client: dict[str, Any]) -> ObjectStore:
    config: dict[str, Any] = {
        "account_name": place.account,
        "endpoint": _azure_endpoint(place),
        "skip_signature": who is Credentials.ANONYMOUS,
    }
    if who is Credentials.SECRET:
        found = {name: value for name, key in _AZURE.items() if (value := keys.text(key))}
        if len(found) != 1:
            raise ForbiddenError(
                f"the store's Secret has to have one of the keys {' and '.join(_AZURE.values())}"
            )
        config |= found | {"credential_type": _AZURE_TYPES[next(iter(found))]}
    return _made(AzureStore, place.container, config, client, plain=not _is_tls(place.endpoint))


def _made(
    kind: Callable[..., ObjectStore],
    name: str,
    config: dict[str, Any],
    client: dict[str, Any],
    *,
    plain: bool,
) -> ObjectStore:
    options = {**client, "allow_http": plain}
    try:
        return kind(name, client_options=options, retry_config=_RETRIES, **config)
    except Exception:  # noqa: BLE001 - obstore's errors have no common base, and quote the credential
        raise ForbiddenError(
            "the store's credentials are not what its kind has: look at its Secret"
        ) from None


def _is_tls(endpoint: str | None) -> bool:
    return endpoint is None or endpoint.startswith("https:")


def _s3_endpoint(place: S3Place) -> str:
    """Return where a bucket of a server other than AWS's is asked for."""
    endpoint = place.endpoint or f"https://s3.{place.region}.amazonaws.com"
    scheme, _, host = endpoint.partition("://")
    return endpoint if place.path_style else f"{scheme}://{place.bucket}.{host}"


def _gcs_endpoint(place: GcsPlace) -> str:
    """Return where a bucket is asked for: a key.json may name another server, which is not heard."""
    return place.endpoint or "https://storage.googleapis.com"


def _azure_endpoint(place: AzurePlace) -> str:
    """Return where an account is asked for: by a host of its own, or with its name in the path of another."""
    endpoint = place.endpoint or f"https://{place.account}.blob.core.windows.net"
    is_its_own = endpoint.partition("://")[2].startswith(f"{place.account}.")
    return endpoint if is_its_own else f"{endpoint}/{place.account}"


def _hosts(item: StoreItem) -> Iterator[str]:
    """Yield the hosts that have the objects."""
    match item.place:
        case S3Place() as place:
            url = _s3_endpoint(place)
        case GcsPlace() as place:
            url = _gcs_endpoint(place)
        case AzurePlace() as place:
            url = _azure_endpoint(place)
        case _:
            return
    yield _host(url)


def _identity_hosts(item: StoreItem) -> Iterator[str]:
    """Yield the hosts that tell a Pod who it is."""
    yield METADATA
    match item.place:
        case S3Place(region=region):
            yield from ("sts.amazonaws.com", f"sts.{region}.amazonaws.com")
            named = os.environ.get("AWS_CONTAINER_CREDENTIALS_FULL_URI", "")
            if host := _host(named):
                yield host
        case GcsPlace():
            yield from ("metadata.google.internal", "oauth2.googleapis.com", "sts.googleapis.com")
        case AzurePlace():
            yield _host(os.environ.get("AZURE_AUTHORITY_HOST", "")) or "login.microsoftonline.com"


def _host(url: str) -> str:
    """Return the host of a URL as a resolver is asked for it; urllib.parse takes 3 ms to load."""
    place = url.partition("://")[2].partition("/")[0].rpartition("@")[2]
    host = place[1:].partition("]")[0] if place.startswith("[") else place.partition(":")[0]
    return host.lower()
