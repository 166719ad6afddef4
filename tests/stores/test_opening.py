"""Opening a store: credentials from mounted files, the hosts that it may reach, whom it believes."""

from __future__ import annotations

import shutil
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import obstore
import pytest
from obstore.store import AzureStore

from containertask.contract.stores import AzurePlace, Credentials, GcsPlace, S3Place, StoreItem, WebPlace
from containertask.contract.stores import Place as Said
from containertask.copilot.transfer import opening
from containertask.copilot.transfer.errors import ForbiddenError, UnavailableError
from containertask.copilot.transfer.faults import fault_of
from containertask.copilot.transfer.opening import METADATA, opened
from support import s3
from support.s3 import REGION, SECRET, USER, S3Server
from support.webserver import certificate

AWS: Final = {"AWS_ACCESS_KEY_ID": USER, "AWS_SECRET_ACCESS_KEY": f"{SECRET}\n"}


@pytest.fixture(autouse=True)
def _few_tries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "_RETRIES", {"max_retries": 0})


@pytest.fixture(scope="module")
def secure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[S3Server, Path]]:
    """Return a server with TLS, and the authority that vouches for it."""
    folder = tmp_path_factory.mktemp("tls")
    made = certificate(folder)
    (folder / "data").mkdir()
    with s3.running(folder / "data", certificate=made.server) as found:
        found.bucket("bucket")
        yield found, made.authority


def mounted(folder: Path, **secret: str) -> None:
    for key, value in secret.items():
        file = folder / "0" / "secret" / key
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(value)


def hosts_of(folder: Path, place: Said, credentials: Credentials, *, local: bool = False) -> dict[str, bool]:
    allowed: dict[str, bool] = {}
    item = StoreItem(id="0", place=place, credentials=credentials, local=local)
    opened(item, folder=str(folder), allow=lambda host, *, local: allowed.update({host: local}))
    return allowed


def s3_at(server: S3Server, bucket: str) -> S3Place:
    return S3Place(bucket=bucket, region=REGION, endpoint=server.url, path_style=True)


def put_and_get(item: StoreItem, folder: Path) -> bytes:
    place = opened(item, folder=str(folder), allow=lambda _host, **_: None)
    try:
        obstore.put(place.store, "key", b"content")
        return bytes(obstore.get(place.store, "key").bytes())
    except Exception as error:  # noqa: BLE001 - obstore's errors have no common base
        raise fault_of(error, place.shown("key")) from None


def test_a_bucket_is_written_and_read_with_the_secrets_keys(server: S3Server, tmp_path: Path) -> None:
    server.bucket("opened")
    mounted(tmp_path, **AWS)
    item = StoreItem(id="0", place=s3_at(server, "opened"), credentials=Credentials.SECRET)
    assert put_and_get(item, tmp_path) == b"content"


def test_nothing_of_the_environment_stands_in_for_the_secret(
    server: S3Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.bucket("anonymous")
    for key, value in AWS.items():
        monkeypatch.setenv(key, value.strip())
    item = StoreItem(id="0", place=s3_at(server, "anonymous"))
    with pytest.raises(ForbiddenError):
        put_and_get(item, tmp_path)


def test_tls_is_checked_against_the_authority_of_the_store(
    secure: tuple[S3Server, Path], tmp_path: Path
) -> None:
    server, authority = secure
    mounted(tmp_path, **AWS)
    (tmp_path / "0" / "ca").mkdir()
    shutil.copy(authority, tmp_path / "0" / "ca" / "ca.crt")
    place = s3_at(server, "bucket")
    with pytest.raises(UnavailableError, match="its certificate is not trusted"):
        put_and_get(StoreItem(id="0", place=place, credentials=Credentials.SECRET), tmp_path)
    trusting = StoreItem(id="0", place=place, credentials=Credentials.SECRET, ca="ca.crt")
    assert put_and_get(trusting, tmp_path) == b"content"


@pytest.mark.parametrize(
    ("place", "secret", "word"),
    [
        (S3Place(bucket="b", region="r"), {}, "no key AWS_ACCESS_KEY_ID"),
        (S3Place(bucket="b", region="r"), {"AWS_ACCESS_KEY_ID": "canary"}, "no key AWS_SECRET_ACCESS_KEY"),
        (S3Place(bucket="b", region="r"), {**AWS, "AWS_ACCESS_KEY_ID": " \n".strip()}, "or an empty one"),
        (GcsPlace(bucket="b"), {}, "no key key.json"),
        (GcsPlace(bucket="b"), {"key.json": "{canary"}, "not what its kind has"),
        (AzurePlace(account="a", container="c"), {}, "AZURE_STORAGE_ACCOUNT_KEY and AZURE_STORAGE_SAS_TOKEN"),
        (
            AzurePlace(account="a", container="c"),
            {"AZURE_STORAGE_ACCOUNT_KEY": "!canary"},
            "not what its kind has",
        ),
        (AzurePlace(account="a", container="c"), {"AZURE_STORAGE_SAS_TOKEN": "canary"}, "not what its kind"),
    ],
)
def test_a_secret_that_lacks_something_is_named_and_not_shown(
    tmp_path: Path, place: Said, secret: dict[str, str], word: str
) -> None:
    mounted(tmp_path, **secret)
    with pytest.raises(ForbiddenError, match=word) as caught:
        hosts_of(tmp_path, place, Credentials.SECRET)
    assert "canary" not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize(
    ("endpoint", "url"),
    [
        (None, "https://acc.blob.core.windows.net"),
        ("https://acc.blob.core.windows.net", "https://acc.blob.core.windows.net"),
        ("https://acc.blob.core.usgovcloudapi.net", "https://acc.blob.core.usgovcloudapi.net"),
        ("http://acc.azurite.svc:10000", "http://acc.azurite.svc:10000"),
        ("http://azurite.svc:10000", "http://azurite.svc:10000/acc"),
        ("http://accounts.svc:10000", "http://accounts.svc:10000/acc"),
        ("http://[fd00::1]:10000", "http://[fd00::1]:10000/acc"),
    ],
)
def test_an_account_has_a_host_of_its_own_or_a_folder_of_another(
    tmp_path: Path, endpoint: str | None, url: str
) -> None:
    item = StoreItem(id="0", place=AzurePlace(account="acc", container="c", endpoint=endpoint))
    store = opened(item, folder=str(tmp_path), allow=lambda _host, **_: None).store
    assert isinstance(store, AzureStore)
    assert store.config["endpoint"] == url


@pytest.mark.parametrize(
    ("place", "hosts"),
    [
        (S3Place(bucket="b", region="eu-west-1"), {"b.s3.eu-west-1.amazonaws.com"}),
        (S3Place(bucket="b", region="eu-west-1", path_style=True), {"s3.eu-west-1.amazonaws.com"}),
        (S3Place(bucket="b", region="r", endpoint="http://minio.x.svc:9000"), {"b.minio.x.svc"}),
        (S3Place(bucket="b", region="r", endpoint="http://10.0.0.1:9", path_style=True), {"10.0.0.1"}),
        (GcsPlace(bucket="b"), {"storage.googleapis.com"}),
        (GcsPlace(bucket="b", endpoint="http://gcs:4443"), {"gcs"}),
        (AzurePlace(account="acc", container="c"), {"acc.blob.core.windows.net"}),
        (AzurePlace(account="acc", container="c", endpoint="http://azurite:10000"), {"azurite"}),
    ],
)
def test_only_the_hosts_of_the_store_are_allowed(tmp_path: Path, place: Said, hosts: set[str]) -> None:
    assert hosts_of(tmp_path, place, Credentials.ANONYMOUS) == dict.fromkeys(hosts, False)
    assert hosts_of(tmp_path, place, Credentials.ANONYMOUS, local=True) == dict.fromkeys(hosts, True)
    identity = hosts_of(tmp_path, place, Credentials.POD_IDENTITY)
    assert identity[METADATA] is True
    assert all(identity[host] is False for host in hosts)


def test_the_host_that_a_cloud_names_for_identities_is_allowed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://169.254.170.23/v1/credentials")
    allowed = hosts_of(tmp_path, S3Place(bucket="b", region="r"), Credentials.POD_IDENTITY)
    assert allowed["169.254.170.23"] is True


def test_the_web_is_not_opened_as_a_bucket(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="WebPlace"):
        hosts_of(tmp_path, WebPlace(), Credentials.ANONYMOUS)
