"""What was asked of the fake server, as tests want to read it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

_READS = frozenset({"GET", "WATCH"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request: the path decoded, the body as JSON, the headers beside (not compared)."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict, compare=False, repr=False)

    @property
    def verb(self) -> str:
        """The method, or ``WATCH`` for a GET that goes on."""
        return "WATCH" if self.query.get("watch") in ("true", "1") else self.method

    @property
    def writes(self) -> bool:
        """Whether it can change anything."""
        return self.verb not in _READS


async def record(request: web.Request) -> Request:
    """Return a request as it came; a body that is no JSON stays text."""
    text = await request.text()
    try:
        body = json.loads(text) if text else None
    except ValueError:
        body = text
    return Request(
        method=request.method,
        path=request.path,
        query=dict(request.query),
        body=body,
        headers=dict(request.headers),
    )
