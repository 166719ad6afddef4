"""Local runs and stores: what lies in a bucket or on a web server is fetched, and goes to a destination."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from containertask.local.programs import NETGUARD
from support.localruns import folder_of, run, task
from support.s3 import SECRET, USER
from support.stores import Bucket
from support.tasks import typed
from support.webserver import Answer, serving

Json = dict[str, Any]


@pytest.fixture(params=["guarded", "unguarded"], autouse=True)
def _guard(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "unguarded":
        monkeypatch.setenv(NETGUARD, "")


def a_store(bucket: Bucket, **more: object) -> Json:
    place = {
        "bucket": bucket.name,
        "endpoint": bucket.server.url,
        "region": "us-east-1",
        "credentials": {"type": "Secret", "secretName": "key"},
    }
    return {"kind": "ArtifactStore", "metadata": {"name": "data"}, "spec": {"s3": {**place, **more}}}


def test_files_of_a_bucket_come_in_and_go_to_a_destination(bucket: Bucket, tmp_path: Path) -> None:
    (bucket.folder / "in").mkdir()
    (bucket.folder / "in/a").write_text("from the bucket")
    secrets = folder_of(
        tmp_path / "secrets", key={"AWS_ACCESS_KEY_ID": USER, "AWS_SECRET_ACCESS_KEY": SECRET}
    )
    given = task(
        "cat /var/inputs/f > /var/outputs/f; cat /var/inputs/f > /var/outputs/s",
        inputs=[{"name": "f", "type": "file", "uri": f"s3://{bucket.name}/in/a"}],
        outputs=[
            {"name": "f", "type": "file", "destination": f"s3://{bucket.name}/out/a"},
            {"name": "s", "type": "string"},
        ],
    )
    ended = run(given, stores=[a_store(bucket)], secrets=secrets)
    assert ended.outputs == {"f": {"uri": f"s3://{bucket.name}/out/a"}, "s": "from the bucket"}, ended
    assert (bucket.folder / "out/a").read_text() == "from the bucket"
    assert ended.figures.bytes_in == len("from the bucket")
    assert SECRET not in repr(ended)


def test_files_of_a_list_come_with_the_task_and_from_a_bucket(bucket: Bucket, tmp_path: Path) -> None:
    bucket.put("in/a", b"from the bucket")
    secrets = folder_of(
        tmp_path / "secrets", key={"AWS_ACCESS_KEY_ID": USER, "AWS_SECRET_ACCESS_KEY": SECRET}
    )
    value = ["d2l0aCB0aGUgdGFzaw==", {"uri": f"s3://{bucket.name}/in/a"}]
    given = task(
        "cat /var/inputs/f/0 /var/inputs/f/1 > /var/outputs/s",
        inputs=[{"name": "f", "type": "list[file]", "value": value}],
        outputs=[{"name": "s", "type": "string"}],
    )
    ended = run(given, stores=[a_store(bucket)], secrets=secrets)
    assert ended.outputs == {"s": "with the taskfrom the bucket"}, ended


def test_a_store_whose_secret_is_missing_ends_the_run(bucket: Bucket) -> None:
    given = task("true", inputs=[{"name": "f", "type": "file", "uri": f"s3://{bucket.name}/in/a"}])
    ended = run(given, stores=[a_store(bucket)])
    assert (ended.phase, ended.reason) == ("Failed", "SecretNotFound")


def test_a_destination_in_no_store_is_told_before_the_command(tmp_path: Path) -> None:
    output = {"name": "f", "type": "file", "destination": "s3://elsewhere/a"}
    ended = run(task(f"touch {tmp_path}/ran", outputs=[output]))
    assert (ended.phase, ended.reason) == ("Failed", "StoreNotFound")
    assert not (tmp_path / "ran").exists()


def test_a_store_that_is_a_claim_is_refused() -> None:
    claim = {"kind": "ArtifactStore", "metadata": {"name": "c"}, "spec": {"pvc": {"claimName": "data"}}}
    given = task("true", inputs=[{"name": "f", "type": "file", "uri": "pvc://data/f"}])
    with pytest.raises(ValueError, match="claim data is only on a cluster: give a file:// URI"):
        run(given, stores=[claim])


def test_a_file_of_a_web_server_comes_in(tmp_path: Path) -> None:
    with serving() as web:
        web.answer = lambda _: Answer(body=b"from the web")
        given = task(
            "cat /var/inputs/f > /var/outputs/s",
            inputs=[{"name": "f", "type": "file", "uri": web.url("/a")}],
            outputs=typed(s="string"),
        )
        ended = run(given, folder=tmp_path / "run")
    assert ended.outputs == {"s": "from the web"}, (tmp_path / "run/logs/downloader").read_text()
