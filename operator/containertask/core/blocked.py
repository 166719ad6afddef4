"""What keeps a Pod from starting: what it waits for, and when waiting is over."""

from __future__ import annotations

import re
from typing import Final

from containertask.api.reasons import Reason
from containertask.api.status import WaitingFor
from containertask.contract.manifest import Mode
from containertask.contract.report import Outcome, Report, ReportError
from containertask.core.config import Config
from containertask.core.mainend import START_REASONS
from containertask.core.names import DOWNLOADER, MAIN, UPLOADER
from containertask.core.podview import Container, PodView, Terminated
from containertask.core.stop import MAX_NOTE, Stop
from containertask.core.texts import cut

_PULLS: Final = frozenset(
    {
        "ErrImageNeverPull",
        "ErrImagePull",
        "ImageInspectError",
        "ImagePullBackOff",
        "RegistryUnavailable",
        "SignatureValidationFailed",
    }
)
_CONFIGURATION: Final = frozenset({"CreateContainerConfigError"})
_RUNTIME: Final = frozenset({"CreateContainerError", "RunContainerError"})
_GRACEFUL: Final = _PULLS | _RUNTIME
UNSTARTABLE: Final = frozenset({*_GRACEFUL, "InvalidImageName"})
"""Why a container waits whose image, or whose mounts, the node cannot get."""
_NO_PROGRAM: Final = "no command specified"
"""The runtime's words for an image without ENTRYPOINT, where the task has no command either."""
_ROOT: Final = re.compile(r"runAsNonRoot|non-root")
"""The kubelet's words for an image or a user that the security context forbids: nothing will change it."""


def waiting_for(pod: PodView) -> WaitingFor | None:
    """Return what a Pod that has not started waits for, where that is worth a person's look."""
    condition = pod.conditions.get("PodScheduled")
    if condition is not None and condition.status == "False":
        return WaitingFor(reason=Reason.UNSCHEDULABLE.value, message=cut(condition.message))
    if pod.mounting and pod.sources:
        return WaitingFor(reason=Reason.CONTAINER_CONFIG.value, message=_unmounted(pod))
    for one in _ours(pod):
        reason = _reason(one)
        if reason is not None and one.waiting is not None:
            text = f"{one.name}: {one.waiting.reason}: {one.waiting.message}"
            return WaitingFor(reason=reason.value, message=cut(text))
    return None


def hopeless(pod: PodView, now: int, config: Config) -> Stop | None:
    """Return why a Pod that nothing else would end has to be stopped."""
    for one in _ours(pod):
        if one.ended is not None and one.ended.reason in START_REASONS and not _ends_alone(pod, one):
            text = cut(f"{one.name}: {one.ended.message or one.ended.reason}", MAX_NOTE)
            return Stop(Reason.CONTAINER_START_FAILED, text, now)
        if one.waiting is not None and one.waiting.reason == "InvalidImageName":
            return Stop(Reason.INVALID_IMAGE_NAME, cut(f"{one.name}: {one.waiting.message}", MAX_NOTE), now)
        if one.waiting is not None and _NO_PROGRAM in one.waiting.message:
            text = "the image has no ENTRYPOINT, and the task no command: set command"
            return Stop(Reason.COMMAND_NOT_FOUND, text, now)
        if _impatient(one) and one.waiting is not None and now >= _patience(pod, config):
            text = cut(f"{one.name}: {one.waiting.reason}: {one.waiting.message}", MAX_NOTE)
            return Stop(_failed(one.waiting.reason), text, now)
    uploader = None if pod.mode is Mode.SIGNAL else pod.container(UPLOADER).ended
    if uploader is not None and pod.container(MAIN).ended is None and _gave_up(uploader):
        text = f"the uploader ended before the command: {uploader.reason} {uploader.message[:500]}".rstrip()
        return Stop(Reason.COPILOT_FAILED, text, now)
    return None


def _ends_alone(pod: PodView, one: Container) -> bool:
    """Tell whether the kubelet ends the Pod: nobody waits for a launcher in Signal mode."""
    return pod.mode is Mode.SIGNAL and one.name == MAIN


def _failed(waiting: str) -> Reason:
    if waiting in _PULLS:
        return Reason.IMAGE_PULL_FAILED
    return Reason.RUN_AS_ROOT_FORBIDDEN if waiting in _CONFIGURATION else Reason.CONTAINER_START_FAILED


def unconfigured(pod: PodView, now: int) -> Stop | None:
    """Return what to say of a Pod that names a Secret or ConfigMap which is not there: it may still come."""
    if pod.mounting and pod.sources:
        return Stop(Reason.CONFIG_MAP_NOT_FOUND, _unmounted(pod), now)
    for one in _ours(pod):
        if one.waiting is not None and one.waiting.reason in _CONFIGURATION and not _impatient(one):
            secret = "secret" in one.waiting.message.lower()
            reason = Reason.SECRET_NOT_FOUND if secret else Reason.CONFIG_MAP_NOT_FOUND
            return Stop(reason, cut(f"{one.name}: {one.waiting.message}", MAX_NOTE), now)
    return None


def _unmounted(pod: PodView) -> str:
    """Say what is surely needed: what is missing stands in the Pod's events alone, which we do not read."""
    return cut(f"node {pod.node} has not mounted the Pod's volumes yet; is there {', '.join(pod.sources)}?")


def _gave_up(uploader: Terminated) -> bool:
    """Tell whether the uploader ended without having seen the command's end.

    One that has seen it may be reported a moment before ``main`` is.
    """
    try:
        return Report.decode(uploader.message).outcome in {Outcome.COPILOT_FAILED, Outcome.NOT_STARTED}
    except ReportError:
        return True


def patience_ends(pod: PodView, config: Config) -> int | None:
    """Return when a Pod that cannot start now has had its time, in Unix milliseconds."""
    return _patience(pod, config) if any(_impatient(one) for one in _ours(pod)) else None


def _patience(pod: PodView, config: Config) -> int:
    return _begun(pod) + config.image_pull_grace * 1000


def _impatient(one: Container) -> bool:
    """Tell whether a container waits for what comes soon or never."""
    if one.waiting is None:
        return False
    forbidden = one.waiting.reason in _CONFIGURATION and _ROOT.search(one.waiting.message) is not None
    return forbidden or one.waiting.reason in _GRACEFUL


def _begun(pod: PodView) -> int:
    """Return since when the node has been busy with what the Pod waits for now."""
    downloader = pod.container(DOWNLOADER).ended
    finished = downloader.finished if downloader else None
    return finished or pod.started or pod.created


def _ours(pod: PodView) -> list[Container]:
    return [pod.container(name) for name in (DOWNLOADER, MAIN, UPLOADER)]


def _reason(one: Container) -> Reason | None:
    match one.waiting.reason if one.waiting else "":
        case reason if reason in _PULLS:
            return Reason.IMAGE_PULL
        case reason if reason in _CONFIGURATION:
            return Reason.CONTAINER_CONFIG
        case reason if reason in _RUNTIME:
            return Reason.CONTAINER_START_FAILED
        case _:
            return None
