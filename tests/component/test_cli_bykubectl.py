"""``ctask get`` with what only kubectl does: it is called for the same tasks, and nothing else is asked."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from support.cli import Shell
from support.fakeapi import FakeApi, with_api


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ("xml", "write one of json, yaml, name, wide, jsonpath, "),
        ("jsonpath", "write jsonpath=VALUE, as for kubectl"),
        ("jsonpath=", "write jsonpath=VALUE, as for kubectl"),
        ("json=x", "write one of json, yaml"),
    ],
)
@with_api
async def test_a_form_that_is_none_is_a_wrong_call(
    api: FakeApi, tmp_path: Path, form: str, says: str
) -> None:
    found = await Shell(api, tmp_path)("get", "-o", form)
    assert (found.code, api.requests) == (2, [])
    assert says in found.err


@pytest.mark.parametrize(
    ("given", "handed"),
    [
        (("-o", "jsonpath={.status.phase}", "demo"), ["demo", "--output=jsonpath={.status.phase}"]),
        (
            ("-o", "custom-columns=A:.a", "-A", "-w"),
            ["--watch", "--all-namespaces", "--output=custom-columns=A:.a"],
        ),
        (("--sort-by", ".a", "-l", "x=y"), ["--selector=x=y", "--sort-by=.a"]),
        (("--no-headers", "-o", "wide", "ctask/demo"), ["demo", "--no-headers", "--output=wide"]),
        (
            ("--field-selector", "a=b", "-L", "x,y", "--show-labels"),
            ["--field-selector=a=b", "--label-columns=x,y", "--show-labels"],
        ),
    ],
)
@with_api
async def test_what_only_kubectl_does_is_handed_to_it(
    api: FakeApi,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    given: tuple[str, ...],
    handed: list[str],
) -> None:
    kubectl = tmp_path / "bin" / "kubectl"
    kubectl.parent.mkdir()
    kubectl.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" > {tmp_path}/handed\nexit 3\n')
    kubectl.chmod(0o755)
    monkeypatch.setenv("PATH", str(kubectl.parent), prepend=os.pathsep)
    shell = Shell(api, tmp_path)
    found = await shell("get", "-n", "team", *given)
    assert found.code == 3
    names = [one for one in handed if not one.startswith("-")]
    where = ["--namespace=team", f"--kubeconfig={shell.kubeconfig()}"]
    flags = [one for one in handed if one.startswith("-")]
    assert (tmp_path / "handed").read_text().split() == [
        "get",
        *where,
        *flags,
        "--",
        "containertasks.containertask.dev",
        *names,
    ]
    assert not api.requests


@with_api
async def test_without_kubectl_that_is_said(
    api: FakeApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    found = await Shell(api, tmp_path)("get", "-o", "jsonpath={.a}")
    assert found.code == 1
    assert found.err == (
        "ctask get: kubectl prints that, and is not there: install it, or use -o json|yaml|name|wide\n"
    )
