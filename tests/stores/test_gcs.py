"""The engine against fake-gcs-server, as far as that goes: a file can be fetched from it, and not sent to it.

It takes files by Google's JSON protocol only, and obstore sends them by the XML one: what is sent here is
refused, and a test says so, so that a version of it that takes them is noticed. So sending is tested with a
server of our own before it, which knows no more of Google than its documentation says (`googlexml.py`).

It believes everybody, so a wrong `key.json` is only refused where it is no key; that it is used can be seen
(`test_a_key_signs_what_is_asked`). It says of a missing bucket nothing but "Not Found", and calls listing one
an error of its own. It knows no identity of a Pod. `docs/stores.md` says the same to users.
"""

from __future__ import annotations

import base64
import hashlib
import itertools
import json
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import obstore
import pytest
from obstore.store import GCSStore

from containertask.contract.stores import GcsPlace
from containertask.copilot.transfer import opening as product
from containertask.copilot.transfer import place as places
from containertask.copilot.transfer.errors import (
    BadKeyError,
    ChangedError,
    ExistsError,
    ForbiddenError,
    NotThereError,
    TransferError,
    UnavailableError,
)
from containertask.copilot.transfer.fetch import PIECE, Wanted
from containertask.copilot.transfer.place import Place
from support import fakegcs, faultproxy, googlexml, webserver
from support.fakegcs import FakeGcs
from support.faultproxy import Fault, FaultProxy
from support.googlexml import GoogleXml
from support.moving import BIG, FILES, HOSTILE, InMemory, fetched, fetched_folder, opening, sent, told
from support.webserver import Answer, certificate

NO_SIGNING: Final = {"client_email": "", "private_key": "", "private_key_id": "", "disable_oauth": True}
_numbers = itertools.count()


@pytest.fixture(autouse=True)
def _few_tries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(product, "_RETRIES", {"max_retries": 0})
    monkeypatch.setattr(places, "_PAUSES", (0.01, 0.01, 0.01))


@pytest.fixture(scope="module")
def server() -> Iterator[FakeGcs]:
    with fakegcs.running() as found:
        yield found


@pytest.fixture(scope="module")
def key() -> dict[str, str]:
    """Return a Secret with the key of a service account."""
    return {"key.json": fakegcs.key_json()}


@pytest.fixture
def bucket(server: FakeGcs) -> str:
    made = f"bucket-{next(_numbers)}"
    server.make(made)
    return made


@pytest.fixture
def place(server: FakeGcs, bucket: str, tmp_path: Path) -> Place:
    return opening(tmp_path, GcsPlace(bucket=bucket, endpoint=server.url))


@pytest.fixture
def spoiled(server: FakeGcs) -> Iterator[FaultProxy]:
    with faultproxy.before(server.port) as proxy:
        yield proxy


def through(proxy: FaultProxy, bucket: str, folder: Path) -> Place:
    return opening(folder, GcsPlace(bucket=bucket, endpoint=f"http://127.0.0.1:{proxy.port}"))


@pytest.mark.parametrize("size", [0, 1, PIECE, PIECE + 1, len(BIG)])
def test_a_file_comes_whole(server: FakeGcs, bucket: str, place: Place, tmp_path: Path, size: int) -> None:
    content = BIG[:size]
    server.put(bucket, "a/key", content)
    wanted = Wanted("a/key", hashlib.sha256(content).hexdigest(), size)
    assert fetched(place, wanted, tmp_path / "file") == content


@pytest.mark.parametrize("no_signing", [False, True])
def test_the_key_of_an_account_opens(
    server: FakeGcs,
    bucket: str,
    tmp_path: Path,
    key: dict[str, str],
    no_signing: bool,  # noqa: FBT001 - a case
) -> None:
    server.put(bucket, "d/x", b"x")
    secret = {"key.json": json.dumps(NO_SIGNING)} if no_signing else key
    place = opening(tmp_path, GcsPlace(bucket=bucket, endpoint=server.url), secret)
    assert fetched(place, "d/x", tmp_path / "file") == b"x"
    assert fetched_folder(place, "d/", tmp_path / "folder") == {"x": b"x"}


def test_a_folder_comes_with_its_layout(server: FakeGcs, bucket: str, place: Place, tmp_path: Path) -> None:
    for path, content in {**{f"d/{path}": one for path, one in FILES.items()}, "d2/other": b"x"}.items():
        server.put(bucket, path, content)
    assert fetched_folder(place, "d/", tmp_path / "folder") == FILES


def test_a_folder_of_more_than_a_page_comes_whole(
    server: FakeGcs, bucket: str, place: Place, tmp_path: Path
) -> None:
    for number in range(1100):
        server.put(bucket, f"d/{number}", b"%d" % number)
    assert len(fetched_folder(place, "d/", tmp_path / "folder")) == 1100


def test_names_are_taken_as_they_are(server: FakeGcs, bucket: str, place: Place, tmp_path: Path) -> None:
    for number, name in enumerate([*HOSTILE, "back\\slash"]):
        server.put(bucket, f"{number}/{name}", name.encode())
        assert fetched(place, f"{number}/{name}", tmp_path / "file") == name.encode()
        made = tmp_path / f"folder-{number}"
        assert fetched_folder(place, f"{number}/", made) == {name: name.encode()}


@pytest.mark.parametrize("name", ["a/../../x", "a/./b", "a//b"])
def test_a_key_that_no_file_can_have_is_refused(
    server: FakeGcs, bucket: str, place: Place, tmp_path: Path, name: str
) -> None:
    server.put(bucket, f"d/{name}", b"x")
    with pytest.raises(BadKeyError, match="which no file can have"):
        fetched_folder(place, "d/", tmp_path / "folder")


def test_a_file_that_changes_while_it_is_read_is_not_mixed(
    server: FakeGcs, bucket: str, spoiled: FaultProxy, tmp_path: Path
) -> None:
    server.put(bucket, "big", BIG)
    asked = iter([False, True])

    def replaced(method: str, _path: str) -> bool:
        if method == "GET" and next(asked, False):
            server.put(bucket, "big", bytes(len(BIG)))
        return False

    spoiled.faults.append(Fault(replaced))
    with pytest.raises(ChangedError, match="was changed while it was read"):
        fetched(through(spoiled, bucket, tmp_path), "big", tmp_path / "file")


# --- What is refused ---


def test_what_is_not_there_is_named(server: FakeGcs, bucket: str, place: Place, tmp_path: Path) -> None:
    with pytest.raises(NotThereError, match=f"`gs://{bucket}/no/thing` is not there$"):
        fetched(place, "no/thing", tmp_path / "file")
    with pytest.raises(NotThereError, match="nothing below"):
        fetched_folder(place, "no/", tmp_path / "folder")
    nowhere = opening(tmp_path, GcsPlace(bucket="nowhere", endpoint=server.url))
    with pytest.raises(NotThereError):
        fetched(nowhere, "x", tmp_path / "file")
    with pytest.raises(NotThereError):
        sent(nowhere, {"x": b"x"})


@pytest.mark.parametrize("content", [b"small", BIG], ids=["small", "big"])
def test_the_emulator_takes_nothing_that_is_sent(place: Place, content: bytes) -> None:
    with pytest.raises(ForbiddenError, match=r"refuses `gs://.*/x` \(400"):
        sent(place, {"x": content})


@pytest.mark.parametrize(
    ("said", "error", "word"),
    [
        ("404 NoSuchBucket", NotThereError, "no such bucket"),
        ("404 NoSuchKey", NotThereError, "is not there$"),
        ("401 AuthenticationRequired", ForbiddenError, "401 AuthenticationRequired"),
        ("403 AccessDenied", ForbiddenError, "403 AccessDenied"),
        ("403 UserProjectAccountProblem", ForbiddenError, "403 UserProjectAccountProblem"),
        ("429 SlowDown", UnavailableError, "429 SlowDown"),
        ("503 ServiceUnavailable", UnavailableError, "503 ServiceUnavailable"),
    ],
)
def test_what_google_says_and_the_emulator_does_not_is_understood(
    spoiled: FaultProxy, tmp_path: Path, said: str, error: type[TransferError], word: str
) -> None:
    status, code = said.split()
    body = f"<Error><Code>{code}</Code><Message>canary</Message></Error>".encode()
    spoiled.faults.append(Fault(lambda *_: True, times=100, status=int(status), body=body))
    place = through(spoiled, "any", tmp_path)
    for what in (
        lambda: fetched(place, "x", tmp_path / "file"),
        lambda: sent(place, {"x": b"small"}),
        lambda: sent(place, {"x": BIG}),
    ):
        with pytest.raises(error, match=word) as caught:
            what()
        assert "canary" not in str(caught.value)


# --- What is sent, by requests that a server of ours takes for the emulator ---


@pytest.fixture
def xml(server: FakeGcs) -> Iterator[GoogleXml]:
    with googlexml.before(server.port) as found:
        yield found


@pytest.fixture
def target(xml: GoogleXml, bucket: str, tmp_path: Path, key: dict[str, str]) -> Place:
    return opening(tmp_path / "target", GcsPlace(bucket=bucket, endpoint=xml.url), key)


@pytest.mark.parametrize("size", [0, 1, PIECE, PIECE + 1, len(BIG)])
def test_a_file_is_sent_whole_and_signed(
    xml: GoogleXml, target: Place, place: Place, tmp_path: Path, size: int
) -> None:
    content = BIG[:size]
    sha256 = hashlib.sha256(content).hexdigest()
    assert sent(target, {"a/key": content}) == {"a/key": sha256}
    assert fetched(place, Wanted("a/key", sha256, size), tmp_path / "file") == content
    assert xml.open == {}
    assert all((one or "").startswith("Bearer ey") for one in xml.signed)


def test_a_folder_is_sent_with_its_layout_and_names(target: Place, place: Place, tmp_path: Path) -> None:
    wanted = FILES | {f"{number}/{name}": name.encode() for number, name in enumerate(HOSTILE)}
    sent(target, {f"d/{path}": content for path, content in wanted.items()})
    assert fetched_folder(place, "d/", tmp_path / "folder") == wanted


def test_of_a_file_that_is_not_read_to_its_end_nothing_is_left(
    xml: GoogleXml, target: Place, place: Place, tmp_path: Path
) -> None:
    with pytest.raises(ChangedError, match="short"):
        sent(target, {"x": InMemory(BIG, ChangedError("short"))})
    assert xml.open == {}
    with pytest.raises(NotThereError):
        fetched(place, "x", tmp_path / "file")


@pytest.mark.parametrize("content", [b"small", BIG], ids=["small", "big"])
def test_what_is_there_is_not_written_over_where_that_is_asked(
    target: Place, place: Place, tmp_path: Path, content: bytes
) -> None:
    obstore.put(target.store, "x", b"first", mode="create")
    with pytest.raises(ExistsError):
        told(lambda: obstore.put(target.store, "x", content, mode="create"))
    assert fetched(place, "x", tmp_path / "file") == b"first"


# --- Who asks ---


def headers_of(tmp_path: Path, secret: dict[str, str] | None) -> list[str | None]:
    """Return what stands in Authorization where a file is fetched and where a folder is listed."""
    with webserver.serving() as server:
        server.answer = lambda _: Answer(status=403)
        place = opening(tmp_path, GcsPlace(bucket="b", endpoint=server.url("")), secret)
        with pytest.raises(ForbiddenError, match="403"):
            fetched(place, "x", tmp_path / "file")
        with pytest.raises(ForbiddenError, match="403"):
            fetched_folder(place, "x/", tmp_path / "folder")
        return [one.headers.get("authorization") for one in server.asked]


def test_a_key_signs_what_is_asked(tmp_path: Path, key: dict[str, str]) -> None:
    for header in headers_of(tmp_path, key):
        kind, _, token = (header or "").partition(" ")
        said = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
        assert (kind, said["iss"]) == ("Bearer", json.loads(key["key.json"])["client_email"])


def test_without_a_secret_nothing_is_signed_and_nobody_is_asked_for_a_token(
    place: Place, tmp_path: Path
) -> None:
    assert headers_of(tmp_path, None) == [None, None]
    with pytest.raises(ForbiddenError, match="400"):  # as above: it has come to the store
        sent(place, {"x": b"x"})


def test_a_key_cannot_name_another_server(tmp_path: Path, server: FakeGcs, bucket: str) -> None:
    server.put(bucket, "x", b"x")
    secret = {"key.json": json.dumps({**NO_SIGNING, "gcs_base_url": "http://127.0.0.1:1"})}
    place = opening(tmp_path, GcsPlace(bucket=bucket, endpoint=server.url), secret)
    assert fetched(place, "x", tmp_path / "file") == b"x"
    real = opening(tmp_path, GcsPlace(bucket=bucket), secret).store
    assert isinstance(real, GCSStore)
    assert real.config["base_url"] == "https://storage.googleapis.com"


@pytest.mark.parametrize(
    "text", ["canary", "{}", '{"type": "authorized_user", "refresh_token": "canary"}', "canary-pem"]
)
def test_a_secret_that_is_no_key_is_refused_and_not_shown(
    tmp_path: Path, key: dict[str, str], text: str
) -> None:
    bad = {**json.loads(key["key.json"]), "private_key": "canary"}
    secret = {"key.json": json.dumps(bad) if text == "canary-pem" else text}
    with pytest.raises(ForbiddenError, match="not what its kind has") as caught:
        opening(tmp_path, GcsPlace(bucket="b"), secret)
    assert "canary" not in "".join(traceback.format_exception(caught.value))


def test_tls_is_checked_against_the_authority_of_the_store(tmp_path: Path) -> None:
    made = certificate(tmp_path)
    with fakegcs.running(made.server) as server:
        place = GcsPlace(bucket="secure", endpoint=server.url)
        with pytest.raises(UnavailableError, match="its certificate is not trusted"):
            fetched(opening(tmp_path / "without", place), "x", tmp_path / "file")
        with pytest.raises(NotThereError):
            fetched(opening(tmp_path / "with", place, None, made.authority), "x", tmp_path / "file")
