"""A task of an image and a command, as ``ctask run --image`` writes it. Pure, but for files of ``--in``."""

from __future__ import annotations

import argparse
import re
from typing import Any, Final

from containertask.cli.arguments import Place, guessed, read, source
from containertask.cli.errors import CommandError
from containertask.core.task import API_VERSION, KIND
from containertask.sdk.naming import run_name

Json = dict[str, Any]

_SECRET: Final = re.compile(r"([^=]+)=([^/]+)/(.+)", re.DOTALL)
_LAST: Final = re.compile(r"([^/:@]+)(?::[^/]*)?(?:@.*)?")


def image_task(given: argparse.Namespace, place: Place) -> Json:
    """Return the object, of which only the options are checked. Raises CommandError."""
    spec: Json = {"image": given.image}
    if given.argv:
        spec["command"] = list(given.argv)
    lists = {
        "inputs": [_input(one, place) for one in given.inputs],
        "outputs": [_output(one) for one in given.outputs],
        "env": [_variable(one) for one in given.env],
        "secrets": [_secret(one) for one in given.secret],
    }
    spec |= {name: found for name, found in lists.items() if found}
    if resources := _resources(given):
        spec["resources"] = resources
    if given.timeout is not None:
        spec["timeout"] = {"execution": given.timeout}
    if given.retries is not None:
        spec["retries"] = {"limit": given.retries}
    found = _LAST.search(given.image.rpartition("/")[2])
    name = given.name or run_name(found[1] if found else "task")
    return {"apiVersion": API_VERSION, "kind": KIND, "metadata": {"name": name}, "spec": spec}


def _input(text: str, place: Place) -> Json:
    given = read(text, "--in")
    if given.text is None:
        raise CommandError(f"--in {given.name}: write its value behind `=`", exit_code=2)
    kind = guessed(given.text) if given.kind is None else given.kind
    return {"name": given.name, "type": str(kind), **source(kind, given.text, given.name, place)}


def _output(text: str) -> Json:
    given = read(text, "--out")
    if given.kind is None:
        raise CommandError(f"--out {given.name}: write its type: {given.name}:float", exit_code=2)
    path = {} if given.text is None else {"path": given.text}
    return {"name": given.name, "type": str(given.kind), **path}


def _variable(text: str) -> Json:
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise CommandError("--env: write NAME=VALUE", exit_code=2)
    return {"name": name, "value": value}


def _secret(text: str) -> Json:
    found = _SECRET.fullmatch(text)
    if found is None:
        cure = "write VARIABLE=SECRET/KEY, or /PATH=SECRET/KEY for a file"
        raise CommandError(f"--secret: {cure}", exit_code=2)
    place = {"file": found[1]} if found[1].startswith("/") else {"env": found[1]}
    return {"name": found[2], "key": found[3], **place}


def _resources(given: argparse.Namespace) -> Json:
    requests = {name: one for name, one in {"cpu": given.cpu, "memory": given.memory}.items() if one}
    limits = {"memory": given.memory} if given.memory else {}
    return {name: one for name, one in {"requests": requests, "limits": limits}.items() if one}
