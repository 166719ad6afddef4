"""The downloader fetches from a real S3 server: what is there then, and how it fails."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Final

import pytest

from containertask.contract.items import InputItem, InputMode, Layout
from containertask.contract.outcome import Outcome
from containertask.copilot.transfer.landing import PIECE
from support.copilot import Told, fault, message
from support.faultproxy import Fault
from support.fetched import QUICK, Fetcher, at, fetching_pod
from support.launcher import until
from support.s3 import SECRET, USER
from support.stores import Bucket

BIG: Final = bytes(range(256)) * (3 * PIECE // 256 + 7)
FILE: Final = InputItem("x", "file")
FOLDER: Final = InputItem("x", "directory")
DATASET: Final = InputItem("x", "dataset[csv]")


@pytest.fixture
def pod() -> Iterator[Fetcher]:
    with fetching_pod() as made:
        yield made


def whole(pod: Fetcher) -> Told:
    told = pod.download()
    assert (told.exit_code, told.report.outcome) == (0, Outcome.DOWNLOADED), told
    assert not [name for name in pod.all() if name.startswith(".")]
    return told


def refused(pod: Fetcher, outcome: Outcome, says: str, origin: str = "x", before: str = QUICK) -> Told:
    """Run the downloader, which fails, leaves nothing, and shows nothing secret."""
    told = pod.download(before)
    assert fault(told) == (1, outcome, origin), told
    assert message(told).startswith(f"input `{origin}`: ")
    assert says in message(told)
    assert pod.all() == []
    assert not [secret for secret in (USER, SECRET, "canary") if secret in told.message + told.log]
    return told


@pytest.mark.parametrize(
    ("layout", "path"), [(Layout.DIRECT, "x"), (Layout.NAMED_DIR, "x/data.csv")], ids=str
)
@pytest.mark.parametrize("kind", ["file", "optional[file]"])
def test_a_file(pod: Fetcher, bucket: Bucket, kind: str, layout: Layout, path: str) -> None:
    bucket.put("a/data.csv", BIG)
    pod.ask(InputItem("x", kind, layout), at(f"{pod.s3(bucket)}a/data.csv"))
    assert whole(pod).report.figures.bytes_in == len(BIG)
    assert (pod.inputs / path).read_bytes() == BIG
    assert pod.said() == {"x": f"/var/inputs/{path}"}
    assert pod.all() == ["inputs.json", "x"]


@pytest.mark.parametrize("size", [0, 1, 5 << 20, PIECE, PIECE + 1])
def test_a_file_of_any_size_with_its_digest(pod: Fetcher, bucket: Bucket, size: int) -> None:
    bucket.put("f", BIG[:size])
    sha256 = hashlib.sha256(BIG[:size]).hexdigest()
    pod.ask(replace(FILE, sha256=sha256, max_bytes=max(size, 1)), at(f"{pod.s3(bucket)}f"))
    assert whole(pod).report.figures.bytes_in == size
    assert pod.tree("x") == BIG[:size]


@pytest.mark.parametrize("slash", ["", "/"])
@pytest.mark.parametrize("kind", ["directory", "dataset[csv]", "optional[directory]"])
def test_a_folder(pod: Fetcher, bucket: Bucket, kind: str, slash: str) -> None:
    for key in ("d/a", "d/b/c", "d2/other"):
        bucket.put(key, key.encode())
    pod.ask(InputItem("x", kind, Layout.NAMED_DIR), at(f"{pod.s3(bucket)}d{slash}"))
    assert whole(pod).report.figures.bytes_in == len("d/ad/b/c")
    assert pod.tree("x") == {"a": b"d/a", "b": {"c": b"d/b/c"}}
    assert pod.said() == {"x": "/var/inputs/x"}


def test_a_whole_bucket_is_a_folder(pod: Fetcher, bucket: Bucket) -> None:
    bucket.put("a", b"1")
    pod.ask(FOLDER, at(pod.s3(bucket)))
    whole(pod)
    assert pod.tree("x") == {"a": b"1"}


def test_a_folder_that_is_only_marked_is_empty(pod: Fetcher, bucket: Bucket) -> None:
    (bucket.folder / "d").mkdir()
    time = b"<LastModified>2026-01-01T00:00:00.000Z</LastModified>"
    mark = b"<Contents><Key>d/</Key>" + time + b"<Size>0</Size></Contents>"
    marked = Fault(
        lambda _, path: "list-type" in path,
        changed=lambda body: (
            body
            if b"<Contents>" in body
            else body.replace(b"</ListBucketResult>", mark + b"</ListBucketResult>")
        ),
    )
    bucket.proxy.faults.append(marked)
    pod.ask(FOLDER, at(f"{pod.s3(bucket, proxied=True)}d/"))
    whole(pod)
    assert pod.tree("x") == {}


def test_a_dataset_may_be_one_file(pod: Fetcher, bucket: Bucket) -> None:
    bucket.put("t.csv", b"a,b")
    pod.ask(DATASET, at(f"{pod.s3(bucket)}t.csv"))
    whole(pod)
    assert pod.tree("x") == b"a,b"
    assert pod.said() == {"x": "/var/inputs/x"}


def test_what_is_inside_of_lists_maps_and_unions(pod: Fetcher, bucket: Bucket) -> None:
    for key in ("d/a", "e/b", "f"):
        bucket.put(key, key.encode())
    uri = pod.s3(bucket)
    pod.ask(InputItem("l", "list[file]"), [at(f"{uri}f"), "AP8=", at(f"{uri}d/a")])
    pod.ask(InputItem("m", "map[directory]"), {"a/b": at(f"{uri}d"), "c": at(f"{uri}e/")})
    pod.ask(InputItem("u", "union[file,directory]"), at(f"{uri}d/"))
    pod.ask(InputItem("o", "list[optional[file]]"), [None, at(f"{uri}f")])
    pod.ask(InputItem("n", "optional[file]"))
    pod.ask(InputItem("i", "integer"), 5)
    whole(pod)
    assert pod.tree("l") == {"0": b"f", "1": b"\x00\xff", "2": b"d/a"}
    assert pod.tree("m") == {"a%2Fb": {"a": b"d/a"}, "c": {"b": b"e/b"}}
    assert pod.tree("u") == {"a": b"d/a"}
    assert pod.tree("o") == {"0%none": b"", "1": b"f"}
    assert pod.said() == {
        "l": ["/var/inputs/l/0", "/var/inputs/l/1", "/var/inputs/l/2"],
        "m": {"a/b": "/var/inputs/m/a%2Fb", "c": "/var/inputs/m/c"},
        "u": "/var/inputs/u",
        "o": [None, "/var/inputs/o/1"],
        "n": None,
        "i": 5,
    }


def test_a_reference_is_handed_over_and_nothing_is_asked(pod: Fetcher, bucket: Bucket) -> None:
    uri = f"{pod.s3(bucket, proxied=True)}f"
    pod.ask(replace(FILE, mode=InputMode.REFERENCE), at(uri))
    assert whole(pod).report.figures.bytes_in is None
    assert pod.tree("x") == uri.encode()
    assert bucket.proxy.asked == []


def test_a_thousand_files_of_a_list_and_two_other_inputs_at_once(pod: Fetcher, bucket: Bucket) -> None:
    for number in range(1000):
        bucket.put(f"f{number}", b"%d" % number)
    bucket.put("d/big", BIG)
    uri = pod.s3(bucket, proxied=True)
    pod.ask(InputItem("x", "list[file]"), [at(f"{uri}f{number}") for number in range(1000)])
    pod.ask(InputItem("y", "directory"), at(f"{uri}d"))
    pod.ask(InputItem("z", "file"), at(f"{uri}d/big"))
    whole(pod)
    assert pod.tree("x") == {str(number): b"%d" % number for number in range(1000)}
    assert pod.tree("y") == {"big": BIG}
    assert pod.tree("z") == BIG
    assert bucket.proxy.most > 4


@pytest.mark.parametrize("umask", [0, 0o777], ids=oct)
def test_modes_are_the_same_whatever_the_umask(pod: Fetcher, bucket: Bucket, umask: int) -> None:
    bucket.put("d/e/f", b"1")
    pod.ask(InputItem("x", "list[directory]"), [at(f"{pod.s3(bucket)}d")])
    assert pod.download(f"{QUICK}\nimport os; os.umask({umask})").exit_code == 0
    modes = {path.stat().st_mode & 0o777 for path in (pod.inputs / "x").rglob("*") if path.is_dir()}
    assert modes == {0o755}
    assert (pod.inputs / "x/0/e/f").stat().st_mode & 0o777 == 0o644


def test_a_predecessors_leftovers_are_removed(pod: Fetcher, bucket: Bucket) -> None:
    bucket.put("f", b"new")
    for name in (".x.partial", "x"):
        (pod.inputs / name / "deep").mkdir(parents=True)
        (pod.inputs / name / "deep" / "f").write_text("old")
    pod.ask(FILE, at(f"{pod.s3(bucket)}f"))
    whole(pod)
    assert pod.tree("x") == b"new"
    assert pod.all() == ["inputs.json", "x"]


# --- Values that are kept in the store ---


@pytest.mark.parametrize(
    ("kind", "key", "data", "value"),
    [
        ("string", "x", b"a\nb", "a\nb"),
        ("binary", "x", b"\x00\xff", "AP8="),
        ("optional[binary]", "x", b"\x00\xff", "AP8="),
        ('enum["a"]', "x", b"a", "a"),
        ("list[integer]", "x.json", b"[1,2]", [1, 2]),
        ("list[integer]", "x", b"[1,2]", [1, 2]),
        ("optional[string]", "x.json", b"null", None),
        ("union[integer,list[integer]]", "x.json", b"[1]", [1]),
    ],
)
def test_a_value_from_a_store(  # noqa: PLR0913, PLR0917 - a case
    pod: Fetcher, bucket: Bucket, kind: str, key: str, data: bytes, value: object
) -> None:
    bucket.put(f"a0/{key}", data)
    sha256 = hashlib.sha256(data).hexdigest()
    pod.ask(InputItem("x", kind, document=f"{pod.s3(bucket)}a0/{key}", sha256=sha256))
    assert whole(pod).report.figures.bytes_in == len(data)
    assert pod.said() == {"x": value}


def test_a_value_from_a_store_may_be_where_a_file_lies(pod: Fetcher, bucket: Bucket) -> None:
    uri = pod.s3(bucket)
    bucket.put("x.json", f'{{"uri": "{uri}d/f"}}'.encode())
    bucket.put("d/f", b"content")
    pod.ask(InputItem("x", "union[integer,file]", document=f"{uri}x.json"))
    whole(pod)
    assert pod.tree("x") == b"content"


def test_what_a_value_from_a_store_names_is_fetched_too(pod: Fetcher, bucket: Bucket) -> None:
    uri = pod.s3(bucket)
    data = f'{{"a": {{"uri": "{uri}d/f"}}}}'.encode()
    bucket.put("a0/x.json", data)
    bucket.put("d/f", b"content")
    sha256 = hashlib.sha256(data).hexdigest()
    pod.ask(InputItem("x", "map[union[integer,file]]", document=f"{uri}a0/x.json", sha256=sha256))
    whole(pod)
    assert pod.tree("x") == {"a": b"content"}
    assert pod.said() == {"x": {"a": "/var/inputs/x/a"}}


@pytest.mark.parametrize(
    ("data", "outcome", "says"),
    [
        (b"[1]" + b" " * (1 << 20), Outcome.INPUT_TOO_LARGE, "a value has at most 1048576"),
        (b"[1", Outcome.INVALID_INPUT, "not JSON"),
        (None, Outcome.INPUT_NOT_FOUND, "is not there"),
    ],
    ids=["too large", "no JSON", "missing"],
)
def test_a_value_that_cannot_be_had(
    pod: Fetcher, bucket: Bucket, data: bytes | None, outcome: Outcome, says: str
) -> None:
    if data is not None:
        bucket.put("v", data)
    pod.ask(InputItem("x", "list[integer]", document=f"{pod.s3(bucket)}v"))
    told = pod.download()
    assert fault(told) == (1, outcome, "x")
    assert says in message(told)
    assert pod.all() == []


@pytest.mark.parametrize("uri", ["s3://other/f?canary", "ftp://x/y"])
def test_a_value_from_a_store_that_names_what_the_task_may_not_reach(
    pod: Fetcher, bucket: Bucket, uri: str
) -> None:
    bucket.put("v", f'[{{"uri": "{uri}"}}]'.encode())
    pod.ask(InputItem("x", "list[file]", document=f"{pod.s3(bucket)}v"))
    refused(pod, Outcome.INVALID_INPUT, f"its value names `{uri.partition('?')[0]}`: ")


def test_values_that_are_too_much_together(pod: Fetcher, bucket: Bucket) -> None:
    bucket.put("v", b"x" * (1 << 20))
    uri = pod.s3(bucket)
    for number in range(5):
        pod.ask(InputItem(f"x{number}", "string", document=f"{uri}v"))
    told = pod.download()
    assert told.report.outcome is Outcome.INPUT_TOO_LARGE
    assert "the values that are kept in stores have at most 4194304 together" in message(told)


def test_a_value_of_another_digest(pod: Fetcher, bucket: Bucket) -> None:
    bucket.put("v", b"[2]")
    pod.ask(InputItem("x", "list[integer]", document=f"{pod.s3(bucket)}v", sha256="0" * 64))
    refused(pod, Outcome.INPUT_DIGEST_MISMATCH, "has the sha256")


# --- What is refused ---


def test_another_content_than_was_announced(pod: Fetcher, bucket: Bucket) -> None:
    bucket.put("f", BIG)
    pod.ask(replace(FILE, sha256="0" * 64), at(f"{pod.s3(bucket)}f"))
    refused(pod, Outcome.INPUT_DIGEST_MISMATCH, "has the sha256")


@pytest.mark.parametrize(
    ("item", "key"), [(FILE, "no"), (FOLDER, "no"), (DATASET, "no"), (DATASET, "no/")], ids=str
)
def test_what_is_not_there(pod: Fetcher, bucket: Bucket, item: InputItem, key: str) -> None:
    pod.ask(item, at(f"{pod.s3(bucket)}{key}"))
    refused(pod, Outcome.INPUT_NOT_FOUND, f"s3://{bucket.name}/no")


@pytest.mark.parametrize("key", ["", "d/"])
def test_a_folder_is_no_file(pod: Fetcher, bucket: Bucket, key: str) -> None:
    bucket.put("d/f", b"1")
    pod.ask(FILE, at(f"{pod.s3(bucket)}{key}"))
    refused(pod, Outcome.INVALID_INPUT, "is the URI of a folder, and a file is wanted")


def test_a_folder_has_no_digest(pod: Fetcher, bucket: Bucket) -> None:
    bucket.put("d/f", b"1")
    pod.ask(replace(DATASET, sha256="0" * 64), at(f"{pod.s3(bucket)}d"))
    refused(pod, Outcome.INVALID_INPUT, "sha256 is that of one file")


def test_more_than_max_bytes_of_one_file(pod: Fetcher, bucket: Bucket) -> None:
    bucket.put("f", b"12345")
    pod.ask(replace(FILE, max_bytes=4), at(f"{pod.s3(bucket)}f"))
    refused(pod, Outcome.INPUT_TOO_LARGE, "5 bytes, and maxBytes is 4: raise it")


def test_more_than_max_bytes_of_all_that_an_input_is(pod: Fetcher, bucket: Bucket) -> None:
    for key in ("d/f", "e/f", "f"):
        bucket.put(key, b"12345")
    uri = pod.s3(bucket)
    pod.ask(InputItem("y", "list[directory]", max_bytes=10), [at(f"{uri}d"), at(f"{uri}e")])
    pod.ask(InputItem("x", "list[file]", max_bytes=14), [at(f"{uri}f")] * 3)
    refused(pod, Outcome.INPUT_TOO_LARGE, "it comes to 15 bytes, and maxBytes is 14")


def test_more_than_the_store_allows(pod: Fetcher, bucket: Bucket) -> None:
    bucket.put("d/f", b"12345")
    pod.ask(FOLDER, at(f"{pod.s3(bucket, max_object_bytes=4)}d"))
    refused(pod, Outcome.INPUT_TOO_LARGE, "its store allows 4: raise limits.maxObjectSize")


def test_a_larger_object_than_the_store_allows(pod: Fetcher, bucket: Bucket) -> None:
    bucket.put("f", b"12345")
    pod.ask(FILE, at(f"{pod.s3(bucket, max_object_bytes=4)}f"))
    refused(pod, Outcome.INPUT_TOO_LARGE, "its store allows 4: raise limits.maxObjectSize")


def test_more_objects_than_the_store_allows(pod: Fetcher, bucket: Bucket) -> None:
    for number in range(3):
        bucket.put(f"d/{number}", b"1")
    pod.ask(FOLDER, at(f"{pod.s3(bucket, max_objects=2)}d"))
    refused(pod, Outcome.INPUT_TOO_LARGE, "has 3 objects, and its store allows 2: raise limits.maxObjects")


def test_a_wrong_key_is_the_stores_refusal(pod: Fetcher, bucket: Bucket) -> None:
    bucket.put("f", b"1")
    pod.ask(FILE, at(f"{pod.s3(bucket, secret='canary-wrong')}f"))  # noqa: S106 - none
    refused(pod, Outcome.STORE_FORBIDDEN, "403 SignatureDoesNotMatch")


def test_an_object_that_vanishes_ends_all(pod: Fetcher, bucket: Bucket) -> None:
    for number in range(200):
        bucket.put(f"d/{number:03}", b"1")
    bucket.put("f", BIG)
    gone = Fault(lambda _, path: "d/101" in path, status=404, body=b"<Error><Code>NoSuchKey</Code></Error>")
    bucket.proxy.faults.append(gone)
    uri = pod.s3(bucket, proxied=True)
    pod.ask(InputItem("y", "file"), at(f"{uri}f"))
    pod.ask(FOLDER, at(f"{uri}d"))
    refused(pod, Outcome.INPUT_NOT_FOUND, "d/101` is not there")


def test_an_object_that_changes(pod: Fetcher, bucket: Bucket) -> None:
    bucket.put("f", BIG)
    asked = iter([False, True])

    def replaced(method: str, _path: str) -> bool:
        if method == "GET" and next(asked, False):
            bucket.put("f", bytes(len(BIG) - 1))
        return False

    bucket.proxy.faults.append(Fault(replaced))
    pod.ask(FILE, at(f"{pod.s3(bucket, proxied=True)}f"))
    refused(pod, Outcome.INPUT_CHANGED, "was changed while it was read")


def test_an_answer_that_always_breaks_off(pod: Fetcher, bucket: Bucket) -> None:
    bucket.put("f", BIG)
    bucket.proxy.faults.append(Fault(lambda method, _: method == "GET", times=1000, cut=100_000))
    pod.ask(FILE, at(f"{pod.s3(bucket, proxied=True)}f"))
    refused(pod, Outcome.STORE_UNAVAILABLE, "the connection broke")


def test_a_failure_does_not_wait_for_what_hangs(pod: Fetcher, bucket: Bucket) -> None:
    bucket.put("f", BIG)
    bucket.proxy.faults.append(Fault(lambda _, path: path.endswith("/f"), times=1000, stall=1000))
    uri = pod.s3(bucket, proxied=True)
    pod.ask(InputItem("y", "file"), at(f"{uri}f"))
    pod.ask(FILE, at(f"{uri}no"))
    refused(pod, Outcome.INPUT_NOT_FOUND, "is not there")


@pytest.mark.parametrize(
    ("one", "other"), [("README", "readme"), ("\u00fc", "u\u0308")], ids=["case", "Unicode"]
)
def test_two_names_that_are_one_elsewhere(pod: Fetcher, bucket: Bucket, one: str, other: str) -> None:
    bucket.put(f"d/{one}", b"1")
    bucket.put(f"d/{other}", b"2")
    pod.ask(FOLDER, at(f"{pod.s3(bucket)}d"))
    refused(pod, Outcome.INVALID_INPUT, "differ only by case or Unicode form")


@pytest.mark.parametrize("key", ["d/../x", "d/./x", "d/a//b", "d//x", "d/&#1;x"])
def test_a_listing_with_a_key_that_no_file_can_have(pod: Fetcher, bucket: Bucket, key: str) -> None:
    bucket.put("d/ordinary", b"x")
    hostile = lambda body: body.replace(b"d/ordinary", key.encode())  # noqa: E731 - short
    bucket.proxy.faults.append(Fault(lambda _, path: "list-type" in path, changed=hostile))
    pod.ask(FOLDER, at(f"{pod.s3(bucket, proxied=True)}d"))
    refused(pod, Outcome.INVALID_INPUT, "which no file can have")


SMALL_DISK: Final[dict[str, tuple[InputItem, Callable[[str], object]]]] = {
    "a file": (FILE, lambda uri: at(f"{uri}f")),
    "a folder": (FOLDER, at),
    "what is here already": (InputItem("x", "list[file]"), lambda uri: ["A" * 400_000, at(f"{uri}e")]),
}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root mounts")
@pytest.mark.parametrize("name", SMALL_DISK)
def test_a_full_disk(pod: Fetcher, bucket: Bucket, name: str) -> None:
    bucket.put("f", BIG)
    bucket.put("e", b"1")
    item, value = SMALL_DISK[name]
    pod.ask(item, value(pod.s3(bucket)))
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=200k,mode=777", "none", pod.inputs], check=True)
    try:
        refused(pod, Outcome.DISK_FULL, "the disk is full (ENOSPC)")
    finally:
        subprocess.run(["umount", "-l", pod.inputs], check=True)


# --- Clocks, signals and the log ---


def test_the_clock_is_heard_while_a_store_hangs(pod: Fetcher, bucket: Bucket) -> None:
    bucket.put("f", BIG)
    bucket.proxy.faults.append(Fault(lambda method, _: method == "GET", times=1000, stall=1000))
    pod.manifest = replace(pod.manifest, download_seconds=1)
    pod.ask(FILE, at(f"{pod.s3(bucket, proxied=True)}f"))
    told = pod.download()
    assert fault(told) == (1, Outcome.DOWNLOAD_TIMEOUT, None)
    assert "x" not in pod.all()


def test_a_stop_ends_it_at_once(pod: Fetcher, bucket: Bucket) -> None:
    bucket.put("f", BIG)
    bucket.proxy.faults.append(Fault(lambda method, _: method == "GET", times=1000, stall=1000))
    pod.ask(FILE, at(f"{pod.s3(bucket, proxied=True)}f"))
    part = pod.spawn()
    until(lambda: bool(bucket.proxy.asked), "a request")
    part.process.send_signal(signal.SIGTERM)
    assert part.told().exit_code == 128 + signal.SIGTERM
    assert "x" not in pod.all()


def test_the_log_tells_how_much_has_come(pod: Fetcher, bucket: Bucket) -> None:
    bucket.put("f", BIG)
    pod.ask(FILE, at(f"{pod.s3(bucket)}f"))
    told = pod.download(f"{QUICK}\nfrom containertask.copilot import progress; progress._SECONDS = 0")
    lines = [line for line in told.log.splitlines() if "input bytes so far" in line]
    assert lines[-1] == f"downloader: input bytes so far {len(BIG)} of {len(BIG)}"


def test_the_log_is_no_longer_for_many_files(pod: Fetcher, bucket: Bucket) -> None:
    for number in range(100):
        bucket.put(f"d/{number}", b"1")
    pod.ask(FOLDER, at(f"{pod.s3(bucket)}d"))
    assert "so far" not in whole(pod).log


def test_a_key_with_blanks_is_fetched(pod: Fetcher, bucket: Bucket) -> None:
    bucket.put("my own file", b"content")
    pod.ask(FILE, at(f"{pod.s3(bucket)}my own file"))
    whole(pod)
    assert pod.tree("x") == b"content"


def test_inputs_pb_has_the_paths(pod: Fetcher, bucket: Bucket) -> None:
    bucket.put("v", b'[{"uri": "s3://%s/f"}]' % bucket.name.encode())
    bucket.put("f", b"1")
    pod.manifest = replace(pod.manifest, metadata_format="PROTO")
    pod.ask(InputItem("x", "list[file]", document=f"{pod.s3(bucket)}v"))
    pod.pb = ""
    whole(pod)
    assert b"/var/inputs/x/0" in (pod.inputs / "inputs.pb").read_bytes()
