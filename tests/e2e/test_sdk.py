"""Tasks from Python on the real node: sent, waited for, chained, mapped, failed, cancelled."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

import containertask as ct
from support.shapes import SHELL_IMAGE
from support.tasks import Tasks

WAIT: Final = 120


@dataclass
class Summary:
    count: int
    words: list[str]


@pytest.fixture
def cluster(apart: Tasks) -> Iterator[ct.Cluster]:
    with ct.use(ct.Cluster(namespace=apart.namespace)) as found:
        yield found


def shell(name: str, script: str, **more: object) -> ct.ContainerTask:
    return ct.ContainerTask(name, SHELL_IMAGE, ["sh", "-euc", script, name], **more)  # type: ignore[arg-type]


DOUBLE: Final = shell(
    "double",
    'echo $(($1 * 2)) > "$CT_OUTPUT_DIR/out"; echo "doubled $1"',
    inputs={"n": int},
    arguments=["{{.inputs.n}}"],
    outputs={"out": int},
)


@pytest.mark.usefixtures("cluster")
def test_a_task_runs_and_says_what_it_did() -> None:
    run = DOUBLE.submit(n=21)
    phases = [one.phase for one in run.watch()]
    assert phases[-1] == "Succeeded"
    assert run.outputs.out == 42
    assert list(run.logs()) == ["doubled 21"]
    assert [one.name for one in ct.runs(phase="Succeeded")] == [run.name]
    assert ct.Run.get(run.name).wait(WAIT)["out"] == 42


@pytest.mark.usefixtures("cluster")
def test_values_of_every_kind_come_back_as_python_has_them(tmp_path: Path) -> None:
    task = shell(
        "kinds",
        'count=$(wc -w < "$CT_INPUT_DIR/text" | tr -d " "); '
        'printf \'{"count": %s, "words": ["a", "b"]}\' "$count" > "$CT_OUTPUT_DIR/summary"',
        inputs={"text": ct.File},
        outputs={"summary": Summary, "note": str | None},
    )
    text = tmp_path / "text"
    text.write_text("one two three")
    found = task.submit(text=text).wait(WAIT)
    assert found == (Summary(3, ["a", "b"]), None)


@pytest.mark.usefixtures("cluster")
def test_a_chain_is_sent_in_order_and_waits_by_itself() -> None:
    first = DOUBLE.prepare(n=3)
    second = DOUBLE.prepare(n=first["out"])
    assert DOUBLE.submit(n=second["out"]).wait(WAIT).out == 24


@pytest.mark.usefixtures("cluster")
def test_a_map_gives_results_in_order_and_failures_as_they_are() -> None:
    task = shell(
        "map",
        '[ "$1" != 2 ] || exit 9; echo "$1" > "$CT_OUTPUT_DIR/out"',
        inputs={"n": int},
        arguments=["{{.inputs.n}}"],
        outputs={"out": int},
    )
    found = ct.map(task.override(local=False), range(5), concurrency=3, min_success_ratio=0.8)
    assert [one.out if isinstance(one, ct.Outputs) else one.exit_code for one in found] == [0, 1, 9, 3, 4]


@pytest.mark.usefixtures("cluster")
def test_a_failure_has_its_reason_exit_code_and_log() -> None:
    with pytest.raises(ct.TaskFailedError) as caught:
        shell("fails", "echo before; exit 3").submit().wait(WAIT)
    error = caught.value
    assert (error.reason, error.exit_code, error.log) == ("NonZeroExit", 3, "before")


@pytest.mark.usefixtures("cluster")
def test_a_run_is_cancelled_and_its_log_followed() -> None:
    run = shell("sleeps", "echo begun; sleep 600").submit()
    lines = run.logs(follow=True)
    assert next(lines) == "begun"
    run.cancel()
    with pytest.raises(ct.TaskCancelledError):
        run.wait(WAIT)


@pytest.mark.usefixtures("cluster")
def test_what_the_api_server_refuses_is_an_error_that_says_why() -> None:
    with pytest.raises(ct.NotFoundError, match="nobody"):
        ct.Run.get("nobody")
    task = DOUBLE.override(image="x")
    with pytest.raises(ct.RefusedError, match="label"):
        ct.ContainerTask("bad", "x", ["true"], labels={"no good": "x"}).submit()
    assert task.submit(n=1).status().phase in {"", "Pending", "Queued", "Initializing"}
