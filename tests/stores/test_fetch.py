"""From a real S3 server to the disk, with all that may go wrong on the way."""

from __future__ import annotations

import hashlib
import os
import random
import resource
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

import obstore
import pytest

from containertask.copilot.transfer import fetch, place
from containertask.copilot.transfer.crew import WORKERS
from containertask.copilot.transfer.errors import (
    BadKeyError,
    ChangedError,
    DigestError,
    DiskError,
    ForbiddenError,
    NotThereError,
    TooLargeError,
    TransferError,
    UnavailableError,
)
from containertask.copilot.transfer.fetch import PIECE, Wanted
from containertask.copilot.transfer.place import Place
from support.faultproxy import Fault
from support.s3 import SECRET, USER
from support.stores import Bucket

BIG: Final = random.Random(1).randbytes(3 * PIECE + 12_345)  # noqa: S311 - content
FILES: Final = {f"d/{n % 7}/f{n:04}": b"%d" % n * (n % 50) for n in range(300)}


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(place, "_PAUSES", (0.01, 0.01, 0.01))


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "file"


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[tuple[int, Path]]:
    made = tmp_path / "folder"
    made.mkdir()
    fd = os.open(made, os.O_RDONLY)
    yield fd, made
    os.close(fd)


def get(source: Place, wanted: Wanted, target: Path) -> int:
    moved: list[int] = []
    size = fetch.fetch_file(
        source, wanted, lambda: os.open(target, os.O_RDWR | os.O_CREAT | os.O_EXCL), moved.append
    )
    assert sum(moved) == size
    return size


def in_folder(made: Path) -> dict[str, bytes]:
    return {str(one.relative_to(made)): one.read_bytes() for one in made.rglob("*") if one.is_file()}


@pytest.mark.parametrize("size", [0, 1, PIECE - 1, PIECE, PIECE + 1, len(BIG)])
@pytest.mark.parametrize("hashed", [False, True])
def test_a_file_comes_whole(bucket: Bucket, target: Path, size: int, hashed: bool) -> None:  # noqa: FBT001 - a case
    content = BIG[:size]
    bucket.put("a/file", content)
    sha256 = hashlib.sha256(content).hexdigest() if hashed else None
    assert get(bucket.direct, Wanted("a/file", sha256, size), target) == size
    assert target.read_bytes() == content


@pytest.mark.parametrize(
    "key", ["sp ace", "p%20q", "x#y", "q?z", "ü", "back\\slash", "emoji😀", "a*b", "c:d", "~"]
)
def test_a_key_is_taken_as_it_is(bucket: Bucket, target: Path, key: str) -> None:
    bucket.put(key, key.encode())
    get(bucket.direct, Wanted(key), target)
    assert target.read_bytes() == key.encode()


def test_a_folder_keeps_its_layout(bucket: Bucket, folder: tuple[int, Path]) -> None:
    for key, content in {**FILES, "d/big": BIG, "d2/other": b"x"}.items():
        bucket.put(key, content)
    assert fetch.fetch_folder(bucket.direct, Wanted("d/"), folder[0], lambda _: None) == len(FILES) + 1
    wanted = {key.removeprefix("d/"): content for key, content in FILES.items()}
    assert in_folder(folder[1]) == {**wanted, "big": BIG}


def test_ten_thousand_files_come_with_few_open_at_once(bucket: Bucket, folder: tuple[int, Path]) -> None:
    for n in range(10_000):
        bucket.put(f"d/{n % 100}/{n}", b"%d" % n)
    few, many = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(
        resource.RLIMIT_NOFILE, (max(int(one.name) for one in Path("/proc/self/fd").iterdir()) + 200, many)
    )
    try:
        assert fetch.fetch_folder(bucket.direct, Wanted("d/"), folder[0], lambda _: None) == 10_000
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (few, many))
    assert in_folder(folder[1]) == {f"{n % 100}/{n}": b"%d" % n for n in range(10_000)}


# --- What is refused ---


def test_what_is_not_there_is_named(bucket: Bucket, target: Path, folder: tuple[int, Path]) -> None:
    with pytest.raises(NotThereError, match=f"`s3://{bucket.name}/no/thing` is not there$"):
        get(bucket.direct, Wanted("no/thing"), target)
    with pytest.raises(NotThereError, match="nothing below"):
        fetch.fetch_folder(bucket.direct, Wanted("no/"), folder[0], lambda _: None)
    nowhere = Place(bucket.server.store("no-bucket"), "s3://no-bucket")
    with pytest.raises(NotThereError, match="no such bucket"):
        get(nowhere, Wanted("x"), target)
    with pytest.raises(NotThereError, match="no such bucket"):
        fetch.fetch_folder(nowhere, Wanted("x/"), folder[0], lambda _: None)
    assert not target.exists()


def test_another_content_than_was_announced_is_refused(bucket: Bucket, target: Path) -> None:
    bucket.put("x", b"other")
    with pytest.raises(DigestError, match="has the sha256"):
        get(bucket.direct, Wanted("x", sha256="0" * 64), target)


def test_more_than_is_allowed_is_refused_before_it_is_written(
    bucket: Bucket, target: Path, folder: tuple[int, Path]
) -> None:
    bucket.put("d/x", b"12345")
    bucket.put("d/y", b"12345")
    with pytest.raises(TooLargeError, match="has 5 bytes, and maxBytes is 4"):
        get(bucket.direct, Wanted("d/x", max_bytes=4), target)
    with pytest.raises(TooLargeError, match="has 10 bytes, and maxBytes is 9"):
        fetch.fetch_folder(bucket.direct, Wanted("d/", max_bytes=9), folder[0], lambda _: None)
    assert not target.exists()
    assert in_folder(folder[1]) == {}


def test_a_wrong_secret_is_the_stores_refusal_and_is_not_shown(bucket: Bucket, target: Path) -> None:
    bucket.put("x", b"x")
    stranger = Place(bucket.server.store(bucket.name, secret="canary-wrong"), "s3://b")  # noqa: S106 - as above
    with pytest.raises(ForbiddenError, match="403 SignatureDoesNotMatch") as caught:
        get(stranger, Wanted("x"), target)
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize("key", ["d/../x", "d/./x", "d/a//b", "d//x", "d/&#1;x"])
def test_a_listing_with_a_key_that_no_file_can_have_is_refused(
    bucket: Bucket, folder: tuple[int, Path], key: str
) -> None:
    bucket.put("d/ordinary", b"x")
    hostile = lambda body: body.replace(b"d/ordinary", key.encode())  # noqa: E731 - short
    bucket.proxy.faults.append(Fault(lambda _, path: "list-type" in path, changed=hostile))
    with pytest.raises(BadKeyError, match=r"holds the key `d/.*`, which no file can have"):
        fetch.fetch_folder(bucket.place, Wanted("d/"), folder[0], lambda _: None)
    assert in_folder(folder[1]) == {}


@pytest.mark.parametrize("key", ["e/x", "x", "dd/x"])
def test_a_listing_of_something_else_is_refused(bucket: Bucket, folder: tuple[int, Path], key: str) -> None:
    bucket.put("d/ordinary", b"x")
    hostile = lambda body: body.replace(b"d/ordinary", key.encode())  # noqa: E731 - short
    bucket.proxy.faults.append(Fault(lambda _, path: "list-type" in path, changed=hostile))
    with pytest.raises(BadKeyError, match="not below"):
        fetch.fetch_folder(bucket.place, Wanted("d/"), folder[0], lambda _: None)


def test_names_that_differ_by_case_only_are_refused(bucket: Bucket, folder: tuple[int, Path]) -> None:
    bucket.put("d/README", b"1")
    bucket.put("d/readme", b"2")
    with pytest.raises(BadKeyError, match="differ only by case"):
        fetch.fetch_folder(bucket.direct, Wanted("d/"), folder[0], lambda _: None)
    assert in_folder(folder[1]) == {}


def test_a_full_disk_is_the_pods_own(bucket: Bucket) -> None:
    bucket.put("x", BIG)
    with pytest.raises(DiskError, match=r"the disk is full \(ENOSPC\)"):
        fetch.fetch_file(
            bucket.direct, Wanted("x"), lambda: os.open("/dev/full", os.O_WRONLY), lambda _: None
        )


# --- What is tried again ---


def spoiled(times: int, **how: object) -> Fault:
    return Fault(lambda method, path: method == "GET" and "big" in path, times=times, **how)  # type: ignore[arg-type]


FAULTS: Final[dict[str, Callable[[int], Fault]]] = {
    "500": lambda times: spoiled(times, status=500),
    "503 SlowDown": lambda times: spoiled(times, status=503, body=b"<Error><Code>SlowDown</Code></Error>"),
    "429": lambda times: spoiled(times, status=429),
    "cut off": lambda times: spoiled(times, cut=100_000),
    "cut off at once": lambda times: spoiled(times, cut=0),
    "stalled": lambda times: spoiled(times, stall=100_000),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_what_a_further_try_may_mend_is_tried_again(bucket: Bucket, target: Path, fault: str) -> None:
    bucket.put("big", BIG)
    bucket.proxy.faults.append(FAULTS[fault](2))
    assert get(bucket.place, Wanted("big", hashlib.sha256(BIG).hexdigest()), target) == len(BIG)
    assert target.read_bytes() == BIG
    assert bucket.proxy.faults[0].times == 0


@pytest.mark.parametrize("fault", FAULTS)
def test_a_store_that_does_not_mend_is_unavailable(bucket: Bucket, target: Path, fault: str) -> None:
    bucket.put("big", BIG)
    bucket.proxy.faults.append(FAULTS[fault](1000))
    with pytest.raises(UnavailableError) as caught:
        get(bucket.place, Wanted("big"), target)
    assert not {USER, SECRET, "127.0.0.1"} & {
        word for word in (USER, SECRET, "127.0.0.1") if word in str(caught.value)
    }


@pytest.mark.parametrize("status", [400, 401, 403])
def test_a_refusal_is_not_tried_again(bucket: Bucket, target: Path, status: int) -> None:
    bucket.put("big", BIG)
    body = b"<Error><Code>ExpiredToken</Code><Message>canary</Message></Error>"
    bucket.proxy.faults.append(spoiled(1000, status=status, body=body))
    with pytest.raises(ForbiddenError, match=f"{status} ExpiredToken.*: the credential has expired"):
        get(bucket.place, Wanted("big"), target)
    assert len(bucket.proxy.asked) == 1


def test_an_object_that_changes_while_it_is_read_is_not_mixed(bucket: Bucket, target: Path) -> None:
    obstore.put(bucket.store(), "big", BIG)
    changed = iter([False, True])

    def replaced(method: str, _path: str) -> bool:
        if method == "GET" and next(changed, False):
            obstore.put(bucket.server.store(bucket.name), "big", bytes(len(BIG)))
        return False

    bucket.proxy.faults.append(Fault(replaced))
    with pytest.raises(ChangedError, match="was changed while it was read"):
        get(bucket.place, Wanted("big"), target)


def test_an_object_that_vanishes_from_a_folder_ends_all(bucket: Bucket, folder: tuple[int, Path]) -> None:
    for key, content in FILES.items():
        bucket.put(key, content)
    gone = Fault(lambda _, path: "f0101" in path, status=404, body=b"<Error><Code>NoSuchKey</Code></Error>")
    bucket.proxy.faults.append(gone)
    with pytest.raises(NotThereError, match="f0101` is not there"):
        fetch.fetch_folder(bucket.place, Wanted("d/"), folder[0], lambda _: None)


def test_many_requests_are_under_way_at_once_and_no_more_than_workers(
    bucket: Bucket, folder: tuple[int, Path]
) -> None:
    for n in range(100):
        bucket.put(f"d/{n:03}", b"x")
    bucket.proxy.faults.append(Fault(lambda _, path: "/d/" in path, times=1000, late=0.2))
    assert fetch.fetch_folder(bucket.place, Wanted("d/"), folder[0], lambda _: None) == 100
    assert 16 <= bucket.proxy.most <= WORKERS


def test_the_first_failure_is_told_and_the_rest_is_left(bucket: Bucket, folder: tuple[int, Path]) -> None:
    for n in range(500):
        bucket.put(f"d/{n:03}", b"x")
    bucket.proxy.faults.append(Fault(lambda _, path: "/d/" in path, times=1000, status=403))
    with pytest.raises(TransferError):
        fetch.fetch_folder(bucket.place, Wanted("d/"), folder[0], lambda _: None)
    assert len(bucket.proxy.asked) < 100


# --- What servers do otherwise ---


def answering(status: int, body: bytes = b"", times: int = 1000) -> Fault:
    return Fault(lambda method, _: method == "GET", times=times, status=status, body=body)


@pytest.mark.parametrize(
    ("fault", "error", "word"),
    [
        (answering(301), ForbiddenError, "in another region"),
        (
            answering(404, b"<Error><Code>XAdminUserNotFound</Code></Error>"),
            ForbiddenError,
            "XAdminUserNotFound",
        ),
        (answering(404, b"<Error><Code>Whatever</Code></Error>"), NotThereError, "is not there"),
        (answering(409, b"<Error><Code>BlobArchived</Code></Error>"), ForbiddenError, "is archived"),
        (answering(403, b"<Error><Code>InvalidObjectState</Code></Error>"), ForbiddenError, "is archived"),
        (answering(400, b"<Error><Code>RequestTimeout</Code></Error>"), UnavailableError, "RequestTimeout"),
        (answering(501), ForbiddenError, "501"),
        (answering(200, b"whole"), ForbiddenError, "ignores ranges"),
    ],
)
def test_an_answer_means_what_its_code_says(
    bucket: Bucket, target: Path, fault: Fault, error: type[TransferError], word: str
) -> None:
    bucket.put("certificate.pem", b"x")
    bucket.proxy.faults.append(replace(fault))
    with pytest.raises(error, match=word):
        get(bucket.place, Wanted("certificate.pem"), target)


def test_a_word_in_a_key_is_not_taken_for_the_cause(bucket: Bucket, target: Path) -> None:
    bucket.put("certificate.pem", b"x" * 1000)
    bucket.proxy.faults.append(Fault(lambda method, _: method == "GET", times=1000, cut=0))
    with pytest.raises(UnavailableError, match="the connection broke"):
        get(bucket.place, Wanted("certificate.pem"), target)


def test_a_listing_that_breaks_off_is_asked_for_again(bucket: Bucket, folder: tuple[int, Path]) -> None:
    bucket.put("d/x", b"x")
    bucket.proxy.faults.append(Fault(lambda _, path: "list-type" in path, times=2, cut=30))
    assert fetch.fetch_folder(bucket.place, Wanted("d/"), folder[0], lambda _: None) == 1


def test_an_object_that_shrinks_is_one_that_changes(bucket: Bucket, target: Path) -> None:
    obstore.put(bucket.store(), "big", BIG)
    asked = iter([False, True])

    def replaced(method: str, _path: str) -> bool:
        if method == "GET" and next(asked, False):
            obstore.put(bucket.server.store(bucket.name), "big", b"short")
        return False

    bucket.proxy.faults.append(Fault(replaced))
    with pytest.raises(ChangedError):
        get(bucket.place, Wanted("big"), target)


def test_an_object_that_was_empty_and_is_not_is_one_that_changes(bucket: Bucket, target: Path) -> None:
    bucket.put("x", b"not empty any more")
    empty = b"<Error><Code>InvalidRange</Code></Error>"
    bucket.proxy.faults.append(Fault(lambda method, _: method == "GET", status=416, body=empty))
    with pytest.raises(ChangedError):
        get(bucket.place, Wanted("x"), target)


def test_an_object_that_claims_to_be_endless_costs_nothing() -> None:
    with pytest.raises(TooLargeError, match="more than any store"):
        Wanted("x").hold((5 << 40) + 1, "x")


def test_a_failure_does_not_wait_for_what_hangs(bucket: Bucket, folder: tuple[int, Path]) -> None:
    for n in range(20):
        bucket.put(f"d/{n:02}", b"x")
    bucket.proxy.faults.append(Fault(lambda _, path: path.endswith("d/10"), status=403, late=0.3))
    bucket.proxy.faults.append(Fault(lambda _, path: "/d/" in path, times=1000, stall=0))
    began = time.monotonic()
    with pytest.raises(ForbiddenError, match="d/10"):
        fetch.fetch_folder(bucket.place, Wanted("d/"), folder[0], lambda _: None)
    assert time.monotonic() - began < 1.9  # the store's read_timeout is 2 s
