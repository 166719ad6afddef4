"""The engine against Azurite, as far as that goes.

What it does otherwise than Azure, or not at all: it knows no identity of a Pod (`PodIdentity` is not tested
here), answers an unknown account and a token that has ended like a wrong key, lets a name end with a dot
(Azure drops that), and never has too much to do. `docs/stores.md` says the same to users.
"""

from __future__ import annotations

import base64
import hashlib
import itertools
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import obstore
import pytest

from containertask.contract.stores import AzurePlace
from containertask.copilot.transfer import opening as product
from containertask.copilot.transfer import place as places
from containertask.copilot.transfer.errors import (
    ChangedError,
    ExistsError,
    ForbiddenError,
    NotThereError,
    TransferError,
    UnavailableError,
)
from containertask.copilot.transfer.fetch import PIECE, Wanted
from containertask.copilot.transfer.place import Place
from support import azurite, faultproxy
from support.azurite import ACCOUNT, KEY, Azurite, shared_access
from support.faultproxy import Fault
from support.moving import (
    ATTRIBUTES,
    BIG,
    FILES,
    HOSTILE,
    InMemory,
    fetched,
    fetched_folder,
    opening,
    sent,
    told,
)
from support.webserver import certificate

STRANGER: Final = base64.b64encode(b"canary-of-a-stranger").decode()
BY_KEY: Final = {"AZURE_STORAGE_ACCOUNT_KEY": f"{KEY}\n"}
_numbers = itertools.count()


def by_token(token: str) -> dict[str, str]:
    return {"AZURE_STORAGE_SAS_TOKEN": token}


@pytest.fixture(autouse=True)
def _few_tries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(product, "_RETRIES", {"max_retries": 0})
    monkeypatch.setattr(places, "_PAUSES", (0.01, 0.01, 0.01))


@pytest.fixture(scope="module")
def server() -> Iterator[Azurite]:
    with azurite.running() as found:
        yield found


@pytest.fixture
def said(server: Azurite) -> AzurePlace:
    """Return a container that was just made, as a manifest tells of it."""
    made = f"container-{next(_numbers)}"
    server.make(made)
    return AzurePlace(account=ACCOUNT, container=made, endpoint=server.url)


@pytest.fixture
def place(said: AzurePlace, tmp_path: Path) -> Place:
    return opening(tmp_path, said, BY_KEY)


@pytest.mark.parametrize("secret", [BY_KEY, by_token(shared_access()), by_token(f"?{shared_access()}\n")])
@pytest.mark.parametrize("size", [0, 1, PIECE, PIECE + 1, len(BIG)])
def test_a_file_goes_and_comes_whole(
    said: AzurePlace, tmp_path: Path, secret: dict[str, str], size: int
) -> None:
    place, content = opening(tmp_path, said, secret), BIG[:size]
    sha256 = hashlib.sha256(content).hexdigest()
    assert sent(place, {"a/key": content}) == {"a/key": sha256}
    assert fetched(place, Wanted("a/key", sha256, size), tmp_path / "file") == content
    assert obstore.head(place.store, "a/key")["size"] == size
    attributes = obstore.get(place.store, "a/key").attributes
    assert {name: attributes[name] for name in ATTRIBUTES} == ATTRIBUTES


def test_a_folder_goes_and_comes_with_its_layout(place: Place, tmp_path: Path) -> None:
    sent(place, {**{f"d/{path}": content for path, content in FILES.items()}, "d2/other": b"x"})
    assert fetched_folder(place, "d/", tmp_path / "folder") == FILES


def test_names_are_taken_as_they_are(place: Place, tmp_path: Path) -> None:
    sent(place, {f"{number}/{name}": name.encode() for number, name in enumerate(HOSTILE)})
    for number, name in enumerate(HOSTILE):
        assert fetched(place, f"{number}/{name}", tmp_path / "file") == name.encode()
        made = tmp_path / f"folder-{number}"
        assert fetched_folder(place, f"{number}/", made) == {name: name.encode()}


def test_azure_makes_a_slash_of_a_backslash(place: Place, tmp_path: Path) -> None:
    sent(place, {"d/back\\slash": b"x"})
    assert fetched_folder(place, "d/", tmp_path / "folder") == {"back/slash": b"x"}


# --- What is refused ---


def test_what_is_not_there_is_named(place: Place, said: AzurePlace, tmp_path: Path) -> None:
    with pytest.raises(NotThereError, match=f"`az://{said.container}/no/thing` is not there$"):
        fetched(place, "no/thing", tmp_path / "file")
    with pytest.raises(NotThereError, match="nothing below"):
        fetched_folder(place, "no/", tmp_path / "folder")
    nowhere = opening(
        tmp_path, AzurePlace(account=ACCOUNT, container="nowhere", endpoint=said.endpoint), BY_KEY
    )
    with pytest.raises(NotThereError, match="no such bucket"):
        fetched(nowhere, "x", tmp_path / "file")
    with pytest.raises(NotThereError, match="no such bucket"):
        fetched_folder(nowhere, "x/", tmp_path / "other")
    for content in (b"small", BIG):
        with pytest.raises(NotThereError, match="no such bucket"):
            sent(nowhere, {"x": content})


@pytest.mark.parametrize(
    "secret",
    [
        {"AZURE_STORAGE_ACCOUNT_KEY": STRANGER},
        by_token(shared_access(key=STRANGER)),
        by_token(shared_access(ends="2021-01-01T00:00:00Z")),
        by_token("canary=%zz"),
        by_token("canary"),
    ],
)
def test_a_wrong_secret_is_refused_and_not_shown(
    place: Place, said: AzurePlace, tmp_path: Path, secret: dict[str, str]
) -> None:
    sent(place, {"x": b"x"})
    shown = []
    for what in (
        lambda stranger: fetched(stranger, "x", tmp_path / "file"),
        lambda stranger: fetched_folder(stranger, "x/", tmp_path / "folder"),
        lambda stranger: sent(stranger, {"x": b"y"}),
        lambda stranger: sent(stranger, {"x": BIG}),
    ):
        with pytest.raises(ForbiddenError) as caught:
            what(opening(tmp_path / "stranger", said, secret))
        shown += traceback.format_exception(caught.value)
    text = "".join(shown)
    assert not [word for word in ("canary-", "sig=", KEY, STRANGER, *secret.values()) if word in text]
    assert fetched(place, "x", tmp_path / "file") == b"x"


def test_a_token_that_may_only_read_does(place: Place, said: AzurePlace, tmp_path: Path) -> None:
    sent(place, {"d/x": b"x"})
    reader = opening(tmp_path / "reader", said, by_token(shared_access("rl")))
    assert fetched_folder(reader, "d/", tmp_path / "folder") == {"x": b"x"}
    with pytest.raises(ForbiddenError, match="403 AuthorizationPermissionMismatch"):
        sent(reader, {"d/x": b"y"})


def test_without_a_secret_only_what_is_public_is_read(
    server: Azurite, said: AzurePlace, tmp_path: Path
) -> None:
    server.make("public", public=True)
    public = AzurePlace(account=ACCOUNT, container="public", endpoint=server.url)
    sent(opening(tmp_path, public, BY_KEY), {"d/x": b"x"})
    nobody = opening(tmp_path / "nobody", public)
    assert fetched(nobody, "d/x", tmp_path / "file") == b"x"
    assert fetched_folder(nobody, "d/", tmp_path / "folder") == {"x": b"x"}
    with pytest.raises(ForbiddenError):
        sent(nobody, {"d/x": b"y"})
    with pytest.raises(ForbiddenError):
        fetched(opening(tmp_path / "nobody", said), "x", tmp_path / "file")


@pytest.mark.parametrize("secret", [BY_KEY, by_token(shared_access())])
def test_the_secret_is_used_and_not_what_the_environment_has(
    said: AzurePlace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, secret: dict[str, str]
) -> None:
    (tmp_path / "token").write_text("canary")
    theirs = {"CLIENT_ID": "c", "TENANT_ID": "t", "FEDERATED_TOKEN_FILE": str(tmp_path / "token")}
    more = {"AUTHORITY_HOST": "http://127.0.0.1:1", "STORAGE_ENDPOINT": "http://127.0.0.1:1"}
    for name, value in {**theirs, **more, "STORAGE_TOKEN": "canary"}.items():
        monkeypatch.setenv(f"AZURE_{name}", value)
    place = opening(tmp_path, said, secret)
    sent(place, {"x": b"x"})
    assert fetched(place, "x", tmp_path / "file") == b"x"


@pytest.mark.parametrize("ours", [by_token(shared_access(key=STRANGER)), None])
def test_a_key_of_the_environment_does_not_stand_in(
    place: Place,
    said: AzurePlace,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    ours: dict[str, str] | None,
) -> None:
    sent(place, {"x": b"x"})
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_KEY", KEY)
    with pytest.raises(ForbiddenError):
        fetched(opening(tmp_path / "stranger", said, ours), "x", tmp_path / "file")


@pytest.mark.parametrize("content", [b"small", BIG], ids=["small", "big"])
def test_what_is_there_is_not_written_over_where_that_is_asked(
    place: Place, tmp_path: Path, content: bytes
) -> None:
    obstore.put(place.store, "x", b"first", mode="create")
    with pytest.raises(ExistsError):
        told(lambda: obstore.put(place.store, "x", content, mode="create"))
    assert fetched(place, "x", tmp_path / "file") == b"first"


# --- What breaks off ---


def test_of_a_file_that_is_not_read_to_its_end_only_azures_blocks_are_left(
    server: Azurite, place: Place, said: AzurePlace
) -> None:
    with pytest.raises(ChangedError, match="short"):
        sent(place, {"x": InMemory(BIG, ChangedError("short"))})
    with pytest.raises(FileNotFoundError):
        obstore.head(place.store, "x")
    assert server.begun(said.container)  # there is no word to take them back: Azure drops them in a week
    sent(place, {"x": BIG})
    assert not server.begun(said.container)


@pytest.mark.parametrize(
    ("said", "error", "word"),
    [
        ("409 PublicAccessNotPermitted", ForbiddenError, "nobody in without a credential"),
        ("409 BlobImmutableDueToPolicy", ForbiddenError, "a policy of the container"),
        ("409 BlobBeingRehydrated", ForbiddenError, "is being restored"),
        ("409 ContainerBeingDeleted", UnavailableError, "409 ContainerBeingDeleted"),
        ("403 AuthenticationFailed", ForbiddenError, "403 AuthenticationFailed"),
        ("503 ServerBusy", UnavailableError, "503 ServerBusy"),
    ],
)
def test_what_azure_says_and_azurite_does_not_is_understood(
    server: Azurite, tmp_path: Path, said: str, error: type[TransferError], word: str
) -> None:
    status, code = said.split()
    body = f"<Error><Code>{code}</Code><Message>canary</Message></Error>".encode()
    with faultproxy.before(server.port) as proxy:
        proxy.faults.append(Fault(lambda *_: True, times=100, status=int(status), body=body))
        url = f"http://127.0.0.1:{proxy.port}"
        place = opening(tmp_path, AzurePlace(account=ACCOUNT, container="any", endpoint=url), BY_KEY)
        for what in (
            lambda: fetched(place, "x", tmp_path / "file"),
            lambda: sent(place, {"x": b"small"}),
            lambda: sent(place, {"x": BIG}),
        ):
            with pytest.raises(error, match=word) as caught:
                what()
            assert "canary" not in str(caught.value)


def test_a_file_that_changes_while_it_is_read_is_not_mixed(
    server: Azurite, place: Place, said: AzurePlace, tmp_path: Path
) -> None:
    sent(place, {"big": BIG})
    asked = iter([False, True])

    def replaced(method: str, _path: str) -> bool:
        if method == "GET" and next(asked, False):
            obstore.put(place.store, "big", bytes(len(BIG)))
        return False

    with faultproxy.before(server.port) as proxy:
        proxy.faults.append(Fault(replaced))
        through = AzurePlace(
            account=ACCOUNT, container=said.container, endpoint=f"http://127.0.0.1:{proxy.port}"
        )
        with pytest.raises(ChangedError, match="was changed while it was read"):
            fetched(opening(tmp_path, through, BY_KEY), "big", tmp_path / "file")


def test_tls_is_checked_against_the_authority_of_the_store(tmp_path: Path) -> None:
    made = certificate(tmp_path)
    with azurite.running(made.server) as server:
        place = AzurePlace(account=ACCOUNT, container="secure", endpoint=server.url)
        with pytest.raises(UnavailableError, match="its certificate is not trusted"):
            sent(opening(tmp_path / "without", place, BY_KEY), {"x": b"x"})
        trusting = opening(tmp_path / "with", place, BY_KEY, made.authority)
        with pytest.raises(NotThereError, match="no such bucket"):
            sent(trusting, {"x": b"x"})
