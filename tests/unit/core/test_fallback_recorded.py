"""The fall-back, held against what a real node said: of an image volume, and of what only looks like it."""

from __future__ import annotations

from typing import Final

import pytest

from containertask.api.reasons import Reason
from containertask.core.actions import Plan, StopPod
from containertask.core.plan import plan
from support.builders import quiet, seen, told
from support.builders.recordings import a_recording


def reason_of(found: Plan) -> Reason | None:
    return found.action.stop.reason if isinstance(found.action, StopPod) else None


SEEN_WITH_THE_VOLUME: Final = {
    "gated-both-images-missing": 5,
    "gated-launcher-is-a-folder": 5,
    "gated-launcher-missing": 5,
    "gated-launcher-not-executable": 5,
    "gated-never-ready": 20,
    "gated-volume-empty": 5,
    "gated-volume-folder-missing": 5,
    "gated-volume-image-invalid": 5,
    "gated-volume-image-missing": 5,
    "gated-volume-image-missing-later": 5,
    "gated-volume-image-never-pulled": 5,
}
SEEN_WITH_SOMETHING_ELSE: Final = {
    "gated-launcher-of-another-machine": 5,
    "gated-never-ready": 19,
    "gated-not-yet-ready": 19,
    "gated-operator-image-missing": 100,
    "gated-user-image-missing": 100,
    "gated-user-image-missing-later": 100,
    "gated-user-image-named-alike": 100,
    "signal-user-image-missing": 100,
    "signal-command-not-found": 5,
}


@pytest.mark.parametrize(("name", "seconds"), SEEN_WITH_THE_VOLUME.items())
def test_a_recorded_pod_without_its_volume_is_stopped(name: str, seconds: float) -> None:
    one = a_recording(name)
    found = plan(seen(one.task, one.pod), one.after(seconds), one.config)
    assert reason_of(found) is Reason.IMAGE_VOLUME_UNUSABLE


@pytest.mark.parametrize(("name", "seconds"), SEEN_WITH_SOMETHING_ELSE.items())
def test_a_recorded_pod_with_another_trouble_is_let_be(name: str, seconds: float) -> None:
    one = a_recording(name)
    now = one.after(seconds)
    found = plan(seen(one.task, one.pod, trouble=quiet(one.pod, now)), now, one.config)
    assert found.action is None


@pytest.mark.parametrize("name", ["gated-user-image-missing", "gated-operator-image-missing"])
def test_a_recorded_image_that_does_not_come_is_given_up_as_an_image(name: str) -> None:
    one = a_recording(name)
    task = told(one.task, one.pod, one.after(5))
    found = plan(seen(task, one.pod), one.after(200), one.config)
    assert reason_of(found) is Reason.IMAGE_PULL_FAILED
