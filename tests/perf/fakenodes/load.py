"""A load: many objects of one kind, created as fast as parallel connections can and watched to their end.

It says when each began and ended, by this machine's clock; it decides nothing about good or bad speed.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from http import HTTPStatus

import aiohttp

from containertask.kube import auth
from support.cluster import Json

_LONGEST_LINE = 4 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """Objects to create, all in one collection.

    Attributes:
        path: the collection's path at the API server.
        objects: bodies, each with a name.
        ended: tells whether an object, as the API server shows it, is done; raises if it went wrong.
    """

    path: str
    objects: list[Json]
    ended: Callable[[Json], bool]


@dataclass(frozen=True, slots=True)
class Course:
    """When each object's creation was asked for and answered, and when a watch showed its end, in seconds."""

    asked: dict[str, float] = field(default_factory=dict)
    answered: dict[str, float] = field(default_factory=dict)
    ended: dict[str, float] = field(default_factory=dict)

    @property
    def creations(self) -> float:
        """Creations a second, from the first request to the last answer."""
        return len(self.asked) / (max(self.answered.values()) - self._begun)

    @property
    def sustained(self) -> float:
        """Ends a second, from the first request to the last end."""
        return len(self.ended) / self.seconds

    @property
    def steady(self) -> float:
        """Ends a second between the tenth and the ninetieth of a hundred: without start and tail."""
        ends = sorted(self.ended.values())
        first, last = len(ends) // 10, len(ends) * 9 // 10
        return (last - first) / (ends[last] - ends[first])

    @property
    def seconds(self) -> float:
        """How long it all took."""
        return max(self.ended.values()) - self._begun

    @property
    def latencies(self) -> list[float]:
        """Seconds from request to end, of each object."""
        return [end - self.asked[name] for name, end in self.ended.items()]

    @property
    def p50_p90(self) -> tuple[float, float]:
        """Median and ninetieth percentile of the latencies."""
        return statistics.median(self.latencies), statistics.quantiles(self.latencies, n=10)[-1]

    @property
    def _begun(self) -> float:
        return min(self.asked.values())


def run(load: Load, *, connections: int, seconds: float) -> Course:
    """Create all objects and return when the last has ended; fail if that takes too long."""
    course = Course()
    try:
        asyncio.run(_run(load, course, connections, seconds))
    except TimeoutError:
        left = sorted(course.asked.keys() - course.ended.keys())
        raise AssertionError(
            f"{load.path}: after {seconds} s {len(left)} of {len(load.objects)} have not ended: {left[:5]}"
        ) from None
    return course


async def _run(load: Load, course: Course, connections: int, seconds: float) -> None:
    access = await auth.load().current()
    async with (
        asyncio.timeout(seconds),
        aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=connections + 1, ssl=access.tls or True),
            timeout=aiohttp.ClientTimeout(total=None),
            headers=access.headers,
            read_bufsize=_LONGEST_LINE,
            raise_for_status=True,
            middlewares=(_patient,),
        ) as session,
    ):
        url = access.server + load.path
        left = iter(load.objects)
        since = (await _list(session, url))["metadata"]["resourceVersion"]
        async with asyncio.TaskGroup() as group:
            group.create_task(_follow(session, url, load, course, since))
            for _ in range(connections):
                group.create_task(_create(session, url, left, course))


async def _patient(
    request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
) -> aiohttp.ClientResponse:
    """Ask again when told to: the API server has no storage for a kind whose CRD was applied a moment ago."""
    while (answer := await handler(request)).status == HTTPStatus.TOO_MANY_REQUESTS:
        answer.release()
        await asyncio.sleep(float(answer.headers.get("Retry-After", "1")))
    return answer


async def _create(session: aiohttp.ClientSession, url: str, left: Iterable[Json], course: Course) -> None:
    for body in left:
        name = body["metadata"]["name"]
        course.asked[name] = time.monotonic()
        async with session.post(url, json=body) as answer:
            await answer.read()
        course.answered[name] = time.monotonic()


async def _list(session: aiohttp.ClientSession, url: str) -> Json:
    async with session.get(url) as answer:
        page: Json = await answer.json()
        return page


async def _follow(session: aiohttp.ClientSession, url: str, load: Load, course: Course, since: str) -> None:
    """Watch until all have ended; a watch that the API server ends is begun anew after a list."""

    def see(one: Json) -> None:
        name = one["metadata"]["name"]
        if name not in course.ended and load.ended(one):
            course.ended[name] = time.monotonic()

    while True:
        async with session.get(url, params={"watch": "true", "resourceVersion": since}) as answer:
            async for line in answer.content:
                event = json.loads(line)
                if event["type"] == "ERROR":
                    break
                see(event["object"])
                if len(course.ended) == len(load.objects):
                    return
        page = await _list(session, url)
        since = page["metadata"]["resourceVersion"]
        for one in page["items"]:
            see(one)
        if len(course.ended) == len(load.objects):
            return
