"""A machine of a test's own for the test bed: an empty cache, and a PATH with only what is put there."""

from __future__ import annotations

from pathlib import Path

import pytest

from testbed import daemon


def of_its_own(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Use a cache in this folder, and a PATH with nothing on it but a shell; return where programs go."""
    monkeypatch.setenv("CONTAINERTASK_CACHE", str(folder / "cache"))
    for name in ("DOCKER_HOST", "CONTAINERTASK_CLUSTER"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(daemon, "_SOCKET", folder / "docker.sock")
    programs = folder / "programs"
    programs.mkdir()
    (programs / "sh").symlink_to("/bin/sh")
    monkeypatch.setenv("PATH", str(programs))
    return programs


def put(programs: Path, name: str, script: str) -> Path:
    """Put a shell script there as a program."""
    program = programs / name
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    return program
