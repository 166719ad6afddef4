"""What the command of a run wrote, line by line, over all of its attempts."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any, Final

from containertask.core.names import MAIN
from containertask.errors import NotFoundError
from containertask.kube.podlog import pod_log
from containertask.kube.resources import PODS, TASKS
from containertask.sdk.cluster import Session
from containertask.sdk.following import states
from containertask.sdk.status import RunStatus

Json = dict[str, Any]

_LONGEST: Final = 1 << 20
_GONE: Final = "there is no Pod of it, or no more: its log may be in the store"


async def lines_of(  # noqa: PLR0913 - what one log is
    session: Session,
    namespace: str,
    name: str,
    *,
    container: str = MAIN,
    follow: bool = False,
    tail: int | None = None,
    timestamps: bool = False,
) -> AsyncGenerator[str, None]:
    """Yield the lines of the last attempt; with ``follow`` those of this attempt and of all that come.

    Raises:
        NotFoundError: it has ended, or does not follow, and has no Pod.
        ApiError: the server refuses.
    """
    if not follow:
        status = RunStatus.of(await session.api.get(TASKS, namespace, name))
        if status.pod is None:
            raise NotFoundError(f"{name}: {_GONE}: {status.raw.get('logsURI', 'it has none')}")
        log = pod_log(session.credentials, namespace, status.pod, container, tail=tail, timestamps=timestamps)
        async with aclosing(_lines(log)) as lines:
            async for line in lines:
                yield line
        return
    async with aclosing(_pods(session, namespace, name, container)) as pods:
        async for pod in pods:
            log = pod_log(
                session.credentials, namespace, pod, container, follow=True, tail=tail, timestamps=timestamps
            )
            async with aclosing(_lines(log)) as lines:
                async for line in lines:
                    yield line


async def _pods(session: Session, namespace: str, name: str, container: str) -> AsyncGenerator[str, None]:
    """Yield the Pod of each attempt as soon as its container has begun."""
    told: str | None = None
    async with aclosing(states(session, TASKS, namespace, name)) as found:
        async for document in found:
            status = RunStatus.of(document)
            if status.pod not in {None, told} and await _begun(session, namespace, status, container):
                told = status.pod
                yield str(told)
            if status.finished:
                return


async def _begun(session: Session, namespace: str, status: RunStatus, container: str) -> bool:
    """Wait until a container of the Pod has begun; False where it never will."""
    async with aclosing(states(session, PODS, namespace, str(status.pod))) as found:
        async for pod in found:
            told = pod.get("status") or {}
            every = [*(told.get("initContainerStatuses") or ()), *(told.get("containerStatuses") or ())]
            state = next((one.get("state") or {} for one in every if one["name"] == container), {})
            if state.keys() & {"running", "terminated"}:
                return True
            if told.get("phase") in {"Succeeded", "Failed"}:
                return False
    return False


async def _lines(log: AsyncGenerator[bytes, None]) -> AsyncGenerator[str, None]:
    """Yield the lines; one that is longer than any memory should hold comes in parts."""
    parts, size = list[bytes](), 0
    async with aclosing(log) as pieces:
        async for piece in pieces:
            first, *lines = piece.split(b"\n")
            parts.append(first)
            size += len(first)
            if lines or size >= _LONGEST:
                yield _text(parts)
                *whole, last = lines or [b""]
                for line in whole:
                    yield line.decode(errors="replace")
                parts, size = [last], len(last)
    if size:
        yield _text(parts)


def _text(parts: list[bytes]) -> str:
    return b"".join(parts).decode(errors="replace")
