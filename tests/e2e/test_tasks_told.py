"""What a task tells those who follow it: conditions, times, events, usage and outputs, in each mode."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from support import cluster
from support.modes import EVERY, GATED, INIT, LAUNCHED, SIGNAL, in_modes
from support.seen import Failure, assert_failed, assert_succeeded
from support.tasks import Tasks, shell, typed

A = typed(a="integer")
HOLDS = 'echo ready; until [ -e /var/outputs/go ]; do sleep 0.1; done; echo "$CT_ATTEMPT" > /var/outputs/a'
USAGE: Final = {GATED: True, INIT: True, SIGNAL: False}
"""Only a launcher measures."""
STARTED_IS_KNOWN_WHILE_IT_RUNS: Final = {GATED: False, INIT: True, SIGNAL: True}
"""At the gate ``main`` runs and the command does not: the launcher's record says when it did."""


def assert_in_order(times: list[str]) -> None:
    """Compare whole seconds: what comes from the API server and the kubelet has no parts of one."""
    seconds = [datetime.fromisoformat(time).replace(microsecond=0) for time in times]
    assert seconds == sorted(seconds), times


@in_modes()
def test_a_success_has_its_outputs_conditions_timeline_and_events(here: Tasks) -> None:
    here.create("success", shell("echo 42 > /var/outputs/a", outputs=A))
    where = f"--namespace={here.namespace}"
    cluster.kubectl("wait", "--for=condition=Complete", "containertask/success", where, "--timeout=60s")
    task = here.ended("success")
    assert_succeeded(task, a=42)
    times = [task.status["timeline"][name] for name in ("podCreated", "inputsReady", "started", "finished")]
    assert_in_order(times)
    assert ("usage" in task.status) is USAGE[here.mode or ""]
    events = here.events("success", last="Succeeded")
    assert [(kind, reason) for kind, reason, _ in events] == [
        ("Normal", "PodCreated"),
        ("Normal", "Succeeded"),
    ]
    assert task.pod_name() in events[0][2]


@in_modes(*LAUNCHED)
def test_what_a_command_used_is_measured_by_its_launcher(here: Tasks) -> None:
    task = here.run("busy", shell("i=0; while [ $i -lt 300000 ]; do i=$((i + 1)); done"))
    assert_succeeded(task)
    assert task.status["usage"]["cpuMilliseconds"] >= 10
    assert task.status["usage"]["memoryPeakBytes"] >= 100_000


@in_modes(*EVERY)
def test_a_command_counts_as_started_once_it_is_known_to_run(here: Tasks) -> None:
    here.create("held", shell(HOLDS, outputs=A))
    here.printed("held", "ready")
    running = here.in_phase("held", "Running")
    known = STARTED_IS_KNOWN_WHILE_IT_RUNS[here.mode or ""]
    assert (running.conditions.get("Started", ("", ""))[0] == "True") is known
    assert ("started" in running.status["timeline"]) is known
    pod = cluster.Namespace(here.core, here.namespace)
    pod.execute(running.pod_name(), "main", "touch", "/var/outputs/go")
    task = here.ended("held")
    assert_succeeded(task, a=0)
    assert task.conditions["Started"] == ("True", "CommandStarted")


@in_modes(*LAUNCHED)
def test_the_launchers_record_says_to_the_millisecond_when_the_command_ran(here: Tasks) -> None:
    task = here.run("timed", shell("sleep 0.3; echo 1 > /var/outputs/a", outputs=A))
    assert_succeeded(task, a=1)
    times = task.status["timeline"]
    assert all("." in times[name] for name in ("inputsReady", "started", "finished", "uploaded")), times
    assert times["inputsReady"] <= times["started"] < times["finished"] <= times["uploaded"]


@in_modes(*EVERY)
def test_a_failure_is_a_condition_for_kubectl_wait_and_a_warning_for_kubectl_describe(here: Tasks) -> None:
    task = here.create("failure", shell("exit 7"))
    where = f"--namespace={here.namespace}"
    cluster.kubectl("wait", "--for=condition=Failed", "containertask/failure", where, "--timeout=60s")
    events = here.events("failure", last="NonZeroExit")
    text = f"the command ended with exit code 7: see kubectl logs {task.pod_name()} --container main"
    assert events[-1] == ("Warning", "NonZeroExit", text)
    described = cluster.kubectl("describe", "containertask/failure", where)
    assert "NonZeroExit" in described.partition("Events:")[2]


SO_FAR = "echo 42 > /var/outputs/a; echo so far so good; exit 7"
EXIT_CODE_7 = Failure(reason="NonZeroExit", kind="User", says=("exit code 7",), exit_code=7, container="main")


@in_modes(*EVERY)
def test_partial_outputs_of_a_command_that_fails_are_kept(here: Tasks) -> None:
    task = here.run("partial", shell(SO_FAR, outputs=typed(a="integer", b="float")))
    assert_failed(task, EXIT_CODE_7, a=42)


@in_modes(*LAUNCHED)
def test_exit_code_and_what_a_command_printed_are_kept_when_it_fails(here: Tasks) -> None:
    exit_code = {"name": "code", "type": "integer", "source": "ExitCode"}
    printed = {"name": "printed", "type": "string", "source": "Stdout"}
    task = here.run("sources", shell(SO_FAR, outputs=[*A, exit_code, printed]))
    assert_failed(task, EXIT_CODE_7, a=42, code=7, printed="so far so good")
