"""Buckets as a client opens them: where the store's object says, with the user's own credentials.

They come from the environment, as each cloud's tools have them (``AWS_*``, ``GOOGLE_*``, ``AZURE_*``), or
from the machine's identity. No Secret of the cluster is read here.
"""

from __future__ import annotations

import os
import urllib.error
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from containertask.contract.uris import UriError, located
from containertask.errors import ContainerTaskError, MissingToolError, TransferError
from containertask.sdk.threads import GivenUp

Json = dict[str, Any]

_CURE: Final = "pip install 'containertask[flyte]'"
_CLIENT: Final = {"connect_timeout": "10s", "read_timeout": "2m", "timeout": "24h"}
"""A request has as long as its link needs, and ends when nothing comes any more."""


def opened(uri: str, document: Json | None) -> tuple[Any, str]:
    """Return obstore's object for the bucket of a URI, and the key in it. ``document``: the store, if known.

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
    name = at.root.rpartition("/")[2]
    match at.scheme:
        case "s3":
            found = kinds.S3Store(name, **_s3(spec.get("s3") or {}))
        case "gs":
            endpoint = (spec.get("gcs") or {}).get("endpoint")
            found = kinds.GCSStore(name, **({"base_url": endpoint} if endpoint else {}), **_client(endpoint))
        case "az":
            account = at.root.split("/")[2]
            endpoint = (spec.get("azure") or {}).get("endpoint")
            more = {"endpoint": f"{endpoint.rstrip('/')}/{account}"} if endpoint else {}
            found = kinds.AzureStore(name, account_name=account, **more, **_client(endpoint))
        case _:
            raise TransferError(f"{at.scheme}:// is not reached from here, only by Pods")
    return found, at.key


def _s3(spec: Json) -> Json:
    endpoint = (
        os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL") or spec.get("endpoint")
    )
    region = (
        spec.get("region")
        or os.environ.get("AWS_REGION")
        or os.environ.get("AWS_DEFAULT_REGION")
        or "us-east-1"
    )
    found: Json = {"region": region, **_client(endpoint)}
    if endpoint:
        found |= {"endpoint": endpoint, "virtual_hosted_style_request": False}
    if not os.environ.get("AWS_ACCESS_KEY_ID") and not _has_identity():
        found["skip_signature"] = True
    return found


def _has_identity() -> bool:
    names = (
        "AWS_WEB_IDENTITY_TOKEN_FILE",
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    )
    return any(os.environ.get(name) for name in names)


def _client(endpoint: str | None) -> Json:
    authority = os.environ.get("AWS_CA_BUNDLE")
    options: Json = {**_CLIENT, "allow_http": bool(endpoint and endpoint.startswith("http:"))}
    if authority:
        with open(authority, "rb") as file:  # noqa: PTH123 - a path from the environment, as it is there
            options["root_certificate"] = file.read()
    return {"client_options": options}


@contextmanager
def said(what: str) -> Iterator[None]:
    """Turn what obstore and the disk raise into TransferError; obstore's texts may quote a credential."""
    try:
        yield
    except urllib.error.URLError as error:
        text = f"{error.code}" if isinstance(error, urllib.error.HTTPError) else "no answer"
        raise TransferError(f"the {what} failed: {text}") from None
    except (ContainerTaskError, GivenUp):
        raise
    except OSError as error:
        # The disk's say which file; obstore's own, which have no number, quote what was asked.
        text = f"{error.filename}: {error.strerror}" if error.errno is not None else type(error).__name__
        raise TransferError(f"the {what} failed: {text}") from None
    except Exception as error:  # noqa: BLE001 - obstore's errors have no common base
        raise TransferError(f"the {what} failed: {type(error).__name__}") from None
