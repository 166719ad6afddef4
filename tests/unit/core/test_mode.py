"""In which mode an attempt starts: what the user asks for, by what the cluster can."""

from __future__ import annotations

from typing import Final

import pytest

from containertask.contract.manifest import Mode
from containertask.core.accept import Accepted, accept
from containertask.core.mode import Cluster, mode_of
from support.builders import NOW, a_task
from support.builders.tasks import TaskBuilder

HOUR: Final = 3_600_000
ABLE: Final = Cluster(gates=True)
UNABLE: Final = Cluster()
FAILED: Final = Cluster(gates=True, failed_at=NOW - HOUR + 1)
FAILED_LONG_AGO: Final = Cluster(gates=True, failed_at=NOW - HOUR)
UNABLE_AND_FAILED: Final = Cluster(failed_at=NOW)

AUTO: Final = a_task()
GATED: Final = a_task(start="Gated")
INIT: Final = a_task(start="Init")
SIGNAL: Final = a_task(start="Signal")
WITHOUT_COMMAND: Final = a_task(command=None)


def mode(task: TaskBuilder, cluster: Cluster, now: int = NOW) -> Mode:
    accepted = accept(task.view())
    assert isinstance(accepted, Accepted), accepted
    return mode_of(accepted.spec, cluster, now)


@pytest.mark.parametrize(
    ("cluster", "auto", "gated"),
    [
        (ABLE, Mode.GATED, Mode.GATED),
        (UNABLE, Mode.INIT, Mode.GATED),
        (FAILED, Mode.INIT, Mode.INIT),
        (FAILED_LONG_AGO, Mode.GATED, Mode.GATED),
        (UNABLE_AND_FAILED, Mode.INIT, Mode.INIT),
    ],
    ids=["able", "unable", "failed", "failed an hour ago", "unable, and failed"],
)
def test_who_asks_for_gated_gets_it_unless_it_failed_within_an_hour(
    cluster: Cluster, auto: Mode, gated: Mode
) -> None:
    assert mode(AUTO, cluster) is auto
    assert mode(a_task(start="Auto"), cluster) is auto
    assert mode(GATED, cluster) is gated


@pytest.mark.parametrize("cluster", [ABLE, UNABLE, FAILED])
def test_init_and_signal_do_not_depend_on_the_cluster(cluster: Cluster) -> None:
    assert mode(INIT, cluster) is Mode.INIT
    assert mode(SIGNAL, cluster) is Mode.SIGNAL
    assert mode(WITHOUT_COMMAND, cluster) is Mode.SIGNAL
    assert mode(a_task(command=None, args=["x"]), cluster) is Mode.SIGNAL


@pytest.mark.parametrize("start", ["Gated", "Init"])
def test_a_launcher_without_a_command_is_refused_before_any_mode(start: str) -> None:
    assert not isinstance(accept(a_task(command=None, start=start).view()), Accepted)


def test_the_hour_ends_to_the_millisecond() -> None:
    cluster = Cluster(gates=True, failed_at=NOW)
    assert mode(AUTO, cluster, NOW + HOUR - 1) is Mode.INIT
    assert mode(AUTO, cluster, NOW + HOUR) is Mode.GATED


def test_a_failure_that_is_still_to_come_is_none() -> None:
    assert mode(AUTO, Cluster(gates=True, failed_at=2**53 - 1)) is Mode.GATED
