"""``docs/templates.md`` says what the code does, its scripts are safe, and no type is left out."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

import templates as page
from containertask.codec.templates import Rendered
from containertask.types.grammar import parse_type
from containertask.types.leaves import BareType, SimpleType, StoredType
from containertask.types.model import DatasetOf, EnumOf, ListOf, MapOf, OptionalOf, UnionOf
from support.expansion import HOSTILE_VALUES, expanded
from templatesamples import DOLLARS, EXAMPLE, SHELL, TOKENS, TYPES, WRONG


def rendered(spec: dict[str, Any]) -> Rendered:
    found = page.outcome(spec)
    assert isinstance(found, Rendered), found
    return found


def test_the_page_follows_the_code() -> None:
    assert page.PAGE.read_text() == page.rendered(), "run hack/templates.py"


def test_every_type_is_on_the_page() -> None:
    kinds = {parse_type(one["type"]) for one in TYPES}
    assert {*SimpleType, *BareType, *StoredType} <= kinds
    assert {EnumOf, DatasetOf, ListOf, MapOf, OptionalOf, UnionOf} <= {type(one) for one in kinds}


@pytest.mark.parametrize("token", TOKENS)
def test_every_token_of_the_page_is_one(token: str) -> None:
    assert token not in rendered({**EXAMPLE, "args": [token]}).args


@pytest.mark.parametrize("template", WRONG)
def test_what_the_page_calls_refused_is(template: str) -> None:
    found = page.outcome({**EXAMPLE, "args": [template]})
    assert isinstance(found, str)
    assert found.startswith("spec.args[0]: ")
    assert len(found) < 200


@pytest.mark.parametrize(("template", "gets"), DOLLARS.items(), ids=DOLLARS)
def test_a_dollar_is_what_the_page_says(template: str, gets: str) -> None:
    inputs = [{"name": "x", "type": "string", "value": "$(HOME)"}]
    found = rendered({"inputs": inputs, "args": [template]})
    assert expanded(found.args[0], {"HOME": "/root"}) == gets


@pytest.mark.parametrize("value", HOSTILE_VALUES.values(), ids=HOSTILE_VALUES)
@pytest.mark.parametrize("example", SHELL.values(), ids=["argument", "variable", "quoted"])
def test_a_script_of_the_page_takes_any_value(example: dict[str, Any], value: str, tmp_path: Path) -> None:
    target = tmp_path / "it's $(HOME)"
    target.mkdir()
    inputs = [{"name": "x", "type": "string", "value": value}]
    found = rendered({**EXAMPLE, **example, "inputs": inputs, "outputDir": str(target)})
    command = [expanded(one) for one in (*found.command, *found.args)]
    env = {**os.environ, **{name: expanded(one) for name, one in found.env.items()}}
    subprocess.run(command, check=True, env=env)
    assert (target / "y").read_bytes() == value.encode()
