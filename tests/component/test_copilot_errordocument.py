"""Flyte's way for a command to report an error: the file ``error.pb`` among its outputs."""

from __future__ import annotations

import base64
import importlib
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

import pytest

from containertask.contract.items import OutputItem
from containertask.contract.outcome import Outcome
from support import copilot
from support.copilot import MANIFEST, Pod, Told, declare, temporary_pod
from support.copilotcode import WITH_LIBRARIES

errors_pb2: Final[Any] = importlib.import_module("flyteidl.core.errors_pb2")
"""Untyped, as flyteidl is."""


def document(message: str, *, recoverable: bool, code: str = "USER:NoGpu") -> str:
    """Return the bytes of an error.pb in base64."""
    kind = errors_pb2.ContainerError.RECOVERABLE if recoverable else errors_pb2.ContainerError.NON_RECOVERABLE
    error = errors_pb2.ContainerError(code=code, message=message, kind=kind)
    return base64.b64encode(errors_pb2.ErrorDocument(error=error).SerializeToString()).decode()


def shell(pod: Pod, script: str) -> Told:
    return copilot.shell(pod, script, before=WITH_LIBRARIES)


@pytest.fixture
def pod() -> Iterator[Pod]:
    with temporary_pod(replace(MANIFEST, outputs=())) as made:
        yield made


@pytest.mark.parametrize("recoverable", [True, False])
def test_its_words_are_told_and_whether_another_attempt_may_help(pod: Pod, recoverable: bool) -> None:  # noqa: FBT001
    told = shell(pod, f"echo {document('no GPU here', recoverable=recoverable)} | base64 -d > error.pb")
    assert (told.report.outcome, told.report.message) == (Outcome.USER_ERROR, "USER:NoGpu: no GPU here")
    assert told.report.final is not recoverable


@pytest.mark.parametrize(
    ("script", "says"),
    [
        ("echo nonsense > error.pb", "error.pb cannot be read: it is no ErrorDocument of flyteidl"),
        ("touch error.pb", "error.pb cannot be read: it is an ErrorDocument without an error"),
        ("mkdir error.pb", "error.pb cannot be read: `error.pb` is a folder"),
        ("ln -s /etc/passwd error.pb", "error.pb cannot be read: `error.pb` is a link"),
    ],
)
def test_one_that_cannot_be_read_is_an_error_that_may_be_tried_again(
    pod: Pod, script: str, says: str
) -> None:
    told = shell(pod, script)
    assert told.report.outcome is Outcome.USER_ERROR
    assert says in (told.report.message or "")
    assert told.report.final is False


def test_the_error_file_comes_first(pod: Pod) -> None:
    told = shell(pod, f"echo mine > _ERROR; echo {document('x', recoverable=False)} | base64 -d > error.pb")
    assert (told.report.message, told.report.final) == ("mine", False)


def test_an_output_by_that_name_is_an_output(pod: Pod) -> None:
    declare(pod, OutputItem(name="x", type="string", path="error.pb"))
    assert shell(pod, "printf hello > error.pb").report.outputs == {"x": "hello"}


def test_a_message_of_its_own_is_cut_and_made_readable(pod: Pod) -> None:
    told = shell(pod, f"echo {document('a' * 5_000 + chr(27), recoverable=True)} | base64 -d > error.pb")
    assert 100 < len(told.report.message or "") < 700
