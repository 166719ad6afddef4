"""Web servers as a store of the manifest tells of them: credentials, authorities, hosts."""

from __future__ import annotations

import base64
import os
from functools import partial
from typing import Final

from containertask.contract.stores import Credentials, StoreItem, WebPlace
from containertask.copilot import files
from containertask.copilot.transfer import guard
from containertask.copilot.transfer.crew import Crew
from containertask.copilot.transfer.disk import FileSink
from containertask.copilot.transfer.errors import ForbiddenError
from containertask.copilot.transfer.keys import bare
from containertask.copilot.transfer.wanted import Moved, Spot, Wanted
from containertask.copilot.transfer.web import fetch_url
from containertask.copilot.transfer.webask import Web

_USER, _PASSWORD, _TOKEN = "username", "password", "token"

_MEMORY: Final = 1 << 20
"""Bytes that are on their way at once, of one file."""


def web_of(item: StoreItem, place: WebPlace, folder: str) -> Web:
    """Return how the web is used; ``folder`` has a folder for each store. Raises ForbiddenError."""
    trusted = None
    if item.ca is not None:
        trusted = _text(f"{folder}/{item.id}/ca/{item.ca}")
    return Web(
        allow=partial(guard.allow, local=item.local),
        hosts=place.hosts or None,
        authorization=_authorization(item, f"{folder}/{item.id}/secret"),
        trusted=trusted,
    )


def bring(crew: Crew, web: Web, wanted: Wanted, spot: Spot, moved: Moved) -> None:
    """Have a crew bring what is at a URL into a new file."""

    def came(size: int) -> None:
        crew.check()
        moved(size)

    def work() -> None:
        fd = spot.file()
        try:
            fetch_url(web, wanted, FileSink(fd, f"`{bare(wanted.key)}`"), came, crew.pause)
        finally:
            os.close(fd)
        crew.give(_MEMORY)

    crew.take(_MEMORY)
    crew.do(work, wanted.whose)


def _authorization(item: StoreItem, folder: str) -> str | None:
    if item.credentials is not Credentials.SECRET:
        return None
    found = {key: _text(f"{folder}/{key}") for key in (_USER, _PASSWORD, _TOKEN)}
    user, password, token = (found[key] for key in (_USER, _PASSWORD, _TOKEN))
    if token and not user and not password:
        return f"Bearer {token}"
    if user and password is not None and not token:
        return f"Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}"
    raise ForbiddenError(
        f"the store's Secret has to have the keys {_USER} and {_PASSWORD}, or {_TOKEN} alone"
    )


def _text(path: str) -> str | None:
    """Return a mounted file, without the line's end that editors leave; None if it is not there."""
    try:
        return files.read(path).decode().strip("\r\n")
    except FileNotFoundError:
        return None
    except UnicodeDecodeError:
        raise ForbiddenError(f"{path.rpartition('/')[2]} of the store is not UTF-8") from None
