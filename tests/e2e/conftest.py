"""A namespace that enforces *restricted* on the real node; everything in it goes at the end."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest

from support import cluster


@pytest.fixture(scope="module")
def namespace() -> Iterator[cluster.Namespace]:
    yield from cluster.restricted_namespace(f"e2e-{uuid.uuid4().hex[:8]}")
