"""What it means that the API server refuses a Pod: wait for something, or the end."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from containertask.api.reasons import Reason
from containertask.contract.manifest import Mode
from containertask.core.names import LAUNCHER_VOLUME
from containertask.core.snapshot import Refusal

_INVALID: Final = frozenset({400, 413, 422})
_OF_POD: Final = frozenset({400, 403, 422})
_VOLUME: Final = re.compile(
    rf"image volume|volume type \"?image|volume \"?{LAUNCHER_VOLUME}\b|"
    rf"volumeMounts\[\d+\]\.name: Not found: \"?{LAUNCHER_VOLUME}\b",
    re.IGNORECASE,
)
"""An API server that does not know image volumes misses the volume's type (422) or, as fields are checked
strictly, names the field (400): by its number, for which others are the user's own."""
_NUMBERED: Final = re.compile(r"volumes\[(\d+)\]")
_BY_POLICY: Final = re.compile(r"is forbidden: ValidatingAdmissionPolicy|admission webhook \".*\" denied")
"""Unless told otherwise policies refuse as invalid, webhooks as a bad request: no fault of the form."""
_WEBHOOK: Final = re.compile(r"admission webhook \".{1,253}\" denied the request")
_PASSING: Final = frozenset({409, 429, *range(500, 600)})
"""Codes by which a webhook that refuses a Pod says that it may take it later."""
_NAME_TAKEN: Final = 409
_INTERNAL_ERROR: Final = 500
_TOO_LARGE: Final = re.compile(r"request is too large")
"""etcd's words, for which the API server has no code of its own."""


@dataclass(frozen=True, slots=True)
class Wait:
    """It may be taken later: try again after so many milliseconds."""

    reason: Reason
    retry: int


@dataclass(frozen=True, slots=True)
class WithoutVolume:
    """It may be the image volume of Gated mode that is not taken: Init mode has none.

    Where the words are about something else, or about nothing, it is ``certain`` only once a Pod without
    the volume was taken, and says nothing of other tasks.
    """

    certain: bool


@dataclass(frozen=True, slots=True)
class Fatal:
    """It will never be taken."""

    reason: Reason


_PASSING_WORDS: Final = (
    (re.compile(r"exceeded quota|status unknown for quota"), Wait(Reason.QUOTA_EXCEEDED, 15_000)),
    (
        re.compile(r"error looking up service account|serviceaccount \"[^\"]*\" not found"),
        Wait(Reason.SERVICE_ACCOUNT_NOT_FOUND, 5_000),
    ),
    (
        re.compile(r"no PriorityClass with name .* was found|RuntimeClass \".*\" not found"),
        Wait(Reason.CLASS_NOT_FOUND, 5_000),
    ),
    (re.compile(r"cannot create resource"), Wait(Reason.OPERATOR_FORBIDDEN, 60_000)),
    (re.compile(r"is being terminated"), Wait(Reason.NAMESPACE_TERMINATING, 60_000)),
)
"""The words of what passes when somebody makes or frees something, and how soon to try again."""


def judge_refusal(refusal: Refusal) -> Wait | WithoutVolume | Fatal:
    """Tell the one from the other, by code and, where the API server has no code, by its words."""
    if refusal.mode is Mode.GATED and refusal.code in _OF_POD and _of_volume(refusal):
        return WithoutVolume(certain=True)
    if _WEBHOOK.match(refusal.message) and refusal.code in _PASSING:
        return Wait(Reason.POD_CREATION_FAILING, 10_000)
    if refusal.code == _NAME_TAKEN:
        return Fatal(Reason.POD_NAME_TAKEN)
    if refusal.code == _INTERNAL_ERROR and _TOO_LARGE.search(refusal.message):
        return Fatal(Reason.INVALID_POD_TEMPLATE)
    if refusal.code == _INTERNAL_ERROR:
        return Wait(Reason.POD_CREATION_FAILING, 10_000)
    if refusal.code in _INVALID and not _BY_POLICY.search(refusal.message):
        return Fatal(Reason.INVALID_POD_TEMPLATE)
    for words, found in _PASSING_WORDS:
        if words.search(refusal.message):
            return found
    return WithoutVolume(certain=False) if refusal.mode is Mode.GATED else Fatal(Reason.POD_REFUSED)


def _of_volume(refusal: Refusal) -> bool:
    """Tell whether the words are about the image volume."""
    numbers = {int(one) for one in _NUMBERED.findall(refusal.message)}
    ours = bool(numbers) if refusal.volume is None else refusal.volume in numbers
    return ours or _VOLUME.search(refusal.message) is not None
