"""As much as a task may have: inputs, outputs, bytes of values, bytes of outputs; and a little more."""

from __future__ import annotations

import hashlib
import re

from support.cluster import Json
from support.modes import in_modes
from support.seen import Failure, Seen, assert_failed, assert_succeeded
from support.tasks import Tasks, shell, typed

ROOM = re.compile(r"takes (\d+) bytes as JSON, and all outputs together have (\d+)")
SLACK = 12
"""Bytes by which the figures in a report differ between two runs: CPU and memory are numbers of digits."""


@in_modes()
def test_a_task_may_have_a_thousand_inputs(here: Tasks) -> None:
    inputs = [{"name": f"input-{number}", "type": "integer", "value": number} for number in range(1000)]
    script = (
        "ls /var/inputs | grep -c ^input- > /var/outputs/files;"
        "cat /var/inputs/input-999 > /var/outputs/last; "
        "for f in /var/inputs/input-*; do cat $f; echo; done | sort -n | sha256sum | cut -c 1-64 "
        "> /var/outputs/sha"
    )
    task = here.run(
        "thousand", shell(script, inputs=inputs, outputs=typed(files="integer", last="integer", sha="string"))
    )
    lines = "".join(f"{number}\n" for number in range(1000))
    assert_succeeded(task, files=1000, last=999, sha=hashlib.sha256(lines.encode()).hexdigest())


@in_modes()
def test_a_task_may_have_thirty_two_outputs(here: Tasks) -> None:
    names = [f"output-{number}" for number in range(32)]
    script = f"for n in {' '.join(names)}; do echo ${{n#output-}} > /var/outputs/$n; done"
    task = here.run("outputs", shell(script, outputs=typed(**dict.fromkeys(names, "integer"))))
    assert_succeeded(task, **{name: number for number, name in enumerate(names)})


@in_modes()
def test_values_may_be_400_kib_together(here: Tasks) -> None:
    values = {f"part{number}": chr(ord("a") + number) * 100 * 1024 for number in range(4)}
    inputs = [{"name": name, "type": "string", "value": value} for name, value in values.items()]
    script = "cat /var/inputs/part? | sha256sum | cut -c 1-64 > /var/outputs/sha"
    task = here.run("large-values", shell(script, inputs=inputs, outputs=typed(sha="string")))
    assert_succeeded(task, sha=hashlib.sha256("".join(values.values()).encode()).hexdigest())


def printing(size: int) -> Json:
    """Return a task whose one output is so many letters."""
    return shell(f"head -c {size} /dev/zero | tr '\\0' x > /var/outputs/text", outputs=typed(text="string"))


def too_large(task: Seen) -> tuple[int, int]:
    """Assert that the output did not fit; return what it took and what there was."""
    found = ROOM.search(task.message)
    assert found is not None, task.status
    failure = Failure(
        reason="OutputTooLarge",
        kind="User",
        says=("output `text`", "write less, or split the task"),
        origin="text",
        container="uploader",
        exit_code=0,
    )
    assert_failed(task, failure)
    return int(found[1]), int(found[2])


@in_modes()
def test_outputs_fill_the_message_to_the_last_bytes_and_what_is_more_says_so(here: Tasks) -> None:
    takes, room = too_large(here.run("far-over", printing(8_000)))
    fits = 8_000 - (takes - room)
    assert 1_500 < fits < 4_096
    under = here.run("just-under", printing(fits - SLACK))
    assert_succeeded(under, text="x" * (fits - SLACK))
    takes, room = too_large(here.run("just-over", printing(fits + SLACK)))
    assert 0 < takes - room <= 2 * SLACK
