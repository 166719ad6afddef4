"""How a task ends: each end that its own command, its image and its spec can bring about, on a real node."""

from __future__ import annotations

from dataclasses import replace

import pytest

from support import cluster
from support.cluster import Json
from support.seen import Failure, assert_failed, assert_succeeded
from support.shapes import STATIC_IMAGE
from support.tasks import Tasks, shell, typed

A = typed(a="integer")


def probe(*arguments: str, **more: object) -> Json:
    return {"image": STATIC_IMAGE, "command": ["/probe", *arguments], **more}


def user(reason: str, *says: str, code: int) -> Failure:
    return Failure(reason=reason, kind="User", says=says, exit_code=code, container="main")


def output(reason: str, *says: str) -> Failure:
    """Return the failure of output `a` of a command that ended well."""
    says = ("output `a`", *says)
    return Failure(reason=reason, kind="User", says=says, exit_code=0, container="uploader", origin="a")


def permanent(reason: str, *says: str) -> Failure:
    return Failure(reason=reason, kind="Permanent", says=says)


FAILURES: dict[str, tuple[Json, Failure]] = {
    "exit-code": (
        shell("exit 7", outputs=A),
        user("NonZeroExit", "exit code 7", code=7),
    ),
    "segfault": (
        # The kubelet makes one dollar of two, as in every Pod.
        shell("kill -SEGV $$$$"),
        user("NonZeroExit", "SIGSEGV", "139", code=139),
    ),
    "not-found": (
        shell("", command=["no-such-program", "x"]),
        replace(permanent("CommandNotFound", "no-such-program"), container="main", exit_code=127),
    ),
    "not-executable": (
        shell("", command=["/etc/hostname"]),
        replace(permanent("CommandNotExecutable", "/etc/hostname"), container="main", exit_code=126),
    ),
    "error-file": (
        shell("echo the model does not converge > /var/outputs/_ERROR; echo 1 > /var/outputs/a", outputs=A),
        replace(user("UserError", "the model does not converge", code=0), container="uploader"),
    ),
    "error-file-and-code": (
        shell("echo no such table > /var/outputs/_ERROR; exit 3"),
        user("UserError", "no such table", code=3),
    ),
    "output-missing": (
        shell("echo 1 > /var/outputs/aa", outputs=A),
        output("OutputMissing", "`aa`"),
    ),
    "output-of-wrong-type": (
        shell("echo 2.5 > /var/outputs/a", outputs=A),
        output("OutputInvalid", "integer", "2.5"),
    ),
    "output-too-large": (
        shell("head -c 2000000 /dev/zero > /var/outputs/a", outputs=typed(a="string")),
        output("OutputTooLarge", "2000000"),
    ),
    "output-is-a-link": (
        shell("ln -s /etc/hostname /var/outputs/a", outputs=typed(a="string")),
        output("OutputUnreadable", "`a`"),
    ),
    "execution-timeout": (
        shell("sleep 600", timeout={"execution": "1s"}),
        user("ExecutionTimeout", "timeout.execution", code=143),
    ),
    "launcher-dies-unheard": (
        # Go's runtime takes no 512Mi and ends the launcher before its first line: no record ever comes.
        shell("true", env=[{"name": "GOMEMLIMIT", "value": "512Mi"}]),
        user("NonZeroExit", "exit code 2", "no record", code=2),
    ),
    "invalid-image-name": (
        shell("", image="Not/An:Image:Name"),
        permanent("InvalidImageName", "Not/An:Image:Name", "main"),
    ),
}


@pytest.mark.parametrize("ending", FAILURES)
def test_a_task_that_fails_says_why_and_whose_fault_it_is_and_where(here: Tasks, ending: str) -> None:
    spec, failure = FAILURES[ending]
    assert_failed(here.run(ending, spec), failure)


REFUSED: dict[str, tuple[Json, Failure]] = {
    "input-that-does-not-parse": (
        shell("true", inputs=[{"name": "a", "type": "integer", "value": "forty-two"}]),
        permanent("InvalidSpec", "spec.inputs[a]", "integer", "forty-two"),
    ),
    "unknown-token": (
        shell("true", args=["{{.inputs.typo}}"], inputs=[{"name": "a", "type": "integer", "value": 1}]),
        permanent("InvalidSpec", "spec.args[0]", "{{.inputs.typo}}"),
    ),
}


@pytest.mark.parametrize("ending", REFUSED)
def test_a_spec_that_contradicts_itself_ends_the_task_before_any_pod(here: Tasks, ending: str) -> None:
    spec, failure = REFUSED[ending]
    task = here.run(ending, spec)
    assert_failed(task, failure)
    assert task.conditions["Accepted"] == ("False", "InvalidSpec")
    assert "podCreated" not in task.status["timeline"]
    assert next(here.pods(ending)) == {}
    assert [reason for _, reason, _ in here.events(ending, last="InvalidSpec")] == ["InvalidSpec"]


def test_a_success_has_its_outputs_conditions_timeline_and_events(here: Tasks) -> None:
    here.create("success", shell("echo 42 > /var/outputs/a", outputs=A))
    cluster.kubectl(
        "wait",
        "--for=condition=Complete",
        "containertask/success",
        f"--namespace={here.namespace}",
        "--timeout=60s",
    )
    task = here.ended("success")
    assert_succeeded(task, a=42)
    times = [task.status["timeline"][name] for name in ("podCreated", "inputsReady", "started", "finished")]
    assert times == sorted(times)
    assert task.status["usage"]["cpuMilliseconds"] >= 0
    events = here.events("success", last="Succeeded")
    assert [(kind, reason) for kind, reason, _ in events] == [
        ("Normal", "PodCreated"),
        ("Normal", "Succeeded"),
    ]
    assert task.pod_name() in events[0][2]


def test_a_failure_is_a_condition_for_kubectl_wait_and_a_warning_for_kubectl_describe(here: Tasks) -> None:
    task = here.create("failure", shell("exit 7"))
    where = f"--namespace={here.namespace}"
    cluster.kubectl("wait", "--for=condition=Failed", "containertask/failure", where, "--timeout=60s")
    events = here.events("failure", last="NonZeroExit")
    text = f"the command ended with exit code 7: see kubectl logs {task.pod_name()} --container main"
    assert events[-1] == ("Warning", "NonZeroExit", text)
    described = cluster.kubectl("describe", "containertask/failure", where)
    assert "NonZeroExit" in described.partition("Events:")[2]


def test_a_command_that_the_kernel_kills_for_memory_is_oom_killed(here: Tasks) -> None:
    task = here.run("hog", probe("hog", resources={"limits": {"memory": "48Mi"}}))
    assert_failed(task, user("OOMKilled", "memory", code=137))


def test_an_image_that_is_nowhere_is_waited_for_and_then_named(here: Tasks) -> None:
    here.create("no-image", shell("true", image="localhost:1/absent:dev"))
    waits = here.waiting_for("no-image", "ImagePull")
    assert waits.phase == "Initializing"
    assert "localhost:1/absent:dev" in waits.waiting_for["message"]
    task = here.ended("no-image")
    assert_failed(task, permanent("ImagePullFailed", "main", "localhost:1/absent:dev"))
    assert float(task.status["duration"].removesuffix("s")) <= 25


def test_partial_outputs_of_a_command_that_fails_are_kept(here: Tasks) -> None:
    exit_code = {"name": "code", "type": "integer", "source": "ExitCode"}
    printed = {"name": "printed", "type": "string", "source": "Stdout"}
    script = "echo 42 > /var/outputs/a; echo so far so good; exit 7"
    task = here.run("partial", shell(script, outputs=[*typed(a="integer", b="float"), exit_code, printed]))
    failure = user("NonZeroExit", "exit code 7", code=7)
    assert_failed(task, failure, a=42, code=7, printed="so far so good")
