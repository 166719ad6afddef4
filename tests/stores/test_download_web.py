"""The downloader fetches from web servers."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

from containertask.contract.items import InputItem, Layout
from containertask.contract.outcome import Outcome
from containertask.contract.stores import StoreItem, WebPlace
from support.copilot import fault, message
from support.fetched import QUICK, Fetcher, at, fetching_pod
from support.webserver import Answer, Asked, WebServer, certificate, serving

CONTENT: Final = bytes(range(256)) * 5000
SHA256: Final = hashlib.sha256(CONTENT).hexdigest()
QUERY: Final = "?signature=canary"
FILE: Final = InputItem("x", "file")


@pytest.fixture
def pod() -> Iterator[Fetcher]:
    with fetching_pod() as made:
        yield made


@pytest.fixture
def server() -> Iterator[WebServer]:
    with serving() as found:
        found.answer = lambda _: Answer(body=CONTENT)
        yield found


def refused(pod: Fetcher, outcome: Outcome, says: str) -> None:
    told = pod.download()
    assert fault(told) == (1, outcome, "x"), told
    assert message(told).startswith("input `x`: ")
    assert says in message(told)
    assert pod.all() == []
    assert "canary" not in told.message + told.log


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/a/data.csv", "data.csv"),
        ("/a/data%20set.csv", "data set.csv"),
        ("/", "x"),
        ("/a%2Fb", "x"),
        ("/a/%2e%2e", "x"),
        ("/%ff", "x"),
        ("/" + "n" * 300, "x"),
    ],
)
@pytest.mark.parametrize("layout", Layout)
def test_a_file(pod: Fetcher, server: WebServer, path: str, name: str, layout: Layout) -> None:
    pod.web(server)
    pod.ask(replace(FILE, layout=layout, sha256=SHA256), at(server.url(path + QUERY)))
    told = pod.download()
    assert told.exit_code == 0, told
    assert told.report.figures.bytes_in == len(CONTENT)
    where = "x" if layout is Layout.DIRECT else f"x/{name}"
    assert (pod.inputs / where).read_bytes() == CONTENT
    assert pod.said() == {"x": f"/var/inputs/{where}"}
    assert [one.path for one in server.asked] == [path + QUERY]
    assert "canary" not in told.message + told.log


def test_many_files_a_dataset_and_a_value(pod: Fetcher, server: WebServer) -> None:
    server.answer = lambda asked: Answer(body=b"7" if asked.path == "/v" else asked.path.encode())
    pod.web(server)
    pod.ask(InputItem("x", "list[file]"), [at(server.url(f"/{number}")) for number in range(100)])
    pod.ask(InputItem("d", "dataset[csv]"), at(server.url("/t.csv")))
    pod.ask(InputItem("v", "integer", document=server.url("/v")))
    assert pod.download().exit_code == 0
    assert pod.tree("x") == {str(number): b"/%d" % number for number in range(100)}
    assert pod.tree("d") == b"/t.csv"
    assert pod.said()["v"] == 7


@pytest.mark.parametrize(
    ("secret", "header"),
    [
        ({"token": "canary-token\n"}, "Bearer canary-token"),
        (
            {"username": "canary", "password": "canary:é\n"},
            f"Basic {base64.b64encode('canary:canary:é'.encode()).decode()}",
        ),
    ],
    ids=["token", "password"],
)
def test_a_credential(pod: Fetcher, server: WebServer, secret: dict[str, str], header: str) -> None:
    pod.web(server, secret)
    pod.ask(FILE, at(server.url("/f")))
    told = pod.download()
    assert told.exit_code == 0
    assert [one.headers.get("authorization") for one in server.asked] == [header]
    assert "canary" not in told.message + told.log


@pytest.mark.parametrize(
    "secret", [{"username": "canary"}, {"token": "canary", "username": "canary"}, {"x": ""}]
)
def test_a_secret_that_is_none(pod: Fetcher, server: WebServer, secret: dict[str, str]) -> None:
    pod.web(server, secret)
    pod.ask(FILE, at(server.url("/f")))
    refused(pod, Outcome.STORE_FORBIDDEN, "has to have the keys username and password, or token alone")


@pytest.mark.parametrize("trusted", [True, False])
def test_an_authority(pod: Fetcher, tmp_path: Path, trusted: bool) -> None:  # noqa: FBT001 - a case
    made = certificate(tmp_path)
    with serving(made.server) as server:
        server.answer = lambda _: Answer(body=CONTENT)
        pod.web(server, ca=made.authority if trusted else None)
        pod.ask(FILE, at(server.url("/f")))
        if trusted:
            assert pod.download().exit_code == 0
            assert pod.tree("x") == CONTENT
        else:
            refused(pod, Outcome.STORE_UNAVAILABLE, "its certificate is not trusted")


@pytest.mark.parametrize(
    ("answer", "outcome", "says"),
    [
        (Answer(404), Outcome.INPUT_NOT_FOUND, "is not there (404)"),
        (Answer(403), Outcome.STORE_FORBIDDEN, "refuses"),
        (Answer(500), Outcome.STORE_UNAVAILABLE, "answered 500"),
        (Answer(body=CONTENT, cut=1000), Outcome.STORE_UNAVAILABLE, "broke off"),
        (
            Answer(302, {"Location": "http://example.org/canary"}),
            Outcome.STORE_FORBIDDEN,
            "hosts do not name",
        ),
        (Answer(body=CONTENT, length=False), Outcome.INVALID_INPUT, "give its sha256"),
    ],
    ids=lambda one: str(one)[:30],
)
def test_an_answer_that_is_no_file(
    pod: Fetcher, server: WebServer, answer: Answer, outcome: Outcome, says: str
) -> None:
    server.answer = lambda _: answer
    pod.web(server)
    pod.ask(FILE, at(server.url(f"/f{QUERY}")))
    refused(pod, outcome, says)


def test_a_redirect_to_another_port_than_the_store_names(pod: Fetcher, server: WebServer) -> None:
    with serving() as other:
        server.answer = lambda _: Answer(302, {"Location": other.url("/canary")})
        pod.web(server)
        pod.ask(FILE, at(server.url("/f")))
        refused(pod, Outcome.STORE_FORBIDDEN, "which the store's hosts do not name")
        assert other.asked == []


def test_what_broke_off_is_taken_up_again(pod: Fetcher, server: WebServer) -> None:
    def answer(asked: Asked) -> Answer:
        found = re.fullmatch(r"bytes=(\d+)-", asked.headers.get("range", ""))
        if found is None:
            return Answer(headers={"ETag": '"1"'}, body=CONTENT, cut=100_000)
        at, last = int(found[1]), len(CONTENT) - 1
        ranged = f"bytes {at}-{last}/{len(CONTENT)}"
        return Answer(206, {"ETag": '"1"', "Content-Range": ranged}, CONTENT[at:])

    server.answer = answer
    pod.web(server)
    pod.ask(replace(FILE, sha256=SHA256), at(server.url("/f")))
    assert pod.download().exit_code == 0
    assert pod.tree("x") == CONTENT


@pytest.mark.parametrize(
    ("item", "outcome", "says"),
    [
        (replace(FILE, sha256="0" * 64), Outcome.INPUT_DIGEST_MISMATCH, "has the sha256"),
        (replace(FILE, max_bytes=5), Outcome.INPUT_TOO_LARGE, "maxBytes is 5"),
        (
            InputItem("x", "directory"),
            Outcome.INVALID_INPUT,
            "web servers have only files: name each file in",
        ),
        (InputItem("x", "string", document="URL"), Outcome.INPUT_TOO_LARGE, "a value has at most 1048576"),
    ],
)
def test_what_cannot_be_had(
    pod: Fetcher, server: WebServer, item: InputItem, outcome: Outcome, says: str
) -> None:
    pod.web(server)
    if item.document is not None:
        pod.ask(replace(item, document=server.url(f"/f{QUERY}")))
    else:
        pod.ask(item, at(server.url(f"/f{QUERY}")))
    refused(pod, outcome, says)


def test_any_host_is_allowed_by_a_store_that_names_none_but_not_the_machine(
    pod: Fetcher, server: WebServer
) -> None:
    pod.stores.append(StoreItem(id="0", place=WebPlace()))
    pod.ask(FILE, at(server.url(f"/f{QUERY}")))
    refused(pod, Outcome.STORE_FORBIDDEN, "is an address of the machine itself or of its link")


def test_a_host_of_no_store_is_our_fault(pod: Fetcher, server: WebServer) -> None:
    pod.web(server)
    pod.ask(FILE, at(f"http://example.org/f{QUERY}"))
    told = pod.download(QUICK)
    assert fault(told) == (1, Outcome.COPILOT_FAILED, None)
    assert message(told) == "the Pod has no store for a URI of its task"
