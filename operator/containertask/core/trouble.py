"""What keeps a node from getting a Pod ready: the Pod's events say it, and nothing else does.

They are asked for when it takes longer than it should, ever less often, and never before.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from containertask.api.reasons import Reason
from containertask.api.status import WaitingFor
from containertask.core.instants import to_ms
from containertask.core.podview import PodView
from containertask.core.texts import cut

Json = dict[str, Any]

ASKED_AFTER: Final = 5_000
"""Milliseconds: every Pod waits for its volumes at first, mostly for less than a second."""
_OFTEN: Final = 10_000
_SELDOM: Final = 60_000
_EARLY: Final = 60_000
"""Milliseconds in which it is asked often."""
_REASONS: Final = {
    "FailedMount": Reason.VOLUME_NOT_READY,
    "FailedMapVolume": Reason.VOLUME_NOT_READY,
    "FailedAttachVolume": Reason.VOLUME_NOT_READY,
    "FailedCreatePodSandBox": Reason.SANDBOX_NOT_READY,
    "NetworkNotReady": Reason.SANDBOX_NOT_READY,
}
_MISSING: Final = re.compile(
    r"(secret|configmap) \"[^\"]+\" not found|references non-existent \w+ key", re.IGNORECASE
)
"""The kubelet's words for what somebody has to create."""
_SECRET: Final = re.compile(r"secret", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """What a Pod's events said when they were read last; ``reason`` is None if nothing of it."""

    pod_uid: str
    at: int
    reason: Reason | None = None
    message: str = ""

    @property
    def missing(self) -> Reason | None:
        """Return which end it is if nobody creates what is missing."""
        if not _MISSING.search(self.message):
            return None
        return Reason.SECRET_NOT_FOUND if _SECRET.search(self.message) else Reason.CONFIG_MAP_NOT_FOUND


def trouble_in(events: Iterable[Json], pod_uid: str, at: int) -> Trouble:
    """Return what the newest event that tells of trouble says."""
    found = [(_when(one), one) for one in events if one.get("reason") in _REASONS]
    if not found:
        return Trouble(pod_uid=pod_uid, at=at)
    event = max(found, key=lambda each: each[0])[1]
    reason, message = _REASONS[event["reason"]], str(event.get("message") or "")
    return Trouble(pod_uid=pod_uid, at=at, reason=reason, message=cut(message))


def ask_at(pod: PodView, known: Trouble | None) -> int | None:
    """Return when to read the Pod's events, in Unix milliseconds; None if there is nothing to ask."""
    since = pod.scheduled or pod.created
    if not pod.mounting or pod.deleting or pod.stop is not None:
        return None
    if known is None or known.pod_uid != pod.uid:
        return since + ASKED_AFTER
    return known.at + (_OFTEN if known.at < since + _EARLY else _SELDOM)


def told(pod: PodView, known: Trouble | None) -> Trouble | None:
    """Return the trouble of a Pod that is not ready yet, if its events told of one."""
    if not pod.mounting or known is None or known.pod_uid != pod.uid or known.reason is None:
        return None
    return known


def waiting_for(trouble: Trouble) -> WaitingFor:
    """Return it as the status says it."""
    reason = Reason.CONTAINER_CONFIG if trouble.missing else trouble.reason
    return WaitingFor(reason=(reason or Reason.VOLUME_NOT_READY).value, message=trouble.message)


def _when(event: Json) -> int:
    text = event.get("lastTimestamp") or event.get("eventTime")
    try:
        return to_ms(text) if isinstance(text, str) else 0
    except ValueError:
        return 0
