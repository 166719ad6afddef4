"""An example of ``docs/types.md``, run: from its spec through the real downloader, launcher and uploader."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from containertask.api.spec import ContainerTaskSpec
from containertask.codec import typed
from containertask.contract import CAPTURE_BYTES
from containertask.contract.manifest import Mode
from containertask.core.accept import Accepted, Refused, accept
from containertask.core.attempt import Attempt
from containertask.core.config import Config
from containertask.core.manifest import manifest_of
from containertask.types.grammar import parse_type
from support.builders.tasks import a_task
from support.copilot import Pod, Told, temporary_pod
from support.copilotcode import WITH_LIBRARIES
from support.typescells import from_yaml
from support.typespage import Example

PROGRAMS: Final = {"sh": ("sh", "-euc"), "python": (sys.executable, "-c")}
_PLACES: Final = {"/var/inputs": "inputs", "/var/outputs": "outputs"}
_FILES: Final = {"JSON": "inputs.json", "YAML": "inputs.yaml", "PROTO": "inputs.pb"}

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Run:
    """An example's task in a Pod of its own, with its inputs not yet written."""

    pod: Pod
    spec: ContainerTaskSpec

    def found(self) -> dict[str, bytes | None]:
        """Have the downloader write the inputs; return what is there by path, None for a folder."""
        told = self.pod.download(before=WITH_LIBRARIES)
        assert told.exit_code == 0, told
        folder = self.pod.path("inputs")
        paths = {str(path.relative_to(folder)): path for path in sorted(folder.rglob("*"))}
        return {f"{name}/" if path.is_dir() else name: _content(path, folder) for name, path in paths.items()}

    def told(self, language: str, program: str) -> Told:
        """Run a program as the command, with no more of an environment than a task has."""
        variables = {
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "CT_INPUT_DIR": self.spec.input_dir,
            "CT_OUTPUT_DIR": self.spec.output_dir,
            "CT_INPUTS_FILE": f"{self.spec.input_dir}/{_FILES[self.spec.metadata_format.value]}",
        }
        env = [f"{name}={value}" for name, value in variables.items()]
        flags = ("--capture-bytes", str(CAPTURE_BYTES))
        return self.pod.run("env", "-i", *env, *PROGRAMS[language], program, flags=flags)

    def outputs(self, told: Told) -> list[Json]:
        """Return what stands in ``status.outputs`` then, but for sizes and digests."""
        assert told.report.outputs is not None
        return [
            {"name": one.name, "type": one.type, "value": typed.to_json(kind, typed.from_json(kind, raw))}
            for one in self.spec.outputs or ()
            for kind, raw in [(parse_type(one.type), told.report.outputs.get(one.name))]
            if raw is not None
        ]


def refusal(fragment: Json) -> str | None:
    """Return why a task with this part of a spec is refused, if it is."""
    found = accept(a_task(**fragment).view())
    return found.message if isinstance(found, Refused) else None


@contextmanager
def started(example: Example) -> Iterator[Run]:
    """Give an example's task, accepted, in a Pod of its own."""
    with temporary_pod() as pod:
        written = example.blocks["yaml task"]
        for shown, place in _PLACES.items():
            written = written.replace(shown, str(pod.path(place)))
        _write_sources(pod.root / "sources", from_yaml(written), example.blocks.get("yaml configmap"))
        yield task_in(pod, from_yaml(written))


def task_in(pod: Pod, fragment: Json) -> Run:
    """Put the manifest of a task with this part of a spec into a Pod."""
    places = {"inputDir": str(pod.path("inputs")), "outputDir": str(pod.path("outputs"))}
    view = a_task(**places, **fragment).view()
    accepted = accept(view)
    assert isinstance(accepted, Accepted), accepted
    config = Config(image="containertask/operator:test")
    attempt = Attempt(number=0, mode=Mode.INIT)
    pod.rewrite(manifest_of(view, accepted.spec, accepted.document, attempt, config))
    return Run(pod, accepted.spec)


def listing(found: dict[str, bytes | None]) -> str:
    """Write down what is in a folder, as the page does."""
    width = max(map(len, found), default=0) + 2
    lines = (f"{path:{width}}{'' if data is None else _shown(data)}" for path, data in found.items())
    return "".join(f"{line.rstrip()}\n" for line in lines)


def _content(path: Path, folder: Path) -> bytes | None:
    """Return a file's bytes, as they are where inputs lie in ``/var/inputs``; None of a folder."""
    if path.is_dir():
        return None
    data = path.read_bytes()
    return data if path.suffix == ".pb" else data.replace(str(folder).encode(), b"/var/inputs")


def _shown(data: bytes) -> str:
    """Write text in quotes, and bytes that are none in hexadecimal."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return data.hex(" ")
    return data.hex(" ") if re.search(r"[\x00-\x08\x0e-\x1f\x7f]", text) else repr(text)


def _write_sources(folder: Path, fragment: Json, config_map: str | None) -> None:
    folder.mkdir()
    kept = from_yaml(config_map) if config_map else None
    for one in fragment.get("inputs", []):
        if source := one.get("valueFrom"):
            assert kept, "the example names a ConfigMap, and shows none"
            key = source["configMapKeyRef"]
            assert key["name"] == kept["metadata"]["name"], key
            if (data := kept["data"].get(key["key"])) is not None:
                (folder / one["name"]).write_text(data)
