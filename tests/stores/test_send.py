"""From the disk to a real S3 server, with all that may go wrong on the way."""

from __future__ import annotations

import hashlib
import os
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import obstore
import pytest

from containertask.copilot.storedfiles import parts
from containertask.copilot.transfer import place
from containertask.copilot.transfer.crew import WORKERS, Crew
from containertask.copilot.transfer.errors import (
    ChangedError,
    ForbiddenError,
    TooLargeError,
    TransferError,
    UnavailableError,
)
from containertask.copilot.transfer.outgoing import Sent
from containertask.copilot.transfer.place import Place
from containertask.copilot.transfer.send import PIECE, Sending, piece_size
from containertask.copilot.untrusted import FaultError
from containertask.types.grammar import parse_type
from support.faultproxy import Fault
from support.launcher import until
from support.stores import Bucket

BIG: Final = random.Random(2).randbytes(3 * PIECE + 12_345)  # noqa: S311 - content
ATTRIBUTES: Final = {"Content-Type": "text/plain", "Content-Disposition": "attachment"}


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(place, "_PAUSES", (0.01, 0.01, 0.01))


@dataclass(frozen=True, slots=True)
class InMemory:
    """What is sent, in pieces; ``error`` comes after them, once ``landed`` says that its parts are there.

    A part that is under way while its upload is aborted may land all the same: S3 says so of itself. What is
    left then a rule of the bucket removes (docs/stores.md).
    """

    content: bytes
    error: Exception | None = None
    landed: Callable[[], bool] = lambda: True

    @property
    def size(self) -> int:
        return len(self.content)

    def pieces(self) -> Iterator[bytes]:
        for at in range(0, len(self.content), 1 << 20):
            yield self.content[at : at + (1 << 20)]
        if self.error is not None:
            until(self.landed, "the parts of an upload that is to be aborted")
            raise self.error


def parts_of_big(bucket: Bucket) -> Callable[[], bool]:
    """Return the condition that the store has all parts of BIG that are sent before its end."""

    def landed() -> bool:
        found = [one for one in map(Path, bucket.unfinished()) if one.name.isdecimal()]
        return sum(one.stat().st_size == PIECE for one in found if one.exists()) == len(BIG) // PIECE

    return landed


def sent(target: Place, **files: InMemory) -> dict[str, Sent]:
    moved: list[int] = []
    with Crew() as crew:
        sending = Sending(crew, target, moved.append)
        for key, file in files.items():
            sending.send(file, key, ATTRIBUTES)
    assert sum(moved) == sum(one.size for one in sending.sent)
    return {one.key: one for one in sending.sent}


@pytest.mark.parametrize("size", [0, 1, PIECE, PIECE + 1, len(BIG)])
def test_a_file_goes_whole_and_what_was_read_is_hashed(bucket: Bucket, size: int) -> None:
    content = BIG[:size]
    assert sent(bucket.direct, key=InMemory(content)) == {
        "key": Sent("key", size, hashlib.sha256(content).hexdigest())
    }
    assert bucket.objects() == {"key": content}
    assert bucket.unfinished() == []
    found = obstore.get(bucket.server.store(bucket.name), "key").attributes
    assert {name: found[name] for name in ATTRIBUTES} == ATTRIBUTES


def test_a_folder_of_the_commands_keeps_its_layout(bucket: Bucket, tmp_path: Path) -> None:
    wanted = {f"{n % 5}/f{n}": b"%d" % n for n in range(300)} | {"big": BIG}
    for name, content in wanted.items():
        (tmp_path / "out" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "out" / name).write_bytes(content)
    folder = os.open(tmp_path, os.O_RDONLY)
    with Crew() as crew:
        sending = Sending(crew, bucket.direct, lambda _: None)
        for part in parts(parse_type("directory"), folder, "out"):
            sending.send(part, "/".join(("a0", *part.path)), ATTRIBUTES)
    os.close(folder)
    assert bucket.objects() == {f"a0/{name}": content for name, content in wanted.items()}
    digests = {one.key: one.sha256 for one in sending.sent}
    assert digests == {f"a0/{name}": hashlib.sha256(one).hexdigest() for name, one in wanted.items()}


def test_many_files_go_at_once(bucket: Bucket) -> None:
    bucket.proxy.faults.append(Fault(lambda method, _: method == "PUT", times=1000, late=0.2))
    assert len(sent(bucket.place, **{f"k{n}": InMemory(b"x") for n in range(100)})) == 100
    assert 16 <= bucket.proxy.most <= WORKERS


@pytest.mark.parametrize("how", [{"status": 503}, {"status": 500}, {"status": 429}, {"cut": 0}])
@pytest.mark.parametrize("content", [b"small", BIG], ids=["small", "big"])
def test_what_a_further_try_may_mend_is_tried_again(
    bucket: Bucket, content: bytes, how: dict[str, int]
) -> None:
    fault = Fault(lambda method, _: method == "PUT", times=1)
    for name, value in how.items():
        setattr(fault, name, value)
    bucket.proxy.faults.append(fault)
    target = Place(bucket.store(tries=3), "s3://b")
    sent(target, key=InMemory(content))
    assert bucket.objects() == {"key": content}
    assert fault.times == 0


@pytest.mark.parametrize("content", [b"small", BIG], ids=["small", "big"])
@pytest.mark.parametrize(("status", "error"), [(503, UnavailableError), (403, ForbiddenError)])
def test_nothing_is_there_when_it_failed(
    bucket: Bucket, content: bytes, status: int, error: type[TransferError]
) -> None:
    bucket.proxy.faults.append(Fault(lambda method, _: method == "PUT", times=1000, status=status))
    with pytest.raises(error, match=r"`s3://.*/key`"):
        sent(bucket.place, key=InMemory(content))
    assert bucket.objects() == {}
    assert bucket.unfinished() == []


@pytest.mark.parametrize("content", [b"small", BIG], ids=["small", "big"])
def test_a_file_that_cannot_be_read_to_its_end_is_not_sent(bucket: Bucket, content: bytes) -> None:
    error = FaultError("OutputUnreadable", "it changed")  # type: ignore[arg-type]
    landed = parts_of_big(bucket) if content is BIG else lambda: True
    with pytest.raises(FaultError) as caught:
        sent(bucket.direct, key=InMemory(content, error, landed))
    assert caught.value is error
    assert bucket.objects() == {}
    assert bucket.unfinished() == []


def test_what_cannot_be_read_leaves_the_others_alone(bucket: Bucket) -> None:
    error = FaultError("OutputUnreadable", "it changed")  # type: ignore[arg-type]
    with Crew(memory=4 * PIECE) as crew:
        sending = Sending(crew, bucket.direct, lambda _: None)
        for number in range(6):
            file = InMemory(BIG, error, parts_of_big(bucket)) if number % 2 else InMemory(BIG[:PIECE], error)
            with pytest.raises(FaultError):
                sending.send(file, "key", ATTRIBUTES)
        sending.send(InMemory(b"1"), "other", ATTRIBUTES)
    assert bucket.objects() == {"other": b"1"}
    assert (bucket.unfinished(), sending.failed) == ([], None)


def test_who_ended_the_crew_is_known(bucket: Bucket) -> None:
    bucket.proxy.faults.append(Fault(lambda _, path: path.endswith("/two"), times=99, status=403))
    with pytest.raises(ForbiddenError) as caught, Crew() as crew:  # noqa: PT012 - a crew is a block
        one, two = (Sending(crew, bucket.place, lambda _: None) for _ in range(2))
        one.send(InMemory(b"1"), "one", ATTRIBUTES)
        two.send(InMemory(b"2"), "two", ATTRIBUTES)
    assert (one.failed, two.failed) == (None, caught.value)


@dataclass(frozen=True, slots=True)
class Shrunk(InMemory):
    """It has a byte less than it had."""

    @property
    def size(self) -> int:
        return len(self.content) + 1


@pytest.mark.parametrize("content", [b"small", BIG], ids=["small", "big"])
def test_a_file_that_is_shorter_than_it_was_is_not_sent(bucket: Bucket, content: bytes) -> None:
    with pytest.raises(ChangedError):
        sent(bucket.direct, key=Shrunk(content))
    assert bucket.objects() == {}
    assert bucket.unfinished() == []


def test_a_last_word_that_is_lost_is_no_refusal(bucket: Bucket) -> None:
    bucket.proxy.faults.append(Fault(lambda method, path: method == "POST" and "uploadId" in path, cut=0))
    with pytest.raises(UnavailableError):
        sent(bucket.place, key=InMemory(BIG))


def test_a_big_file_ends_with_the_first_failure(bucket: Bucket) -> None:
    bucket.proxy.faults.append(Fault(lambda method, _: method == "PUT", times=1000, status=403))
    with pytest.raises(ForbiddenError):
        sent(bucket.place, small=InMemory(b"x"), big=InMemory(BIG))
    assert bucket.objects() == {}


def test_a_part_is_as_large_as_the_file_needs() -> None:
    assert piece_size(PIECE, 2 * PIECE, "x") == PIECE
    assert piece_size(PIECE * 10_000, 2 * PIECE, "x") == PIECE
    assert piece_size(PIECE * 10_000 + 1, 2 * PIECE, "x") == 2 * PIECE
    with pytest.raises(TooLargeError, match="raise copilotResources"):
        piece_size(PIECE * 20_000 + 1, 2 * PIECE, "x")
