"""The work queue: each mark gets its pass, a key never two at once, and time by a clock that jumps."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
import uvloop
from hypothesis import given
from hypothesis import strategies as st

from containertask.runtime.queue import Key, WorkQueue, backoff
from support import looptime
from support.looptime import settle

A, B, C = ("ns", "a"), ("ns", "b"), ("ns", "c")


class Bench:
    """A queue whose passes are written down with their times, and do what each test says."""

    def __init__(self) -> None:
        self.errors: list[tuple[Key, BaseException]] = []
        self.queue = WorkQueue(on_error=lambda key, error: self.errors.append((key, error)))
        self.begun: list[tuple[Key, float]] = []
        self.act: Callable[[Key], Coroutine[Any, Any, float | None]] | None = None

    async def handle(self, key: Key) -> float | None:
        self.begun.append((key, asyncio.get_running_loop().time()))
        return await self.act(key) if self.act else None

    @property
    def keys(self) -> list[Key]:
        return [key for key, _ in self.begun]

    @property
    def times(self) -> list[float]:
        return [when for _, when in self.begun]

    def nothing_is_kept(self) -> bool:
        """Look for traces of a key in whatever the queue holds, however it is stored."""
        return not any(name in _everything(self.queue) for name in ("'a'", "'b'", "'c'"))


def _everything(queue: WorkQueue) -> str:
    return repr({name: value for name, value in vars(queue).items() if name not in {"_handle", "_on_error"}})


def play(story: Callable[[Bench], Coroutine[Any, Any, None]], *, concurrency: int = 50) -> Bench:
    """Run a story beside a running queue, then close it."""
    bench = Bench()

    async def main() -> None:
        running = asyncio.ensure_future(bench.queue.run(bench.handle, concurrency=concurrency))
        await settle()
        await story(bench)
        await bench.queue.close(0)
        await running

    looptime.run(main())
    return bench


def fails(error: BaseException) -> Callable[[Key], Coroutine[Any, Any, float | None]]:
    async def act(_: Key) -> float | None:
        raise error

    return act


def waits(event: asyncio.Event) -> Callable[[Key], Coroutine[Any, Any, float | None]]:
    async def act(_: Key) -> float | None:
        await event.wait()
        return None

    return act


def test_marks_before_the_pass_are_one_and_keys_run_first_come_first_served() -> None:
    async def story(bench: Bench) -> None:
        for key in (B, A, B, C, A):
            bench.queue.mark(key)
        assert bench.queue.depth == 3
        await settle()
        assert bench.nothing_is_kept()

    assert play(story, concurrency=1).keys == [B, A, C]


def test_marks_of_handlers_that_run_in_the_same_turn_of_the_loop_are_one() -> None:
    async def story(bench: Bench) -> None:
        for _ in range(3):
            asyncio.get_running_loop().call_soon(bench.queue.mark, A)
        await settle()

    assert play(story).keys == [A]


def test_marks_are_only_collected_until_the_queue_runs() -> None:
    async def main() -> list[Key]:
        bench = Bench()
        bench.queue.mark(A)
        bench.queue.mark_after(B, 5)
        await asyncio.sleep(10)
        assert bench.queue.depth == 2
        assert not bench.begun
        running = asyncio.ensure_future(bench.queue.run(bench.handle))
        await settle()
        await bench.queue.close(0)
        await running
        return bench.keys

    assert looptime.run(main()) == [A, B]


def test_a_mark_during_the_pass_brings_one_more_after_it() -> None:
    async def story(bench: Bench) -> None:
        gate = asyncio.Event()
        bench.act = waits(gate)
        bench.queue.mark(A)
        await settle()
        bench.queue.mark(A)
        bench.queue.mark(A)
        await settle()
        assert (bench.keys, bench.queue.in_flight, bench.queue.depth) == ([A], 1, 0)
        gate.set()
        await settle()
        assert bench.nothing_is_kept()

    assert play(story).keys == [A, A]


def test_no_more_passes_run_at_once_than_allowed() -> None:
    async def story(bench: Bench) -> None:
        gate = asyncio.Event()
        bench.act = waits(gate)
        for number in range(10):
            bench.queue.mark(("ns", str(number)))
        await settle()
        assert (bench.queue.in_flight, bench.queue.depth, len(bench.keys)) == (3, 7, 3)
        gate.set()
        await settle()
        assert (bench.queue.in_flight, bench.queue.depth) == (0, 0)

    assert len(play(story, concurrency=3).keys) == 10


def test_a_backlog_lets_the_rest_of_the_loop_run_between_passes() -> None:
    async def story(bench: Bench) -> None:
        for number in range(100):
            bench.queue.mark(("ns", str(number)))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert 0 < len(bench.keys) < 100
        await asyncio.sleep(1)

    assert len(play(story, concurrency=5).keys) == 100


def test_a_pass_returns_when_the_next_one_is_wanted() -> None:
    async def story(bench: Bench) -> None:
        after = iter([30.0, 0.0, None])

        async def act(_: Key) -> float | None:
            return next(after)

        bench.act = act
        bench.queue.mark(A)
        await asyncio.sleep(1)
        assert bench.queue.delayed == 1
        await asyncio.sleep(100)
        assert bench.nothing_is_kept()

    assert play(story).begun == [(A, 0), (A, 30), (A, 30)]


def test_of_delayed_marks_the_soonest_counts_whatever_their_order() -> None:
    async def story(bench: Bench) -> None:
        for key, seconds in [(A, 20), (A, 10), (A, 30), (B, 5), (C, 7), (C, 40)]:
            bench.queue.mark_after(key, seconds)
        assert bench.queue.delayed == 3
        await asyncio.sleep(100)
        assert bench.nothing_is_kept()

    assert play(story).begun == [(B, 5), (C, 7), (A, 10)]


def test_what_a_pass_asks_for_replaces_the_mark_that_it_answered() -> None:
    async def story(bench: Bench) -> None:
        asked = iter([50.0, None])

        async def act(_: Key) -> float | None:
            return next(asked)

        bench.act = act
        bench.queue.mark_after(B, 1000)
        bench.queue.mark_after(A, 20)
        await asyncio.sleep(1)
        bench.queue.mark(A)
        await asyncio.sleep(200)

    assert play(story).times == [1, 51]


def test_a_pass_that_begins_answers_the_delayed_mark() -> None:
    async def story(bench: Bench) -> None:
        bench.queue.mark_after(A, 20)
        await asyncio.sleep(1)
        bench.queue.mark(A)
        await settle()
        assert bench.nothing_is_kept()
        await asyncio.sleep(100)

    assert play(story).times == [1]


def test_a_delayed_mark_made_during_the_pass_stays_beside_what_the_pass_asks_for() -> None:
    async def story(bench: Bench) -> None:
        asked = iter([60.0, None])

        async def act(key: Key) -> float | None:
            after = next(asked)
            if after:
                bench.queue.mark_after(key, 20)
            return after

        bench.act = act
        bench.queue.mark(A)
        await asyncio.sleep(200)

    assert play(story).times == [0, 20]


def test_a_pass_that_raises_is_tried_again_later_and_later_until_one_succeeds() -> None:
    async def story(bench: Bench) -> None:
        bench.act = fails(ValueError("no"))
        bench.queue.mark(A)
        await asyncio.sleep(5000)
        assert bench.queue.retrying == 1
        bench.act = None
        await asyncio.sleep(301)
        assert bench.queue.retrying == 0
        assert bench.nothing_is_kept()

    bench = play(story)
    pauses = [later - earlier for earlier, later in zip(bench.times, bench.times[1:], strict=False)]
    assert pauses == pytest.approx([backoff(A, count) for count in range(1, len(pauses) + 1)])
    assert len(bench.errors) == len(pauses) > 12
    assert {str(error) for _, error in bench.errors} == {"no"}


def test_success_resets_the_back_off_and_a_mark_does_not_wait_for_it() -> None:
    async def story(bench: Bench) -> None:
        bench.act = fails(ValueError("no"))
        bench.queue.mark(A)
        await asyncio.sleep(50)
        bench.act = None
        bench.queue.mark(A)
        await asyncio.sleep(400)
        bench.act = fails(ValueError("no"))
        bench.queue.mark(A)
        await asyncio.sleep(1)

    times = play(story).times
    assert [when for when in times if when >= 50] == pytest.approx([50, 450, 450 + backoff(A, 1)])


def test_a_failing_key_holds_up_no_other() -> None:
    async def story(bench: Bench) -> None:
        async def act(key: Key) -> float | None:
            if key == A:
                raise ValueError
            return None

        bench.act = act
        bench.queue.mark(A)
        bench.queue.mark(B)
        await settle()

    assert play(story, concurrency=1).begun == [(A, 0), (B, 0)]


def test_a_pass_whose_inner_task_was_cancelled_is_a_failure_of_its_key() -> None:
    async def story(bench: Bench) -> None:
        bench.act = fails(asyncio.CancelledError())
        bench.queue.mark(A)
        await asyncio.sleep(2)

    bench = play(story)
    assert len(bench.keys) == 2
    assert isinstance(bench.errors[0][1], asyncio.CancelledError)


@pytest.mark.parametrize("in_flight", [False, True], ids=["between passes", "during a pass"])
def test_a_forgotten_key_leaves_nothing_behind(in_flight: bool) -> None:  # noqa: FBT001 (a parameter)
    async def story(bench: Bench) -> None:
        gate = asyncio.Event()

        async def act(_: Key) -> float | None:
            await gate.wait()
            raise ValueError

        bench.act = act
        if not in_flight:
            gate.set()
        bench.queue.mark(A)
        await settle()
        bench.queue.mark(A)
        bench.queue.mark_after(A, 5)
        bench.queue.forget(A)
        gate.set()
        await settle()
        assert bench.nothing_is_kept()
        await asyncio.sleep(1000)

    assert len(play(story).keys) == 1


def test_a_mark_after_forget_counts_for_the_next_object_of_that_name() -> None:
    async def story(bench: Bench) -> None:
        gate = asyncio.Event()
        bench.act = waits(gate)
        bench.queue.mark(A)
        await settle()
        bench.queue.forget(A)
        bench.queue.mark(A)
        gate.set()
        await settle()

    assert play(story).keys == [A, A]


def test_overtaken_delays_do_not_pile_up() -> None:
    async def story(bench: Bench) -> None:
        for seconds in range(10_000, 0, -1):
            bench.queue.mark_after(A, seconds)
        assert len(_everything(bench.queue)) < 2000

    play(story)


@pytest.mark.parametrize("make", [asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"])
def test_real_loops_ring_for_every_delay_in_order_and_not_too_soon(
    make: Callable[[], asyncio.AbstractEventLoop],
) -> None:
    delays = [0.03, 0.0, 0.0004, 0.002, 0.0101, -1.0, 0.02]

    async def main() -> None:
        loop, done, begun = asyncio.get_running_loop(), asyncio.Event(), dict[Key, float]()

        async def handle(key: Key) -> float | None:
            again = key == B and key not in begun
            begun[key] = loop.time() - start
            if len(begun) == len(delays) + 1 and not again:
                done.set()
            return 0.0 if again else None

        queue = WorkQueue(on_error=lambda *_: None)
        running = asyncio.ensure_future(queue.run(handle))
        start, due = loop.time(), dict[Key, tuple[float, float]]()
        for key, delay in [*((("delay", str(one)), one) for one in delays), (B, 0.04)]:
            before = loop.time()
            queue.mark_after(key, delay)
            if delay > 0:
                due[key] = (before + delay, loop.time() + delay)
        await asyncio.wait_for(done.wait(), 20)
        await queue.close(1)
        await running
        # The machine may have paused between two marks: only what was surely due before has to come before.
        order = list(begun)
        for key, (_, latest) in due.items():
            later = [other for other, (earliest, _) in due.items() if latest < earliest]
            assert all(order.index(key) < order.index(other) for other in later)
        # uvloop's clock has milliseconds.
        assert all(begun["delay", str(delay)] > delay - 0.002 for delay in delays)

    with asyncio.Runner(loop_factory=make) as runner:
        runner.run(main())


class Crash(BaseException):
    """What must end the process."""


@pytest.mark.parametrize("where", ["in a pass", "in on_error"])
def test_what_is_no_failure_of_one_key_ends_the_run_and_the_other_passes(where: str) -> None:
    ended: list[str] = []

    def on_error(_: Key, __: BaseException) -> None:
        raise Crash

    async def handle(key: Key) -> float | None:
        if key == A:
            raise Crash if where == "in a pass" else ValueError
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(key[1])
        return None

    async def main() -> None:
        queue = WorkQueue(on_error=on_error)
        for key in (B, A, C):
            queue.mark(key)
        await queue.run(handle, concurrency=2)

    with pytest.raises(Crash):
        looptime.run(main())
    assert ended == ["b"]


def test_close_waits_for_passes_under_way_and_starts_none() -> None:
    async def story(bench: Bench) -> None:
        async def act(_: Key) -> float | None:
            await asyncio.sleep(3)
            return 1

        bench.act = act
        bench.queue.mark(A)
        bench.queue.mark(B)
        bench.queue.mark_after(C, 1)
        await settle()
        bench.queue.mark(A)
        assert await bench.queue.close(10) == 0
        assert asyncio.get_running_loop().time() == 3
        bench.queue.mark_after(B, 1)
        bench.queue.mark_after(C, 1)
        await asyncio.sleep(100)

    assert play(story, concurrency=1).keys == [A]


def test_close_stops_the_clock_and_what_was_about_to_begin() -> None:
    async def story(bench: Bench) -> None:
        bench.queue.mark_after(B, 1)
        bench.queue.mark(A)
        assert await bench.queue.close(10) == 0
        await asyncio.sleep(5)
        assert (bench.queue.depth, bench.queue.delayed) == (1, 1)

    bench = play(story)
    assert (bench.keys, bench.errors) == ([], [])


def test_close_cancels_what_takes_too_long_and_says_how_many() -> None:
    async def main() -> tuple[int, float]:
        bench = Bench()
        bench.act = waits(asyncio.Event())
        bench.queue.mark(A)
        bench.queue.mark(B)
        running = asyncio.ensure_future(bench.queue.run(bench.handle))
        await settle()
        late = await bench.queue.close(10)
        await running
        assert bench.queue.in_flight == 0
        assert not bench.errors
        return late, asyncio.get_running_loop().time()

    assert looptime.run(main()) == (2, 10)


def test_a_cancelled_run_cancels_its_passes() -> None:
    async def main() -> None:
        bench = Bench()
        bench.act = waits(asyncio.Event())
        bench.queue.mark(A)
        running = asyncio.ensure_future(bench.queue.run(bench.handle))
        await settle()
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        assert bench.queue.in_flight == 0
        assert not bench.errors

    looptime.run(main())


def test_a_closed_queue_runs_nothing_and_a_queue_runs_once() -> None:
    async def main() -> None:
        bench = Bench()
        bench.queue.mark(A)
        assert await bench.queue.close(1) == 0
        await bench.queue.run(bench.handle)
        assert not bench.begun
        with pytest.raises(RuntimeError, match="runs already"):
            await bench.queue.run(bench.handle)

    looptime.run(main())


@pytest.mark.parametrize(
    ("failures", "least", "most"),
    [(1, 0.8, 1), (2, 1.6, 2), (9, 204.8, 256), (10, 240, 300), (5000, 240, 300)],
)
def test_the_back_off_doubles_up_to_five_minutes(failures: int, least: float, most: float) -> None:
    pauses = {backoff(("ns", f"task-{number}"), failures) for number in range(200)}
    assert least <= min(pauses) < max(pauses) <= most
    assert len(pauses) > 190
    assert max(pauses) - min(pauses) > 0.15 * most


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("mark"), st.sampled_from([A, B, C])),
        st.tuples(st.just("mark_after"), st.sampled_from([A, B, C]), st.sampled_from([0.5, 1, 2])),
        st.tuples(st.just("wait"), st.sampled_from([0, 0.5, 1, 3])),
        st.tuples(st.just("turn")),
    ),
    max_size=30,
)
PASSES = st.lists(
    st.tuples(st.sampled_from([None, 0, 0.5, 2]), st.sampled_from([None, None, 1.0, "raise"])), max_size=20
)


@given(STEPS, PASSES, st.integers(1, 3))
def test_no_key_runs_twice_at_once_and_every_mark_is_followed_by_a_pass(
    steps: list[tuple[Any, ...]], passes: list[tuple[float | None, Any]], concurrency: int
) -> None:
    moment = iter(range(10**6))
    marked: dict[Key, int] = {}
    began: dict[Key, int] = {}
    under_way: set[Key] = set()
    planned = iter(passes)

    async def act(key: Key) -> float | None:
        began[key] = next(moment)
        assert key not in under_way
        assert len(under_way) < concurrency
        under_way.add(key)
        takes, outcome = next(planned, (None, None))
        if takes is not None:
            await asyncio.sleep(takes)
        under_way.remove(key)
        if outcome == "raise":
            raise ValueError
        return outcome if outcome is None else float(outcome)

    async def story(bench: Bench) -> None:
        bench.act = act
        for name, *rest in steps:
            match name:
                case "wait" | "turn":
                    await asyncio.sleep(*rest or [0])
                case _:
                    getattr(bench.queue, name)(*rest)
                    marked[rest[0]] = next(moment)
        await asyncio.sleep(3600)
        assert bench.nothing_is_kept()

    bench = play(story, concurrency=concurrency)
    assert {type(error) for _, error in bench.errors} <= {ValueError}
    assert all(began.get(key, -1) > when for key, when in marked.items())
