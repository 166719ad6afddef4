"""A kubeconfig that is of no use is said so: which file, which field, and no credential of it."""

from __future__ import annotations

import asyncio
import copy
import logging
from pathlib import Path
from typing import Any

import pytest
import yaml

from containertask.kube import auth
from containertask.kube.client import ApiClient
from containertask.kube.errors import NoCredentials, Unreachable
from containertask.kube.resources import PODS

GOOD: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "Config",
    "current-context": "c",
    "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u", "namespace": "n"}}],
    "clusters": [{"name": "c", "cluster": {"server": "https://127.0.0.1:1"}}],
    "users": [{"name": "u", "user": {"token": "canary"}}],
}
PLUGIN = {"apiVersion": "client.authentication.k8s.io/v1", "interactiveMode": "Never", "command": "none"}


def spoiled(path: str, value: object) -> str:
    """Return the good one with another value; without a value the field is gone."""
    found = copy.deepcopy(GOOD)
    *way, last = [int(one) if one.isdigit() else one for one in path.split(".")]
    at: Any = found
    for one in way:
        at = at[one]
    if value is None:
        del at[last]
    else:
        at[last] = value
    return yaml.safe_dump(found)


def said(folder: Path, text: str) -> str:
    """Return why it cannot be used."""
    path = folder / "kubeconfig"
    path.write_text(text)
    with pytest.raises(NoCredentials) as caught:
        auth.load(kubeconfig=str(path), environ={})
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("canary", "the whole of it: an object is wanted, and it is a text"),
        ("- canary", "the whole of it: an object is wanted, and it is a list"),
        ("", "it is empty"),
        ("a: 1\n{canary: [", "it is no YAML in line 2"),
        (spoiled("contexts", "canary"), "contexts: a list is wanted, and it is a text"),
        (spoiled("contexts.0", "canary"), r"contexts\[0\]: an object is wanted, and it is a text"),
        (spoiled("contexts.0.context", "canary"), r"contexts\[0\]\.context: an object is wanted"),
        (spoiled("clusters.0.name", None), r"clusters\[0\]\.name: a text is wanted, and it is missing"),
        (spoiled("clusters.0.cluster.server", 5), r"clusters\[0\]\.cluster\.server: a text is wanted, and"),
        (spoiled("clusters.0.cluster.server", None), r"clusters\[0\]\.cluster: server is missing"),
        (spoiled("clusters.0.cluster.server", "canary:6443"), "the cluster's `server` is no URL"),
        (spoiled("users.0.user", "canary"), r"users\[0\]\.user: an object is wanted, and it is a text"),
        (
            spoiled("clusters.0.cluster.certificate-authority-data", "canary"),
            r"clusters\[0\]\.cluster\.certificate-authority-data: it is no base64",
        ),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(NoCredentials, match=says):
        raise NoCredentials(found := said(tmp_path, text))
    assert found.startswith("no usable configuration: ")
    assert "canary" not in found


@pytest.mark.parametrize(
    ("plugin", "says"),
    [
        ({}, "No such file or directory: 'none'"),
        ({"command": "false"}, "exec: process returned 1"),
        ({"command": "echo", "args": ["canary"]}, "exec: failed to decode process output"),
        ({"command": None}, "users[0].user.exec.command: a text is wanted, and it is missing"),
    ],
)
def test_a_plugin_that_fails_is_no_credential(
    tmp_path: Path, plugin: dict[str, Any], says: str, capfd: pytest.CaptureFixture[str]
) -> None:
    handlers = list(logging.getLogger().handlers)
    found = said(tmp_path, spoiled("users.0.user", {"exec": {**PLUGIN, **plugin}}))
    assert says in found
    assert "canary" not in found
    assert logging.getLogger().handlers == handlers
    assert "ERROR" not in capfd.readouterr().err


def test_what_the_package_quotes_of_a_file_is_not_passed_on(tmp_path: Path) -> None:
    """Its own message for this one has the whole user in it."""
    user = {"token": "canary", "client-certificate-data": "Y2FuYXJ5"}
    assert "canary" not in said(tmp_path, spoiled("users.0.user", user))
    assert "canary" not in said(tmp_path, spoiled("users.0.user", {"exec": {**PLUGIN, "env": ["canary"]}}))


def test_a_good_one_is_not_looked_at_twice(tmp_path: Path) -> None:
    (tmp_path / "kubeconfig").write_text(yaml.safe_dump(GOOD))
    found = auth.load(kubeconfig=str(tmp_path / "kubeconfig"), environ={})
    assert found.server == "https://127.0.0.1:1"


def test_an_api_server_that_is_not_there_is_named_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "kubeconfig").write_text(yaml.safe_dump(GOOD))

    async def ask() -> None:
        api = ApiClient(auth.load(kubeconfig=str(tmp_path / "kubeconfig"), environ={}), gate=None)
        try:
            await api.get(PODS, "n", "p")
        finally:
            await api.close()

    with pytest.raises(Unreachable) as caught:
        asyncio.run(ask())
    text = str(caught.value)
    assert "ClientConnectorError: Cannot connect to host 127.0.0.1:1 [Connect call failed" in text
    assert "object at" not in text
