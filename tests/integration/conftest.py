"""A namespace of the real API server that enforces *restricted*; nothing in it ever runs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from support import cluster


@pytest.fixture(scope="module")
def namespace() -> Iterator[cluster.Namespace]:
    with cluster.restricted_namespace("integration") as made:
        yield made
