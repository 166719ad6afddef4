"""Which credentials a client of a bucket uses: those of the environment, or a profile's. A real S3 server."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

import containertask as ct
from containertask.sdk.downloads import download
from support.s3 import SECRET, USER
from support.sdkstores import of_bucket
from support.stores import Bucket

RIGHT: Final = f"aws_access_key_id = {USER}\naws_secret_access_key = {SECRET}\n"
WRONG: Final = "aws_access_key_id = canary-user\naws_secret_access_key = canary-secret\n"


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Return a home without credentials."""
    names = ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY", "PROFILE", "SHARED_CREDENTIALS_FILE", "ENDPOINT_URL")
    for name in names:
        monkeypatch.delenv(f"AWS_{name}", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".aws").mkdir()
    return tmp_path


def fetched(bucket: Bucket, folder: Path) -> bytes:
    bucket.put("a", b"content")
    return download(f"s3://{bucket.name}/a", folder / "to", of_bucket(bucket)).read_bytes()


@pytest.mark.parametrize(
    ("file", "environment"),
    [
        ("", {"AWS_ACCESS_KEY_ID": USER, "AWS_SECRET_ACCESS_KEY": SECRET}),
        (f"[default]\n{WRONG}", {"AWS_ACCESS_KEY_ID": USER, "AWS_SECRET_ACCESS_KEY": SECRET}),
        (f"[default]\n{RIGHT}", {}),
        (f"[default]\n{WRONG}[team]\n{RIGHT}region = eu-west-1\n", {"AWS_PROFILE": "team"}),
    ],
    ids=["environment", "environment first", "default", "named"],
)
def test_the_users_own_credentials_open_a_bucket(
    bucket: Bucket, home: Path, monkeypatch: pytest.MonkeyPatch, file: str, environment: dict[str, str]
) -> None:
    (home / ".aws" / "credentials").write_text(file)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert fetched(bucket, home) == b"content"


def test_their_file_may_lie_elsewhere(bucket: Bucket, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "keys").write_text(f"[default]\n{RIGHT}")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(home / "keys"))
    assert fetched(bucket, home) == b"content"


@pytest.mark.parametrize(
    "file", ["", f"[default]\n{WRONG}", f"{WRONG}", "[default]\naws_access_key_id canary", "\xff"]
)
def test_who_has_none_that_fit_is_told_where_they_are_sought(bucket: Bucket, home: Path, file: str) -> None:
    (home / ".aws" / "credentials").write_bytes(file.encode("latin-1"))
    with pytest.raises(
        ct.TransferError, match=r"refuses it .*AWS_ACCESS_KEY_ID and .*, or AWS_PROFILE"
    ) as found:
        fetched(bucket, home)
    assert "canary" not in str(found.value)
    assert not (home / "to").exists()


@pytest.mark.parametrize(
    "file", ["", "[team]\nsso_session = canary\n", f"[other]\n{RIGHT}", f"team\n{WRONG}"]
)
def test_a_profile_that_is_named_has_to_be_there(
    bucket: Bucket, home: Path, monkeypatch: pytest.MonkeyPatch, file: str
) -> None:
    (home / ".aws" / "credentials").write_text(file)
    monkeypatch.setenv("AWS_PROFILE", "team")
    with pytest.raises(ct.TransferError, match=r"AWS_PROFILE: .* has no keys of a profile team") as found:
        fetched(bucket, home)
    assert "export-credentials" in str(found.value)
    assert "canary" not in str(found.value)
