"""The real uploader before a real S3 server: what is there in the end, and what the report says of it."""

from __future__ import annotations

from pathlib import Path

from containertask.contract.items import OutputItem
from containertask.contract.outcome import Outcome
from containertask.contract.report import Kept
from support.copilot import MANIFEST, fault, shell
from support.copilotcode import WITH_LIBRARIES
from support.keeping import (
    FOLDER,
    content_type,
    digest,
    digest_of_folder,
    in_bucket,
    manifest_in,
    of_attempt,
)
from support.stores import Bucket


def test_one_file_lies_in_the_store_and_the_manifest_tells_of_it(bucket: Bucket, tmp_path: Path) -> None:
    task = in_bucket(tmp_path, bucket, OutputItem(name="table", type="file", path="out/t.csv"))
    task.write_all({"out/t.csv": "a,b\n"})
    told = task.upload()
    assert fault(told) == (0, Outcome.UPLOADED, None), told
    found = of_attempt(bucket.objects())
    assert found.keys() == {"outputs/table.csv", "outputs.pb", "outputs.json"}
    assert found["outputs/table.csv"] == b"a,b\n"
    assert told.report.outputs == {}
    assert told.report.kept == {"table": Kept("outputs/table.csv", 4, digest(b"a,b\n"))}
    assert told.report.figures.bytes_out == sum(map(len, found.values()))
    assert manifest_in(found, told) == {
        "version": 1,
        "namespace": MANIFEST.namespace,
        "name": MANIFEST.name,
        "uid": MANIFEST.uid,
        "attempt": 0,
        "complete": True,
        "outputs": [
            {
                "name": "table",
                "type": "file",
                "uri": f"s3://{bucket.name}/{FOLDER}outputs/table.csv",
                "size": 4,
                "sha256": digest(b"a,b\n"),
            }
        ],
        "logs": {},
    }
    assert content_type(bucket, "outputs/table.csv") == "text/csv"
    assert content_type(bucket, "outputs.json") == "application/json"
    assert bucket.unfinished() == []


def test_behind_the_real_launcher_it_is_the_same(bucket: Bucket, tmp_path: Path) -> None:
    outputs = (
        OutputItem(name="x", type="directory", path="x"),
        OutputItem(name="n", type="integer", path="n"),
    )
    task = in_bucket(tmp_path, bucket, *outputs)
    script = "echo said; echo warned >&2; mkdir x; umask 077; echo 1 > x/f; echo 7 > n"
    told = shell(task.pod, script, before=WITH_LIBRARIES)
    assert fault(told) == (0, Outcome.UPLOADED, None), told
    found = of_attempt(bucket.objects())
    assert found.keys() == {
        "outputs/x/f",
        "logs/stdout",
        "logs/stderr",
        "outputs.pb",
        "outputs.json",
    }
    assert (found["logs/stdout"], found["logs/stderr"]) == (b"said\n", b"warned\n")
    assert told.report.outputs == {"n": 7}
    assert told.report.kept == {"x": Kept("outputs/x/", 2, digest_of_folder({"f": b"1\n"}))}
    assert manifest_in(found, told)["logs"].keys() == {"stdout", "stderr"}
