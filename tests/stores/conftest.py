"""One S3 server for all tests here; each has a bucket of its own."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest

from support import faultproxy, s3
from support.s3 import S3Server
from support.stores import Bucket

_numbers = itertools.count()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    folder = tmp_path_factory.mktemp("s3") / "data"
    folder.mkdir()
    with s3.running(folder) as found:
        yield found


@pytest.fixture
def own_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the user's own environment open all buckets."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", s3.USER)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", s3.SECRET)
    for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def bucket(server: S3Server) -> Iterator[Bucket]:
    name = f"bucket-{next(_numbers)}"
    folder = server.bucket(name)
    with faultproxy.before(server.port) as proxy:
        yield Bucket(server, name, folder, proxy)
