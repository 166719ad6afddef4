"""``ctask-execute`` with all its files in a real S3 store."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest
from flyteidl.core.errors_pb2 import ErrorDocument  # type: ignore[import-untyped]

from containertask.codec import literals
from containertask.codec.stored import Stored
from containertask.flyte.context import SerializationContext
from containertask.flyte.execute import main
from containertask.flyte.template import to_bytes
from containertask.types.leaves import SimpleType, StoredType
from support import shims
from support.s3 import REGION, SECRET, USER
from support.stores import Bucket

CLEARED: Final = ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_PROFILE", "FLYTE_AWS_ENDPOINT")
NAMES: Final = {
    "Flyte's": ("FLYTE_AWS_ENDPOINT", "FLYTE_AWS_ACCESS_KEY_ID", "FLYTE_AWS_SECRET_ACCESS_KEY"),
    "the store's own": ("AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"),
}


def line(bucket: Bucket, task: shims.Task) -> list[str]:
    prefix = f"s3://{bucket.name}/team/run"
    bucket.put("team/run/task.pb", to_bytes(task.serialize_to_model(SerializationContext())))
    kinds = {"name": SimpleType.STRING} if task is shims.greet else {}
    bucket.put("team/run/inputs.pb", literals.to_literal_map(kinds, dict.fromkeys(kinds, "Ada")))
    tokens = {
        "{{.input}}": f"{prefix}/inputs.pb",
        "{{.outputPrefix}}": f"{prefix}/a0",
        "{{.rawOutputDataPrefix}}": f"{prefix}/raw/",
        "{{.taskTemplatePath}}": f"{prefix}/task.pb",
    }
    return [tokens.get(one, one) for one in task.get_command(SerializationContext())][1:]


@pytest.fixture(params=list(NAMES))
def credentials(request: pytest.FixtureRequest, bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in CLEARED:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_REGION", REGION)
    values = (f"http://127.0.0.1:{bucket.server.port}", USER, SECRET)
    for name, value in zip(NAMES[request.param], values, strict=True):
        monkeypatch.setenv(name, value)


@pytest.mark.usefixtures("credentials")
def test_a_task_runs_between_objects(bucket: Bucket) -> None:
    assert main(line(bucket, shims.greet)) == 0
    found = literals.from_literal_map({"text": SimpleType.STRING}, bucket.objects()["team/run/a0/outputs.pb"])
    assert found == {"text": "hello, Ada"}


@pytest.mark.usefixtures("credentials")
def test_files_of_outputs_are_uploaded(bucket: Bucket, tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "x y").write_bytes(b"x" * 100_000)
    value = {"one": f"{tmp_path}/sub/x y", "all": str(tmp_path)}
    outputs = {"one": "file", "all": "directory"}
    task = shims.Task("n", {"does": "return", "value": value}, "i", shims.Returns, outputs=outputs)
    assert main(line(bucket, task)) == 0
    objects = bucket.objects()
    kinds = {"one": StoredType.FILE, "all": StoredType.DIRECTORY}
    found = literals.from_literal_map(kinds, objects["team/run/a0/outputs.pb"])
    for name, inside in (("one", ""), ("all", "/sub/x y")):
        place = found[name]
        assert isinstance(place, Stored)
        key = place.uri.removeprefix(f"s3://{bucket.name}/")
        assert key.startswith("team/run/raw/")
        assert objects[f"{key}{inside}"] == b"x" * 100_000


@pytest.mark.usefixtures("credentials")
def test_an_object_that_is_not_there_is_written_down(bucket: Bucket) -> None:
    words = line(bucket, shims.greet)
    (bucket.folder / "team/run/inputs.pb").unlink()
    assert main(words) == 0
    found = ErrorDocument.FromString(bucket.objects()["team/run/a0/error.pb"]).error
    assert (found.code, found.kind) == ("SYSTEM", 1)
    assert "team/run/inputs.pb cannot be read: it is not there" in found.message


@pytest.mark.usefixtures("credentials")
def test_a_credential_that_is_wrong_is_never_told(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    words = line(bucket, shims.greet)
    for name in ("FLYTE_AWS_SECRET_ACCESS_KEY", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, f"{SECRET}-wrong")
    assert main(words) == 1
    said = capsys.readouterr().err
    assert "error.pb cannot be written" in said
    assert SECRET not in said
    assert USER not in said
