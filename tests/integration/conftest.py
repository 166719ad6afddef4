"""A namespace of the real API server that enforces *restricted*; nothing in it ever runs."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest

from support import cluster


@pytest.fixture(scope="module")
def namespace() -> Iterator[cluster.Namespace]:
    yield from cluster.restricted_namespace(f"integration-{uuid.uuid4().hex[:8]}")
