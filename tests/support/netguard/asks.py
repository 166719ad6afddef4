"""Asks under the guard: the script of ``test_netguard.py``. Reads steps as JSON, writes what each came to."""

from __future__ import annotations

import ctypes
import errno
import json
import socket
import struct
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import obstore
from obstore.store import S3Store

from containertask.copilot.transfer.errors import ForbiddenError
from containertask.copilot.transfer.faults import fault_of
from containertask.copilot.transfer.guard import allow

TOKEN: Final = "canary-token"  # noqa: S105 - what the tests look for


def answer(step: dict[str, Any]) -> str:
    match step:
        case {"allow": host}:
            try:
                allow(host, local=step.get("local", False))
            except ForbiddenError:
                return "refused"
            return "allowed"
        case {"names": text}:
            Path(sys.argv[1]).write_text(text, encoding="utf-8")
            return ""
        case {"get": endpoint}:
            return get(endpoint)
        case {"connect": host, "port": port}:
            return connect(host, port)
        case {"addresses": host}:
            return " ".join(str(one[4][0]) for one in socket.getaddrinfo(host, 80, type=socket.SOCK_STREAM))
        case {"fast open": host, "port": port}:
            return fast_open(host, port)
        case {"short address": host, "port": port}:
            return short_address(host, port)
    raise ValueError(step)


def connect(host: str, port: int) -> str:
    try:
        socket.create_connection((host, port), timeout=5).close()
    except OSError as error:
        return type(error).__name__
    return "connected"


def fast_open(host: str, port: int) -> str:
    with socket.socket() as one:
        try:
            one.sendto(b"hello", socket.MSG_FASTOPEN, (host, port))
        except OSError as error:
            return type(error).__name__
    return "connected"


def short_address(host: str, port: int) -> str:
    """Connect with an IPv6 address in the form that has no scope, which Linux takes, too."""
    address = struct.pack("=HHI", socket.AF_INET6, socket.htons(port), 0) + socket.inet_pton(
        socket.AF_INET6, host
    )
    with socket.socket(socket.AF_INET6) as one:
        libc = ctypes.CDLL(None, use_errno=True)
        failed = libc.connect(one.fileno(), address, len(address))
        return errno.errorcode[ctypes.get_errno()] if failed else "connected"


def get(endpoint: str) -> str:
    store = S3Store(
        "bucket",
        endpoint=endpoint,
        region="us-east-1",
        access_key_id="user",
        secret_access_key="canary-secret",  # noqa: S106 - as above
        session_token=TOKEN,
        client_options={"allow_http": True},
        retry_config={"max_retries": 0, "retry_timeout": timedelta(seconds=5)},
    )
    try:
        return bytes(obstore.get(store, "key").bytes()).decode()
    except Exception as error:  # noqa: BLE001 - the words are what is asked for
        return str(fault_of(error, "it"))


def main() -> None:
    sys.stdout.write(json.dumps([answer(step) for step in json.load(sys.stdin)]))


if __name__ == "__main__":
    main()
