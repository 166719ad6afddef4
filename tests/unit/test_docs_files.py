"""The page about files: its examples are tasks, and what it says of reasons, URIs and folders is so."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from containertask.api.inputs import Input
from containertask.api.outputs import Output
from containertask.api.reasons import Reason
from containertask.contract.uris import located
from containertask.core.accept import Accepted, accept
from support.builders import a_task

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "files.md").read_text()
EXAMPLES: list[dict[str, Any]] = [
    yaml.safe_load(text) for text in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
]
REASONS = {reason.value for reason in Reason}


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda one: str(one["metadata"]["name"]))
def test_the_examples_are_tasks(example: dict[str, Any]) -> None:
    task = a_task(**{name: example["spec"].get(name) for name in ("image", "command", "inputs", "outputs")})
    found = accept(task.view())
    assert isinstance(found, Accepted), found


@pytest.mark.parametrize("uri", re.findall(r"`((?:s3|gs|az|pvc|https)://[A-Z/]+)`", PAGE))
def test_each_form_of_a_uri_is_one(uri: str) -> None:
    assert located(uri.replace("HOST", "host")).key


@pytest.mark.parametrize(
    "reason", sorted(set(re.findall(r"`([A-Z][a-z]+[A-Z][A-Za-z]+)`", PAGE)) - {"NamedDir"})
)
def test_each_reason_is_one(reason: str) -> None:
    assert reason in REASONS


@pytest.mark.parametrize("field", ["uri", "sha256", "maxBytes", "mode", "layout", "valueFrom"])
def test_what_is_new_of_inputs_is_named(field: str) -> None:
    assert field in Input.model_json_schema(by_alias=True)["properties"]
    assert field in PAGE


@pytest.mark.parametrize("field", ["destination", "maxBytes", "glob"])
def test_what_is_new_of_outputs_is_named(field: str) -> None:
    assert field in Output.model_json_schema(by_alias=True)["properties"]
    assert field in PAGE
