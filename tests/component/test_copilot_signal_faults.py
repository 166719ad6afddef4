"""Signal mode where not all is well: outputs that are missing, wrong or closed, and errors of the command."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace

import pytest

from containertask.contract.items import OutputItem, Source
from containertask.contract.outcome import Outcome
from support.copilot import SIGNAL, Pod, declare, fault, message, temporary_pod
from support.copilotcode import UNPRIVILEGED

CURE = (
    "have the command make it readable for everyone, such as by chmod -R a+rX, or, where it runs without our "
    "launcher, name its user in securityContext.runAsUser"
)


@pytest.fixture
def pod() -> Iterator[Pod]:
    outputs = (OutputItem(name="x", type="integer", path="x"),)
    with temporary_pod(replace(SIGNAL, outputs=outputs)) as made:
        (made.path("outputs") / "x").write_text("42\n")
        yield made


def declares(pod: Pod, *names: str, **kinds: str) -> None:
    """Have the task declare outputs by name, integers unless another type is given."""
    found = [OutputItem(name=name, type=kinds.get(name, "integer"), path=name) for name in [*names, *kinds]]
    declare(pod, *found, manifest=SIGNAL)


def test_of_a_command_that_wrote_nothing_the_output_is_missing(pod: Pod) -> None:
    (pod.path("outputs") / "x").unlink()
    told = pod.woken()
    assert fault(told) == (1, Outcome.OUTPUT_MISSING, "x")
    assert message(told) == "output `x`: there is no `x` in the output folder"
    assert told.report.outputs == {}


def test_beside_a_fault_the_other_outputs_are_kept_for_the_command_may_have_failed(pod: Pod) -> None:
    declares(pod, "gone", "bad", "x", "left")
    for name, text in {"bad": "?", "left": "7", "typo": ""}.items():
        (pod.path("outputs") / name).write_text(text)
    told = pod.woken()
    assert fault(told) == (1, Outcome.OUTPUT_MISSING, "gone")
    assert message(told).endswith("no output declares `typo`; also wrong: `bad`")
    assert told.report.outputs == {"x": 42, "left": 7}


@pytest.mark.parametrize("stream", [Source.STDOUT, Source.STDERR, Source.EXIT_CODE])
def test_what_only_our_launcher_could_know_is_missing(pod: Pod, stream: Source) -> None:
    declare(pod, OutputItem(name="y", type="integer", source=stream), manifest=SIGNAL)
    assert fault(pod.woken()) == (1, Outcome.OUTPUT_MISSING, "y")


def test_an_optional_output_may_be_absent(pod: Pod) -> None:
    declare(pod, OutputItem(name="y", type="integer", path="y", optional=True), manifest=SIGNAL)
    assert fault(pod.woken()) == (0, Outcome.UPLOADED, None)


@pytest.mark.parametrize("text", ["no GPU\n", ""])
def test_an_error_in_words_of_the_command_keeps_what_is_there(pod: Pod, text: str) -> None:
    declares(pod, "x", "gone")
    (pod.path("outputs") / "_ERROR").write_text(text)
    told = pod.woken()
    assert fault(told) == (0, Outcome.USER_ERROR, None)
    assert message(told) == (text.strip() or "the command reported an error without a text")
    assert told.report.outputs == {"x": 42}


def test_of_a_failed_command_the_largest_outputs_are_left_out_and_named(pod: Pod) -> None:
    declares(pod, "x", large="string")
    (pod.path("outputs") / "large").write_text("a" * 3000)
    (pod.path("outputs") / "_ERROR").write_text("no GPU")
    told = pod.woken()
    assert fault(told) == (0, Outcome.USER_ERROR, None)
    assert message(told) == "no GPU; outputs left out, too large: `large`"
    assert told.report.outputs == {"x": 42}


def test_outputs_that_do_not_fit_are_too_large(pod: Pod) -> None:
    declares(pod, "x", large="string")
    (pod.path("outputs") / "large").write_text("a" * 3000)
    told = pod.woken()
    assert fault(told) == (1, Outcome.OUTPUT_TOO_LARGE, "large")
    assert message(told).endswith("write less, or split the task")
    assert told.report.outputs == {"x": 42}, "if the command failed, they are what it left"
    assert len(told.message) <= SIGNAL.message_bytes


@pytest.mark.parametrize("kind", ["link", "folder", "FIFO"])
def test_what_is_no_file_is_not_opened(pod: Pod, kind: str) -> None:
    path = pod.path("outputs") / "x"
    path.unlink()
    if kind == "link":
        path.symlink_to(pod.path("manifest"))
    elif kind == "folder":
        path.mkdir()
    else:
        os.mkfifo(path)
    told = pod.woken()
    assert fault(told) == (1, Outcome.OUTPUT_UNREADABLE, "x")
    assert f"`x` is a {kind}: have the command write a file" in message(told)


@pytest.mark.parametrize("closed", ["x", "d", "d/x"])
def test_an_output_that_the_uploader_may_not_read_comes_with_a_cure(pod: Pod, closed: str) -> None:
    """No launcher of the command's own user has opened it up."""
    path = "x" if closed == "x" else "d/x"
    (pod.path("outputs") / "d").mkdir()
    (pod.path("outputs") / "d/x").write_text("42")
    declare(pod, OutputItem(name="y", type="integer", path=path), manifest=SIGNAL)
    (pod.path("outputs") / closed).chmod(0)
    told = replace(pod, user=UNPRIVILEGED).woken()
    assert fault(told) == (1, Outcome.OUTPUT_UNREADABLE, "y")
    assert message(told) == f"output `y`: `{path}`: permission denied (EACCES): {CURE}"
    assert told.report.outputs == {}


def test_an_error_file_that_the_uploader_may_not_read_is_an_error_all_the_same(pod: Pod) -> None:
    (pod.path("outputs") / "_ERROR").touch(0)
    told = replace(pod, user=UNPRIVILEGED).woken()
    assert fault(told) == (0, Outcome.USER_ERROR, None)
    assert "but _ERROR cannot be read: `_ERROR`: permission denied (EACCES)" in message(told)


def test_an_output_folder_that_is_closed_is_said(pod: Pod) -> None:
    pod.path("outputs").chmod(0o100)
    told = replace(pod, user=UNPRIVILEGED).woken()
    pod.path("outputs").chmod(0o700)
    assert fault(told) == (1, Outcome.OUTPUT_UNREADABLE, None)
    assert message(told) == f"the output folder cannot be read: {CURE}"
