"""What may go wrong while outputs are kept: each has its outcome, and nothing half done looks done."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import obstore
import pytest

from containertask.contract.items import OutputItem
from containertask.contract.outcome import Outcome
from containertask.contract.stores import S3Place
from support.copilot import GATED, MANIFEST, Told, fault, message, record
from support.copilotcode import WITH_LIBRARIES
from support.faultproxy import Fault
from support.keeping import (
    FEW_TRIES,
    FOLDER,
    Keeping,
    bucket_item,
    claim_item,
    files_below,
    in_bucket,
    in_claim,
    keeping,
    manifest_in,
    of_attempt,
)
from support.launcher import until
from support.s3 import REGION, SECRET, USER
from support.stores import Bucket

FILE: Final = OutputItem(name="x", type="file", path="x")
BIG: Final = b"0123456789abcdef" * (1 << 20)


def last_put(method: str, path: str) -> bool:
    return method == "PUT" and path.endswith("/outputs.json")


def refused(told: Told) -> tuple[Outcome, str]:
    """Return outcome and message of an upload that failed, and see to it that nothing secret is shown."""
    for text in (told.log, told.message):
        assert USER not in text
        assert SECRET not in text
        assert "X-Amz" not in text
    assert told.exit_code == 1
    assert told.report.stored is None
    assert told.report.kept == {}
    return told.report.outcome, message(told)


def test_a_wrong_key_is_forbidden(bucket: Bucket, tmp_path: Path) -> None:
    task = in_bucket(tmp_path, bucket, FILE, secret="canary-wrong")  # noqa: S106 - a canary
    task.write(x="1")
    told = task.upload()
    outcome, text = refused(told)
    assert outcome is Outcome.STORE_FORBIDDEN
    assert "SignatureDoesNotMatch" in text
    assert "look at the store's credentials" in text
    assert "canary-wrong" not in told.log + told.message
    assert bucket.objects() == {}


def test_a_secret_without_a_key_is_forbidden(bucket: Bucket, tmp_path: Path) -> None:
    task = in_bucket(tmp_path, bucket, FILE)
    (task.pod.path("stores") / "0/secret/AWS_ACCESS_KEY_ID").unlink()
    task.write(x="1")
    assert refused(task.upload()) == (
        Outcome.STORE_FORBIDDEN,
        "the store's Secret has no key AWS_ACCESS_KEY_ID, or an empty one: add it",
    )


def test_without_its_key_values_are_told_all_the_same(bucket: Bucket, tmp_path: Path) -> None:
    values = [OutputItem(name=name, type="string", path=name) for name in ("short", "long")]
    task = in_bucket(tmp_path, bucket, FILE, *values)
    (task.pod.path("stores") / "0/secret/AWS_ACCESS_KEY_ID").unlink()
    task.write(x="1", short="2", long="3" * 5000)
    told = task.upload(exitCode=1)
    assert (told.report.outcome, told.report.outputs) == (Outcome.MAIN_FAILED, {"short": "2"})
    assert message(told) == (
        "its outputs could not be stored: the store's Secret has no key AWS_ACCESS_KEY_ID, or an empty one: "
        "add it; outputs left out, too large: `long`"
    )


def test_a_key_that_was_changed_while_the_command_ran_is_the_one_that_counts(
    bucket: Bucket, tmp_path: Path
) -> None:
    task = in_bucket(tmp_path, bucket, FILE, secret="wrong")  # noqa: S106 - no secret
    task.write(x="1")
    fifo = task.pod.path("control") / "exit"
    os.mkfifo(fifo)
    part = task.pod.spawn("upload", before=WITH_LIBRARIES)
    part.waits()
    (task.pod.path("stores") / "0/secret/AWS_SECRET_ACCESS_KEY").write_text(SECRET)
    task.pod.tell(record())
    assert fault(part.told()) == (0, Outcome.UPLOADED, None)


@pytest.mark.parametrize("size", [1, len(BIG)], ids=["small", "big"])
def test_a_server_that_is_gone_is_unavailable(bucket: Bucket, tmp_path: Path, size: int) -> None:
    place = S3Place(bucket=bucket.name, region=REGION, endpoint="http://127.0.0.1:9", path_style=True)
    task = in_bucket(tmp_path, bucket, FILE, place=place)
    task.write(x=BIG[:size])
    outcome, text = refused(task.upload())
    assert outcome is Outcome.STORE_UNAVAILABLE
    assert "nobody listens there" in text


def test_a_bucket_that_is_not_there_is_named(bucket: Bucket, tmp_path: Path) -> None:
    place = S3Place(bucket="nowhere", region=REGION, endpoint=bucket.server.url, path_style=True)
    store = replace(bucket_item(bucket), place=place, serves=("s3://nowhere",))
    task = keeping(tmp_path, FILE, stores=(store,), results="s3://nowhere")
    task.write(x="1")
    outcome, text = refused(task.upload())
    assert outcome is Outcome.STORE_FORBIDDEN
    assert "there is no such bucket" in text


def test_what_was_answered_by_500_is_sent_again(bucket: Bucket, tmp_path: Path) -> None:
    bucket.proxy.faults += [Fault(lambda method, _: method == "PUT", times=1, status=500)]
    bucket.proxy.faults += [Fault(last_put, times=1, status=503)]
    task = in_bucket(tmp_path, bucket, FILE)
    task.write(x="1")
    assert fault(task.upload()) == (0, Outcome.UPLOADED, None)


def test_a_manifest_of_somebody_else_is_left_as_it_is(bucket: Bucket, tmp_path: Path) -> None:
    obstore.put(bucket.server.store(bucket.name), f"{FOLDER}outputs.json", b"{}")
    task = in_bucket(tmp_path, bucket, FILE)
    task.write(x="1")
    outcome, text = refused(task.upload())
    assert outcome is Outcome.OUTPUTS_EXIST
    assert "/outputs.json` is there already and tells of other outputs: somebody else writes" in text
    assert bucket.objects()[f"{FOLDER}outputs.json"] == b"{}"


@pytest.mark.parametrize("kind", ["bucket", "claim"])
def test_the_same_upload_twice_is_one(bucket: Bucket, tmp_path: Path, kind: str) -> None:
    told: list[Told] = []
    for name in ("one", "two"):
        root = tmp_path / name
        task = in_bucket(root, bucket, FILE) if kind == "bucket" else in_claim(root, FILE)
        if kind == "claim" and told:
            task.volume.rmdir()
            (tmp_path / "one/stores/1/volume").rename(task.volume)
        task.write(x="1")
        told.append(task.upload())
    assert [fault(one) for one in told] == [(0, Outcome.UPLOADED, None)] * 2
    assert told[0].report.stored == told[1].report.stored


def test_an_answer_to_the_last_put_that_is_lost_is_no_failure(bucket: Bucket, tmp_path: Path) -> None:
    lost = Fault(last_put, times=1, cut=0)
    bucket.proxy.faults.append(lost)
    task = in_bucket(tmp_path, bucket, FILE)
    task.write(x="1")
    told = task.upload()
    assert fault(told) == (0, Outcome.UPLOADED, None), told
    assert lost.times == 0
    assert manifest_in(of_attempt(bucket.objects()), told)["complete"] is True


def test_a_store_that_knows_no_conditions_is_written_to_without(bucket: Bucket, tmp_path: Path) -> None:
    bucket.put(f"{FOLDER}outputs.json", b"{}")
    task = in_bucket(tmp_path, bucket, FILE, conditional=False)
    task.write(x="1")
    told = task.upload()
    assert fault(told) == (0, Outcome.UPLOADED, None), told
    assert manifest_in(of_attempt(bucket.objects()), told)["complete"] is True


@pytest.mark.parametrize("big", [False, True])
def test_a_store_that_fails_midway_has_no_manifest(bucket: Bucket, tmp_path: Path, *, big: bool) -> None:
    bucket.proxy.faults.append(
        Fault(lambda method, path: method == "PUT" and "/x/7" in path, times=99, status=403)
    )
    task = in_bucket(tmp_path, bucket, OutputItem(name="x", type="directory", path="x"))
    task.write_all({f"x/{n}": BIG if big and n == 7 else str(n) for n in range(10)})
    outcome, _ = refused(task.upload())
    assert outcome is Outcome.STORE_FORBIDDEN
    found = of_attempt(bucket.objects())
    assert not {"outputs.json", "outputs.pb", "outputs/x/7"} & found.keys()
    assert bucket.unfinished() == []


@pytest.mark.parametrize(
    ("said", "left", "outcome", "before"),
    [
        ({"exitCode": 2}, {"x": "1"}, Outcome.MAIN_FAILED, ""),
        ({}, {"x": "1", "_ERROR": "oh"}, Outcome.USER_ERROR, "oh; "),
        ({}, {}, Outcome.OUTPUT_MISSING, "output `x`: there is no `x` in the output folder; "),
    ],
)
def test_trouble_with_a_store_hides_no_failure_of_the_commands(  # noqa: PLR0913, PLR0917 - a table
    bucket: Bucket, tmp_path: Path, said: dict[str, Any], left: dict[str, str], outcome: Outcome, before: str
) -> None:
    value = OutputItem(name="y", type="integer", path="y")
    task = in_bucket(tmp_path, bucket, FILE, value, secret="wrong")  # noqa: S106 - no secret
    task.write(y="3", **left)
    told = task.upload(**said)
    assert told.report.outcome is outcome
    assert message(told).startswith(f"{before}its outputs could not be stored: the store refuses `s3://")
    assert (told.report.outputs, told.report.kept, told.report.stored) == ({"y": 3}, {}, None)


@pytest.mark.parametrize(
    ("item", "limits", "files", "text"),
    [
        ({"max_bytes": 3}, {}, {"x/a": "12", "x/b": "34"}, "has 4 bytes, and its maxBytes is 3: have"),
        ({}, {"max_object_bytes": 1}, {"x/a": "1", "x/b": "22"}, "`x/b` has 2 bytes, and its store allows 1"),
        ({}, {"max_objects": 2}, {"x/a": "1", "x/b": "2", "x/c": "3"}, "has more than 2 files"),
        ({}, {}, {f"x/{'n' * 250}/{'m' * 250}/{'o' * 250}/{'p' * 250}": ""}, "and stores take 1024"),
    ],
)
def test_more_than_is_allowed_is_not_even_begun(  # noqa: PLR0913, PLR0917 - a table
    bucket: Bucket,
    tmp_path: Path,
    item: dict[str, Any],
    limits: dict[str, Any],
    files: dict[str, str],
    text: str,
) -> None:
    output = OutputItem(name="x", type="directory", path="x", **item)
    task = in_bucket(tmp_path, bucket, output, **limits)
    task.write_all(files)
    told = task.upload()
    assert told.report.origin == "x"
    assert told.report.outcome in {Outcome.OUTPUT_TOO_LARGE, Outcome.OUTPUT_INVALID}
    assert message(told).startswith("output `x`: ")
    assert text in message(told)
    assert of_attempt(bucket.objects()).keys() == {"outputs.json"}


def test_a_big_file_that_changes_is_its_outputs_fault_alone(bucket: Bucket, tmp_path: Path) -> None:
    task = in_bucket(tmp_path, bucket, FILE, OutputItem(name="y", type="file", path="y"))
    task.write(x=BIG, y="1")
    changing = f"""
from containertask.copilot import storedfiles
read = storedfiles.os.read
def changed(fd, size):
    data = read(fd, size)
    if len(data) > 1000:
        storedfiles.os.truncate({str(task.outputs / "x")!r}, 100)
    return data
storedfiles.os.read = changed
"""
    told = task.upload(before=changing)
    assert fault(told) == (1, Outcome.OUTPUT_UNREADABLE, "x")
    assert "`x` changed while it was read" in message(told)
    found = of_attempt(bucket.objects())
    assert found.keys() == {"outputs/y", "outputs.json"}
    assert bucket.unfinished() == []


def nothing(_: Keeping) -> None: ...


def link(task: Keeping) -> None:
    (task.volume / "runs").symlink_to(task.pod.root)


def a_file(task: Keeping) -> None:
    (task.volume / "runs").write_text("")


def a_manifest(task: Keeping) -> None:
    folder = task.volume / FOLDER
    folder.mkdir(parents=True)
    (folder / "outputs.json").write_text("{}")


@pytest.mark.parametrize(
    ("spoil", "is_read_only", "outcome", "text"),
    [
        (nothing, True, Outcome.STORE_FORBIDDEN, "the claim `pvc://results` is mounted read-only: name a"),
        (link, False, Outcome.STORE_FORBIDDEN, "something else has the name of a folder"),
        (a_file, False, Outcome.STORE_FORBIDDEN, "something else has the name of a folder"),
        (a_manifest, False, Outcome.OUTPUTS_EXIST, "outputs.json` is there already"),
    ],
)
def test_a_claim_that_cannot_be_written_to(
    tmp_path: Path, spoil: Callable[[Keeping], None], outcome: Outcome, text: str, *, is_read_only: bool
) -> None:
    task = in_claim(tmp_path, FILE, read_only=is_read_only)
    spoil(task)
    task.write(x="1")
    before = files_below(task.volume)
    told = task.upload()
    assert told.report.outcome is outcome, told
    assert text in message(told)
    after = files_below(task.volume)
    after.pop(f"{FOLDER}outputs.pb", None)
    sent = {f"{FOLDER}outputs/x": b"1"} if spoil is a_manifest else {}
    assert after == before | sent
    assert not list(tmp_path.rglob("*.partial"))


def test_a_claim_without_hard_links_has_its_manifest_once(tmp_path: Path) -> None:
    without = """
import os, errno
def link(*_, **__): raise OSError(errno.ENOTSUP, "no links")
os.link = link
"""
    task = in_claim(tmp_path, FILE)
    task.write(x="1")
    told = task.upload(before=without)
    assert fault(told) == (0, Outcome.UPLOADED, None), told
    assert manifest_in(of_attempt(files_below(task.volume)), told)["complete"] is True


def test_a_name_that_is_too_long_for_a_claim_once_it_is_fit_for_a_uri(tmp_path: Path) -> None:
    task = in_claim(tmp_path, OutputItem(name="x", type="map[file]", path="x"))
    task.write_all({f"x/{' ' * 200}a": "1"})
    told = task.upload()
    assert fault(told) == (1, Outcome.OUTPUT_INVALID, "x"), told
    assert "have the command take a shorter name" in message(told)


@pytest.mark.parametrize("code", ["ENOSPC", "EDQUOT"])
def test_a_claim_that_is_full(tmp_path: Path, code: str) -> None:
    full = f"""
import os, errno
from containertask.copilot import claimshelf
def write(fd, data): raise OSError(errno.{code}, "full")
claimshelf._write = write
"""
    task = in_claim(tmp_path, FILE)
    task.write(x="1")
    told = task.upload(before=full)
    assert told.report.outcome is Outcome.DISK_FULL
    assert "make room in the claim" in message(told)
    assert files_below(task.volume) == {}


@pytest.mark.parametrize("said", [{}, {"exitCode": 1}], ids=["well", "badly"])
def test_the_upload_clock_is_heard_while_a_store_is_silent(
    bucket: Bucket, tmp_path: Path, said: dict[str, Any]
) -> None:
    bucket.proxy.faults.append(Fault(lambda method, _: method == "PUT", times=99, late=20))
    task = in_bucket(tmp_path, bucket, FILE)
    task.pod.rewrite(
        replace(
            MANIFEST,
            outputs=(FILE,),
            stores=(bucket_item(bucket),),
            results=task.results,
            upload_seconds=1,
        )
    )
    task.write(x="1")
    told = task.upload(**said)
    text = "the outputs were not read after 1 s: raise timeout.upload"
    if said:
        assert (told.report.outcome, message(told)) == (
            Outcome.MAIN_FAILED,
            f"its outputs could not be stored: {text}",
        )
    else:
        assert (told.report.outcome, message(told)) == (Outcome.UPLOAD_TIMEOUT, text)
    assert told.report.end is not None


def test_before_the_wait_all_is_loaded_and_a_stop_is_heard(bucket: Bucket, tmp_path: Path) -> None:
    task = in_bucket(
        tmp_path, bucket, FILE, OutputItem(name="y", type="list[string]", path="y"), manifest=GATED
    )
    task.write_all({"x": BIG, "y": '["é"]'})
    (task.pod.path("main") / "stdout.0").write_bytes(b"1")
    seen = {when: tmp_path / when for when in ("before", "after")}
    listing = "import sys; print(*sys.modules, file=open({path!r}, 'w'))"
    waiting = f"""
from containertask.copilot import upload
await_record = upload.await_record
def waiting(*arguments):
    {listing.format(path=str(seen["before"]))}
    return await_record(*arguments)
upload.await_record = waiting
"""
    part = task.pod.spawn(
        "upload",
        before=f"{WITH_LIBRARIES}\n{FEW_TRIES}\n{waiting}",
        after=listing.format(path=str(seen["after"])),
    )
    part.waits()
    task.pod.tell(record())
    assert fault(part.told()) == (0, Outcome.UPLOADED, None)
    more = set(seen["after"].read_text().split()) - set(seen["before"].read_text().split())
    assert more == set()


def test_a_stop_before_the_launcher_leaves_nothing(bucket: Bucket, tmp_path: Path) -> None:
    task = in_bucket(tmp_path, bucket, FILE, manifest=GATED)
    part = task.pod.spawn("upload", before=WITH_LIBRARIES)
    part.waits()
    until((task.pod.path("control") / "exit").exists, "a FIFO")
    part.process.send_signal(signal.SIGTERM)
    assert part.told().report.outcome is Outcome.NOT_STARTED
    assert bucket.objects() == {}


@pytest.mark.parametrize("kind", ["bucket", "claim"])
def test_only_who_writes_to_a_bucket_loads_what_that_takes(bucket: Bucket, tmp_path: Path, kind: str) -> None:
    task = in_bucket(tmp_path, bucket, FILE) if kind == "bucket" else in_claim(tmp_path, FILE)
    task.write(x="1")
    listing = "import atexit, sys; atexit.register(lambda: print('loaded', *sys.modules, file=sys.stderr))"
    loaded = task.upload(before=listing).log.rpartition("loaded ")[2].split()
    assert ("obstore" in loaded) is (kind == "bucket")
    assert "containertask.copilot.transfer.outgoing" in loaded


def test_the_log_says_how_far_it_is(bucket: Bucket, tmp_path: Path) -> None:
    task = in_bucket(tmp_path, bucket, FILE)
    task.write(x=BIG)
    told = task.upload(before="from containertask.copilot import sentprogress; sentprogress._SECONDS = -1.0")
    assert f"uploader: {len(BIG)} bytes of outputs are sent\n" in told.log


@pytest.mark.parametrize("said", [{}, {"exitCode": 1}], ids=["well", "badly"])
def test_a_failure_does_not_wait_for_what_hangs(bucket: Bucket, tmp_path: Path, said: dict[str, Any]) -> None:
    bucket.proxy.faults.append(Fault(lambda method, path: method == "PUT" and path.endswith("/x"), late=20))
    refusal = Fault(lambda method, path: method == "PUT" and path.endswith("/y"), status=403, late=0.5)
    bucket.proxy.faults.append(refusal)
    task = in_bucket(tmp_path, bucket, FILE, OutputItem(name="y", type="file", path="y"))
    task.write(x="1", y="2")
    begun = time.monotonic()
    told = task.upload(**said)
    assert told.report.outcome is (Outcome.MAIN_FAILED if said else Outcome.STORE_FORBIDDEN)
    assert time.monotonic() - begun < 10


def test_all_outputs_together_have_no_more_names_than_there_is_memory_for(tmp_path: Path) -> None:
    one, two = (OutputItem(name=name, type="directory", path=name) for name in "xy")
    task = in_claim(tmp_path, one, two)
    task.write_all({"x/a": "1", "x/b": "2", "y/c": "3", "y/d": "4"})
    few = "from containertask.copilot import storedoutput\nstoredoutput.MAX_OBJECTS = 3\n"
    told = task.upload(before=few)
    assert fault(told) == (1, Outcome.OUTPUT_TOO_LARGE, "y"), told
    assert message(told).startswith("output `y`: makes all outputs together more than 3 files")
    assert of_attempt(files_below(task.volume)).keys() == {"outputs/x/a", "outputs/x/b", "outputs.json"}


@pytest.mark.parametrize(
    ("kind", "one", "two"),
    [
        ("file", "pvc://results/x.txt", "pvc://results/x.txt"),
        ("file", "pvc://results/y", "pvc://results/"),
        ("directory", "pvc://results/d", "pvc://results/d/"),
    ],
)
def test_two_outputs_at_one_place_are_no_success(tmp_path: Path, kind: str, one: str, two: str) -> None:
    items = [
        OutputItem(name=name, type=kind, path=name, destination=to) for name, to in (("x", one), ("y", two))
    ]
    task = in_claim(tmp_path, *items)
    task.write_all({"x": "1", "y": "2"} if kind == "file" else {"x/f": "1", "y/f": "2"})
    told = task.upload()
    assert fault(told) == (1, Outcome.OUTPUT_INVALID, "y"), told
    assert message(told).startswith("output `y`: would lie where output `x` does")
    found = files_below(task.volume)
    assert min(found.values()) == b"1"
    assert b"2" not in found.values()


def test_a_folder_that_no_store_has_a_key_for(tmp_path: Path) -> None:
    results = f"pvc://results/{'/'.join(['p' * 200] * 5)}"
    item = OutputItem(name="x", type="integer", path="x")
    task = keeping(tmp_path, item, stores=(claim_item(),), results=results)
    task.write(x="1")
    told = task.upload()
    assert fault(told) == (1, Outcome.OUTPUT_INVALID, None), told
    assert "bytes, and stores take 1024: shorten the names" in message(told)
    assert told.report.outputs == {"x": 1}
    assert files_below(task.volume) == {}
