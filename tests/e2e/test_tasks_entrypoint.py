"""Images that bring their own command; and what a mode cannot have, as ``kubectl apply`` says it."""

from __future__ import annotations

import json

import pytest

from support import cluster
from support.cluster import Json
from support.modes import SIGNAL, mode_of
from support.seen import Failure, assert_failed, assert_succeeded
from support.shapes import ARBITRARY_UID, ENTRYPOINT_IMAGE, SHELL_IMAGE, STATIC_IMAGE
from support.tasks import Tasks, shell, typed

A = typed(a="integer")
TWO = [{"name": "two", "type": "integer", "value": 2}]
STARTS: tuple[Json, ...] = ({}, {"start": "Auto"}, {"start": "Signal"})
WRITES = {"image": ENTRYPOINT_IMAGE, "args": ["write", "/var/outputs/a", "{{.inputs.two}}"]}


@pytest.mark.parametrize("start", STARTS, ids=["unsaid", "auto", "signal"])
def test_an_image_runs_its_own_command_where_the_task_has_none(here: Tasks, start: Json) -> None:
    assert_succeeded(here.run("own", {"image": ENTRYPOINT_IMAGE, **start}))
    assert mode_of(here.pod("own")) == SIGNAL


def test_arguments_take_the_place_of_the_images_own_and_inputs_are_in_them(here: Tasks) -> None:
    context = {"runAsUser": ARBITRARY_UID}
    task = here.run("arguments", {**WRITES, "inputs": TWO, "outputs": A, "securityContext": context})
    assert_succeeded(task, a=2)


def test_an_output_that_only_its_user_may_read_is_named_with_the_cure_where_nobody_knows_the_user(
    here: Tasks,
) -> None:
    task = here.run("unreadable", {**WRITES, "inputs": TWO, "outputs": A})
    failure = Failure(
        reason="OutputUnreadable",
        kind="User",
        says=("output `a`", "chmod"),
        exit_code=0,
        container="uploader",
        origin="a",
    )
    assert_failed(task, failure)


def test_an_image_whose_own_command_fails_fails_the_task(here: Tasks) -> None:
    task = here.run("fails", {"image": ENTRYPOINT_IMAGE, "args": ["exit", "7"]})
    says = ("exit code 7",)
    failure = Failure(reason="NonZeroExit", kind="User", says=says, exit_code=7, container="main")
    assert_failed(task, failure)


def test_an_image_without_a_command_and_a_task_without_one_are_told_which_of_them_is_missing(
    here: Tasks,
) -> None:
    task = here.run("neither", {"image": STATIC_IMAGE})
    says = ("ENTRYPOINT", "command")
    assert_failed(task, Failure(reason="CommandNotFound", kind="User", says=says))
    # The kubelet may say so only when it has tried again, after 15 s (seen).
    assert float(task.status["duration"].removesuffix("s")) <= 25


def source(name: str, kind: str = "string") -> Json:
    return {"outputs": [{"name": "out", "type": kind, "source": name}]}


NEED_A_COMMAND = ("spec.start", "they need one: set command")
NEED_A_LAUNCHER = ("spec.outputs", "need our launcher: set command, and start to Auto, Gated or Init")
IMPOSSIBLE: dict[str, tuple[Json, tuple[str, ...]]] = {
    "gated-without-command": ({"image": SHELL_IMAGE, "start": "Gated"}, NEED_A_COMMAND),
    "init-without-command": ({"image": SHELL_IMAGE, "start": "Init"}, NEED_A_COMMAND),
    "signal-with-stdout": (shell("true", start="Signal", **source("Stdout")), NEED_A_LAUNCHER),
    "signal-with-stderr": (shell("true", start="Signal", **source("Stderr")), NEED_A_LAUNCHER),
    "signal-with-exit-code": (
        shell("true", start="Signal", **source("ExitCode", "integer")),
        NEED_A_LAUNCHER,
    ),
    "no-command-with-stdout": ({"image": ENTRYPOINT_IMAGE, **source("Stdout")}, NEED_A_LAUNCHER),
    "unknown-mode": (shell("true", start="Soon"), ("spec.start", '"Soon"', '"Gated", "Init", "Signal"')),
}


@pytest.mark.parametrize("case", IMPOSSIBLE)
def test_kubectl_apply_refuses_what_a_mode_cannot_have_and_says_what_can(here: Tasks, case: str) -> None:
    spec, words = IMPOSSIBLE[case]
    document = json.dumps(here.document(case, spec))
    with pytest.raises(AssertionError) as refused:
        cluster.kubectl("apply", "--filename=-", stdin=document)
    for word in words:
        assert word in str(refused.value)
