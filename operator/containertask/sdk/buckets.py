"""Buckets as a client opens them: where the store's object says, with the user's own credentials.

They come from the environment, as each cloud's tools have them (``AWS_*``, ``GOOGLE_*``, ``AZURE_*``), from
a profile of the AWS tools, or from the machine's identity. No Secret of the cluster is read here.
"""

from __future__ import annotations

import os
from typing import Any, Final

from containertask.contract.uris import UriError, located
from containertask.errors import MissingToolError, TransferError
from containertask.sdk.awsprofile import profile_keys
from containertask.sdk.storefaults import said

Json = dict[str, Any]

_CURE: Final = "pip install 'containertask[flyte]'"
_FETCH: Final = {"connect_timeout": "10s", "read_timeout": "2m", "timeout": "24h"}
"""As long as the link needs; it ends when nothing comes any more."""
_SEND: Final = {"connect_timeout": "10s", "timeout": "1h"}
"""For one part: nothing comes back before it is there, so a slow link looks like one that stands still."""


def opened(uri: str, document: Json | None, *, to_send: bool = False) -> tuple[Any, str]:
    """Return obstore's object for the bucket of a URI, and the key in it. ``document``: the store, if known.

    ``to_send``: files are sent with it, and not fetched.
    Raises MissingToolError where obstore is not installed, TransferError for a URI that is no bucket's.
    """
    try:
        from obstore import store  # noqa: PLC0415 - slow to load, and an extra
    except ImportError:
        raise MissingToolError(f"files in stores need obstore: {_CURE}") from None
    kinds: Any = store
    spec = (document or {}).get("spec") or {}
    try:
        at = located(uri)
    except UriError as error:
        raise TransferError(f"{uri}: {error}") from None
    with said("opening of", uri):
        return _store(kinds, at.scheme, at.root, spec, _SEND if to_send else _FETCH), at.key


def _store(kinds: Any, scheme: str, root: str, spec: Json, times: Json) -> Any:  # noqa: ANN401 - obstore's own
    name = root.rpartition("/")[2]
    match scheme:
        case "s3":
            return kinds.S3Store(name, **_s3(spec.get("s3") or {}, times))
        case "gs":
            endpoint = (spec.get("gcs") or {}).get("endpoint")
            place = {"base_url": endpoint} if endpoint else {}
            return kinds.GCSStore(name, **place, **_client(endpoint, times))
        case "az":
            return kinds.AzureStore(name, **_azure(root.split("/")[2], spec.get("azure") or {}, times))
    raise TransferError(f"{scheme}:// is not reached from here, only by Pods")


def _s3(spec: Json, times: Json) -> Json:
    endpoint = (
        os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL") or spec.get("endpoint")
    )
    region = (
        spec.get("region")
        or os.environ.get("AWS_REGION")
        or os.environ.get("AWS_DEFAULT_REGION")
        or "us-east-1"
    )
    found: Json = {"region": region, **_client(endpoint, times)}
    if endpoint:
        found |= {"endpoint": endpoint, "virtual_hosted_style_request": False}
    if not os.environ.get("AWS_ACCESS_KEY_ID") and not _has_identity():
        found |= profile_keys() or Json(skip_signature=True)
    return found


def _azure(account: str, spec: Json, times: Json) -> Json:
    endpoint = spec.get("endpoint")
    found: Json = {"account_name": account, **_client(endpoint, times)}
    if endpoint:
        found["endpoint"] = f"{endpoint.rstrip('/')}/{account}"
    if key := os.environ.get("AZURE_STORAGE_KEY"):  # the name that the az tool has for it
        found["account_key"] = key
    return found


def _has_identity() -> bool:
    names = (
        "AWS_WEB_IDENTITY_TOKEN_FILE",
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    )
    return any(os.environ.get(name) for name in names)


def _client(endpoint: str | None, times: Json) -> Json:
    authority = os.environ.get("AWS_CA_BUNDLE")
    options: Json = {**times, "allow_http": bool(endpoint and endpoint.startswith("http:"))}
    if authority:
        with open(authority, "rb") as file:  # noqa: PTH123 - a path from the environment, as it is there
            options["root_certificate"] = file.read()
    return {"client_options": options}
