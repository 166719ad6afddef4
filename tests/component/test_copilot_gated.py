"""Gated mode: downloader, launcher and uploader start in any order and end alike; a stop ends them all."""

from __future__ import annotations

import itertools
import signal
from collections.abc import Iterator

import pytest

from containertask import contract
from containertask.contract.exitrecord import Cause
from containertask.contract.outcome import Outcome
from support.copilot import gate, message, temporary_pod
from support.trio import DOWNLOADER, LAUNCHER, UPLOADER, Trio, trio

ORDERS = list(itertools.permutations((DOWNLOADER, LAUNCHER, UPLOADER)))
TERMINATED = contract.EXIT_SIGNAL_BASE + signal.SIGTERM


@pytest.fixture
def pod() -> Iterator[Trio]:
    with trio() as made:
        yield made


def ends_well(pod: Trio) -> None:
    """Wait for the end of all three, which is the same whatever came before it."""
    downloader, uploader = pod.told(DOWNLOADER), pod.told(UPLOADER)
    assert (downloader.exit_code, downloader.report.outcome) == (0, Outcome.DOWNLOADED), downloader
    assert (uploader.exit_code, uploader.report.outcome) == (0, Outcome.UPLOADED), uploader
    assert uploader.report.outputs == {"x": 42}
    assert uploader.report.end is not None
    assert (uploader.report.end.cause, uploader.report.end.exit_code) == (Cause.EXITED, 0)
    assert pod.launcher_ends() == 0
    assert sorted(path.name for path in pod.pod.path("control").iterdir()) == ["exit", "gate"]
    assert gate(pod.pod) == contract.GATE_OPEN


@pytest.mark.parametrize("order", ORDERS, ids="-".join)
def test_whoever_waits_for_whom_the_end_is_the_same(pod: Trio, order: tuple[str, ...]) -> None:
    for who in order:
        pod.start(who)
        pod.comes_to_rest(who)
    ends_well(pod)


@pytest.mark.parametrize("order", ORDERS, ids="-".join)
def test_without_any_pause_the_end_is_the_same(pod: Trio, order: tuple[str, ...]) -> None:
    for who in order:
        pod.start(who)
    ends_well(pod)


@pytest.mark.parametrize("order", ORDERS, ids="-".join)
def test_inputs_that_come_last_are_waited_for(pod: Trio, order: tuple[str, ...]) -> None:
    for who in order:
        if who == DOWNLOADER:
            pod.hold()
        else:
            pod.start(who)
            pod.comes_to_rest(who)
    assert not pod.command_ran
    assert gate(pod.pod) is None
    pod.go_on()
    ends_well(pod)


def test_nothing_of_the_launcher_is_copied_where_an_image_volume_has_it(pod: Trio) -> None:
    pod.start(DOWNLOADER, launcher="/no/such/launcher")
    told = pod.told(DOWNLOADER)
    assert (told.exit_code, told.report.outcome) == (0, Outcome.DOWNLOADED)
    assert told.report.figures.inputs_ready_ms is not None
    assert "launcher" not in told.log


@pytest.mark.parametrize("order", ORDERS, ids="-".join)
def test_a_stop_of_all_three_ends_them_at_once_and_runs_nothing(pod: Trio, order: tuple[str, ...]) -> None:
    pod.all_wait()
    for who in order:
        pod.process(who).terminate()
    downloader, uploader = pod.told(DOWNLOADER), pod.told(UPLOADER)
    assert (downloader.exit_code, downloader.message) == (TERMINATED, "")
    assert pod.launcher_ends() == TERMINATED
    assert pod.record.cause is Cause.STOPPED_AT_GATE
    assert (uploader.exit_code, uploader.report.outcome) == (0, Outcome.MAIN_FAILED)
    assert uploader.report.end is not None
    assert uploader.report.end.cause is Cause.STOPPED_AT_GATE
    assert not pod.command_ran
    assert gate(pod.pod) is None


def test_a_launcher_that_is_stopped_alone_runs_nothing_and_is_reported(pod: Trio) -> None:
    pod.all_wait()
    pod.process(LAUNCHER).terminate()
    uploader = pod.told(UPLOADER)
    assert uploader.report.outcome is Outcome.MAIN_FAILED
    assert uploader.report.end is not None
    assert uploader.report.end.cause is Cause.STOPPED_AT_GATE
    pod.go_on()
    assert pod.told(DOWNLOADER).report.outcome is Outcome.DOWNLOADED
    assert not pod.command_ran


def test_an_uploader_that_is_stopped_alone_stays_for_its_launcher(pod: Trio) -> None:
    pod.all_wait()
    pod.process(UPLOADER).terminate()
    pod.go_on()
    ends_well(pod)


def test_a_launcher_that_meets_nobody_ends_when_it_is_stopped(pod: Trio) -> None:
    pod.start(LAUNCHER)
    pod.comes_to_rest(LAUNCHER)
    pod.process(LAUNCHER).terminate()
    assert pod.launcher_ends() == TERMINATED
    assert pod.record.cause is Cause.STOPPED_AT_GATE


def test_a_launcher_whose_uploader_never_comes_ends_when_it_is_stopped(pod: Trio) -> None:
    pod.start(DOWNLOADER)
    pod.comes_to_rest(DOWNLOADER)
    pod.start(LAUNCHER)
    pod.comes_to_rest(LAUNCHER)
    assert not pod.command_ran
    pod.process(LAUNCHER).terminate()
    assert pod.launcher_ends() == TERMINATED
    assert pod.record.cause is Cause.STOPPED_AT_GATE


def test_an_uploader_whose_launcher_never_comes_ends_when_it_is_stopped(pod: Trio) -> None:
    pod.start(UPLOADER)
    pod.comes_to_rest(UPLOADER)
    pod.process(UPLOADER).terminate()
    told = pod.told(UPLOADER)
    assert (told.exit_code, told.report.outcome) == (1, Outcome.NOT_STARTED)
    assert message(told) == "the Pod was stopped before the launcher had started"


def test_a_second_downloader_finds_what_is_there_and_the_uploader_loses_nothing(pod: Trio) -> None:
    pod.start(UPLOADER)
    pod.comes_to_rest(UPLOADER)
    fifo = pod.pod.path("control") / contract.EXIT_FIFO
    held = fifo.stat().st_ino
    for _ in range(2):
        pod.start(DOWNLOADER)
        pod.comes_to_rest(DOWNLOADER)
    assert fifo.stat().st_ino == held
    pod.start(LAUNCHER)
    ends_well(pod)


def test_an_init_pod_has_no_fifo_of_its_uploaders_making() -> None:
    with temporary_pod() as pod:
        told = pod.spawn("upload").told()
    assert (told.exit_code, told.report.outcome) == (1, Outcome.COPILOT_FAILED)
    assert message(told) == "could not wait for the launcher: no such file or directory (ENOENT)"
