"""Tasks that name templates, on the real node: waited for, kept, changed meanwhile, and from Python."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from typing import Final

import pytest

import containertask as ct
from support import cluster
from support.cluster import Json
from support.seen import assert_succeeded
from support.shapes import SHELL_IMAGE
from support.tasks import Tasks, shell, typed

GROUP: Final = "containertask.dev/v1alpha1"
TEMPLATE, CLUSTER_TEMPLATE = "ContainerTaskTemplate", "ClusterContainerTaskTemplate"
SCRIPT: Final = 'echo $(($1 * 2)) > "$CT_OUTPUT_DIR/out"'


def doubles(script: str = SCRIPT, **more: object) -> Json:
    """Return a template that doubles an integer."""
    inputs = [{"name": "n", "type": "integer"}]
    given = {"args": ["{{.inputs.n}}"], "inputs": inputs, "outputs": typed(out="integer")}
    return {**shell(script), **given, "command": ["sh", "-euc", script, "double"], **more}


def put(here: Tasks, name: str, spec: Json, kind: str = TEMPLATE) -> None:
    """Write a template, or change it."""
    document = {"apiVersion": GROUP, "kind": kind, "metadata": {"name": name}, "spec": spec}
    where = [] if kind == CLUSTER_TEMPLATE else [f"--namespace={here.namespace}"]
    cluster.kubectl("apply", "--server-side", *where, "--filename=-", stdin=json.dumps(document))


def of(name: str, value: object = 21, kind: str = TEMPLATE, **more: object) -> Json:
    """Return a task that names a template."""
    ref = {"kind": kind, "name": name}
    return {"templateRef": ref, "inputs": [{"name": "n", "value": value}], **more}


def ready(here: Tasks, name: str, status: str) -> None:
    where = [f"--namespace={here.namespace}", f"--for=condition=Ready={status}", "--timeout=60s"]
    cluster.kubectl("wait", f"containertasktemplate/{name}", *where)


@pytest.fixture
def everywhere() -> Iterator[str]:
    """Give the name of a template of the cluster, which goes at the end."""
    name = f"e2e-{uuid.uuid4().hex[:8]}"
    yield name
    cluster.kubectl("delete", "clustercontainertasktemplates", name, "--ignore-not-found")


def test_a_template_that_comes_later_is_run_and_told_of(apart: Tasks) -> None:
    apart.create("waits", of("double"))
    waiting = apart.waiting_for("waits", "TemplateNotFound").waiting_for["message"]
    assert waiting == f"there is no ContainerTaskTemplate double in namespace {apart.namespace}: create it"
    put(apart, "double", doubles())
    ready(apart, "double", "True")
    ended = apart.ended("waits")
    assert_succeeded(ended, out=42)
    kept = ended.status["template"]
    assert (kept["kind"], kept["name"], kept["generation"]) == (TEMPLATE, "double", 1)
    assert kept["spec"]["image"] == SHELL_IMAGE
    shown = json.loads(
        cluster.kubectl("get", "ctt", "double", f"--namespace={apart.namespace}", "--output=json")
    )
    assert shown["status"]["digest"] == kept["digest"]


def test_a_later_attempt_runs_the_template_as_it_was_when_the_task_began(apart: Tasks) -> None:
    first = '[ "$2" = 1 ] || exit 3; echo 1 > "$CT_OUTPUT_DIR/out"'
    again = {"limit": 1, "backoff": {"base": "5s", "factor": 1}}
    args = ["{{.inputs.n}}", "{{.attempt}}"]
    put(apart, "double", doubles(first, args=args, retries=again))
    apart.create("before", of("double"))
    apart.waiting_for("before", "Retrying")
    put(apart, "double", doubles('echo 2 > "$CT_OUTPUT_DIR/out"', retries=again))
    after = apart.run("after", of("double"))
    assert_succeeded(after, out=2)
    before = apart.ended("before")
    assert_succeeded(before, out=1)
    assert before.attempt == 1
    generations = [one.status["template"]["generation"] for one in (before, after)]
    assert generations == [1, 2]


def test_a_template_that_contradicts_itself_says_so_and_is_waited_for(apart: Tasks) -> None:
    put(apart, "double", doubles(args=["{{.inputs.m}}"]))
    ready(apart, "double", "False")
    apart.create("waits", of("double"))
    message = apart.waiting_for("waits", "TemplateInvalid").waiting_for["message"]
    assert "spec.args[0]: {{.inputs.m}}: there is no input `m`" in message
    put(apart, "double", doubles())
    assert_succeeded(apart.ended("waits"), out=42)


def test_a_template_of_the_cluster_runs_in_any_namespace_with_overrides(here: Tasks, everywhere: str) -> None:
    script = 'echo $(($1 * FACTOR)) > "$CT_OUTPUT_DIR/out"'
    put(here, everywhere, doubles(script, env=[{"name": "FACTOR", "value": "2"}]), CLUSTER_TEMPLATE)
    tripled = of(everywhere, 5, CLUSTER_TEMPLATE, env=[{"name": "FACTOR", "value": "3"}])
    assert_succeeded(here.run("tripled", tripled), out=15)
    assert_succeeded(here.run("doubled", of(everywhere, 5, CLUSTER_TEMPLATE)), out=10)


def test_a_value_that_does_not_fit_ends_the_task_before_there_is_a_pod(apart: Tasks) -> None:
    put(apart, "double", doubles())
    ended = apart.run("wrong", of("double", "many"))
    assert (ended.phase, ended.reason) == ("Failed", "InvalidSpec")
    assert "spec.inputs[n]: type integer" in ended.message
    apart.no_pods("wrong")


def test_an_output_of_a_task_of_a_template_is_an_input_of_another(apart: Tasks) -> None:
    put(apart, "double", doubles())
    apart.create("second", of("double") | {"inputs": [taken("first")]})
    apart.create("first", of("double", 4))
    assert_succeeded(apart.ended("second"), out=16)


def taken(name: str) -> Json:
    return {"name": "n", "valueFrom": {"taskOutputRef": {"name": name, "output": "out"}}}


def test_a_suspended_task_has_not_begun_and_runs_the_template_as_it_is_then(apart: Tasks) -> None:
    put(apart, "double", doubles())
    apart.create("later", of("double", suspend=True))
    apart.wait("later", lambda task: task.reason == "Suspended")
    put(apart, "double", doubles('echo 3 > "$CT_OUTPUT_DIR/out"'))
    ready(apart, "double", "True")
    apart.patch("later", suspend=False)
    assert_succeeded(apart.ended("later"), out=3)


def test_python_writes_a_template_and_runs_it_with_other_values(apart: Tasks) -> None:
    task = ct.ContainerTask(
        "double",
        SHELL_IMAGE,
        ["sh", "-euc", SCRIPT, "double"],
        inputs={"n": int},
        arguments=["{{.inputs.n}}"],
        outputs={"out": int},
    )
    with ct.use(ct.Cluster(namespace=apart.namespace)):
        deployed = task.deploy()
        assert deployed.submit(n=4).wait(120).out == 8
        changed = deployed.override(env={"UNUSED": "1"}, timeout="5m").submit(n=5)
        assert changed.wait(120).out == 10
        assert ct.Run.get(changed.name).outputs.out == 10
