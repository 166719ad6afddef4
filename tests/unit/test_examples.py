"""Every task in ``examples/`` holds together."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from containertask.core.accept import Accepted, accept
from containertask.core.task import task_view

FOLDER = Path(__file__).resolve().parents[2] / "examples"
TASKS: list[dict[str, Any]] = [
    one for file in sorted(FOLDER.glob("*.yaml")) for one in yaml.safe_load_all(file.read_text())
]


@pytest.mark.parametrize("task", TASKS, ids=lambda one: str(one["metadata"]["name"]))
def test_it_is_accepted(task: dict[str, Any]) -> None:
    born = {
        "namespace": "default",
        "uid": "u",
        "resourceVersion": "1",
        "creationTimestamp": "2026-01-01T00:00:00Z",
    }
    found = accept(task_view({**task, "metadata": {**task["metadata"], **born}}))
    assert isinstance(found, Accepted), found
