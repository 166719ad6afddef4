"""An uploader that outlives its command: it waits for a launcher that will never come.

A launcher that dies before it has opened the exit FIFO (killed for memory, or by its own runtime for a
malformed GOMEMLIMIT: seen) leaves nobody to end the uploader but the operator.
"""

from __future__ import annotations

from typing import Final

from containertask.api.reasons import Reason
from containertask.core.names import MAIN, UPLOADER
from containertask.core.podview import PodView
from containertask.core.stop import Stop

_AFTER_FAILURE: Final = 10_000
"""Milliseconds. One that never heard of a launcher ends at once when it is stopped; one that did finishes
what it reads within the Pod's grace."""
_SLACK: Final = 60_000


def patience_with_uploader(pod: PodView, upload: int) -> int | None:
    """Return until when to wait for the uploader, in Unix milliseconds; its clock is given in seconds."""
    main, uploader = pod.container(MAIN).ended, pod.container(UPLOADER)
    if main is None or uploader.ended is not None:
        return None
    patience = _AFTER_FAILURE if main.exit_code != 0 else upload * 1000 + _SLACK
    return (main.finished or pod.created) + patience


def unheard(pod: PodView, upload: int, now: int) -> Stop | None:
    """Return the stop for a Pod whose uploader has had its time."""
    ends = patience_with_uploader(pod, upload)
    if ends is None or now < ends:
        return None
    return Stop(Reason.COPILOT_FAILED, "the uploader did not end, although the command has", now)
