"""Asks under the guard: the script of ``test_netguard.py``. Reads steps as JSON, writes what each came to."""

from __future__ import annotations

import json
import socket
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
    raise ValueError(step)


def connect(host: str, port: int) -> str:
    try:
        socket.create_connection((host, port), timeout=5).close()
    except OSError as error:
        return type(error).__name__
    return "connected"


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
