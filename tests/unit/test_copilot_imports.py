"""What downloader and uploader load: each import is time that every task waits."""

from __future__ import annotations

import subprocess
import sys
import time
from base64 import b64encode
from dataclasses import replace
from pathlib import Path

import pytest

from containertask.contract.items import InputItem, InputMode, OutputItem, Source, StreamItem
from containertask.contract.manifest import Manifest, Mode, Values, digest
from containertask.contract.stores import ClaimPlace, StoreItem
from containertask.copilot.places import Places
from support.copilot import LIBRARY, MANIFEST, Part, Pod, record


def words(text: str) -> frozenset[str]:
    return frozenset(text.split())


STANDARD = words("""
    __future__ _abc _ast _codecs _collections _collections_abc _datetime _decimal _functools _io _json _opcode
    _operator _signal _sre _stat _thread _tokenize _typing _warnings _weakref _weakrefset abc ast binascii
    builtins codecs collections contextlib copy copyreg dataclasses datetime decimal dis encodings enum errno
    functools genericpath importlib inspect io itertools json keyword linecache marshal math numbers opcode
    operator os posix posixpath re reprlib signal stat sys time token tokenize types typing warnings weakref
""")
"""What any task loads of the standard library. It may get shorter; to make it longer costs every task."""

NEWER = words("_opcode_metadata unicodedata") if sys.version_info >= (3, 12) else frozenset()
OUTSIDE = frozenset({"__main__", "_frozen_importlib", "_frozen_importlib_external", "_imp", "zipimport"})
MORE: dict[str, frozenset[str]] = {"download": frozenset(), "upload": frozenset({"select"})}
DIGEST = frozenset({"_blake2", "_hashlib", "hashlib"})
"""Only a downloader whose values are in a file of their own loads OpenSSL."""

PATTERNS = frozenset({"fnmatch"})
"""Only an uploader of outputs with parts knows patterns of files."""

SHARED = words("""
    codec codec.binary codec.errors codec.numbers codec.simple codec.text codec.times contract
    contract.exitrecord contract.fields contract.items contract.manifest contract.outcome contract.report
    copilot copilot.control
    copilot.files copilot.journal copilot.loading copilot.places types
    types.leaves words
""")
OURS = {
    "download": SHARED | {"codec.manifest", "copilot.download", "copilot.inputs", "copilot.inputsfile"},
    "upload": SHARED
    | words("""
        copilot.exitfifo copilot.fitting copilot.outputs copilot.stops copilot.streams copilot.undeclared
        copilot.untrusted copilot.upload copilot.usererror
    """),
}
"""Our own modules, by whether it is the downloader or the uploader."""

TYPED = {
    "download": words("""
        codec.layout codec.stored codec.trees codec.typed copilot.typedinputs types.grammar types.model
    """),
    "upload": words("""
        codec.stored codec.trees codec.typed copilot.globs copilot.outputtree copilot.typedoutputs
        types.grammar types.model
    """),
}
"""What a task loads besides, if an input or an output has parts."""

SIMPLE: dict[str, object] = {
    "integer": 1,
    "float": 0.5,
    "string": "x",
    "boolean": True,
    "datetime": "2026-01-31T12:00:00Z",
    "duration": "1h30m0s",
    "struct": {"a": [1, None]},
}


def of(**values: object) -> Manifest:
    """Return a task that has these inputs, each named by its type, and outputs alike."""
    return replace(
        MANIFEST,
        outputs=tuple(OutputItem(name=kind, type=kind, path=kind) for kind in values),
        values=Values(tuple(InputItem(kind, kind) for kind in values), values),
    )


TASKS = {
    "nothing": of(),
    "an integer": of(integer=1),
    "all types": of(**SIMPLE),
    "times": of(datetime=SIMPLE["datetime"], duration=SIMPLE["duration"]),
    "a struct": of(struct=SIMPLE["struct"]),
    "YAML": replace(of(**SIMPLE), metadata_format="YAML"),
    "PROTO": replace(of(integer=1), metadata_format="PROTO"),
    "values from a file": of(integer=1),
    "a list": of(**{"list[integer]": [1]}),
}
LIST = "print(*sys.modules, file=open({path!r}, 'w'))"


def standard(modules: set[str]) -> set[str]:
    return {name.split(".")[0] for name in modules} - OUTSIDE - {"containertask"}


def ours(modules: set[str]) -> set[str]:
    return {name.removeprefix("containertask.") for name in modules if name.startswith("containertask.")}


def show(what: str, part: Part, begun: float) -> None:
    told = part.told()
    assert told.exit_code == 0, told
    sys.stdout.write(f"{what}: {(time.perf_counter() - begun) * 1000:.0f} ms from start to end\n")


def pod_of(root: Path, name: str, mode: Mode) -> Pod:
    """Make the Pod of a task, with a launcher that is small, and outputs that are the inputs."""
    task = replace(TASKS[name], mode=mode)
    values = replace(task.values or Values(), pb=b64encode(b"pb").decode() if name == "PROTO" else None)
    pod = Pod(root)
    pod.prepare(replace(task, values=values))
    if name == "values from a file":
        text = values.encode()
        pod.rewrite(replace(task, values=None, values_sha256=digest(text)))
        pod.path("values").write_text(text)
    (root / "a-launcher").write_text("stands in for the binary")
    return pod


def download(pod: Pod, modules: Path) -> None:
    begun = time.perf_counter()
    after = LIST.format(path=str(modules))
    part = pod.spawn("download", launcher=str(pod.root / "a-launcher"), after=after)
    show("download", part, begun)


def upload(pod: Pod, mode: Mode, modules: Path) -> None:
    part = pod.spawn("upload", after=LIST.format(path=str(modules)))
    if mode is not Mode.SIGNAL:
        part.waits()
        pod.tell(record())
    show("upload, from the launcher's end", part, time.perf_counter())


@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize("name", TASKS)
def test_nothing_is_loaded_that_the_task_does_not_need(tmp_path: Path, name: str, mode: Mode) -> None:
    pod = pod_of(tmp_path, name, mode)
    modules = {part: tmp_path / f"modules-{part}" for part in MORE}
    download(pod, modules["download"])
    for item in TASKS[name].outputs:
        subprocess.run(["cp", "-R", pod.path("inputs") / item.name, pod.path("outputs")], check=True)
    upload(pod, mode, modules["upload"])
    for part, more in MORE.items():
        loaded = set(modules[part].read_text().split())
        needed = more | (DIGEST if (part, name) == ("download", "values from a file") else set())
        needed |= PATTERNS if (part, name) == ("upload", "a list") else set()
        assert standard(loaded) - STANDARD - NEWER - needed == set()
        assert ours(loaded) == OURS[part] | (TYPED[part] if name == "a list" else set())


FETCHING = words("copilot.fetching copilot.bringing copilot.stores contract.stores contract.uris")
"""Some of what a task loads that fetches."""


def test_a_uri_that_is_handed_over_is_nothing_to_fetch(tmp_path: Path) -> None:
    one = InputItem("x", "file", mode=InputMode.REFERENCE)
    loaded = loaded_for(tmp_path, replace(MANIFEST, values=Values((one,), {"x": {"uri": "s3://b/k"}})))
    assert standard(loaded) - STANDARD - NEWER == set()
    assert ours(loaded) == OURS["download"] | TYPED["download"]


def test_claims_alone_load_no_client_of_a_store(tmp_path: Path) -> None:
    volume = tmp_path / "stores" / "0" / "volume"
    (volume / "d").mkdir(parents=True)
    (volume / "v").write_text("1")
    items = (InputItem("x", "directory"), InputItem("y", "integer", document="pvc://c/v"))
    store = StoreItem(id="0", place=ClaimPlace(), serves=("pvc://c",))
    task = replace(MANIFEST, values=Values(items, {"x": {"uri": "pvc://c/d"}}), stores=(store,))
    loaded = loaded_for(tmp_path, task)
    assert ours(loaded) >= FETCHING | {"copilot.claims"}
    assert not ours(loaded) & words("copilot.transfer.fetch copilot.transfer.web copilot.transfer.opening")
    assert not standard(loaded) & {"obstore", "ssl", "socket", "http"}


def test_what_streams_is_no_matter_of_the_downloaders(tmp_path: Path) -> None:
    one = InputItem("x", "file", mode=InputMode.STREAM)
    streams = (StreamItem("x", "s3://b/k"),)
    task = replace(MANIFEST, values=Values((one,), {"x": {"uri": "s3://b/k"}}), streams=streams)
    loaded = loaded_for(tmp_path, task)
    assert standard(loaded) - STANDARD - NEWER == set()
    assert ours(loaded) == OURS["download"] | TYPED["download"]


def loaded_for(root: Path, task: Manifest) -> set[str]:
    """Return the modules that the downloader of a task loads."""
    pod = Pod(root)
    pod.prepare(task)
    (root / "a-launcher").write_text("stands in for the binary")
    download(pod, root / "modules")
    return set((root / "modules").read_text().split())


AT_THE_WAIT = """
from containertask.copilot import upload
await_record = upload.await_record
def waiting(*arguments):
    print(*sys.modules, file=open({path!r}, 'w'))
    return await_record(*arguments)
upload.await_record = waiting
"""


@pytest.mark.parametrize(
    "output",
    [
        OutputItem(name="x", type="integer", path="x"),
        OutputItem(name="x", type="list[union[integer,struct]]", path="x"),
        OutputItem(name="x", type="list[string]", glob="**/*.txt"),
        OutputItem(name="x", type="map[float]", source=Source.STDOUT),
    ],
    ids=lambda output: f"{output.source} {output.type}",
)
@pytest.mark.parametrize("found", [True, False])
def test_behind_the_wait_nothing_is_loaded(tmp_path: Path, output: OutputItem, found: bool) -> None:  # noqa: FBT001
    pod = Pod(tmp_path)
    pod.prepare(replace(MANIFEST, outputs=(output,)))
    if found:
        (pod.path("outputs") / "x").write_text("[1]" if output.type.startswith("list") else "1")
        (pod.path("outputs") / "a.txt").touch()
    (pod.path("main") / "stdout.0").write_text("{}")
    seen = {when: tmp_path / when for when in ("before", "after")}
    said = record(stdout={"bytes": 2}) if found else record()
    pod.upload_after(
        said,
        before=AT_THE_WAIT.format(path=str(seen["before"])),
        after=LIST.format(path=str(seen["after"])),
    )
    assert set(seen["after"].read_text().split()) == set(seen["before"].read_text().split())


def image_script(*arguments: str, before: str = "") -> subprocess.CompletedProcess[str]:
    """Run what the image's script runs."""
    code = f"import sys; sys.path.append({str(LIBRARY)!r}); from containertask import copilot"
    return subprocess.run(
        [sys.executable, "-I", "-S", "-c", f"{code}\n{before}\nsys.exit(copilot.main())", *arguments],
        check=False,
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize("arguments", [[], ["sideload"], ["download", "upload"]])
def test_an_argument_that_is_none_of_ours_is_refused(arguments: list[str]) -> None:
    done = image_script(*arguments)
    assert done.returncode == 2
    assert done.stderr == "copilot: the one argument is download or upload\n"


@pytest.mark.parametrize("part", ["download", "upload"])
def test_the_argument_says_which_part_it_is_on_the_contracts_places(part: str) -> None:
    seen = f"from containertask.copilot import {part}\n{part}.run = lambda places, *_: print(places) or 7"
    done = image_script(part, before=seen)
    assert (done.returncode, done.stderr) == (7, "")
    assert done.stdout == f"{Places()}\n"
