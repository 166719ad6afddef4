"""Under the guard a process reaches the hosts it was told of and no other, by no name and no redirect."""

from __future__ import annotations

import http.server
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pytest

ROOT: Final = Path(__file__).parents[2]
GUARD: Final = ROOT / "build" / "netguard.so"
SUPPORT: Final = ROOT / "tests" / "support" / "netguard"
NOT_ALLOWED: Final = "its address is the machine's own or the link's, which is not allowed"
NO_NAME: Final = "its name does not resolve, or is not one that this task may reach"

Step = dict[str, Any]


@dataclass(slots=True)
class Server:
    """Answers each GET, with content or a redirect to ``moved_to``; ``seen`` are the headers of each."""

    port: int = 0
    moved_to: str | None = None
    seen: list[dict[str, str]] = field(default_factory=list)


@contextmanager
def serving() -> Iterator[Server]:
    server = Server()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            server.seen.append(dict(self.headers.items()))
            self.send_response(307 if server.moved_to else 200)
            if server.moved_to:
                self.send_header("Location", server.moved_to + self.path)
            self.send_header("ETag", '"1"')
            self.send_header("Last-Modified", "Mon, 23 Nov 2026 01:00:00 GMT")
            self.send_header("Content-Length", "0" if server.moved_to else "4")
            self.end_headers()
            self.wfile.write(b"" if server.moved_to else b"here")

        def log_message(self, *_: object) -> None: ...

    listener = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.port = listener.server_port
    thread = threading.Thread(target=listener.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield server
    finally:
        listener.shutdown()
        thread.join()
        listener.server_close()


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the library that answers for names, made anew."""
    subprocess.run([ROOT / "hack" / "netguard"], check=True)
    library = tmp_path_factory.mktemp("names") / "fakedns.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-o", library, SUPPORT / "fakedns.c"], check=True)
    return library


@pytest.fixture
def servers() -> Iterator[tuple[Server, Server]]:
    with serving() as one, serving() as two:
        yield one, two


def asked(names: Path, tmp_path: Path, *steps: Step) -> list[str]:
    table = tmp_path / "names"
    table.touch()
    script = SUPPORT / "asks.py"
    done = subprocess.run(
        [sys.executable, script, table],
        input=json.dumps(steps),
        env={**os.environ, "LD_PRELOAD": f"{GUARD} {names}", "FAKEDNS": str(table)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: list[str] = json.loads(done.stdout)
    return found


def test_without_a_word_nothing_is_reached(
    names: Path, tmp_path: Path, servers: tuple[Server, Server]
) -> None:
    port = servers[0].port
    refused, unknown, socket = asked(
        names,
        tmp_path,
        {"get": f"http://127.0.0.1:{port}"},
        {"get": f"http://localhost:{port}"},
        {"connect": "127.0.0.1", "port": port},
    )
    assert NOT_ALLOWED in refused
    assert NO_NAME in unknown
    assert socket in {"gaierror", "PermissionError"}
    assert servers[0].seen == []


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.1",
        "0x7f000001",
        "2130706433",
        "0.0.0.0",  # noqa: S104 - not bound to
        "0",
        "169.254.169.254",
        "169.254.170.2",
        "224.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::127.0.0.1",
        "::ffff:127.0.0.1",
        "::ffff:a9fe:a9fe",
        "64:ff9b::169.254.169.254",
        "2002:7f00:1::",
        "fe80::1",
        "ff02::1",
        "fd00:ec2::254",
        "fd00:ec2::23",
        "fd20:ce::254",
        "64:ff9b:1::a9fe:a9fe",
        "::ffff:0:169.254.169.254",
        "100.100.100.200",
        "168.63.129.16",
        "192.0.0.192",
    ],
)
def test_an_address_of_the_machine_or_its_link_is_refused_however_it_is_written(
    names: Path, tmp_path: Path, host: str
) -> None:
    assert asked(names, tmp_path, {"allow": host}) == ["refused"]


@pytest.mark.parametrize("host", ["10.0.0.1", "192.168.1.1", "fd00::1", "2001:db8::1", "::ffff:10.0.0.1"])
def test_any_other_address_may_be_allowed(names: Path, tmp_path: Path, host: str) -> None:
    assert asked(names, tmp_path, {"allow": host}) == ["allowed"]


def test_a_name_is_looked_at_each_time_it_resolves(
    names: Path, tmp_path: Path, servers: tuple[Server, Server]
) -> None:
    url = f"http://store.test:{servers[0].port}"
    said = asked(
        names,
        tmp_path,
        {"names": "store.test 10.255.255.1"},
        {"allow": "store.test"},
        {"names": "store.test 127.0.0.1"},
        {"get": url},
        {"names": "store.test 169.254.169.254"},
        {"get": url},
        {"names": "store.test ::ffff:127.0.0.1"},
        {"get": url},
        {"allow": "store.test", "local": True},
        {"get": url},
    )
    assert said[1] == "allowed"
    assert all(NO_NAME in one for one in (said[3], said[5], said[7]))
    assert said[-1] == "here"
    assert len(servers[0].seen) == 1


def test_an_answer_that_mixes_local_addresses_with_others_has_the_others_alone(
    names: Path, tmp_path: Path, servers: tuple[Server, Server]
) -> None:
    port = servers[0].port
    said = asked(
        names,
        tmp_path,
        {"names": "store.test 127.0.0.1\nstore.test 192.0.2.1\nown.test 127.0.0.1"},
        {"allow": "own.test", "local": True},
        {"get": f"http://own.test:{port}"},
        {"allow": "store.test"},
        {"addresses": "store.test"},
    )
    assert said[2] == "here"
    assert said[-1] == "192.0.2.1"


def test_what_was_allowed_stays_allowed(names: Path, tmp_path: Path, servers: tuple[Server, Server]) -> None:
    steps: list[Step] = [
        {"names": "store.test 127.0.0.1"},
        {"allow": "store.test", "local": True},
        {"allow": "STORE.test"},
        {"get": f"http://store.test:{servers[0].port}"},
    ]
    assert asked(names, tmp_path, *steps)[-1] == "here"


def test_no_other_way_to_connect_leads_past_it(
    names: Path, tmp_path: Path, servers: tuple[Server, Server]
) -> None:
    port = servers[0].port
    steps: list[Step] = [
        {"fast open": "127.0.0.1", "port": port},
        {"short address": "::ffff:127.0.0.1", "port": port},
        {"allow": "127.0.0.1", "local": True},
        {"short address": "::ffff:127.0.0.1", "port": port},
    ]
    assert asked(names, tmp_path, *steps) == ["PermissionError", "EACCES", "allowed", "connected"]


def test_a_process_reaches_so_many_hosts_and_no_more(names: Path, tmp_path: Path) -> None:
    steps: list[Step] = [{"allow": f"host{n}.test"} for n in range(65)]
    assert asked(names, tmp_path, *steps) == ["allowed"] * 64 + ["refused"]


def test_no_redirect_leads_to_another_host_and_no_credential_goes_there(
    names: Path, tmp_path: Path, servers: tuple[Server, Server]
) -> None:
    one, two = servers
    one.moved_to = f"http://other.test:{two.port}"
    steps: list[Step] = [
        {"names": "store.test 127.0.0.1\nother.test 127.0.0.1"},
        {"allow": "store.test", "local": True},
        {"get": f"http://store.test:{one.port}"},
    ]
    assert NO_NAME in asked(names, tmp_path, *steps)[-1]
    assert len(one.seen) == 1
    assert two.seen == []


@pytest.mark.parametrize("target", ["http://169.254.169.254", "http://[::1]:1", "http://127.0.0.2:1"])
def test_no_redirect_leads_to_an_address_that_no_name_resolved_to(
    names: Path, tmp_path: Path, servers: tuple[Server, Server], target: str
) -> None:
    servers[0].moved_to = target
    steps: list[Step] = [
        {"names": "store.test 127.0.0.1"},
        {"allow": "store.test", "local": True},
        {"get": f"http://store.test:{servers[0].port}"},
    ]
    assert NOT_ALLOWED in asked(names, tmp_path, *steps)[-1]


def test_obstore_alone_would_send_a_token_to_whoever_it_is_redirected_to(
    names: Path, tmp_path: Path, servers: tuple[Server, Server]
) -> None:
    one, two = servers
    one.moved_to = f"http://other.test:{two.port}"
    steps: list[Step] = [
        {"names": "store.test 127.0.0.1\nother.test 127.0.0.1"},
        {"allow": "store.test", "local": True},
        {"allow": "other.test", "local": True},
        {"get": f"http://store.test:{one.port}"},
    ]
    assert asked(names, tmp_path, *steps)[-1] == "here"
    assert "canary-token" in str(two.seen)  # why the guard is there: when this fails, obstore has changed


def test_without_the_guard_nothing_is_moved() -> None:
    code = "from containertask.copilot.transfer.guard import allow; allow('store.test')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "netguard.so is not loaded" in done.stderr
