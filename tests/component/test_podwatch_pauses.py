"""How long the watch of Pods waits between two tries: in faked time, without HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from itertools import pairwise
from typing import Final

import pytest

from containertask.kube.auth import Access, Credentials
from containertask.kube.client import ApiClient, Listing
from containertask.kube.errors import ApiError, ServerError, Unreachable
from containertask.kube.resources import Resource
from containertask.kube.watch import Change, Watcher
from containertask.runtime import podwatch
from containertask.runtime.intake import Intake
from containertask.runtime.podwatch import FIRST_PAUSE, LASTED, LONGEST_PAUSE, PodWatch
from containertask.runtime.store import Store
from support import looptime
from support.following import MarkList

NOBODY: Final = Credentials(lambda: Access(server="http://nowhere"))
LOST: Final = Unreachable("as the test wants it")
REFUSED: Final = ServerError("Too large resource version", code=504)
ENDED: Final = None

Outcome = ApiError | None
DOUBLED: Final = [0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 10.0, 10.0]


class Watches(Watcher):
    """Each watch lasts and ends as the test wants it; the last of these for ever."""

    def __init__(self, *script: tuple[float, Outcome]) -> None:
        super().__init__(NOBODY)
        self.times: dict[str | None, list[float]] = {}
        self._script = script

    async def changes(
        self, resource: Resource, namespace: str | None, *, label_selector: str, since: str
    ) -> AsyncGenerator[Change, None]:
        assert (resource.plural, since) == ("pods", "7")
        assert label_selector
        times = self.times.setdefault(namespace, [])
        times.append(asyncio.get_running_loop().time())
        lasts, outcome = self._script[min(len(times), len(self._script)) - 1]
        await asyncio.sleep(lasts)
        if outcome is not None:
            raise outcome
        changes: tuple[Change, ...] = ()
        for change in changes:
            yield change


class Lists(ApiClient):
    """Each list takes as long and ends as the test wants it."""

    def __init__(self, lasts: float = 0.0, outcome: Outcome = None) -> None:
        super().__init__(NOBODY, gate=None)
        self.times: list[float] = []
        self._lasts = lasts
        self._outcome = outcome

    async def pages(
        self,
        resource: Resource,
        namespace: str | None = None,
        *,
        label_selector: str | None = None,
        metadata_only: bool = False,
        page_size: int = 0,
    ) -> AsyncGenerator[Listing, None]:
        assert (resource.plural, namespace, bool(label_selector)) == ("pods", None, True)
        assert (metadata_only, page_size) == (False, 100)
        self.times.append(asyncio.get_running_loop().time())
        await asyncio.sleep(self._lasts)
        if self._outcome is not None:
            raise self._outcome
        yield Listing((), "7")


def followed(client: Lists, watcher: Watches, *namespaces: str | None, seconds: float) -> None:
    """Follow for so long."""
    store, marks = Store(), MarkList()
    pods = PodWatch(
        client=client,
        watcher=watcher,
        store=store,
        intake=Intake(store, marks),
        marks=marks,
        namespaces=namespaces,
    )

    async def main() -> None:
        running = asyncio.ensure_future(pods.run())
        await asyncio.sleep(seconds)
        assert not running.done()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    looptime.run(main())


def pauses(times: Sequence[float]) -> list[float]:
    return [round(later - earlier, 3) for earlier, later in pairwise(times)]


def test_the_numbers_that_the_tables_below_are_made_of() -> None:
    assert (FIRST_PAUSE, LONGEST_PAUSE, LASTED) == (0.1, 10.0, 5.0)


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ([(0, LOST)], DOUBLED),
        ([(0, REFUSED)], DOUBLED),
        ([(0, ENDED)], DOUBLED),
        ([(0, LOST), (0, REFUSED), (0, ENDED), (0, LOST)], DOUBLED),
        ([(4.9, LOST)], [round(4.9 + pause, 3) for pause in DOUBLED]),
        ([(1800, ENDED)], [1800.1] * 9),
        ([(1800, REFUSED)], [1800.1] * 9),
        ([(0, LOST)] * 8 + [(6, LOST), (0, LOST)], [*DOUBLED[:8], 6.1, 0.2, 0.4]),
        ([(0, LOST)] * 3 + [(6, ENDED), (6, REFUSED), (0, LOST)], [*DOUBLED[:3], 6.1, 6.1, 0.2, 0.4, 0.8]),
    ],
    ids=[
        "each is lost",
        "each is refused",
        "each is ended at once",
        "by turns",
        "each is lost too early",
        "each is ended as servers do",
        "each is refused in the end",
        "one of many lasts",
        "two of some last",
    ],
)
def test_pauses_double_and_start_anew_after_a_watch_that_lasted(
    script: Sequence[tuple[float, Outcome]], expected: Sequence[float]
) -> None:
    watcher = Watches(*script)
    followed(Lists(), watcher, None, seconds=20_000)
    found = pauses(watcher.times[None])
    assert found[: len(expected)] == expected


@pytest.mark.parametrize(("lasts", "outcome"), [(0.0, LOST), (15.0, LOST), (20.0, REFUSED)], ids=str)
def test_a_list_that_fails_is_asked_for_ever_more_rarely_however_long_it_takes(
    lasts: float, outcome: ApiError
) -> None:
    client = Lists(lasts, outcome)
    followed(client, Watches((0, LOST)), None, seconds=400)
    assert pauses(client.times)[:9] == [lasts + pause for pause in DOUBLED]


def test_a_long_list_is_no_watch_that_lasted() -> None:
    client = Lists(lasts=6)
    followed(client, Watches((0, REFUSED)), None, seconds=400)
    assert pauses(client.times)[:9] == [6 + pause for pause in DOUBLED]


def test_each_namespace_has_its_own_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    async def listing(_: PodWatch, __: str | None, place: podwatch._Place) -> None:
        place.version, place.listed = 7, asyncio.get_running_loop().time()

    monkeypatch.setattr(PodWatch, "_list", listing)

    class Uneven(Watches):
        async def changes(
            self, resource: Resource, namespace: str | None, *, label_selector: str, since: str
        ) -> AsyncGenerator[Change, None]:
            self._script = ((0, LOST),) if namespace == "bad" else ((100, ENDED),)
            async for change in super().changes(
                resource, namespace, label_selector=label_selector, since=since
            ):
                yield change

    watcher = Uneven()
    followed(Lists(), watcher, "good", "bad", seconds=1000)
    assert pauses(watcher.times["good"])[:8] == [100.1] * 8
    assert pauses(watcher.times["bad"])[:9] == DOUBLED
