"""From a web server to the disk, with all that servers do."""

from __future__ import annotations

import hashlib
import os
import re
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from containertask.copilot.transfer import pace, web, webask
from containertask.copilot.transfer.disk import FileSink
from containertask.copilot.transfer.errors import (
    DigestError,
    DiskError,
    ForbiddenError,
    NotThereError,
    TooLargeError,
    TransferError,
    UnavailableError,
    UnfitError,
)
from containertask.copilot.transfer.fetch import Wanted
from containertask.copilot.transfer.web import fetch_url
from containertask.copilot.transfer.webask import Web
from support.webserver import Answer, Asked, WebServer, certificate, serving

CONTENT: Final = bytes(range(256)) * 5000
SHA256: Final = hashlib.sha256(CONTENT).hexdigest()
CANARY: Final = "Bearer canary-token"


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "_PAUSES", (0.01, 0.01))
    monkeypatch.setattr(webask, "_STALL", 0.2)
    monkeypatch.setattr(pace, "SECONDS", 0.3)


@pytest.fixture
def server() -> Iterator[WebServer]:
    with serving() as found:
        found.answer = whole
        yield found


@pytest.fixture
def other() -> Iterator[WebServer]:
    with serving() as found:
        found.answer = whole
        yield found


def whole(asked: Asked) -> Answer:
    """Answer with the content, or with the range of it that is asked for, as good servers do."""
    start = re.fullmatch(r"bytes=(\d+)-", asked.headers.get("range", ""))
    if start is None or asked.headers.get("if-range") != '"v1"':
        return Answer(headers={"ETag": '"v1"'}, body=CONTENT)
    at = int(start[1])
    ranged = f"bytes {at}-{len(CONTENT) - 1}/{len(CONTENT)}"
    return Answer(206, {"ETag": '"v1"', "Content-Range": ranged}, CONTENT[at:])


def to(url: str) -> Answer:
    return Answer(302, {"Location": url})


def fetched(
    tmp_path: Path, url: str, sha256: str | None = SHA256, max_bytes: int | None = None, **how: object
) -> bytes:
    target, allowed = tmp_path / "file", list[str]()
    fd = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    try:
        size = fetch_url(
            Web(allow=allowed.append, **how),  # type: ignore[arg-type]
            Wanted(url, sha256, max_bytes),
            FileSink(fd, "`x`"),
            lambda _: None,
        )
    finally:
        os.close(fd)
    assert allowed
    content = target.read_bytes()
    assert len(content) == size
    return content


@pytest.mark.parametrize("length", [True, False])
def test_a_file_comes_whole(server: WebServer, tmp_path: Path, length: bool) -> None:  # noqa: FBT001 - a case
    server.answer = lambda _: Answer(body=CONTENT, length=length)
    assert fetched(tmp_path, server.url("/a%20b?x=1&y=%2F#z"), max_bytes=len(CONTENT)) == CONTENT
    assert [one.path for one in server.asked] == ["/a%20b?x=1&y=%2F"]


def test_an_empty_file_is_a_file(server: WebServer, tmp_path: Path) -> None:
    server.answer = lambda _: Answer()
    assert fetched(tmp_path, server.url(""), hashlib.sha256().hexdigest()) == b""


# --- Redirects and credentials ---


def test_a_redirect_is_followed_and_the_credential_stays_at_home(
    server: WebServer, other: WebServer, tmp_path: Path
) -> None:
    server.answer = lambda asked: to("/b") if asked.path == "/a" else to(other.url("/c"))
    assert fetched(tmp_path, server.url("/a"), authorization=CANARY) == CONTENT
    assert [one.headers.get("authorization") for one in server.asked] == [CANARY, CANARY]
    assert [(one.path, one.headers.get("authorization")) for one in other.asked] == [("/c", None)]


def test_a_credential_comes_back_with_the_redirect_to_its_server(
    server: WebServer, other: WebServer, tmp_path: Path
) -> None:
    server.answer = lambda asked: to(other.url("/b")) if asked.path == "/a" else whole(asked)
    other.answer = lambda _: to(server.url("/c"))
    assert fetched(tmp_path, server.url("/a"), authorization=CANARY) == CONTENT
    assert [one.headers.get("authorization") for one in server.asked] == [CANARY, CANARY]


def test_each_host_is_looked_at_before_it_is_asked(
    server: WebServer, other: WebServer, tmp_path: Path
) -> None:
    def allow(host: str) -> None:
        if host != "127.0.0.1":
            raise ForbiddenError(f"not {host}")

    server.answer = lambda _: to(other.url("/", "localhost"))
    fd = os.open(tmp_path / "file", os.O_WRONLY | os.O_CREAT)
    with pytest.raises(ForbiddenError, match="not localhost"):
        fetch_url(Web(allow=allow), Wanted(server.url("/")), FileSink(fd, "`x`"), lambda _: None)
    os.close(fd)
    assert other.asked == []


@pytest.mark.parametrize(
    ("hosts", "right"),
    [
        (("127.0.0.1",), True),
        (("localhost",), False),
        (("*.0.0.1",), True),
        (("*.example.org",), False),
        ((), False),
    ],
)
def test_a_store_names_its_hosts(
    server: WebServer,
    tmp_path: Path,
    hosts: tuple[str, ...],
    right: bool,  # noqa: FBT001 - a case
) -> None:
    if right:
        assert fetched(tmp_path, server.url("/"), hosts=hosts) == CONTENT
        return
    with pytest.raises(ForbiddenError, match="which the store's hosts do not name"):
        fetched(tmp_path, server.url("/"), hosts=hosts)
    assert server.asked == []


def test_redirects_without_end_are_not_followed(server: WebServer, tmp_path: Path) -> None:
    server.answer = lambda _: to("/again")
    with pytest.raises(ForbiddenError, match="redirected more than 5 times"):
        fetched(tmp_path, server.url("/"))
    assert len(server.asked) == 6


@pytest.mark.parametrize(
    "url",
    [
        "ftp://example.org/x",
        "file:///etc/passwd",
        "http://user:canary@example.org/x",
        "http://example.org@evil.org/x",
        "http:///x",
        "http://[::1/x",
        "http://example.org:0/x",
        "http://example.org:99999/x",
        "http://example.org\\@evil.org/x",
        "http://exa mple.org/x",
        "http://example.org/\r\nX: y",
        "http://exämple.org/x",
        "//example.org/x",
        "x",
        "",
    ],
)
def test_what_is_no_ordinary_url_is_not_asked_for(tmp_path: Path, url: str) -> None:
    with pytest.raises(ForbiddenError, match="is no URL that is asked for") as caught:
        fetched(tmp_path, url)
    assert "canary" not in str(caught.value)
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    "url", ["ftp://example.org/x", "file:///etc/passwd", "http://user:canary@example.org/x", "http://[::1/x"]
)
def test_no_redirect_leads_to_what_is_no_ordinary_url(server: WebServer, tmp_path: Path, url: str) -> None:
    server.answer = lambda _: to(url)
    with pytest.raises(ForbiddenError, match="is no URL that is asked for") as caught:
        fetched(tmp_path, server.url("/"))
    assert "canary" not in str(caught.value)


def test_tls_is_checked_against_the_authority_of_the_store_and_never_left(
    server: WebServer, tmp_path: Path
) -> None:
    made = certificate(tmp_path)
    with serving(made.server) as secure:
        secure.answer = lambda asked: to(server.url("/")) if asked.path == "/left" else whole(asked)
        with pytest.raises(UnavailableError, match="its certificate is not trusted"):
            fetched(tmp_path, secure.url("/"))
        trusted = made.authority.read_text()
        assert fetched(tmp_path, secure.url("/"), trusted=trusted) == CONTENT
        with pytest.raises(ForbiddenError, match="redirected from https to http"):
            fetched(tmp_path, secure.url("/left"), trusted=trusted)
    assert server.asked == []


# --- What goes wrong ---


@pytest.mark.parametrize(
    ("status", "error", "tries"),
    [
        (404, NotThereError, 1),
        (410, NotThereError, 1),
        (401, ForbiddenError, 1),
        (403, ForbiddenError, 1),
        (400, ForbiddenError, 1),
        (204, ForbiddenError, 1),
        (429, UnavailableError, 3),
        (500, UnavailableError, 3),
        (503, UnavailableError, 3),
    ],
)
def test_an_error_page_is_no_file(
    server: WebServer, tmp_path: Path, status: int, error: type[TransferError], tries: int
) -> None:
    server.answer = lambda _: Answer(status)
    with pytest.raises(error, match=str(status)) as caught:
        fetched(tmp_path, server.url("/x?token=canary"), authorization=CANARY)
    assert len(server.asked) == tries
    assert "canary" not in str(caught.value)


def test_a_file_that_breaks_off_goes_on_from_there(server: WebServer, tmp_path: Path) -> None:
    def breaking(asked: Asked) -> Answer:
        answer = whole(asked)
        answer.cut = 200_000
        return answer

    server.answer = breaking
    assert fetched(tmp_path, server.url("/")) == CONTENT
    assert len(server.asked) > 5


@pytest.mark.parametrize("version", ['"v2"', 'W/"v1"', ""])
def test_a_file_that_is_another_one_by_then_begins_anew(
    server: WebServer, tmp_path: Path, version: str
) -> None:
    answers = iter([Answer(headers={"ETag": '"v1"'}, body=b"old" * 9999, cut=9999)])
    server.answer = lambda _: next(answers, Answer(headers={"ETag": version}, body=CONTENT))
    assert fetched(tmp_path, server.url("/")) == CONTENT


def test_a_server_that_goes_on_with_something_else_is_not_believed(server: WebServer, tmp_path: Path) -> None:
    answers = iter([Answer(headers={"ETag": '"v1"'}, body=CONTENT, cut=9999)])
    server.answer = lambda _: next(answers, Answer(206, {"Content-Range": "bytes 5-9/10"}, b"wrong"))
    with pytest.raises(TransferError, match=r"a part of .* that nobody asked for"):
        fetched(tmp_path, server.url("/"))


def test_a_short_part_is_not_the_end(server: WebServer, tmp_path: Path) -> None:
    def stingy(asked: Asked) -> Answer:
        answer = whole(asked)
        if answer.status == 206:
            at = int(asked.headers["range"].removeprefix("bytes=").rstrip("-"))
            end = min(at + 300_000, len(CONTENT))
            answer.headers["Content-Range"] = f"bytes {at}-{end - 1}/{len(CONTENT)}"
            answer.body = CONTENT[at:end]
        else:
            answer.cut = 100_000
        return answer

    server.answer = stingy
    assert fetched(tmp_path, server.url("/"), None) == CONTENT


def test_a_part_of_another_version_is_not_mixed_in(server: WebServer, tmp_path: Path) -> None:
    def ignoring(asked: Asked) -> Answer:
        if len(server.asked) == 1:
            return Answer(headers={"ETag": '"v1"'}, body=b"a" * 40, cut=20)
        if "range" in asked.headers:
            return Answer(206, {"ETag": '"v2"', "Content-Range": "bytes 20-39/40"}, b"b" * 20)
        return Answer(headers={"ETag": '"v2"'}, body=b"b" * 40)

    server.answer = ignoring
    assert fetched(tmp_path, server.url("/"), None) == b"b" * 40


@pytest.mark.parametrize("tag", ['W/"v1"', ""])
def test_what_has_no_strong_tag_is_not_taken_up(server: WebServer, tmp_path: Path, tag: str) -> None:
    headers = {"ETag": tag, "Last-Modified": "Mon, 23 Nov 2026 01:00:00 GMT"}
    answers = iter([Answer(headers=headers, body=b"a" * 40, cut=20)])
    server.answer = lambda _: next(answers, Answer(headers=headers, body=b"b" * 40))
    assert fetched(tmp_path, server.url("/"), None) == b"b" * 40
    assert not any("range" in one.headers for one in server.asked)


@pytest.mark.parametrize(
    ("headers", "word"),
    [
        ({"Content-Length": "1000x"}, "contradicts itself"),
        ({"Content-Length": "-1"}, "contradicts itself"),
        ({"Transfer-Encoding": "gzip, chunked"}, "contradicts itself"),
        ({}, "does not say how long"),
    ],
)
def test_an_answer_whose_end_nobody_can_tell_is_refused(
    server: WebServer, tmp_path: Path, headers: dict[str, str], word: str
) -> None:
    server.answer = lambda _: Answer(headers=headers, body=b"half", length=False)
    with pytest.raises(UnfitError, match=word):
        fetched(tmp_path, server.url("/"), None)


def test_an_endless_answer_that_lacks_something_is_no_wrong_content(
    server: WebServer, tmp_path: Path
) -> None:
    answers = iter([Answer(body=CONTENT, length=False, cut=1000)])
    server.answer = lambda _: next(answers, Answer(body=CONTENT, length=False))
    assert fetched(tmp_path, server.url("/")) == CONTENT


def test_a_server_that_gets_nowhere_is_given_up(server: WebServer, tmp_path: Path) -> None:
    server.answer = lambda _: Answer(body=CONTENT, cut=100 + 100 * (len(server.asked) % 2))
    with pytest.raises(UnavailableError, match="broke off after"):
        fetched(tmp_path, server.url("/"))
    assert len(server.asked) == 3


@pytest.mark.parametrize("host", ["a..b", f"{'a' * 64}.test", "[::ffff:999.2.3.4]"])
def test_a_redirect_to_a_name_that_is_none_is_refused(server: WebServer, tmp_path: Path, host: str) -> None:
    server.answer = lambda _: to(f"http://{host}/")
    with pytest.raises((ForbiddenError, UnavailableError)):
        fetched(tmp_path, server.url("/"))


@pytest.mark.parametrize("secret", ["Bearer canary\n", "Bearer c\u00e4nary", "Bearer canary\r\nX: y"])
def test_a_secret_that_no_header_can_have_is_refused_and_not_shown(
    server: WebServer, tmp_path: Path, secret: str
) -> None:
    with pytest.raises(ForbiddenError, match="no text that a header can have") as caught:
        fetched(tmp_path, server.url("/"), authorization=secret)
    assert "nary" not in "".join(traceback.format_exception(caught.value))
    assert server.asked == []


def test_an_authority_that_is_none_is_told(server: WebServer, tmp_path: Path) -> None:
    with pytest.raises(ForbiddenError, match="no certificate in PEM"):
        fetched(tmp_path, f"https://127.0.0.1:{server.port}/", trusted="nonsense")


def test_a_server_that_always_breaks_off_at_once_is_unavailable(server: WebServer, tmp_path: Path) -> None:
    server.answer = lambda _: Answer(body=CONTENT, cut=0)
    with pytest.raises(UnavailableError, match=f"broke off after 0 of {len(CONTENT)} bytes"):
        fetched(tmp_path, server.url("/"))


def test_a_server_that_stalls_is_unavailable(server: WebServer, tmp_path: Path) -> None:
    server.answer = lambda _: Answer(body=CONTENT, cut=0, stall=True)
    with pytest.raises(UnavailableError, match="nothing came for"):
        fetched(tmp_path, server.url("/"))


def test_a_server_that_drips_is_given_up(server: WebServer, tmp_path: Path) -> None:
    server.answer = lambda _: Answer(body=b"x" * 100, drip=0.1)
    with pytest.raises(UnavailableError, match="comes too slowly"):
        fetched(tmp_path, server.url("/"))


@pytest.mark.parametrize("length", [True, False])
def test_more_than_is_allowed_is_refused_however_it_comes(
    server: WebServer,
    tmp_path: Path,
    length: bool,  # noqa: FBT001 - a case
) -> None:
    server.answer = lambda _: Answer(body=CONTENT, length=length)
    with pytest.raises(TooLargeError, match="maxBytes is 1000"):
        fetched(tmp_path, server.url("/"), max_bytes=1000)
    assert (tmp_path / "file").stat().st_size <= 2 << 20


def test_another_content_is_refused(server: WebServer, tmp_path: Path) -> None:
    with pytest.raises(DigestError, match=f"has the sha256 {SHA256}"):
        fetched(tmp_path, server.url("/"), sha256="0" * 64)


def test_a_full_disk_is_the_pods_own(server: WebServer) -> None:
    fd = os.open("/dev/full", os.O_WRONLY)
    with pytest.raises(DiskError):
        fetch_url(Web(allow=lambda _: None), Wanted(server.url("/")), FileSink(fd, "`x`"), lambda _: None)
    os.close(fd)


@pytest.mark.parametrize(("host", "why"), [("127.0.0.1", "broke"), ("nosuch.invalid", "does not resolve")])
def test_nobody_there_is_unavailable(server: WebServer, tmp_path: Path, host: str, why: str) -> None:
    port = server.port + 1 if host == "nosuch.invalid" else 1
    with pytest.raises(UnavailableError, match=why):
        fetched(tmp_path, f"http://{host}:{port}/")
