"""Outputs of each type that needs a store: where their files lie, in bucket and claim, and their values."""

from __future__ import annotations

import importlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pytest

from containertask.codec.literals import from_literal_map
from containertask.codec.typed import to_json
from containertask.contract.items import OutputItem, Source
from containertask.contract.outcome import Outcome
from containertask.contract.report import Kept
from containertask.types.grammar import parse_type
from support.copilot import Told, fault
from support.keeping import (
    Keeping,
    digest,
    digest_of_folder,
    files_below,
    in_bucket,
    in_claim,
    manifest_in,
    of_attempt,
)
from support.stores import Bucket

LAST: Final = {"outputs.pb", "outputs.json"}
Files = Mapping[str, bytes | str]


@dataclass(frozen=True, slots=True)
class Where:
    """A bucket, or a claim."""

    root: Path
    bucket: Bucket | None

    def task(self, *outputs: OutputItem, **changes: Any) -> Keeping:
        if self.bucket is None:
            return in_claim(self.root, *outputs, **changes)
        return in_bucket(self.root, self.bucket, *outputs, **changes)

    def found(self, task: Keeping) -> dict[str, bytes]:
        """Return all that is there, below the folder of the attempt."""
        if self.bucket is None:
            return of_attempt(files_below(task.volume))
        assert self.bucket.unfinished() == []
        return of_attempt(self.bucket.objects())


@pytest.fixture(params=["bucket", "claim"])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> Where:
    bucket: Bucket | None = None
    if request.param == "bucket":
        bucket = request.getfixturevalue("bucket")
    return Where(tmp_path, bucket)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What the command writes as output `x`, and what becomes of it; ``{}`` is the URI of the outputs."""

    type: str
    files: Files
    objects: Mapping[str, str]
    """Keys below ``outputs/``."""
    value: object = None
    """None where the output is kept whole."""
    folders: list[str] = field(default_factory=list)
    item: Mapping[str, Any] = field(default_factory=dict)


CASES: Final = {
    "a file": Case(type="file", files={"x": "1"}, objects={"x": "1"}),
    "an empty file": Case(type="file", files={"x": ""}, objects={"x": ""}),
    "a file with an extension": Case(
        type="optional[file]",
        files={"a.b/x.tar.gz": "1"},
        objects={"x.tar.gz": "1"},
        item={"path": "a.b/x.tar.gz"},
    ),
    "a directory": Case(
        type="directory",
        files={"x/a b%20": "1", "x/é/c": "2", "x/d/": "", "x/.f": ""},
        objects={"x/a b%20": "1", "x/é/c": "2", "x/.f": ""},
        folders=["d"],
    ),
    "an empty directory": Case(type="directory", files={"x/": ""}, objects={}, folders=[""]),
    "a dataset in a file": Case(
        type="dataset[parquet]",
        files={"t.parquet": "1"},
        objects={"x.parquet": "1"},
        item={"path": "t.parquet"},
    ),
    "a dataset in a folder": Case(
        type="dataset[parquet]", files={"x/a": "1", "x/b/c": "2"}, objects={"x/a": "1", "x/b/c": "2"}
    ),
    "a list": Case(
        type="list[file]",
        files={"x/0": "1", "x/1": "2"},
        objects={"x/0": "1", "x/1": "2"},
        value=[{"uri": "{}x/0"}, {"uri": "{}x/1"}],
    ),
    "an empty list": Case(type="list[file]", files={"x/": ""}, objects={}, value=[], folders=[""]),
    "a list with gaps": Case(
        type="list[optional[file]]",
        files={"x/0%none": "", "x/1": "2", "x/2%none": ""},
        objects={"x/1": "2"},
        value=[None, {"uri": "{}x/1"}, None],
    ),
    "a map of directories": Case(
        type="map[directory]",
        files={"x/a%2Fb/f": "1", "x/c d/g h": "2", "x/e/": ""},
        objects={"x/a%2Fb/f": "1", "x/c%20d/g h": "2"},
        value={"a/b": {"uri": "{}x/a%2Fb/"}, "c d": {"uri": "{}x/c%20d/"}, "e": {"uri": "{}x/e/"}},
        folders=["e"],
    ),
    "a map of lists": Case(
        type="map[list[file]]",
        files={"x/k/0": "1", "x/l/": ""},
        objects={"x/k/0": "1"},
        value={"k": [{"uri": "{}x/k/0"}], "l": []},
        folders=["l"],
    ),
    "what fits a pattern": Case(
        type="list[file]",
        files={"p/b.csv": "1", "p/q/a b%20.csv": "2", "p/c.txt": ""},
        objects={"x/p/b.csv": "1", "x/p/q/a%20b%2520.csv": "2"},
        value=[{"uri": "{}x/p/b.csv"}, {"uri": "{}x/p/q/a%20b%2520.csv"}],
        item={"glob": "p/**/*.csv"},
    ),
    "nothing fits a pattern": Case(
        type="optional[list[file]]", files={}, objects={}, value=[], item={"glob": "*.csv"}
    ),
    "a union: a file": Case(
        type="union[file,directory]", files={"x": "1"}, objects={"x": "1"}, value={"uri": "{}x"}
    ),
    "a union: a directory": Case(
        type="union[file,directory]", files={"x/a": "1"}, objects={"x/a": "1"}, value={"uri": "{}x/"}
    ),
    "a union: a number": Case(type="union[integer,file]", files={"x": "42\n"}, objects={}, value=42),
    "a union: no number": Case(
        type="union[integer,file]", files={"x": "n"}, objects={"x": "n"}, value={"uri": "{}x"}
    ),
    "a union in a list": Case(
        type="list[union[list[integer],file]]",
        files={"x/0": "[1]", "x/1": "a", "x/2/0": "2"},
        objects={"x/1": "a"},
        value=[[1], {"uri": "{}x/1"}, [2]],
    ),
}


def at(base: str, value: object) -> Any:
    return json.loads(json.dumps(value).replace("{}", base))


def literals(case: Case, found: Mapping[str, bytes]) -> object:
    """Return what outputs.pb says, as JSON."""
    kind = parse_type(case.type)
    values = from_literal_map({"x": kind}, found["outputs.pb"])
    return to_json(kind, values["x"])


def by_path(entry: Mapping[str, Any]) -> dict[str, tuple[int, str]]:
    return {one["path"]: (one["size"], one["sha256"]) for one in entry["files"]}


def check_kept(case: Case, told: Told, entry: Mapping[str, Any], base: str) -> None:
    """An output that is one file or folder is named by where it lies."""
    content = {key: data.encode() for key, data in case.objects.items()}
    assert told.report.outputs == {}
    if list(content) == [key := entry["uri"].removeprefix(base)]:
        size, sha256 = len(content[key]), digest(content[key])
        assert "files" not in entry
    else:
        below = {key.removeprefix("x/"): data for key, data in content.items()}
        size, sha256 = sum(map(len, below.values())), digest_of_folder(below)
        assert entry["uri"] == f"{base}x/"
        assert by_path(entry) == {path: (len(data), digest(data)) for path, data in below.items()}
        assert entry.get("folders", []) == case.folders
    assert (entry["size"], entry["sha256"]) == (size, sha256)
    assert told.report.kept == {"x": Kept(f"outputs/{entry['uri'].removeprefix(base)}", size, sha256)}


@pytest.mark.parametrize("name", CASES)
def test_the_files_and_the_value(where: Where, name: str) -> None:
    case = CASES[name]
    task = where.task(OutputItem(name="x", type=case.type, **{"path": "x", **case.item}))
    task.write_all(case.files)
    told = task.upload()
    assert fault(told) == (0, Outcome.UPLOADED, None), told
    found, base = where.found(task), f"{task.results}outputs/"
    assert found.keys() == {f"outputs/{key}" for key in case.objects} | LAST
    assert all(found[f"outputs/{key}"] == data.encode() for key, data in case.objects.items())
    (entry,) = manifest_in(found, told)["outputs"]
    if case.value is None:
        check_kept(case, told, entry, base)
        assert literals(case, found) == {"uri": entry["uri"]}
        return
    assert told.report.outputs == {"x": at(base, case.value)}
    assert told.report.kept == {}
    assert entry["value"] == at(base, case.value)
    assert literals(case, found) == at(base, case.value)
    assert set(by_path(entry)) == {key.removeprefix("x/") if key != "x" else "" for key in case.objects}
    assert entry.get("folders", []) == case.folders


@pytest.mark.parametrize(
    "item",
    [
        OutputItem(name="x", type="file", path="x", optional=True),
        OutputItem(name="x", type="optional[directory]", path="a/x"),
        OutputItem(name="x", type="list[file]", path="x", optional=True),
    ],
    ids=lambda item: item.type,
)
def test_an_absent_output_is_nowhere_but_in_the_literals(where: Where, item: OutputItem) -> None:
    task = where.task(item)
    told = task.upload()
    assert fault(told) == (0, Outcome.UPLOADED, None), told
    found = where.found(task)
    assert found.keys() == LAST
    assert manifest_in(found, told)["outputs"] == []
    assert (told.report.outputs, told.report.kept) == ({}, {})
    flyte = importlib.import_module("flyteidl.core.literals_pb2")
    (literal,) = flyte.LiteralMap.FromString(found["outputs.pb"]).literals.values()
    assert literal.scalar.WhichOneof("value") in {"none_type", "union"}


def test_a_stream_may_be_a_file(where: Where) -> None:
    task = where.task(OutputItem(name="x", type="file", source=Source.STDOUT))
    (task.pod.path("main") / "stdout.0").write_bytes(b"said\n")
    told = task.upload(stdout={"bytes": 5})
    found = where.found(task)
    assert found["outputs/x"] == found["logs/stdout"] == b"said\n"
    assert told.report.kept == {"x": Kept("outputs/x", 5, digest(b"said\n"))}


def test_a_claim_has_empty_folders_and_modes_for_everybody(tmp_path: Path) -> None:
    task = in_claim(tmp_path, OutputItem(name="x", type="directory", path="x"))
    task.write_all({"x/d/": "", "x/f": "1"})
    assert task.upload().exit_code == 0
    folder = task.volume / task.results.removeprefix("pvc://results/")
    assert (folder / "outputs/x/d").is_dir()
    modes = {one.is_dir(): one.stat().st_mode & 0o777 for one in (tmp_path / "stores/1/volume").rglob("*")}
    assert modes == {True: 0o755, False: 0o644}


def test_a_page_is_to_be_saved_but_where_its_destination_says(bucket: Bucket, tmp_path: Path) -> None:
    to = f"s3://{bucket.name}/site/y.html"
    items = (
        OutputItem(name="x", type="file", path="x.html"),
        OutputItem(name="y", type="file", path="y.html", destination=to),
    )
    task = in_bucket(tmp_path, bucket, *items)
    task.write_all({"x.html": "1", "y.html": "2"})
    told = task.upload()
    assert fault(told) == (0, Outcome.UPLOADED, None), told
    store = bucket.server.store(bucket.name)
    kept = store.get(f"{task.results.partition(bucket.name)[2][1:]}outputs/x.html").attributes
    assert (kept["Content-Type"], kept["Content-Disposition"]) == ("text/html", "attachment")
    assert "Content-Disposition" not in store.get("site/y.html").attributes
