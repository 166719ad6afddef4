"""A Pod that should not live any more: how it is made to end, and what is done when nobody obeys.

First it is stopped, which keeps its log; what hears no stop is deleted; and what its node does not let go of
is deleted at once, because its node is lost.
"""

from __future__ import annotations

from typing import Final

from containertask.core.actions import Action, DeletePod, StopPod
from containertask.core.config import Config
from containertask.core.names import DOWNLOADER
from containertask.core.podview import PodView, Running
from containertask.core.stop import Stop

_HEED: Final = 5_000
"""Milliseconds in which a kubelet that looks at a stopped Pod has ended it, if nothing of it runs."""
_HALF_DELETED: Final = 2_000
"""Milliseconds after which a Pod without a node that is marked as deleted is deleted again."""
_SILENCE: Final = 60_000
"""Milliseconds past a stopped Pod's grace after which no kubelet looks at it any more."""


def ending(pod: PodView, stop: Stop, config: Config) -> Action | None:
    """Return the next step to the end of a Pod whose outcome is settled, if one is due at ``stop.at``."""
    if pod.over:
        return None
    if pod.deleting:
        return given_up(pod, stop.at, config)
    if pod.node is None or unheeded(pod, stop.at):
        return DeletePod(pod.name, pod.uid)
    if pod.stop is None and not _ends_by_itself(pod):
        return StopPod(pod.name, pod.uid, stop)
    return None


def looked_at(pod: PodView, config: Config) -> int | None:
    """Return when time alone makes the next step due, in Unix milliseconds."""
    if pod.deleting:
        return _given_up_from(pod, config)
    return _unheeded_from(pod)


def unheeded(pod: PodView, now: int) -> bool:
    """Tell whether a Pod is stopped that no kubelet ends.

    It has none, or that waits for a volume and looks at no deadline for about two minutes (seen), or is lost.
    """
    ends = _unheeded_from(pod)
    return pod.stop is not None and (pod.node is None or (ends is not None and now >= ends))


def given_up(pod: PodView, now: int, config: Config) -> Action | None:
    """Return the end of a Pod that is deleted, and whose node has not said for long that it is gone."""
    ends = _given_up_from(pod, config)
    return DeletePod(pod.name, pod.uid, at_once=True) if ends is not None and now >= ends else None


def _unheeded_from(pod: PodView) -> int | None:
    if pod.stop is None:
        return None
    if pod.begun or pod.ready_to_start:
        return pod.stop.at + pod.grace * 1000 + _SILENCE
    return pod.stop.at + _HEED


def _given_up_from(pod: PodView, config: Config) -> int | None:
    if pod.deleting_until is None:
        return None
    # Without a node there is nobody to wait for: the API server was interrupted (a client that died: seen).
    return pod.deleting_until + (_HALF_DELETED if pod.node is None else config.node_lost_grace * 1000)


def _ends_by_itself(pod: PodView) -> bool:
    """Tell whether the kubelet is about to report the end of the Pod: a stop would be a wasted write."""
    if any(isinstance(one.state, Running) for one in pod.containers):
        return False
    downloader = pod.container(DOWNLOADER).ended
    failed = downloader is not None and downloader.exit_code != 0
    return failed or (bool(pod.containers) and all(one.ended for one in pod.containers))
