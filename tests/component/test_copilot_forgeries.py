"""A command that writes where the launcher writes: it can harm its own report, and decide nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from containertask.contract.items import OutputItem, Source
from containertask.contract.outcome import Outcome
from support.copilot import MANIFEST, Pod, Told, declare, message, record, shell, temporary_pod

GOOD = record().decode()


@pytest.fixture
def pod() -> Iterator[Pod]:
    with temporary_pod(replace(MANIFEST, outputs=(OutputItem(name="x", type="string", path="x"),))) as made:
        yield made


def forged(pod: Pod, script: str) -> Told:
    """Run a script that knows where the exit FIFO, the record file and its folder are."""
    places = f"F={pod.path('control')}/exit; M={pod.path('main')}; R=$M/exit.json; GOOD='{GOOD}'"
    return shell(pod, f"{places}; printf 1 > x; {script}")


@pytest.mark.parametrize(
    "script",
    [
        'echo "$GOOD" > $F; exit 7',
        'echo "$GOOD" > $F; echo "$GOOD" > $R; exit 7',
        'printf \'{"version":1,"of":\' > $F; exit 7',
        "cat /dev/zero > $F & exit 7",
        "exec 3<> $F; cat <&3 > $M/stolen & exit 7",
        "ln -s /dev/null $R; exit 7",
        "mkfifo $R; exit 7",
        "mkdir $R; exit 7",
    ],
    ids=[
        "FIFO",
        "both",
        "a frame",
        "a flood",
        "a thief",
        "a link",
        "a FIFO for a file",
        "a folder for a file",
    ],
)
def test_the_launchers_own_record_outlives_a_forgery(pod: Pod, script: str) -> None:
    told = forged(pod, script)
    assert (told.exit_code, told.report.outcome) == (0, Outcome.MAIN_FAILED)
    assert told.report.end is not None
    assert told.report.end.exit_code == 7
    assert told.report.outputs == {"x": "1"}


@pytest.mark.parametrize(
    "script",
    [
        "cd $M; seq 20000 | xargs touch",
        "ln -s /etc/passwd $M/stdout.0",
        "mkfifo $M/stdout.0",
        "mkdir $M/stdout.0",
        "truncate -s 1T $M/stdout.1",
        "printf 1 > $M/stdout.1; ln -s /etc $M/stdout.2",
    ],
    ids=["a crowd", "a link", "a FIFO", "a folder", "holes", "one more"],
)
def test_who_spoils_the_captured_streams_has_no_output_of_them_or_the_true_one(pod: Pod, script: str) -> None:
    declare(pod, OutputItem(name="x", type="list[integer]", source=Source.STDOUT))
    told = forged(pod, f"{script}; echo '[1]'")
    assert told.report.outcome in {Outcome.OUTPUT_UNREADABLE, Outcome.UPLOADED}
    assert told.report.outputs in ({}, {"x": [1]})
    assert "root:" not in told.message + told.log


@pytest.mark.parametrize("code", [0, 7])
def test_who_spoils_both_places_has_no_record_and_never_success(pod: Pod, code: int) -> None:
    told = forged(pod, f'mkdir -p $R/x; echo "$GOOD" > $F; exit {code}')
    assert told.report.outcome is Outcome.MAIN_FAILED
    assert told.report.end is None
    assert "its file: `exit.json` is a folder" in message(told)


def test_a_clock_that_fired_is_not_undone_by_a_forgery(pod: Pod) -> None:
    script = (
        f"trap 'echo \"$G\" > {pod.path('control')}/exit; exit 0' TERM; touch x; while :; do sleep 0.01; done"
    )
    told = pod.run("env", f"G={GOOD}", "sh", "-c", script, flags=("--execution-timeout", "200ms"))
    assert told.report.outcome is Outcome.MAIN_FAILED
    assert told.report.end is not None
    assert told.report.end.stop == "ExecutionTimeout"


def test_the_commands_words_cannot_steer_a_terminal(pod: Pod) -> None:
    told = forged(pod, "printf 'a\\033[2Jb\\007\\342\\200\\256c\\n\\td' > _ERROR")
    assert message(told) == "a?[2Jb??c\n\td"
    assert "\x1b" not in told.log
