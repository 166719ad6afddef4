"""How the Pods of real tasks ended, and what the API server answered that took none, as they are in
``tests/recorded/ends`` and ``tests/recorded/refusals``; and what the operator's core says of each.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from containertask.api.reasons import Reason
from containertask.contract.manifest import Mode
from containertask.core.blocked import hopeless, unconfigured, waiting_for
from containertask.core.config import Config
from containertask.core.judge import judge
from containertask.core.podview import PodView, pod_view
from containertask.core.refusals import Fatal, Wait, judge_refusal
from containertask.core.snapshot import Refusal

Json = dict[str, Any]

_FOLDER: Final = Path(__file__).resolve().parents[1] / "recorded"
_LATER: Final = 3_600_000
"""Milliseconds: beyond every patience that the operator has with a Pod."""


@dataclass(frozen=True, slots=True)
class Told:
    """What is made of a Pod: how it ended, why it is to be stopped, or what it waits for."""

    how: str
    reason: str
    message: str


def names() -> list[str]:
    """Return the names of all recordings, with their folder."""
    return sorted(f"{one.parent.name}/{one.stem}" for one in _FOLDER.glob("*/*.json"))


def recording(name: str) -> Json:
    """Return a recording as it was written; its name is one of ``names``."""
    found: Json = json.loads((_FOLDER / f"{name}.json").read_text())
    return found


def told_by(found: Json) -> Told:
    """Return what the core says of a recording."""
    if "refusal" in found:
        return told_of_refusal(found["refusal"], Mode(found["mode"]))
    return told(view_of(found["pod"], gone=found["gone"]))


def view_of(pod: Json, *, gone: bool) -> PodView:
    """Return a Pod as the operator reads it."""
    return replace(pod_view(pod), gone=gone)


def told(pod: PodView) -> Told:
    """Return what the core says of a Pod, in the order in which ``plan`` asks."""
    verdict = judge(pod)
    if verdict is not None:
        return Told("ended", verdict.reason or Reason.SUCCEEDED, verdict.message)
    later = pod.created + _LATER
    stop = hopeless(pod, later, Config(image="none"))
    if stop is not None:
        return Told("stopped", stop.reason, stop.message)
    stop = unconfigured(pod, later)
    if stop is not None:
        return Told("stopped by timeout.queued", stop.reason, stop.message)
    waiting = waiting_for(pod)
    return Told("waits", waiting.reason, waiting.message or "") if waiting else Told("runs", "", "")


def told_of_refusal(refusal: Json, mode: Mode) -> Told:
    """Return what the core says of an answer of the API server."""
    given = Refusal(attempt=0, mode=mode, code=refusal["code"], message=refusal["message"], at=0)
    match judge_refusal(given):
        case Wait(reason):
            return Told("waits", reason, given.message)
        case Fatal(reason):
            return Told("ended", reason, given.message)
        case _:
            return Told("tries Init", "", given.message)
