"""The client of one operator process: requests stay in the air until the test answers them, or not."""

from __future__ import annotations

import asyncio
import enum
import json
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from containertask.kube.auth import Access, Credentials
from containertask.kube.client import REQUEST_SECONDS, ApiClient
from containertask.kube.errors import ApiError, Unreachable, from_answer
from containertask.kube.gate import Gate
from containertask.kube.transport import Call
from support.fakeapi import RefusalError

Json = dict[str, Any]
Answers = Callable[[Call], Json | RefusalError]

NOWHERE: Final = Credentials(lambda: Access(server="http://nowhere"))


class Fault(enum.Enum):
    """What happens to a request instead of its answer."""

    CONFLICT = "409 Conflict"
    INVALID = "422 Invalid"
    QUOTA = "403 Forbidden: exceeded quota"
    POLICY = "403 Forbidden by a policy"
    THROTTLED = "429 TooManyRequests"
    BROKEN = "500 InternalError"
    UNAVAILABLE = "503 ServiceUnavailable"
    UNSENT = "no answer, and nothing was done"
    UNANSWERED = "no answer, but it was done"


_OF_CREATION: Final = frozenset({Fault.INVALID, Fault.QUOTA, Fault.POLICY})
_REFUSALS: Final = {
    Fault.CONFLICT: RefusalError(409, "Conflict", "Operation cannot be fulfilled: it has been modified"),
    Fault.INVALID: RefusalError(422, "Invalid", "spec.containers[0].resources: Invalid value"),
    Fault.QUOTA: RefusalError(403, "Forbidden", "exceeded quota: q, requested: pods=1, used: pods=1"),
    Fault.POLICY: RefusalError(403, "Forbidden", "not with this image"),
    Fault.THROTTLED: RefusalError(429, "TooManyRequests", "later", retryAfterSeconds=2),
    Fault.BROKEN: RefusalError(500, "InternalError", "failed calling webhook"),
    Fault.UNAVAILABLE: RefusalError(503, "ServiceUnavailable", "the leader of etcd is lost"),
}


@dataclass(slots=True, eq=False)
class Request:
    """One request in the air."""

    call: Call
    answer: asyncio.Future[Json]


class Wire(ApiClient):
    """Holds requests; ``faults`` are what happens to the next of them, and to each only once."""

    def __init__(self, answers: Answers) -> None:
        super().__init__(NOWHERE, gate=Gate(clock=asyncio.get_running_loop().time))
        self.air: list[Request] = []
        self.faults: deque[Fault] = deque()
        self.prompt = False
        """Whether requests are answered as soon as they come."""
        self._answers = answers

    async def _authorized(self, call: Call) -> Json:
        request = Request(call, asyncio.get_running_loop().create_future())
        self.air.append(request)
        if self.prompt:
            asyncio.get_running_loop().call_soon(self.serve)
        try:
            async with asyncio.timeout(REQUEST_SECONDS):
                return await request.answer
        except TimeoutError as error:
            raise Unreachable(f"{call}: no answer in time") from error
        finally:
            if request in self.air:
                self.air.remove(request)

    def serve(self) -> None:
        """Answer the oldest request."""
        if not self.air:
            return
        request = self.air.pop(0)
        fault = self.faults.popleft() if self.faults else None
        if fault in _OF_CREATION and request.call.verb != "create":
            fault = None
        if fault in _REFUSALS:
            request.answer.set_exception(_error(_REFUSALS[fault]))
            return
        answer = None if fault is Fault.UNSENT else self._answers(request.call)
        if fault is not None or answer is None:
            request.answer.set_exception(Unreachable(f"{request.call}: as the test wants it"))
        elif isinstance(answer, RefusalError):
            request.answer.set_exception(_error(answer))
        else:
            request.answer.set_result(answer)

    def lose(self, *, done: bool) -> None:
        """Let the sender die with what is in the air; the server may still do it."""
        for request in self.air:
            if done:
                self._answers(request.call)
        self.air.clear()


def _error(refusal: RefusalError) -> ApiError:
    return from_answer(refusal.code, json.dumps(refusal.status()).encode())
