"""Credentials: where they come from, when they are read again, and what a 401 does."""

from __future__ import annotations

import asyncio
import json
import ssl
from pathlib import Path
from typing import Any

import pytest
import yaml

from containertask.kube.auth import TOKEN_SECONDS, Access, Credentials, from_kubeconfig, in_cluster, load
from containertask.kube.errors import NoCredentials, NotFound, Unauthorized
from containertask.kube.resources import PODS
from support.fakeapi import FakeApi, with_api

ENVIRON = {"KUBERNETES_SERVICE_HOST": "10.0.0.1", "KUBERNETES_SERVICE_PORT": "443"}


@pytest.fixture
def account(tmp_path: Path) -> Path:
    """Return a service account's folder with a token and the machine's own certificates."""
    folder = tmp_path / "account"
    folder.mkdir()
    (folder / "token").write_text("first\n")
    (folder / "ca.crt").write_text(a_certificate())
    return folder


def a_certificate() -> str:
    """Return any CA certificate."""
    import certifi  # noqa: PLC0415 (a dependency of the kubernetes package, wanted only here)

    end = "-----END CERTIFICATE-----\n"
    return Path(certifi.where()).read_text().partition(end)[0] + end


def a_kubeconfig(folder: Path, server: str, user: dict[str, Any], **cluster: object) -> str:
    """Write a kubeconfig of one context and return its path."""
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "c",
        "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
        "clusters": [{"name": "c", "cluster": {"server": server, **cluster}}],
        "users": [{"name": "u", "user": user}],
    }
    path = folder / "kubeconfig"
    path.write_text(yaml.safe_dump(config))
    return str(path)


def test_a_pod_uses_its_service_account(account: Path) -> None:
    access = asyncio.run(load(environ=ENVIRON, service_account=account).current())
    assert access.server == "https://10.0.0.1:443"
    assert {name: value.lower() for name, value in access.headers.items()} == {
        "Authorization": "bearer first"
    }
    assert access.tls is not None
    assert access.tls.verify_mode == ssl.CERT_REQUIRED
    assert len(access.tls.get_ca_certs()) == 1


def test_without_a_token_the_kubeconfig_is_used(tmp_path: Path) -> None:
    path = a_kubeconfig(tmp_path, "http://127.0.0.1:1/base/", {"token": "t"})
    credentials = load(environ={**ENVIRON, "KUBECONFIG": path}, service_account=tmp_path)
    access = asyncio.run(credentials.current())
    assert access == Access(server="http://127.0.0.1:1/base", headers={"Authorization": "Bearer t"})


def test_a_kubeconfig_that_is_named_wins_over_the_service_account(account: Path, tmp_path: Path) -> None:
    path = a_kubeconfig(tmp_path, "http://127.0.0.1:1", {"token": "t"})
    assert load(kubeconfig=path, environ=ENVIRON, service_account=account).server == "http://127.0.0.1:1"


def test_a_kubeconfigs_words_on_tls_are_kept(tmp_path: Path) -> None:
    path = a_kubeconfig(
        tmp_path,
        "https://127.0.0.1:1",
        {"username": "u", "password": "p"},
        **{"insecure-skip-tls-verify": True, "tls-server-name": "kube", "proxy-url": "http://127.0.0.1:2"},
    )
    access = asyncio.run(from_kubeconfig(path).current())
    assert access.headers == {"Authorization": "Basic dTpw"}
    assert access.tls is not None
    assert access.tls.verify_mode == ssl.CERT_NONE
    assert (access.tls_server_name, access.proxy) == ("kube", "http://127.0.0.1:2")


@pytest.mark.parametrize("content", [None, "", "{", "a: [", "clusters: []", "clusters: 5", "[1]"], ids=str)
def test_a_kubeconfig_that_cannot_be_read_is_told(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "kubeconfig"
    if content is not None:
        path.write_text(content)
    with pytest.raises(NoCredentials, match="no usable configuration"):
        load(kubeconfig=str(path), environ={})


def test_an_unknown_context_is_told(tmp_path: Path) -> None:
    path = a_kubeconfig(tmp_path, "http://127.0.0.1:1", {"token": "t"})
    with pytest.raises(NoCredentials, match="other"):
        load(kubeconfig=path, context="other", environ={})


@pytest.mark.parametrize("missing", ["token", "ca.crt"])
@pytest.mark.parametrize("how", ["absent", "empty"])
def test_a_service_account_without_its_files_is_told(account: Path, missing: str, how: str) -> None:
    (account / missing).unlink()
    if how == "empty":
        (account / missing).touch()
    with pytest.raises(NoCredentials):
        in_cluster(ENVIRON, account)


def test_the_token_is_never_printed(account: Path) -> None:
    credentials = in_cluster(ENVIRON, account)
    assert "first" not in repr(credentials) + repr(asyncio.run(credentials.current()))


def test_a_service_accounts_token_is_read_again_every_minute_and_its_tls_stays(account: Path) -> None:
    now = [0.0]

    async def scenario() -> tuple[Access, Access, Access]:
        credentials = in_cluster(ENVIRON, account, clock=lambda: now[0])
        first = await credentials.current()
        (account / "token").write_text("second")
        now[0] = TOKEN_SECONDS - 0.1
        same = await credentials.current()
        now[0] = TOKEN_SECONDS
        return first, same, await credentials.current()

    first, same, second = asyncio.run(scenario())
    assert same is first
    assert second.headers["Authorization"].endswith(" second")
    assert second.tls is first.tls


def test_a_new_certificate_makes_a_new_tls_context(account: Path) -> None:
    async def scenario() -> tuple[Access, Access]:
        credentials = in_cluster(ENVIRON, account)
        first = await credentials.current()
        (account / "ca.crt").write_text(a_certificate() + "\n")
        return first, await credentials.refresh(first)

    first, second = asyncio.run(scenario())
    assert second.tls is not first.tls


def test_a_token_that_cannot_be_read_for_a_moment_leaves_the_old_one_in_use(
    account: Path, caplog: pytest.LogCaptureFixture
) -> None:
    now = [0.0]

    async def scenario() -> None:
        credentials = in_cluster(ENVIRON, account, clock=lambda: now[0])
        first = await credentials.current()
        (account / "token").unlink()
        now[0] = TOKEN_SECONDS
        assert await credentials.current() is first
        assert await credentials.current() is first
        with pytest.raises(NoCredentials):
            await credentials.refresh(first)

    asyncio.run(scenario())
    assert len(caplog.records) == 1
    assert "the old ones stay in use" in caplog.text


class Tokens:
    """Hands out one token after another; counts."""

    def __init__(self, api: FakeApi, *tokens: str) -> None:
        self._api = api
        self._tokens = list(tokens)
        self.read = 0

    def __call__(self) -> Access:
        token = self._tokens[min(self.read, len(self._tokens) - 1)]
        self.read += 1
        return Access(server=self._api.url, headers={"Authorization": token})


@with_api
async def test_after_a_401_credentials_are_read_once_and_the_request_is_sent_once_more(api: FakeApi) -> None:
    api.routes.authorization = "new"
    tokens = Tokens(api, "old", "new")
    client = api.client(credentials=Credentials(tokens))
    created = await client.create(PODS, "ns", {"metadata": {"name": "p"}})
    assert created == api.get(PODS, "ns", "p")
    assert [request.headers["Authorization"] for request in api.requests] == ["old", "new"]
    assert api.requests[0] == api.requests[1]
    assert tokens.read == 2


@with_api
async def test_a_second_401_is_raised(api: FakeApi) -> None:
    api.routes.authorization = "other"
    tokens = Tokens(api, "old", "new")
    with pytest.raises(Unauthorized):
        await api.client(credentials=Credentials(tokens)).get(PODS, "ns", "p")
    assert (len(api.requests), tokens.read) == (2, 2)


@with_api
async def test_many_requests_refused_together_read_the_credentials_once(api: FakeApi) -> None:
    api.routes.authorization = "new"
    tokens = Tokens(api, "old", "new", "newer")
    client = api.client(credentials=Credentials(tokens))
    found = await asyncio.gather(*(client.get(PODS, "ns", "p") for _ in range(10)), return_exceptions=True)
    assert {type(error) for error in found} == {NotFound}
    assert tokens.read == 2


@with_api
async def test_a_plugin_of_the_kubeconfig_runs_again_after_a_401(api: FakeApi, tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("old")
    version = "client.authentication.k8s.io/v1"
    status = json.dumps({"apiVersion": version, "kind": "ExecCredential", "status": {"token": "%s"}})
    script = f"printf '{status}' \"$(cat {token})\""
    plugin = {
        "apiVersion": version,
        "command": "sh",
        "args": ["-c", script],
        "interactiveMode": "Never",
    }
    path = a_kubeconfig(tmp_path, api.url, {"exec": plugin})
    api.routes.authorization = "Bearer new"
    client = api.client(credentials=from_kubeconfig(path))
    token.write_text("new")
    assert "pods" in await client.served("v1")
    assert [request.headers["Authorization"] for request in api.requests] == ["Bearer old", "Bearer new"]
