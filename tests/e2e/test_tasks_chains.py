"""Outputs of one task as inputs of another, on the node: values alone, which need no store."""

from __future__ import annotations

from support.cluster import Json
from support.tasks import ONCE, Tasks, shell, typed


def after(source: str, output: str = "n", *, script: str = "", **more: object) -> Json:
    """Return the spec of a task that takes a number of another one and adds one."""
    given = [
        {"name": "n", "type": "integer", "valueFrom": {"taskOutputRef": {"name": source, "output": output}}}
    ]
    command = script or "echo $(( $(cat $CT_INPUT_DIR/n) + 1 )) > /var/outputs/n"
    return shell(command, inputs=given, outputs=typed(n="integer"), **more)


FIRST: Json = shell("echo 1 > /var/outputs/n", outputs=typed(n="integer"))


def test_a_chain_of_three_in_its_order(here: Tasks) -> None:
    here.create("one", FIRST)
    here.create("two", after("one"))
    here.create("three", after("two"))
    assert here.ended("three").values == {"n": 3}


def test_a_chain_of_three_in_the_other_order(here: Tasks) -> None:
    here.create("three", after("two"))
    waiting = here.waiting_for("three", "TaskNotFound")
    assert waiting.waiting_for["message"] == "there is no task two"
    here.create("two", after("one"))
    here.waiting_for("three", "TaskNotDone")
    here.create("one", FIRST)
    done = here.ended("three")
    assert done.values == {"n": 3}
    assert [one["name"] for one in done.status["dependencies"]] == ["two"]


def test_the_value_is_in_the_command(here: Tasks) -> None:
    here.create("one", FIRST)
    script = "echo 4{{.inputs.n}} > /var/outputs/n"
    assert here.run("two", after("one", script=script)).values == {"n": 41}


def test_what_fails_takes_with_it_what_needs_it(here: Tasks) -> None:
    here.create("three", after("two"))
    here.create("two", after("one"))
    here.create("one", shell("exit 3", outputs=typed(n="integer"), **ONCE))
    done = here.ended("three")
    assert (done.reason, done.status["error"]["kind"]) == ("DependencyFailed", "Permanent")
    assert done.message == "task two, whose output is an input, ended as Failed"
    assert "podName" not in done.status


def test_what_is_deleted_takes_with_it_what_waits_for_it(here: Tasks) -> None:
    here.create("one", {**FIRST, "suspend": True})
    here.create("two", after("one"))
    here.waiting_for("two", "TaskNotDone")
    here.delete("one")
    assert here.ended("two").reason == "DependencyDeleted"


def test_a_circle_is_refused(here: Tasks) -> None:
    here.create("one", after("two"))
    here.waiting_for("one", "TaskNotFound")
    here.create("two", after("one"))
    done = here.ended("two")
    assert done.reason in {"InvalidSpec", "DependencyFailed"}
    assert here.ended("one").reason in {"InvalidSpec", "DependencyFailed"}
    assert "InvalidSpec" in {done.reason, here.ended("one").reason}


def test_another_type_is_named(here: Tasks) -> None:
    here.run("one", FIRST)
    wrong = after("one")
    wrong["inputs"][0]["type"] = "float"
    done = here.run("two", wrong)
    assert done.reason == "DependencyFailed"
    assert "type integer" in done.message


def test_an_output_that_is_none_is_named(here: Tasks) -> None:
    here.run("one", FIRST)
    assert "it declares `n`" in here.run("two", after("one", "m")).message
