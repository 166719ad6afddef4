"""Inputs that take their values from a ConfigMap, in each mode: there, not there, later, and wrong."""

from __future__ import annotations

from typing import Final

from support.cluster import Json
from support.modes import in_modes
from support.seen import Failure, assert_failed, assert_succeeded
from support.tasks import Tasks, shell, typed


def kept(name: str, kind: str, key: str, config_map: str, **more: object) -> Json:
    return {
        "name": name,
        "type": kind,
        "valueFrom": {"configMapKeyRef": {"name": config_map, "key": key}},
        **more,
    }


def make(tasks: Tasks, name: str, **data: str) -> None:
    tasks.core.create_namespaced_config_map(tasks.namespace, {"metadata": {"name": name}, "data": data})


COPY: Final = 'for n in "$@"; do cp -R "/var/inputs/$n" /var/outputs/; done'


@in_modes(fixture="apart")
def test_values_come_from_a_config_map_and_the_command_does_not_see_it(apart: Tasks) -> None:
    make(apart, "settings", rate="0.5\n", names='["a", "b"]', text="two\nlines\n")
    inputs = [
        kept("rate", "float", "rate", "settings"),
        kept("names", "list[string]", "names", "settings"),
        kept("text", "string", "text", "settings"),
        kept("absent", "integer", "no-such-key", "settings", optional=True),
        kept("default", "integer", "no-such-key", "no-such-map", default=3),
        {"name": "n", "type": "integer", "value": 1},
    ]
    script = f"[ ! -e /var/inputs/absent ]; [ ! -e /ct/sources ]; {COPY}"
    outputs = typed(rate="float", names="list[string]", text="string", default="integer", n="integer")
    args = ["sh", *(one["name"] for one in outputs)]
    task = apart.run("from-a-map", shell(script, args=args, inputs=inputs, outputs=outputs))
    assert_succeeded(task, rate=0.5, names=["a", "b"], text="two\nlines", default=3, n=1)


@in_modes(fixture="apart")
def test_a_config_map_that_comes_later_is_waited_for(apart: Tasks) -> None:
    spec = shell(
        "cp /var/inputs/a /var/outputs/",
        inputs=[kept("a", "integer", "k", "later")],
        outputs=typed(a="integer"),
    )
    apart.create("waits", spec)
    waiting = apart.waiting_for("waits", "ContainerConfig")
    assert "later" in waiting.waiting_for["message"], "by the node's word, or ours"
    make(apart, "later", k="42")
    task = apart.ended("waits")
    assert_succeeded(task, a=42)
    assert task.attempt == 0


@in_modes(fixture="apart")
def test_a_value_of_another_type_fails_before_the_command_runs(apart: Tasks) -> None:
    make(apart, "wrong", k="many")
    task = apart.run("wrong-type", shell("true", inputs=[kept("a", "integer", "k", "wrong")]))
    says = ("input `a` of type integer", "`many` is not an integer")
    failure = Failure(reason="InvalidInput", kind="Permanent", says=says, origin="a", container="downloader")
    assert_failed(task, failure)
    assert "started" not in task.status["timeline"]
