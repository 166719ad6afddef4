"""Work in bounded memory, whose first failure ends all."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable
from functools import partial
from types import FrameType

import pytest

from containertask.copilot.transfer.crew import Crew, StoppedError

Wait = Callable[[Crew], object]


def hanging(release: threading.Event) -> Callable[[], None]:
    """Return work that hangs until it is released, or for a minute."""

    def hang() -> None:
        release.wait(60)

    return hang


def test_never_is_more_taken_than_there_is() -> None:
    taken, most, lock = 0, 0, threading.Lock()
    with Crew(memory=10, workers=8) as crew:

        def work() -> None:
            nonlocal taken, most
            with lock:
                taken += 4
                most = max(most, taken)
            time.sleep(0.002)
            with lock:
                taken -= 4
            crew.give(4)

        for _ in range(50):
            crew.take(4)
            crew.do(work)
    assert (taken, most) == (0, 8)


def test_the_first_failure_is_the_one_that_is_told_and_work_that_waits_is_left() -> None:
    begun: list[int] = []

    def fail(number: int) -> None:
        begun.append(number)
        raise ValueError(number)

    with pytest.raises(ValueError, match=r"^0$"), Crew(workers=1) as crew:  # noqa: PT012 - the block is what is tested
        for number in range(100):
            crew.do(partial(fail, number))
        crew.pause(5)
    assert begun == [0]


def test_a_failure_reaches_whoever_waits_for_memory_or_an_answer() -> None:
    release = threading.Event()

    def fail() -> None:
        raise ValueError("here")

    waits: list[Wait] = [
        lambda crew: crew.take(1),
        lambda crew: crew.ask(release.wait),
        lambda crew: crew.pause(60),
    ]
    for wait in waits:
        with pytest.raises(ValueError, match="here"), Crew(memory=1) as crew:  # noqa: PT012 - the block is what is tested
            crew.take(1)
            crew.do(fail)
            wait(crew)
    release.set()


def test_a_failure_does_not_wait_for_work_that_hangs() -> None:
    release, began = threading.Event(), time.monotonic()

    def fail() -> None:
        raise ValueError("here")

    with pytest.raises(ValueError, match="here"), Crew() as crew:  # noqa: PT012 - the block is what is tested
        crew.do(hanging(release))
        crew.do(fail)
    assert time.monotonic() - began < 10
    release.set()


def test_an_answer_is_given_and_its_failure_told() -> None:
    with Crew() as crew:
        assert crew.ask(lambda: 42) == 42
        assert crew.ask(lambda: None) is None

    def fail() -> None:
        raise KeyError("k")

    with pytest.raises(KeyError), Crew() as crew:
        crew.ask(fail)


def test_what_the_block_itself_raises_is_told_and_ends_the_work() -> None:
    stopped: list[bool] = []

    def work() -> None:
        try:
            crew.pause(60)
        except StoppedError:
            stopped.append(True)
            raise

    with pytest.raises(LookupError), Crew() as crew:  # noqa: PT012 - the block is what is tested
        crew.do(work)
        raise LookupError
    for _ in range(1000):
        if stopped:
            break
        time.sleep(0.01)
    assert stopped == [True]


def test_a_panic_of_compiled_code_is_an_ordinary_failure() -> None:
    class Panic(BaseException):
        pass

    def panic() -> None:
        raise Panic("canary")

    with pytest.raises(RuntimeError, match=r"^Panic$"), Crew() as crew:
        crew.do(panic)


def test_a_signal_is_heard_while_all_workers_hang() -> None:
    class HeardError(Exception):
        pass

    def hear(_number: int, _frame: FrameType | None) -> None:
        raise HeardError

    release = threading.Event()
    before = signal.signal(signal.SIGALRM, hear)
    try:
        waits: list[Wait] = [lambda crew: crew.take(1), lambda crew: crew.ask(release.wait), lambda _: None]
        for wait in waits:
            signal.setitimer(signal.ITIMER_REAL, 0.05)
            with pytest.raises(HeardError), Crew(memory=1) as crew:  # noqa: PT012 - the block is what is tested
                crew.take(1)
                crew.do(hanging(release))
                wait(crew)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        release.set()


def test_what_workers_leave_is_done_by_the_thread_that_hands_out_before_anything_else() -> None:
    done: list[tuple[str, bool]] = []
    own = threading.get_ident()
    left = threading.Event()

    def note(what: str) -> None:
        done.append((what, threading.get_ident() == own))

    with Crew() as crew:

        def work() -> None:
            crew.leave(lambda: note("left"))
            left.set()

        crew.do(work)
        left.wait(10)
        crew.lead(lambda: note("led"))
        crew.do(lambda: crew.leave(lambda: crew.do(lambda: note("work of what was left"))))
    assert done == [("left", True), ("led", True), ("work of what was left", False)]


@pytest.mark.parametrize("way", ["do", "lead", "leave"])
def test_whose_work_failed_is_told(way: str) -> None:
    def fail() -> None:
        raise ValueError("here")

    crew = Crew()
    with pytest.raises(ValueError, match="here"), crew:  # noqa: PT012 - the block is what is tested
        crew.do(lambda: None, "other")
        if way == "leave":
            crew.do(lambda: crew.leave(fail, "mine"), "other")
        else:
            getattr(crew, way)(fail, "mine")
    assert crew.culprit == "mine"
