"""A container that waits for what will never come, and that nobody but the operator ends.

In Gated mode the launcher waits for a gate that a downloader which was killed did not even abort. And a
launcher that dies before it has opened the exit FIFO (killed for memory, or by its own runtime for a
malformed GOMEMLIMIT: seen) leaves the uploader waiting; so does, in Signal mode, somebody else's container
that never ends, because the kubelet ends our sidecar after all ordinary ones.
"""

from __future__ import annotations

from typing import Final

from containertask.api.reasons import Reason
from containertask.contract.manifest import Mode
from containertask.core.names import DOWNLOADER, MAIN, UPLOADER
from containertask.core.podview import PodView
from containertask.core.stop import Stop

_AFTER_DOWNLOADER: Final = 5_000
"""Milliseconds. A downloader that fails aborts the gate before it ends; the kubelet looks every second."""
_AFTER_FAILURE: Final = 10_000
"""Milliseconds. One that never heard of a launcher ends at once when it is stopped; one that did finishes
what it reads within the Pod's grace."""
_SLACK: Final = 60_000


def patience_ends(pod: PodView, upload: int) -> int | None:
    """Return until when to wait for whichever it is, in Unix milliseconds; ``upload`` is in seconds."""
    at_gate = _patience_at_gate(pod) if pod.mode is Mode.GATED else None
    return _patience_with_uploader(pod, upload) if at_gate is None else at_gate


def _patience_at_gate(pod: PodView) -> int | None:
    """Return until when to wait for an abort that a downloader owes, or for the downloader itself."""
    downloader, main = pod.container(DOWNLOADER).ended, pod.container(MAIN).ended
    if downloader is not None and downloader.exit_code != 0 and main is None:
        return (downloader.finished or pod.created) + _AFTER_DOWNLOADER
    if downloader is None and main is not None and pod.container(UPLOADER).ended is not None:
        return (main.finished or pod.created) + _AFTER_FAILURE
    return None


def _patience_with_uploader(pod: PodView, upload: int) -> int | None:
    main, uploader = pod.container(MAIN).ended, pod.container(UPLOADER)
    if main is None or uploader.ended is not None:
        return None
    hurried = _others_run(pod) if pod.mode is Mode.SIGNAL else main.exit_code != 0
    patience = _AFTER_FAILURE if hurried else upload * 1000 + _SLACK
    return (main.finished or pod.created) + patience


def _others_run(pod: PodView) -> bool:
    """Tell whether containers that others added keep the kubelet from waking our sidecar."""
    return any(one.name != MAIN and one.ended is None for one in pod.containers)


def unheard(pod: PodView, upload: int, now: int) -> Stop | None:
    """Return the stop for a Pod in which one of them has waited long enough."""
    ends = patience_ends(pod, upload)
    if ends is None or now < ends:
        return None
    if pod.container(MAIN).ended is None:
        text = "the downloader failed, and the command still waits for its inputs"
    else:
        late = UPLOADER if pod.container(UPLOADER).ended is None else DOWNLOADER
        text = f"the {late} did not end, although the command has"
    return Stop(Reason.COPILOT_FAILED, text, now)
