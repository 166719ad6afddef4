"""What keeps a Pod from starting: what it waits for, and when waiting is over."""

from __future__ import annotations

import re
from typing import Final

from containertask.api.reasons import Reason
from containertask.api.status import WaitingFor
from containertask.contract.manifest import Mode
from containertask.contract.outcome import Outcome
from containertask.contract.report import Report, ReportError
from containertask.core.config import Config
from containertask.core.mainend import START_REASONS
from containertask.core.names import DOWNLOADER, MAIN, UPLOADER
from containertask.core.podview import Condition, Container, PodView, Terminated
from containertask.core.stop import MAX_NOTE, Stop
from containertask.core.texts import cut
from containertask.core.trouble import Trouble, told
from containertask.core.trouble import waiting_for as troubled

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
_NO_CLAIM: Final = re.compile(r"persistentvolumeclaim \"[^\"]*\" not found")
_UNBOUND: Final = "unbound immediate PersistentVolumeClaims"
"""The scheduler's words."""
_ROOT: Final = re.compile(r"runAsNonRoot|non-root")
"""The kubelet's words for an image or a user that the security context forbids: nothing will change it."""


def waiting_for(pod: PodView, known: Trouble | None) -> WaitingFor | None:
    """Return what a Pod that has not started waits for, where that is worth a person's look."""
    condition = pod.conditions.get("PodScheduled")
    if condition is not None and condition.status == "False":
        return WaitingFor(reason=_unscheduled(condition).value, message=cut(condition.message))
    if (trouble := told(pod, known)) is not None:
        return troubled(trouble)
    if pod.mounting and pod.sources:
        return WaitingFor(reason=Reason.CONTAINER_CONFIG.value, message=_unmounted(pod))
    if pod.mounting and pod.claims:
        text = f"node {pod.node} has not mounted PersistentVolumeClaim {', '.join(pod.claims)} yet"
        return WaitingFor(reason=Reason.VOLUME_NOT_READY.value, message=cut(text))
    for one in _needed(pod):
        reason = _reason(one)
        if reason is not None and one.waiting is not None:
            text = f"{one.name}: {one.waiting.reason}: {one.waiting.message}"
            return WaitingFor(reason=reason.value, message=cut(text))
    return None


def _unscheduled(condition: Condition) -> Reason:
    """Tell by the scheduler's words what of all that keeps a Pod from a node is for people to make."""
    if condition.reason == "SchedulingGated":
        return Reason.SCHEDULING_GATED
    if _NO_CLAIM.search(condition.message):
        return Reason.VOLUME_CLAIM_NOT_FOUND
    return Reason.VOLUME_NOT_READY if _UNBOUND in condition.message else Reason.UNSCHEDULABLE


def hopeless(pod: PodView, now: int, config: Config, since: int | None) -> Stop | None:
    """Return why a Pod that nothing else would end has to be stopped.

    ``since`` is since when the status says that it waits for what it waits for now.
    """
    for one in _needed(pod):
        if one.ended is not None and one.ended.reason in START_REASONS and not _ends_alone(pod, one):
            text = cut(f"{one.name}: {one.ended.message or one.ended.reason}", MAX_NOTE)
            return Stop(Reason.CONTAINER_START_FAILED, text, now)
        if one.waiting is not None and one.waiting.reason == "InvalidImageName":
            return Stop(Reason.INVALID_IMAGE_NAME, cut(f"{one.name}: {one.waiting.message}", MAX_NOTE), now)
        if one.waiting is not None and _NO_PROGRAM in one.waiting.message:
            text = "the image has no ENTRYPOINT, and the task no command: set command"
            return Stop(Reason.COMMAND_NOT_FOUND, text, now)
        if _impatient(one) and one.waiting is not None and now >= _patience(now, since, config):
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


def unconfigured(pod: PodView, now: int, known: Trouble | None) -> Stop | None:
    """Return what to say of a Pod that its node cannot get ready, or that names what is not there yet."""
    if (trouble := told(pod, known)) is not None:
        return Stop(trouble.missing or Reason.QUEUED_TIMEOUT, cut(trouble.message, MAX_NOTE), now)
    if pod.mounting and pod.sources:
        secret = pod.sources[0].startswith("Secret")
        reason = Reason.SECRET_NOT_FOUND if secret else Reason.CONFIG_MAP_NOT_FOUND
        return Stop(reason, _unmounted(pod), now)
    for one in _needed(pod):
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


def patience_ends(pod: PodView, now: int, config: Config, since: int | None) -> int | None:
    """Return when a Pod that cannot start now has had its time, in Unix milliseconds."""
    return _patience(now, since, config) if any(_impatient(one) for one in _needed(pod)) else None


def _patience(now: int, since: int | None, config: Config) -> int:
    return (now if since is None else since) + config.image_pull_grace * 1000


def _impatient(one: Container) -> bool:
    """Tell whether a container waits for what comes soon or never."""
    if one.waiting is None:
        return False
    forbidden = one.waiting.reason in _CONFIGURATION and _ROOT.search(one.waiting.message) is not None
    return forbidden or one.waiting.reason in _GRACEFUL


def _needed(pod: PodView) -> list[Container]:
    """Return what the task cannot go on without: our containers, and all that others have put before them."""
    names = (DOWNLOADER, MAIN, UPLOADER, *(one.name for one in pod.init_containers))
    return [pod.container(name) for name in dict.fromkeys(names)]


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
