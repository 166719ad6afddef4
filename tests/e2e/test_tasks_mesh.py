"""Containers that others add to a task's Pod, as a service mesh does: they delay nothing and are ended."""

from __future__ import annotations

import pytest

from support import cluster
from support.mesh import NATIVE, ORDINARY, injected
from support.modes import GATED, INIT, SIGNAL, in_modes
from support.seen import assert_succeeded
from support.tasks import Tasks, shell, typed

MOST_SECONDS = {GATED: 15, INIT: 15, SIGNAL: 25}
"""In Signal mode the uploader is asked for its report only when such a Pod is stopped, after ten seconds."""


@in_modes()
@pytest.mark.parametrize("shape", [ORDINARY, NATIVE], ids=["ordinary", "native"])
def test_a_sidecar_that_never_ends_by_itself_delays_nothing_and_is_ended(here: Tasks, shape: str) -> None:
    name = "meshed" if shape is ORDINARY else "meshed-natively"
    with injected(here, name, shape):
        task = here.run(name, shell("echo 1 > /var/outputs/a", outputs=typed(a="integer")))
    assert_succeeded(task, a=1)
    assert float(task.status["duration"].removesuffix("s")) <= MOST_SECONDS[here.mode or ""]
    pod = here.pod(name, lambda pod: cluster.terminated(pod, "mesh") is not None)
    assert (cluster.terminated(pod, "main") or {})["exitCode"] == 0
    here.pod(name, lambda pod: pod["status"]["phase"] in {"Succeeded", "Failed"})
    assert here.in_phase(name, "Succeeded").status == task.status
