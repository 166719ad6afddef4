"""What an uploader keeps is what a downloader brings of it: through the status, and through no other way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import pytest

from containertask.api.outputs import Output
from containertask.api.status import OutputValue
from containertask.codec import typed
from containertask.contract.items import InputItem, OutputItem
from containertask.contract.keptline import NO_FILES
from containertask.contract.outcome import Outcome
from containertask.core.dependencies import Source, _taken
from containertask.core.results import _kept, _output
from containertask.types.grammar import parse_type
from support.copilot import Told, fault
from support.fetched import Fetcher, fetching_pod
from support.keeping import Keeping, digest_of_folder, in_bucket, in_claim
from support.stores import Bucket

EVERY: Final = "a b%20+c#d?e=f&g é\u65e5;:@!$'()*,~\"<>|^`{}[]"
"""A name with all that means something in a URI, or is no ASCII."""

KEYS: Final = ("a%2Fb", "c d", "%25", "%empty", "\u00e9", "%2E%2E", "\u00a0", "\u65e5+#?&=")
"""Names for keys of a map, some of which need them."""


@dataclass(frozen=True, slots=True)
class Way:
    """From one task to another, by way of a bucket or a claim."""

    root: Path
    bucket: Bucket | None
    fetcher: Fetcher

    def task(self, *items: OutputItem) -> Keeping:
        """Return a task that keeps its outputs."""
        return (
            in_claim(self.root, *items) if self.bucket is None else in_bucket(self.root, self.bucket, *items)
        )

    def given(self, task: Keeping, told: Told, item: OutputItem) -> OutputValue:
        """Return what the status says of an output."""
        declared = Output(name=item.name, type=item.type, destination=item.destination)
        if (kept := told.report.kept.get(item.name)) is not None:
            return _kept(declared, kept, task.results)
        kind = parse_type(item.type)
        return _output(declared, kind, typed.from_json(kind, (told.report.outputs or {})[item.name]))

    def ask(self, task: Keeping, given: OutputValue, item: OutputItem, **changes: Any) -> None:
        """Have the other task take it as its input `in`."""
        source = Source(uid="u", types={item.name: item.type}, outputs={item.name: given})
        taken = _taken(parse_type(item.type), item.name, source)
        asked = InputItem(
            "in",
            item.type,
            document=taken.document,
            sha256=taken.sha256,
            may_be_empty=taken.is_empty,
        )
        self.fetcher.ask(replace(asked, **changes), *([] if taken.value is None else [taken.value]))
        if self.bucket is not None:
            self.fetcher.s3(self.bucket)
            return
        self.fetcher.claim("results").rmdir()
        (self.fetcher.pod.path("stores") / "0" / "volume").symlink_to(task.volume)


@pytest.fixture(params=["bucket", "claim"])
def way(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Way]:
    bucket: Bucket | None = request.getfixturevalue("bucket") if request.param == "bucket" else None
    with fetching_pod() as fetcher:
        yield Way(tmp_path / "kept", bucket, fetcher)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What a command writes as output `x`, and what another one finds as its input `in`."""

    type: str
    files: Mapping[str, bytes | str]
    found: object
    item: Mapping[str, Any] = field(default_factory=dict)


CASES: Final = {
    "a file": Case(type="file", files={"x": "1"}, found=b"1"),
    "an empty file": Case(type="file", files={"x": ""}, found=b""),
    "a file with a name": Case(
        type="file", files={"p/a b.tar.gz": "1"}, found=b"1", item={"path": "p/a b.tar.gz"}
    ),
    "an empty directory": Case(type="directory", files={"x/": ""}, found={}),
    "an empty directory that may be absent": Case(type="optional[directory]", files={"x/": ""}, found={}),
    "an empty dataset": Case(type="dataset[csv]", files={"x/": ""}, found={}),
    "a directory of empty files": Case(
        type="directory", files={"x/a": "", "x/b/c": ""}, found={"a": b"", "b": {"c": b""}}
    ),
    "a directory": Case(
        type="directory",
        files={f"x/{EVERY}/{EVERY}": "1", "x/.h": "2"},
        found={EVERY: {EVERY: b"1"}, ".h": b"2"},
    ),
    "a dataset in a file": Case(type="dataset[csv]", files={"x": "1"}, found=b"1"),
    "a dataset in a folder": Case(type="dataset[csv]", files={"x/a": "1"}, found={"a": b"1"}),
    "a list": Case(type="list[file]", files={"x/0": "1", "x/1": ""}, found={"0": b"1", "1": b""}),
    "an empty list": Case(type="list[file]", files={"x/": ""}, found={}),
    "an empty map": Case(type="map[directory]", files={"x/": ""}, found={}),
    "a list with gaps": Case(
        type="list[optional[file]]",
        files={"x/0%none": "", "x/1": "2"},
        found={"0%none": b"", "1": b"2"},
    ),
    "what fits a pattern": Case(
        type="list[file]",
        files={"p/a b%20": "1", "p/a%2Fb": "2", "p/a b ": "3", f"p/{EVERY}": "4", "p/%20": "5", "p/ ": "6"},
        found={"0": b"6", "1": b"5", "2": b"3", "3": b"1", "4": b"4", "5": b"2"},
        item={"glob": "p/**"},
    ),
    "a map": Case(
        type="map[file]",
        files={f"x/{name}": name for name in KEYS},
        found={name: name.encode() for name in KEYS},
    ),
    "a map of directories": Case(
        type="map[directory]",
        files={"x/a b/c d": "1", "x/e+f/g": ""},
        found={"a b": {"c d": b"1"}, "e+f": {"g": b""}},
    ),
    "a union: a file": Case(type="union[file,directory]", files={"x": "1"}, found=b"1"),
    "a union: a directory": Case(type="union[file,directory]", files={"x/a": "1"}, found={"a": b"1"}),
    "a union: a number": Case(type="union[integer,file]", files={"x": "42"}, found=b"42"),
    "a union in a list": Case(
        type="list[union[list[integer],file]]",
        files={"x/0": "[1]", "x/1": "a"},
        found={"0": {"0": b"1"}, "1": b"a"},
    ),
    "a list of lists": Case(
        type="list[list[file]]", files={"x/0/": "", "x/1/0": "1"}, found={"0": {}, "1": {"0": b"1"}}
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_it_comes_back_the_same(way: Way, name: str) -> None:
    case = CASES[name]
    item = OutputItem(name="x", type=case.type, **{"path": "x", **case.item})
    task = way.task(item)
    task.write_all(case.files)
    told = task.upload()
    assert fault(told) == (0, Outcome.UPLOADED, None), told
    way.ask(task, way.given(task, told, item), item)
    fetched = way.fetcher.download()
    assert fault(fetched) == (0, Outcome.DOWNLOADED, None), fetched
    assert way.fetcher.tree("in") == case.found


@pytest.mark.parametrize(("kind", "written"), [("file", "x"), ("directory", "x/f"), ("dataset[csv]", "x/f")])
def test_it_comes_back_from_where_it_was_to_go(way: Way, kind: str, written: str) -> None:
    root = "pvc://results" if way.bucket is None else f"s3://{way.bucket.name}"
    item = OutputItem(name="x", type=kind, path="x", destination=f"{root}/{EVERY}/{EVERY}")
    task = way.task(item)
    task.write_all({written: "1"})
    told = task.upload()
    assert fault(told) == (0, Outcome.UPLOADED, None), told
    way.ask(task, way.given(task, told, item), item)
    fetched = way.fetcher.download()
    assert fault(fetched) == (0, Outcome.DOWNLOADED, None), fetched
    assert way.fetcher.tree("in") == (b"1" if kind == "file" else {"f": b"1"})


def test_what_had_files_and_has_none_now_is_not_there(way: Way) -> None:
    item = OutputItem(name="x", type="directory", path="x")
    task = way.task(item)
    task.write_all({"x/a": ""})
    told = task.upload()
    gone = way.given(task, told, item).model_copy(update={"uri": f"{task.results}gone/"})
    way.ask(task, gone, item)
    fetched = way.fetcher.download()
    assert fault(fetched) == (1, Outcome.INPUT_NOT_FOUND, "in"), fetched


def test_the_digest_of_no_files_is_that_of_an_empty_folder() -> None:
    assert digest_of_folder({}) == NO_FILES
