"""Containers that others put before ours: without them the task does not go on, and it says so."""

from __future__ import annotations

import pytest

from containertask.contract.manifest import Mode
from containertask.core.accept import accept
from containertask.core.actions import StopPod
from containertask.core.plan import plan
from containertask.core.snapshot import Snapshot
from support.builders import CONFIG, a_pod, a_task

PREPARE = {"name": "prepare", "image": "nowhere"}
TASK = a_task(podTemplate={"spec": {"initContainers": [PREPARE]}})


@pytest.mark.parametrize("mode", Mode)
def test_an_image_that_is_nowhere_is_told_and_has_its_grace(mode: Mode) -> None:
    pod = (
        a_pod(task=TASK, mode=mode).scheduled().sandbox().waiting("prepare", "ImagePullBackOff", "404").view()
    )
    view = TASK.view()
    snapshot = Snapshot(task=view, accepted=accept(view), pods=(pod,))
    status = plan(snapshot, view.created + 20_000, CONFIG).status
    assert status is not None
    assert (status.phase, status.reason) == ("Initializing", "ImagePull")
    assert status.message == "prepare: ImagePullBackOff: 404"
    waits = TASK.status(status).view()
    later = Snapshot(task=waits, accepted=accept(waits), pods=(pod,))
    action = plan(later, view.created + 20_000 + CONFIG.image_pull_grace * 1000, CONFIG).action
    assert isinstance(action, StopPod)
    assert action.stop.reason == "ImagePullFailed"
