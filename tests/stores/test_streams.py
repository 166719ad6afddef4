"""Inputs of mode Stream: the uploader feeds them while the command reads; this process is the command."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import obstore
import pytest

from containertask.contract.items import InputItem, InputMode, Layout, StreamItem
from containertask.contract.manifest import Mode
from containertask.contract.outcome import Outcome
from support.copilot import MANIFEST, Part, Told, message, record
from support.faultproxy import Fault
from support.fetched import QUICK, Fetcher, at, fetching_pod
from support.launcher import until
from support.s3 import SECRET, USER
from support.stores import Bucket
from support.webserver import Answer, Asked, WebServer, serving

SMALL: Final = f"""{QUICK}
from containertask.copilot.transfer import inorder
inorder.PIECE = {1 << 16}
"""
"""Code: pieces so small that a file has many."""
PIECE: Final = 1 << 16
BIG: Final = b"".join(n.to_bytes(4) for n in range(1 << 20))
SHA256: Final = hashlib.sha256(BIG).hexdigest()
WELL: Final = (0, Outcome.UPLOADED)


@dataclass(frozen=True, slots=True)
class Feeding:
    """An uploader that feeds."""

    pod: Fetcher
    part: Part

    def open(self, name: str = "x") -> int:
        """Open an input as the command does, by what lies in the folder of inputs."""
        link = (self.pod.inputs / name).readlink()
        assert link == Path("/ct/control", f"stream-{name}")
        return os.open(self.pod.pod.path("control") / link.name, os.O_RDONLY)

    def read(self, name: str = "x") -> bytes:
        """Read an input to its end."""
        with os.fdopen(self.open(name), "rb") as file:
            return file.read()

    def end(self, **said: object) -> Told:
        """End the command."""
        self.pod.pod.tell(record(**said))
        return self.part.told()


@pytest.fixture
def pod() -> Iterator[Fetcher]:
    with fetching_pod() as made:
        yield made


@pytest.fixture
def web() -> Iterator[WebServer]:
    with serving() as found:
        yield found


def feeding(pod: Fetcher, *items: StreamItem, mode: Mode = Mode.INIT, code: str = SMALL) -> Feeding:
    """Bring the inputs, which is no more than links and FIFOs, and start the uploader."""
    for one in items:
        pod.ask(InputItem(one.name, "file", mode=InputMode.STREAM), at(one.uri))
    pod.manifest = replace(MANIFEST, mode=mode, streams=items)
    pod.write()
    if mode is Mode.INIT:
        assert pod.download().exit_code == 0
    part = pod.pod.spawn("upload", before=code)
    if mode is Mode.GATED:
        assert pod.download().exit_code == 0
    part.waits()
    return Feeding(pod, part)


def read_exactly(fifo: int, size: int) -> bytes:
    found = b""
    while len(found) < size:
        found += os.read(fifo, size - len(found))
    return found


def ended(told: Told) -> tuple[int, Outcome]:
    return told.exit_code, told.report.outcome


def broken(told: Told, outcome: Outcome, says: str) -> None:
    """Hold the report of an attempt that failed because an input did."""
    assert (told.exit_code, told.report.outcome, told.report.origin) == (1, outcome, "x"), told
    assert message(told).startswith("input `x`: ")
    assert says in message(told)
    assert not [secret for secret in (USER, SECRET, "canary") if secret in told.message + told.log]


@pytest.mark.parametrize("size", [0, 1, PIECE - 1, PIECE, PIECE + 1, len(BIG)])
def test_a_file_of_a_bucket_streams(pod: Fetcher, bucket: Bucket, size: int) -> None:
    bucket.put("f", BIG[:size])
    sha256 = hashlib.sha256(BIG[:size]).hexdigest()
    fed = feeding(pod, StreamItem("x", f"{pod.s3(bucket)}f", sha256, max(size, 1)))
    assert pod.said() == {"x": "/var/inputs/x"}
    assert fed.read() == BIG[:size]
    told = fed.end()
    assert ended(told) == WELL
    assert told.report.figures.bytes_in == size


@pytest.mark.parametrize("mode", [Mode.GATED, Mode.INIT])
def test_files_of_all_kinds_of_stores_stream_at_once(
    pod: Fetcher, bucket: Bucket, web: WebServer, mode: Mode
) -> None:
    bucket.put("f", BIG)
    (pod.claim() / "f").write_bytes(BIG[1:])
    pod.web(web)
    web.answer = lambda _: Answer(body=BIG[2:])
    fed = feeding(
        pod,
        StreamItem("bucket", f"{pod.s3(bucket)}f", SHA256),
        StreamItem("claim", "pvc://data/f", hashlib.sha256(BIG[1:]).hexdigest()),
        StreamItem("web", web.url("/f"), hashlib.sha256(BIG[2:]).hexdigest()),
        mode=mode,
    )
    found: list[bytes] = [b""] * 3
    with ExitStack() as stack:
        files = [stack.enter_context(os.fdopen(fed.open(one), "rb")) for one in ("web", "bucket", "claim")]
        while any(parts := [file.read(100_000) for file in files]):
            found = [before + part for before, part in zip(found, parts, strict=True)]
    assert found == [BIG[2:], BIG, BIG[1:]]
    assert ended(fed.end()) == WELL


def test_in_a_folder_of_its_own_it_has_its_name(pod: Fetcher, bucket: Bucket) -> None:
    bucket.put("data.csv", b"1")
    uri = f"{pod.s3(bucket)}data.csv"
    pod.ask(InputItem("x", "file", Layout.NAMED_DIR, mode=InputMode.STREAM), at(uri))
    pod.manifest = replace(MANIFEST, streams=(StreamItem("x", uri),))
    assert pod.download().exit_code == 0
    assert (pod.inputs / "x" / "data.csv").readlink() == Path("/ct/control/stream-x")
    assert pod.said() == {"x": "/var/inputs/x/data.csv"}


def test_nothing_is_asked_of_a_store_before_somebody_reads(pod: Fetcher, bucket: Bucket) -> None:
    fed = feeding(pod, StreamItem("x", f"{pod.s3(bucket, proxied=True)}absent"))
    told = fed.end()
    assert ended(told) == WELL
    assert bucket.proxy.asked == []


def test_who_reads_the_begin_alone_has_what_he_wants(pod: Fetcher, bucket: Bucket) -> None:
    bucket.put("f", BIG)
    fed = feeding(pod, StreamItem("x", f"{pod.s3(bucket)}f", "0" * 64))
    fifo = fed.open()
    assert os.read(fifo, 10) == BIG[:10]
    os.close(fifo)
    assert ended(fed.end()) == WELL


def test_who_holds_it_open_does_not_keep_the_uploader(pod: Fetcher, bucket: Bucket) -> None:
    bucket.put("f", BIG)
    fed = feeding(pod, StreamItem("x", f"{pod.s3(bucket)}f"))
    fifo = fed.open()
    assert os.read(fifo, 10) == BIG[:10]
    assert ended(fed.end()) == WELL
    os.close(fifo)


def test_it_is_read_once(pod: Fetcher, bucket: Bucket) -> None:
    bucket.put("f", b"1")
    fed = feeding(pod, StreamItem("x", f"{pod.s3(bucket)}f"))
    assert fed.read() == b"1"
    with pytest.raises(FileNotFoundError):
        fed.open()
    assert ended(fed.end()) == WELL


@pytest.mark.parametrize("exit_code", [0, 3])
def test_what_breaks_off_is_no_success_and_comes_before_the_commands_own_end(
    pod: Fetcher, bucket: Bucket, exit_code: int
) -> None:
    bucket.put("f", BIG)
    later = Fault(lambda method, path: method == "GET" and "/f" in path, times=0, status=503)
    bucket.proxy.faults.append(later)
    fed = feeding(pod, StreamItem("x", f"{pod.s3(bucket, proxied=True)}f"))
    fifo = fed.open()
    found = os.read(fifo, 1)
    later.times = 1000
    while part := os.read(fifo, 1 << 20):
        found += part
    os.close(fifo)
    assert len(found) < len(BIG)
    assert BIG.startswith(found)
    told = fed.end(exitCode=exit_code)
    broken(told, Outcome.INPUT_UNAVAILABLE, "/f")
    assert told.report.end is not None
    assert told.report.end.exit_code == exit_code
    assert told.report.figures.bytes_in == len(found)


def test_what_breaks_off_for_a_while_goes_on(pod: Fetcher, bucket: Bucket) -> None:
    bucket.put("f", BIG)
    first = Fault(lambda method, path: method == "GET" and "/f" in path, cut=1000)
    bucket.proxy.faults += [first, Fault(first.concerns, cut=PIECE // 2)]
    fed = feeding(pod, StreamItem("x", f"{pod.s3(bucket, proxied=True)}f", SHA256))
    assert fed.read() == BIG
    assert ended(fed.end()) == WELL


def test_what_is_not_there_is_said(pod: Fetcher, bucket: Bucket) -> None:
    fed = feeding(pod, StreamItem("x", f"{pod.s3(bucket)}absent"))
    assert fed.read() == b""
    broken(fed.end(), Outcome.INPUT_NOT_FOUND, "absent")


def test_a_wrong_credential_is_said(pod: Fetcher, bucket: Bucket) -> None:
    bucket.put("f", b"1")
    wrong = "canary"
    fed = feeding(pod, StreamItem("x", f"{pod.s3(bucket, secret=wrong)}f"))
    assert fed.read() == b""
    broken(fed.end(), Outcome.INPUT_FORBIDDEN, "/f")


def test_another_content_than_was_announced_is_said(pod: Fetcher, bucket: Bucket) -> None:
    bucket.put("f", BIG)
    fed = feeding(pod, StreamItem("x", f"{pod.s3(bucket)}f", "0" * 64))
    found = fed.read()
    assert BIG.startswith(found)
    assert found != BIG
    broken(fed.end(), Outcome.INPUT_DIGEST_MISMATCH, SHA256)


@pytest.mark.parametrize("size", [1, 1000, PIECE + 1, len(BIG)])
@pytest.mark.parametrize("where", ["bucket", "claim", "web"])
def test_who_knows_how_long_it_is_never_has_another_content_whole(
    pod: Fetcher, bucket: Bucket, web: WebServer, where: str, size: int
) -> None:
    match where:
        case "bucket":
            bucket.put("f", BIG[:size])
            uri = f"{pod.s3(bucket)}f"
        case "claim":
            (pod.claim() / "f").write_bytes(BIG[:size])
            uri = "pvc://data/f"
        case _:
            web.answer = lambda _: Answer(body=BIG[:size])
            pod.web(web)
            uri = web.url("/f")
    fed = feeding(pod, StreamItem("x", uri, "0" * 64))
    with os.fdopen(fed.open(), "rb") as file:
        assert len(file.read(size)) < size
    broken(fed.end(), Outcome.INPUT_DIGEST_MISMATCH, "0" * 64)


PANIC: Final = f"""{SMALL}
from containertask.copilot import claims
class Panic(BaseException): pass
read, parts = claims._read, iter(range(2))
def _read(*given):
    if next(parts, None) is None:
        raise Panic("canary")
    return read(*given)
claims._read = _read
"""
"""Code: the third part of a file of a claim ends as obstore's compiled code does where it has a fault."""


def test_a_fault_of_compiled_code_is_no_success(pod: Fetcher) -> None:
    (pod.claim() / "f").write_bytes(BIG)
    fed = feeding(pod, StreamItem("x", "pvc://data/f"), code=PANIC)
    assert len(fed.read()) < len(BIG)
    broken(fed.end(), Outcome.INPUT_UNAVAILABLE, "a fault of the uploader (Panic)")


def test_what_failed_while_nobody_wanted_it_is_asked_for_again(pod: Fetcher, bucket: Bucket) -> None:
    bucket.put("f", BIG)
    down = Fault(lambda method, path: method == "GET" and "/f" in path, times=0, status=503)
    bucket.proxy.faults.append(down)
    fed = feeding(pod, StreamItem("x", f"{pod.s3(bucket, proxied=True)}f", SHA256))
    fifo = fed.open()
    found = os.read(fifo, 1)
    before, down.times = len(bucket.proxy.asked), 1000
    found += read_exactly(fifo, 3 * PIECE)  # room in the pipe: the next pieces are asked for, and fail
    until(lambda: len(bucket.proxy.asked) > before + 3, "requests that fail")
    until(lambda: not bucket.proxy.now, "the end of the tries")
    down.times = 0
    while part := os.read(fifo, 1 << 20):
        found += part
    os.close(fifo)
    assert found == BIG
    assert ended(fed.end()) == WELL


def test_of_what_is_too_large_nothing_comes(pod: Fetcher, bucket: Bucket) -> None:
    bucket.put("f", BIG)
    fed = feeding(pod, StreamItem("x", f"{pod.s3(bucket)}f", max_bytes=len(BIG) - 1))
    assert fed.read() == b""
    broken(fed.end(), Outcome.INPUT_TOO_LARGE, "maxBytes")


def test_what_is_replaced_meanwhile_is_no_mixture(pod: Fetcher, bucket: Bucket) -> None:
    store = bucket.server.store(bucket.name)
    obstore.put(store, "f", BIG)
    fed = feeding(pod, StreamItem("x", f"{pod.s3(bucket)}f"))
    fifo = fed.open()
    found = os.read(fifo, 1)
    obstore.put(
        store, "f", BIG[::-1]
    )  # the server itself has to replace it, else it is written to in its place
    while part := os.read(fifo, 1 << 20):
        found += part
    os.close(fifo)
    assert BIG.startswith(found)
    broken(fed.end(), Outcome.INPUT_CHANGED, "was changed while it was read")


def test_a_file_of_a_claim_that_is_written_to_is_said(pod: Fetcher) -> None:
    file = pod.claim() / "f"
    file.write_bytes(BIG)
    fed = feeding(pod, StreamItem("x", "pvc://data/f"))
    fifo = fed.open()
    os.read(fifo, 1)
    with file.open("ab") as more:
        more.write(b"more")
    while os.read(fifo, 1 << 20):
        pass
    os.close(fifo)
    broken(fed.end(), Outcome.INPUT_CHANGED, "was changed while it was read")


def test_the_uri_of_a_folder_is_said(pod: Fetcher, bucket: Bucket) -> None:
    fed = feeding(pod, StreamItem("x", f"{pod.s3(bucket)}d/"))
    assert fed.read() == b""
    broken(fed.end(), Outcome.INVALID_INPUT, "the URI of a folder")


def ranged(asked: Asked) -> Answer:
    """Answer as a server with ranges, which breaks off at first."""
    start = int((asked.headers.get("range") or "bytes=0-").removeprefix("bytes=").removesuffix("-"))
    if not start:
        return Answer(headers={"ETag": '"v1"'}, body=BIG, cut=len(BIG) // 2)
    where = f"bytes {start}-{len(BIG) - 1}/{len(BIG)}"
    return Answer(206, {"ETag": '"v1"', "Content-Range": where}, BIG[start:])


def test_a_web_server_that_breaks_off_is_taken_up_where_it_was(pod: Fetcher, web: WebServer) -> None:
    web.answer = ranged
    pod.web(web)
    fed = feeding(pod, StreamItem("x", web.url("/f?signature=canary"), SHA256))
    assert fed.read() == BIG
    told = fed.end()
    assert ended(told) == WELL
    assert "canary" not in told.log
    assert len(web.asked) == 2


def test_a_web_server_that_cannot_go_on_there_is_no_second_begin(pod: Fetcher, web: WebServer) -> None:
    answers = iter([Answer(body=BIG, cut=len(BIG) // 2), Answer(body=BIG)])
    web.answer = lambda _: next(answers)
    pod.web(web)
    fed = feeding(pod, StreamItem("x", web.url("/f")))
    found = fed.read()
    assert found
    assert BIG[: len(BIG) // 2].startswith(found)
    broken(fed.end(), Outcome.INPUT_UNAVAILABLE, "leave `mode: Stream` out")
