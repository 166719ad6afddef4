"""When a Gated Pod cannot start for its image volume, and one in Init mode takes its place.

Only what speaks of the volume itself counts: a user's image that is missing shows by the same reasons.
"""

from __future__ import annotations

import re
from typing import Final

from containertask import contract
from containertask.api.reasons import Reason
from containertask.contract.manifest import Mode
from containertask.core.blocked import UNSTARTABLE
from containertask.core.config import Config
from containertask.core.mainend import START_REASONS
from containertask.core.mode import Cluster
from containertask.core.names import MAIN
from containertask.core.podview import PodView
from containertask.core.stop import MAX_NOTE, Stop
from containertask.core.texts import cut

_MOUNT: Final = re.compile(r"image volume|ImageVolumeMountFailed", re.IGNORECASE)
"""The runtimes' words for an image that is there and cannot be mounted."""
_PATIENCE: Final = 20_000
"""Milliseconds that a node may take for the sandbox and its volumes, where it has never mounted one."""


def unusable_volume(pod: PodView, cluster: Cluster, now: int, config: Config) -> Stop | None:
    """Return the stop for a Gated Pod that cannot start for its image volume."""
    if pod.mode is not Mode.GATED:
        return None
    text = _said(pod, config)
    ends = unproven_until(pod, cluster)
    if text is None and ends is not None and now >= ends:
        text = f"node {pod.node} did not get the Pod ready to start containers within {_PATIENCE // 1000} s"
    return None if text is None else Stop(Reason.IMAGE_VOLUME_UNUSABLE, cut(text, MAX_NOTE), now)


def unproven_until(pod: PodView, cluster: Cluster) -> int | None:
    """Return until when to wait for a node that has not shown yet that it can mount image volumes.

    On one that has, a Pod that is not ready yet waits for something else, such as its turn; so may one that
    needs a ConfigMap.
    """
    if pod.mode is not Mode.GATED or not pod.mounting or pod.sources or pod.foreign or pod.scheduled is None:
        return None
    return None if pod.node in cluster.proven else pod.scheduled + _PATIENCE


def proves(pod: PodView) -> bool:
    """Tell whether a Pod shows that its node knows image volumes: without them there is no sandbox."""
    return pod.mode is Mode.GATED and (pod.begun or pod.ready_to_start)


def replaced(pod: PodView) -> bool:
    """Tell whether a Pod was stopped for its image volume."""
    stopped = pod.stop is not None and pod.stop.reason is Reason.IMAGE_VOLUME_UNUSABLE
    return pod.mode is Mode.GATED and stopped


def _said(pod: PodView, config: Config) -> str | None:
    main = pod.container(MAIN)
    if main.ended is not None and main.ended.reason in START_REASONS:
        ours = contract.LAUNCHER_DIR in main.ended.message or _MOUNT.search(main.ended.message)
        return main.ended.message if ours else None
    if main.waiting is None or main.waiting.reason not in UNSTARTABLE or not pod.begun:
        return None  # where no container has begun, it is the image itself that is not there
    said = main.waiting.message
    # With the quotes: a user's image may begin like ours. Runtimes put in front what they take for granted.
    named = re.search(rf'"([^"\s/]+/){{0,2}}{re.escape(config.image)}"', said)
    return f"{main.waiting.reason}: {said}" if named or _MOUNT.search(said) else None
