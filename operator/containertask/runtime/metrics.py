"""What the operator counts and measures, for Prometheus.

No label's value comes from a user: names, images and messages of tasks never get here, and reasons only
from the closed set given at the start.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Final, Protocol

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

_PREFIX: Final = "containertask"
_OTHER: Final = "Other"
_UNREACHABLE: Final = "unreachable"
_PASS_BUCKETS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15)
_POD_BUCKETS: Final = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600)
_TASK_BUCKETS: Final = (0.5, 1, 1.5, 2, 3, 5, 10, 30, 60, 300, 900, 3600, 14_400, 43_200, 86_400)


class QueueFigures(Protocol):
    """What is read of the work queue whenever someone asks for the metrics."""

    @property
    def depth(self) -> int:
        """Keys that wait for a free place."""

    @property
    def in_flight(self) -> int:
        """Passes under way."""

    @property
    def delayed(self) -> int:
        """Keys that wait for their time."""

    @property
    def retrying(self) -> int:
        """Keys whose last pass failed."""


class EventFigures(Protocol):
    """What is read of the recorder; each only grows."""

    posted: int
    dropped: int
    failed: int


class _Readings(Collector):
    """Families whose values are asked for only when the metrics are."""

    def __init__(self) -> None:
        self.sources: list[Callable[[], Metric]] = []

    def collect(self) -> Iterable[Metric]:
        return [source() for source in self.sources]


class Metrics:
    """The operator's metrics, in a registry of their own."""

    def __init__(self, *, phases: Collection[str], reasons: Collection[str]) -> None:
        """Know the phases and reasons that may become label values; any other is counted as ``Other``."""
        # Else there is a second series for every series, which says when the first began.
        disable_created_metrics()  # type: ignore[no-untyped-call] # theirs has no types
        self._phases, self._reasons = frozenset(phases), frozenset(reasons)
        self._registry = CollectorRegistry()
        self._readings = _Readings()
        self._registry.register(self._readings)
        ProcessCollector(registry=self._registry)
        self._finished = self._counter("tasks_finished", "Tasks that ended.", "phase", "reason")
        self._passes = self._counter("passes", "Reconcile passes.", "result")
        self._pass_seconds = self._histogram("pass_seconds", "Time of a pass.", _PASS_BUCKETS)
        self._requests = self._counter(
            "api_requests", "Requests to the API server.", "verb", "resource", "code"
        )
        self._pod_seconds = self._histogram(
            "pod_creation_seconds", "From a task's creation to that of its first Pod.", _POD_BUCKETS
        )
        self._task_seconds = self._histogram(
            "task_seconds", "From a task's creation to its end.", _TASK_BUCKETS
        )
        self._leader = Gauge(
            "leader", "1 while this process holds the Lease.", namespace=_PREFIX, registry=self._registry
        )

    def task_finished(self, *, phase: str, reason: str, seconds: float) -> None:
        """Count a task that ended so many seconds after its creation."""
        self._finished.labels(_known(phase, self._phases), _known(reason, self._reasons)).inc()
        self._task_seconds.observe(seconds)

    def pod_created(self, *, seconds: float) -> None:
        """Note that a task's first Pod was created so many seconds after the task."""
        self._pod_seconds.observe(seconds)

    def pass_ended(self, *, failed: bool, seconds: float) -> None:
        """Count a pass; ``failed`` if it raised."""
        self._passes.labels("failed" if failed else "done").inc()
        self._pass_seconds.observe(seconds)

    def api_request(self, *, verb: str, resource: str, code: int | None) -> None:
        """Count a request by our own word for it, the kind's plural and the HTTP code; None: no answer."""
        self._requests.labels(verb, resource, _UNREACHABLE if code is None else str(code)).inc()

    def leads(self, *, now: bool) -> None:
        """Say whether this process holds the Lease."""
        self._leader.set(now)

    def read_queue(self, queue: QueueFigures) -> None:
        """Show the work queue's figures."""
        self._gauge("queue_depth", "Keys that wait for a free place.", lambda: queue.depth)
        self._gauge("queue_in_flight", "Passes under way.", lambda: queue.in_flight)
        self._gauge("queue_delayed", "Keys that wait for their time.", lambda: queue.delayed)
        self._gauge("queue_retrying", "Keys whose last pass failed.", lambda: queue.retrying)

    def read_events(self, recorder: EventFigures) -> None:
        """Show the recorder's figures."""

        def collect() -> Metric:
            family = CounterMetricFamily(
                f"{_PREFIX}_events", "Events by what became of them.", labels=["result"]
            )
            for result in ("posted", "dropped", "failed"):
                family.add_metric([result], getattr(recorder, result))
            return family

        self._readings.sources.append(collect)

    def read_store(self, sizes: Callable[[], Mapping[str, int]]) -> None:
        """Show how many objects of each kind the store holds; kinds by our own words."""
        self._by_kind("store_objects", "Objects in the operator's memory.", sizes)

    def read_watch(self, ages: Callable[[], Mapping[str, float]]) -> None:
        """Show how many seconds ago the last watch event of each kind came; kinds by our own words."""
        self._by_kind("watch_event_age_seconds", "Time since the last watch event.", ages)

    def render(self) -> tuple[bytes, str]:
        """Return the text for a scrape and its content type."""
        return generate_latest(self._registry), CONTENT_TYPE_LATEST

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(name, text, labels, namespace=_PREFIX, registry=self._registry)

    def _histogram(self, name: str, text: str, buckets: tuple[float, ...]) -> Histogram:
        return Histogram(name, text, namespace=_PREFIX, buckets=buckets, registry=self._registry)

    def _gauge(self, name: str, text: str, value: Callable[[], float]) -> None:
        gauge = Gauge(name, text, namespace=_PREFIX, registry=self._registry)
        gauge.set_function(value)

    def _by_kind(self, name: str, text: str, values: Callable[[], Mapping[str, float]]) -> None:
        def collect() -> Metric:
            family = GaugeMetricFamily(f"{_PREFIX}_{name}", text, labels=["kind"])
            for kind, value in values().items():
                family.add_metric([kind], value)
            return family

        self._readings.sources.append(collect)


def _known(value: str, values: frozenset[str]) -> str:
    return value if value in values else _OTHER
