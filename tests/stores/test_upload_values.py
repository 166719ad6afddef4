"""Values that no message has room for, the logs, and what a failed attempt leaves in its store."""

from __future__ import annotations

import json
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

from containertask.codec.literals import from_literal_map
from containertask.contract import CAPTURE_BYTES
from containertask.contract.items import OutputItem, Source
from containertask.contract.outcome import Outcome
from containertask.contract.report import Kept
from containertask.types.grammar import parse_type
from support.copilot import MANIFEST, SIGNAL, fault, message
from support.keeping import content_type, digest, files_below, in_bucket, in_claim, manifest_in, of_attempt
from support.stores import Bucket

LONG: Final = "é" * 5000
MIDDLE: Final = "m" * 1500


def output(name: str, kind: str = "string", **more: str) -> OutputItem:
    return OutputItem(name=name, type=kind, path=name, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("kind", "content", "key", "kept", "mime"),
    [
        ("string", LONG, "x", LONG, "application/octet-stream"),
        ("optional[string]", LONG, "x", LONG, "application/octet-stream"),
        ("binary", LONG, "x", LONG, "application/octet-stream"),
        ("struct", f'{{"a": "{LONG}"}}', "x", f'{{"a":"{LONG}"}}', "application/octet-stream"),
        ("list[string]", f'["{LONG}", ""]', "x.json", f'["{LONG}",""]', "application/json"),
        ("map[string]", f'{{"a": "{LONG}"}}', "x.json", f'{{"a":"{LONG}"}}', "application/json"),
        ("union[integer,string]", LONG, "x", LONG, "application/octet-stream"),
        ("union[map[string],struct]", f'{{"a":"{LONG}"}}', "x.json", f'{{"a":"{LONG}"}}', "application/json"),
    ],
)
def test_a_value_that_no_message_can_hold_is_a_document(  # noqa: PLR0913, PLR0917 - a table
    bucket: Bucket, tmp_path: Path, kind: str, content: str, key: str, kept: str, mime: str
) -> None:
    task = in_bucket(tmp_path, bucket, output("x", kind), output("y", "integer"))
    task.write(x=content, y="7")
    told = task.upload()
    assert fault(told) == (0, Outcome.UPLOADED, None), told
    found, data = of_attempt(bucket.objects()), kept.encode()
    assert found.keys() == {f"outputs/{key}", "outputs.pb", "outputs.json"}
    assert found[f"outputs/{key}"] == data
    assert content_type(bucket, f"outputs/{key}") == mime
    assert told.report.outputs == {"y": 7}
    assert told.report.kept == {"x": Kept(f"outputs/{key}", len(data), digest(data))}
    assert manifest_in(found, told)["outputs"] == [
        {
            "name": "x",
            "type": kind,
            "uri": f"{task.results}outputs/{key}",
            "size": len(data),
            "sha256": digest(data),
        },
        {"name": "y", "type": "integer", "value": 7},
    ]
    values = from_literal_map({"x": parse_type(kind), "y": parse_type("integer")}, found["outputs.pb"])
    assert values.keys() == {"x", "y"}


def test_the_smallest_values_stay_in_the_message(bucket: Bucket, tmp_path: Path) -> None:
    task = in_bucket(tmp_path, bucket, output("a"), output("b"), output("c", "integer"))
    task.write(a=MIDDLE + "a", b=MIDDLE, c="1")
    told = task.upload()
    assert told.report.outputs == {"b": MIDDLE, "c": 1}
    assert told.report.kept.keys() == {"a"}
    assert len(told.message.encode()) <= MANIFEST.message_bytes
    assert of_attempt(bucket.objects()).keys() == {"outputs/a", "outputs.pb", "outputs.json"}


def test_a_long_list_of_files_is_a_document_with_uris(bucket: Bucket, tmp_path: Path) -> None:
    task = in_bucket(tmp_path, bucket, output("x", "list[file]"))
    task.write_all({f"x/{n}": str(n) for n in range(1000)})
    told = task.upload()
    assert fault(told) == (0, Outcome.UPLOADED, None), told
    found = of_attempt(bucket.objects())
    assert found.keys() == {f"outputs/x/{n}" for n in range(1000)} | {
        "outputs/x.json",
        "outputs.pb",
        "outputs.json",
    }
    value = json.loads(found["outputs/x.json"])
    assert value == [{"uri": f"{task.results}outputs/x/{n}"} for n in range(1000)]
    (entry,) = manifest_in(found, told)["outputs"]
    assert entry["uri"] == f"{task.results}outputs/x.json"
    assert len(entry["files"]) == 1000
    assert told.report.figures.bytes_out == sum(map(len, found.values()))
    assert bucket.proxy.most > 4


def test_more_outputs_than_a_report_can_name(bucket: Bucket, tmp_path: Path) -> None:
    names = [f"output-with-a-long-name-{'n' * 30}-{n}" for n in range(60)]
    task = in_bucket(tmp_path, bucket, *(output(name, "file") for name in names))
    task.write(**dict.fromkeys(names, "1"))
    told = task.upload()
    assert fault(told) == (1, Outcome.OUTPUT_TOO_LARGE, None)
    assert "split the task" in message(told)
    found = of_attempt(bucket.objects())
    assert manifest_in(found, told)["complete"] is False
    assert len(found) == 61


def test_what_a_report_has_no_room_for_but_its_digests(bucket: Bucket, tmp_path: Path) -> None:
    names = [f"output-with-a-long-name-{n:02}" for n in range(32)]
    task = in_bucket(tmp_path, bucket, *(output(name, "file") for name in names))
    task.write(**dict.fromkeys(names, "1"))
    told = task.upload()
    assert fault(told) == (0, Outcome.UPLOADED, None)
    assert {name: one.sha256 for name, one in told.report.kept.items()} == dict.fromkeys(names, "")
    listed = manifest_in(of_attempt(bucket.objects()), told)["outputs"]
    assert {one["sha256"] for one in listed} == {digest(b"1")}


def test_streams_are_kept_as_logs(bucket: Bucket, tmp_path: Path) -> None:
    task = in_bucket(tmp_path, bucket)
    main = task.pod.path("main")
    (main / "stdout.7").write_bytes(b"b" * 10)
    (main / "stdout.10").write_bytes(b"c" * 10)
    told = task.upload(stdout={"bytes": 100}, stderr={"bytes": 0})
    found = of_attempt(bucket.objects())
    assert found.keys() == {"logs/stdout", "outputs.pb", "outputs.json"}
    assert found["logs/stdout"] == b"b" * 10 + b"c" * 10
    assert content_type(bucket, "logs/stdout") == "text/plain; charset=utf-8"
    uri = f"{task.results}logs/stdout"
    log = {"uri": uri, "size": 20, "sha256": digest(found["logs/stdout"]), "omitted": 80}
    assert manifest_in(found, told)["logs"] == {"stdout": log}


def test_of_a_long_stream_the_end_is_kept_and_never_held_in_memory(bucket: Bucket, tmp_path: Path) -> None:
    task = in_bucket(tmp_path, bucket)
    block = bytes(range(256)) * 4096
    for number in range(5):
        with (task.pod.path("main") / f"stderr.{number}").open("wb") as file:
            for _ in range(16):
                file.write(block)
    with (task.pod.path("main") / "stderr.5").open("wb") as file:
        file.write(b"the end")
    limited = "import resource; resource.setrlimit(resource.RLIMIT_DATA, (220 << 20, 220 << 20))"
    told = task.upload(before=limited, stderr={"bytes": 80 * len(block) + 7})
    assert fault(told) == (0, Outcome.UPLOADED, None), told
    log = of_attempt(bucket.objects())["logs/stderr"]
    assert len(log) == CAPTURE_BYTES
    assert log == (block * 65)[-CAPTURE_BYTES + 7 :] + b"the end"


@pytest.mark.parametrize(
    "spoil",
    ["ln -s /etc/passwd stdout.0", "mkfifo stdout.0", "mkdir stdout.0"],
)
def test_a_stream_that_the_command_has_spoiled_is_no_log_and_no_failure(
    bucket: Bucket, tmp_path: Path, spoil: str
) -> None:
    task = in_bucket(tmp_path, bucket)
    subprocess.run(["sh", "-ec", spoil], cwd=task.pod.path("main"), check=True)
    told = task.upload(stdout={"bytes": 1})
    assert fault(told) == (0, Outcome.UPLOADED, None), told
    assert of_attempt(bucket.objects()).keys() == {"outputs.pb", "outputs.json"}
    assert "stdout is not kept" in told.log


def test_a_failed_command_keeps_what_it_left(bucket: Bucket, tmp_path: Path) -> None:
    outputs = (output("x", "file"), output("y"), output("z", "integer"), output("gone", "file"))
    task = in_bucket(tmp_path, bucket, *outputs)
    task.write(x="1", y=LONG, z="no number")
    (task.pod.path("main") / "stderr.0").write_bytes(b"oh")
    told = task.upload(exitCode=3, stderr={"bytes": 2})
    assert fault(told) == (0, Outcome.MAIN_FAILED, None), told
    found = of_attempt(bucket.objects())
    assert found.keys() == {"outputs/x", "outputs/y", "logs/stderr", "outputs.json"}
    assert told.report.kept.keys() == {"x", "y"}
    manifest = manifest_in(found, told)
    assert manifest["complete"] is False
    assert [one["name"] for one in manifest["outputs"]] == ["x", "y"]


def test_an_error_of_the_commands_own_keeps_what_it_left(bucket: Bucket, tmp_path: Path) -> None:
    task = in_bucket(tmp_path, bucket, output("x", "file"), output("y"))
    task.write(x="1", _ERROR="it did not converge")
    told = task.upload()
    assert fault(told) == (0, Outcome.USER_ERROR, None), told
    assert message(told) == "it did not converge"
    found = of_attempt(bucket.objects())
    assert found.keys() == {"outputs/x", "outputs.json"}
    assert manifest_in(found, told)["complete"] is False


def test_a_faulty_output_fails_the_attempt_and_the_others_are_kept(bucket: Bucket, tmp_path: Path) -> None:
    task = in_bucket(tmp_path, bucket, output("x", "file"), output("y", "directory"), output("z", "integer"))
    task.write(x="1", y="a file", z="1")
    told = task.upload()
    assert fault(told) == (1, Outcome.OUTPUT_UNREADABLE, "y")
    assert message(told) == "output `y`: `y` is a file: have the command write a folder"
    found = of_attempt(bucket.objects())
    assert found.keys() == {"outputs/x", "outputs.json"}
    manifest = manifest_in(found, told)
    assert [one["name"] for one in manifest["outputs"]] == ["x", "z"]


def test_a_missing_file_is_told_with_what_is_there_instead(bucket: Bucket, tmp_path: Path) -> None:
    task = in_bucket(tmp_path, bucket, output("x", "file"))
    task.write(X="1")
    told = task.upload()
    assert fault(told) == (1, Outcome.OUTPUT_MISSING, "x")
    assert message(told) == "output `x`: there is no `x` in the output folder; no output declares `X`"


def test_a_sidecar_keeps_outputs_without_logs(bucket: Bucket, tmp_path: Path) -> None:
    task = in_bucket(tmp_path, bucket, output("x", "file"), output("y", "integer"), manifest=SIGNAL)
    task.write(x="1", y="2")
    told = task.sidecar()
    assert fault(told) == (0, Outcome.UPLOADED, None), told
    found = of_attempt(bucket.objects())
    assert found.keys() == {"outputs/x", "outputs.pb", "outputs.json"}
    assert told.report.outputs == {"y": 2}
    assert manifest_in(found, told)["logs"] == {}


@pytest.mark.parametrize(
    ("destination", "kind", "path", "key"),
    [
        ("report.html", "file", "x.htm", "report.html"),
        ("reports/", "file", "x.htm", "reports/x.htm"),
        ("", "file", "x", "x"),
        ("tables", "directory", "x", "tables/f"),
        ("tables/", "list[file]", "x", "tables/0"),
    ],
)
@pytest.mark.parametrize("is_bucket", [True, False], ids=["bucket", "claim"])
def test_an_output_goes_where_its_destination_says(  # noqa: PLR0913, PLR0917 - a table
    bucket: Bucket, tmp_path: Path, destination: str, kind: str, path: str, key: str, *, is_bucket: bool
) -> None:
    root = f"s3://{bucket.name}" if is_bucket else "pvc://results"
    item = OutputItem(name="x", type=kind, path=path, destination=f"{root}/{destination}")
    task = in_bucket(tmp_path, bucket, item) if is_bucket else in_claim(tmp_path, item)
    name = path + {"directory": "/f", "list[file]": "/0"}.get(kind, "")
    task.write_all({name: "new"})
    if is_bucket:
        bucket.put(key, b"old")
    told = task.upload()
    assert fault(told) == (0, Outcome.UPLOADED, None), told
    found = bucket.objects() if is_bucket else files_below(task.volume)
    assert found.pop(key) == b"new"
    found = of_attempt(found)
    assert found.keys() == {"outputs.pb", "outputs.json"}
    (entry,) = manifest_in(found, told)["outputs"]
    if kind == "list[file]":
        assert told.report.outputs == {"x": [{"uri": f"{root}/tables/0"}]}
    else:
        uri = f"{root}/tables/" if kind == "directory" else f"{root}/{key}"
        assert (entry["uri"], told.report.kept["x"].key) == (uri, uri)


def test_stdout_as_a_value_may_be_long(bucket: Bucket, tmp_path: Path) -> None:
    task = in_bucket(tmp_path, bucket, OutputItem(name="x", type="string", source=Source.STDOUT))
    (task.pod.path("main") / "stdout.0").write_text(LONG)
    told = task.upload(stdout={"bytes": len(LONG.encode())})
    assert told.report.kept.keys() == {"x"}
    assert of_attempt(bucket.objects()).keys() == {
        "outputs/x",
        "logs/stdout",
        "outputs.pb",
        "outputs.json",
    }


def test_without_a_store_all_is_as_it_was(tmp_path: Path, bucket: Bucket) -> None:
    task = in_bucket(tmp_path, bucket, output("x"))
    task.pod.rewrite(replace(MANIFEST, outputs=(output("x"),)))
    task.write(x=LONG)
    told = task.upload()
    assert fault(told) == (1, Outcome.OUTPUT_TOO_LARGE, "x")
    assert bucket.objects() == {}


@pytest.mark.parametrize(
    ("item", "files"),
    [
        (output("x", "list[string]"), {"x/0": "\x01" * 200_000}),
        (output("x", "struct"), {"x": f'{{"a": [{"1e15," * 200_000}1]}}'}),
        (
            OutputItem(name="x", type="list[file]", glob="x/*"),
            {f"x/{n}{'n' * 200}": "" for n in range(5000)},
        ),
    ],
    ids=["letters that JSON escapes", "numbers that JSON writes in full", "URIs"],
)
def test_a_value_that_nobody_could_read_again_is_refused_before_it_is_sent(
    tmp_path: Path, item: OutputItem, files: dict[str, str]
) -> None:
    task = in_claim(tmp_path, item, output("y", "integer"))
    task.write_all({**files, "y": "7"})
    told = task.upload()
    assert fault(told) == (1, Outcome.OUTPUT_TOO_LARGE, "x"), told
    assert "value has at most 1048576: " in message(told)
    assert told.report.outputs == {"y": 7}
    found = of_attempt(files_below(task.volume))
    assert found.keys() == {"outputs.json"}
    assert manifest_in(found, told)["complete"] is False
