"""A namespace that enforces *restricted* on the real node; everything in it goes at the end."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from support import cluster


@pytest.fixture(scope="module")
def namespace() -> Iterator[cluster.Namespace]:
    with cluster.restricted_namespace("e2e") as made:
        yield made
