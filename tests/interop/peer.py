"""Runs a program with one of Flyte's SDKs, in an environment of its own, and holds what it answers."""

from __future__ import annotations

import base64
import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from testbed import sdks
from testbed.versions import load

_TESTS: Final = Path(__file__).resolve().parents[1]
_QUIET: Final = {"DO_NOT_TRACK": "1", "FLYTE_DISABLE_TELEMETRY": "true"}
"""An SDK sends what fails in it to its makers, unless it is told not to."""


@dataclass(frozen=True, slots=True)
class Read:
    """What a peer is to read: a file, and of what types its variables are, by the names of cases."""

    types: Mapping[str, str]
    data: bytes


@dataclass(frozen=True, slots=True)
class Answers:
    """What came of a run."""

    _raw: dict[str, Any]

    def read(self, name: str) -> list[dict[str, str]]:
        """Return what each way to read a file made of its variables."""
        return list(self._done("read", name))

    def refusal(self, name: str) -> str:
        """Return why a file could not be read."""
        assert "failed" in self._raw["read"][name], self._raw["read"][name]
        return str(self._raw["read"][name]["failed"])

    def written(self, name: str) -> list[bytes]:
        """Return what each way to write a value has made of it, as variable ``o0``."""
        return [base64.b64decode(one) for one in self._done("written", name)]

    def binary(self) -> bytes:
        """Return what a binary holds to the SDK's protobuf."""
        return base64.b64decode(self._raw["binary"])

    def _done(self, what: str, name: str) -> Any:
        found = self._raw[what][name]
        assert "done" in found, found["failed"]
        return found["done"]


def run(sdk: str, folder: Path, reads: Mapping[str, Read], binary: bytes) -> Answers:
    """Have an SDK read files and write all values it has."""
    asked, answered = folder / "request.json", folder / "answer.json"
    request = {
        "read": {name: {"types": one.types, "data": _text(one.data)} for name, one in reads.items()},
        "binary": _text(binary),
    }
    asked.write_text(json.dumps(request))
    program = _TESTS / "interop" / "peers" / f"{sdk}_peer.py"
    places = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(_TESTS),
        "HOME": str(folder),
        "TMPDIR": str(folder),
    }
    done = subprocess.run(
        [sdks.python(load(), sdk), program, asked, answered],
        cwd=folder,
        env={**places, **_QUIET},
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return Answers(json.loads(answered.read_text()))


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()
