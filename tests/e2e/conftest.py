"""Namespaces on the real node; everything in them goes at the end. A failure shows the test's Pods."""

from __future__ import annotations

from collections.abc import Generator, Iterator

import pytest

from support import cluster, tasks
from support.evidence import evidence
from support.tasks import Tasks


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "alone: needs the node, or the operator, for itself")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put last what restarts the API server: others should find the cluster as it mostly is."""
    items.sort(key=lambda item: item.path.name == "test_storm.py")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Function) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.when == "call" and report.failed:
        for one in item.funcargs.values():
            if isinstance(one, Tasks) and one.made:
                report.sections.append(("Pods of the test's tasks", evidence(one)))
    return report


@pytest.fixture(scope="module")
def namespace() -> Iterator[cluster.Namespace]:
    with cluster.restricted_namespace("e2e") as made:
        yield made


@pytest.fixture(scope="session")
def baseline() -> Iterator[Tasks]:
    with tasks.namespace("baseline") as made:
        yield made


@pytest.fixture(scope="session")
def restricted() -> Iterator[Tasks]:
    with tasks.namespace("restricted") as made:
        yield made


@pytest.fixture
def here(request: pytest.FixtureRequest, baseline: Tasks) -> Iterator[Tasks]:
    """Tasks of one test, in a namespace that many share. Nothing of them may be left in the end.

    They start in the mode that is the fixture's parameter, or as the operator likes.
    """
    yield from _of_one_test(baseline, getattr(request, "param", None))


@pytest.fixture
def in_restricted(request: pytest.FixtureRequest, restricted: Tasks) -> Iterator[Tasks]:
    """The same where *restricted* is enforced."""
    yield from _of_one_test(restricted, getattr(request, "param", None))


@pytest.fixture
def apart(request: pytest.FixtureRequest) -> Iterator[Tasks]:
    """The same in a namespace of the test's own."""
    with tasks.namespace("baseline") as made:
        yield from _of_one_test(made, getattr(request, "param", None))


def _of_one_test(shared: Tasks, mode: str | None) -> Iterator[Tasks]:
    own = Tasks(shared.core, shared.namespace, mode)
    yield own
    try:
        own.assert_in_mode()
    finally:
        own.assert_nothing_left()
