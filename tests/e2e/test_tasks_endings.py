"""How a task ends: each end that its own command, its image and its spec can bring about, on a real node."""

from __future__ import annotations

from dataclasses import replace

import pytest

from support.cluster import Json
from support.modes import SIGNAL, Case, Ending, LeftOut, each_in_modes
from support.seen import Failure, assert_failed
from support.shapes import STATIC_IMAGE
from support.tasks import ONCE, Tasks, shell, typed

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


def unrunnable(reason: str, *says: str) -> Failure:
    return Failure(reason=reason, kind="User", says=says)


# The shell, as process 1 of an untouched container, gets no signal that it does not ask for.
OBEYS = "trap 'exit 143' TERM; sleep 600 & wait"
NO_PROGRAM = shell("", command=["no-such-program", "x"])
NO_EXECUTABLE = shell("", command=["/etc/hostname"])
SAYS_AND_ENDS_WELL = shell(
    "echo the model does not converge > /var/outputs/_ERROR; echo 1 > /var/outputs/a", outputs=A
)
SAID = replace(user("UserError", "the model does not converge", code=0), container="uploader")

FAILURES: dict[str, Case] = {
    "exit-code": Case(Ending(shell("exit 7", outputs=A), user("NonZeroExit", "exit code 7", code=7))),
    "segfault": Case(
        # The kubelet makes one dollar of two, as in every Pod.
        Ending(shell("kill -SEGV $$$$"), user("NonZeroExit", "SIGSEGV", "139", code=139)),
        {
            # Nobody but the shell sees the signal, and it says it by its exit code.
            SIGNAL: Ending(
                shell("sh -c 'kill -SEGV $$$$' || exit $?"), user("NonZeroExit", "exit code 139", code=139)
            )
        },
    ),
    "killed": Case(
        Ending(
            probe("signal", "9", **ONCE),
            replace(user("Interrupted", "signal 9", code=137), kind="System"),
        ),
        {
            # Who sent the signal cannot be known there, and most often it is the kernel for memory.
            SIGNAL: Ending(
                shell("sh -c 'kill -KILL $$$$' || exit $?"), user("OOMKilled", "most probably", code=137)
            )
        },
    ),
    "not-found": Case(
        Ending(
            NO_PROGRAM,
            replace(unrunnable("CommandNotFound", "no-such-program"), container="main", exit_code=127),
        ),
        {
            SIGNAL: Ending(
                NO_PROGRAM, replace(unrunnable("CommandNotFound", "no-such-program"), container="main")
            )
        },
    ),
    "not-executable": Case(
        Ending(
            NO_EXECUTABLE,
            replace(unrunnable("CommandNotExecutable", "/etc/hostname"), container="main", exit_code=126),
        ),
        {
            SIGNAL: Ending(
                NO_EXECUTABLE, replace(unrunnable("CommandNotExecutable", "/etc/hostname"), container="main")
            )
        },
    ),
    "error-file": Case(
        Ending(SAYS_AND_ENDS_WELL, SAID), {SIGNAL: Ending(SAYS_AND_ENDS_WELL, SAID, {"a": 1})}
    ),
    "error-file-and-code": Case(
        Ending(
            shell("echo no such table > /var/outputs/_ERROR; exit 3"),
            user("UserError", "no such table", code=3),
        )
    ),
    "output-missing": Case(
        Ending(shell("echo 1 > /var/outputs/aa", outputs=A), output("OutputMissing", "`aa`"))
    ),
    "output-of-wrong-type": Case(
        Ending(shell("echo 2.5 > /var/outputs/a", outputs=A), output("OutputInvalid", "integer", "2.5"))
    ),
    "output-too-large": Case(
        Ending(
            shell("head -c 2000000 /dev/zero > /var/outputs/a", outputs=typed(a="string")),
            output("OutputTooLarge", "2000000"),
        )
    ),
    "output-is-a-link": Case(
        Ending(
            shell("ln -s /etc/hostname /var/outputs/a", outputs=typed(a="string")),
            output("OutputUnreadable", "`a`"),
        )
    ),
    "output-is-a-folder": Case(
        Ending(shell("mkdir /var/outputs/a", outputs=A), output("OutputUnreadable", "a folder"))
    ),
    "execution-timeout": Case(
        Ending(
            shell("sleep 600", timeout={"execution": "1s"}),
            user("ExecutionTimeout", "timeout.execution", code=143),
        ),
        {
            SIGNAL: Ending(
                shell(OBEYS, timeout={"execution": "1s"}),
                replace(user("ExecutionTimeout", "timeout.execution", code=143), container=None),
            )
        },
    ),
    "execution-timeout-ignored": Case(
        Ending(
            shell("trap '' TERM; sleep 600", timeout={"execution": "1s"}),
            user("ExecutionTimeout", "timeout.execution", code=137),
        ),
        {
            # It is killed when the Pod's grace is over, which is timeout.upload and 5 s.
            SIGNAL: Ending(
                shell("trap '' TERM; sleep 600", timeout={"execution": "1s", "upload": "2s"}),
                replace(user("ExecutionTimeout", "timeout.execution", code=137), container=None),
            )
        },
    ),
    "out-of-memory": Case(
        Ending(probe("hog", resources={"limits": {"memory": "48Mi"}}), user("OOMKilled", "memory", code=137))
    ),
    "launcher-dies-unheard": Case(
        Ending(
            # Go's runtime takes no 512Mi and ends the launcher before its first line: no record ever comes.
            shell("true", env=[{"name": "GOMEMLIMIT", "value": "512Mi"}]),
            user("NonZeroExit", "exit code 2", "no record", code=2),
        ),
        {SIGNAL: LeftOut("the command runs without a launcher")},
    ),
    "invalid-image-name": Case(
        Ending(
            shell("", image="Not/An:Image:Name"), permanent("InvalidImageName", "Not/An:Image:Name", "main")
        )
    ),
}


@each_in_modes("ending", FAILURES)
def test_a_task_that_fails_says_why_and_whose_fault_it_is_and_where(here: Tasks, ending: str) -> None:
    found = FAILURES[ending].within(here.mode or "")
    assert_failed(here.run(ending, found.spec), found.failure, **found.values)


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
