"""The fake API server without HTTP: a client whose calls are done in the same loop, and go wrong on demand.

With no real I/O a whole life of a task takes milliseconds, and always comes in the same order.
"""

from __future__ import annotations

import asyncio
import enum
import json
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any, Final, NoReturn

from containertask.kube.auth import Access, Credentials
from containertask.kube.client import ApiClient
from containertask.kube.errors import Unreachable, from_answer
from containertask.kube.resources import PODS
from containertask.kube.transport import Call
from support.fakeapi import KINDS, RefusalError
from support.fakeapi.paths import Target, parse
from support.fakeapi.verbs import Verbs

Json = dict[str, Any]


_MOST_CALLS: Final = 200


class Harm(enum.Enum):
    """What goes wrong, once."""

    NOTHING = "nothing"
    KILLED_BEFORE = "killed before the request is sent"
    KILLED_AFTER = "killed before the answer arrives"
    KILLED_WITHIN = "killed at an await"
    CANCELLED = "the pass is cancelled at an await"
    UNSENT = "the request is lost"
    UNANSWERED = "the answer is lost"


@dataclass(slots=True)
class Fate:
    """Which harm comes at which call, or at which await of a pass, counted from 1 over the whole run."""

    harm: Harm = Harm.NOTHING
    at: int = 0
    calls: int = 0
    awaits: int = 0
    struck: bool = False

    def strikes(self, harm: Harm, count: int) -> bool:
        """Tell whether this harm comes now."""
        if self.harm is not harm or self.at != count:
            return False
        self.struck = True
        return True


class Wire(ApiClient):
    """The client of one operator process. ``die`` is called when that process is to be no more."""

    def __init__(self, verbs: Verbs, fate: Fate, die: Callable[[], None]) -> None:
        super().__init__(Credentials(lambda: Access(server="http://nowhere")), gate=None)
        self.busy = 0
        self.dead = False
        self._verbs = verbs
        self._fate = fate
        self._die = die

    async def perish(self) -> NoReturn:
        """Be killed: nothing is sent any more, and nobody waits for answers."""
        self.dead = True
        self._die()
        await asyncio.get_running_loop().create_future()
        raise AssertionError

    async def _json(self, call: Call) -> Json:
        self.busy += 1
        try:
            return await self._exchange(call)
        finally:
            self.busy -= 1

    async def _exchange(self, call: Call) -> Json:
        if self.dead:
            await self.perish()
        fate = self._fate
        fate.calls += 1
        count = fate.calls
        assert count < _MOST_CALLS, f"{call}: the operator does the same again and again"
        await asyncio.sleep(0)
        if fate.strikes(Harm.KILLED_BEFORE, count):
            await self.perish()
        if fate.strikes(Harm.UNSENT, count):
            raise Unreachable(f"{call}: as the test wants it")
        answer = self._do(call)
        if fate.strikes(Harm.KILLED_AFTER, count):
            await self.perish()
        if fate.strikes(Harm.UNANSWERED, count):
            raise Unreachable(f"{call}: as the test wants it")
        await asyncio.sleep(0)
        if isinstance(answer, RefusalError):
            raise from_answer(answer.code, json.dumps(answer.status()).encode())
        return answer

    def _do(self, call: Call) -> Json | RefusalError:
        target = parse(KINDS, call.path)
        assert target is not None
        try:
            return self._verb(call, target)
        except RefusalError as refusal:
            return refusal

    def _verb(self, call: Call, target: Target) -> Json:
        body = call.body or {}
        match call.verb:
            case "list":
                return self._verbs.list(target, call.query, metadata_only="Partial" in call.accept)
            case "get":
                return self._verbs.get(target)
            case "create":
                return self._verbs.create(target, body)
            case "patch":
                return self._verbs.merge_patch(target, body)
            case "update":
                return self._verbs.update(target, body)
            case "delete":
                if target.kind.resource == PODS:
                    self._verbs.graceful_pods = "nodeName" in self._verbs.get(target)["spec"]
                return self._verbs.delete(target, body)
            case _:
                raise AssertionError(call)


class Stepped:
    """A pass, driven by hand, so that it can be struck at each of its awaits."""

    def __init__(self, coroutine: Any, wire: Wire, fate: Fate) -> None:
        self._coroutine = coroutine
        self._wire = wire
        self._fate = fate

    def __await__(self) -> Generator[Any, None, float | None]:
        try:
            while True:
                waited_for = self._coroutine.send(None)
                self._fate.awaits += 1
                if self._fate.strikes(Harm.CANCELLED, self._fate.awaits):
                    waited_for = self._coroutine.throw(asyncio.CancelledError())
                if self._fate.strikes(Harm.KILLED_WITHIN, self._fate.awaits):
                    self._coroutine.close()
                    yield from self._wire.perish().__await__()
                yield waited_for
        except StopIteration as end:
            result: float | None = end.value
            return result
