"""Inputs that do not come: the downloader fails, and the command never runs, in each mode."""

from __future__ import annotations

from typing import Final

from containertask.contract import EXIT_ABORTED
from support import cluster
from support.cluster import Json
from support.follow import first
from support.modes import GATED, INIT, SIGNAL, in_modes
from support.seen import Failure, assert_failed
from support.tasks import ONCE, Tasks, shell, typed

A = typed(a="integer")
WRITES = "echo 1 > /var/outputs/a"
LARGE = [{"name": "text", "type": "string", "value": "x" * 40_000}]
SPEC = shell(WRITES, inputs=LARGE, outputs=A)
MAIN_ENDS: Final = {GATED: EXIT_ABORTED, INIT: None, SIGNAL: None}
"""The exit code of ``main``: only at the gate it has started at all, and there the launcher ends it."""


def values_of(tasks: Tasks, name: str) -> str:
    """Return the name of the ConfigMap with the task's values."""
    maps = tasks.owned(name, tasks.core.list_namespaced_config_map)
    return first(maps, bool, "the ConfigMap of the values")[0]


def forged(tasks: Tasks, name: str) -> str:
    """Run a task whose ConfigMap somebody else has made before, with other values; return its name.

    The name ends with the values' digest, which a task with the same values tells.
    """
    tasks.run("twin", SPEC)
    digest = values_of(tasks, "twin").rpartition("-")[2]
    task = tasks.create(name, {**SPEC, **ONCE, "suspend": True})
    tasks.in_phase(name, "Queued")
    map_name = f"{name}-{task.uid[:5]}-{digest}"
    content: Json = {"metadata": {"name": map_name}, "data": {"values.json": '{"inputs":{"text":"forged"}}'}}
    tasks.core.create_namespaced_config_map(tasks.namespace, content)
    tasks.patch(name, suspend=False)
    return map_name


@in_modes()
def test_values_that_are_not_the_tasks_own_are_refused_and_the_command_never_runs(here: Tasks) -> None:
    map_name = forged(here, "forged")
    task = here.ended("forged")
    says = ("digest", "somebody else's ConfigMap")
    assert_failed(task, Failure(reason="CopilotFailed", kind="System", says=says, container="downloader"))
    assert "started" not in task.status["timeline"]
    assert "Started" not in task.conditions
    pod = here.pod("forged", lambda pod: pod["status"]["phase"] == "Failed")
    assert (cluster.terminated(pod, "main") or {}).get("exitCode") == MAIN_ENDS[here.mode or ""]
    here.core.delete_namespaced_config_map(map_name, here.namespace)


@in_modes()
def test_a_downloader_that_is_killed_ends_the_task_although_it_told_nobody(here: Tasks) -> None:
    # Enough for the program to start, too little for what it has to read.
    limits = {"limits": {"memory": "20Mi"}}
    many = [{"name": "many", "type": "struct", "value": {"empty": [[]] * 170_000}}]
    task = here.run(
        "killed",
        shell(WRITES, outputs=A, inputs=many, copilotResources=limits, **ONCE),
    )
    says = ("downloader", "without a report", "OOMKilled")
    assert_failed(task, Failure(reason="CopilotFailed", kind="System", says=says, container="downloader"))
    assert "started" not in task.status["timeline"]
    assert float(task.status["duration"].removesuffix("s")) <= 30
