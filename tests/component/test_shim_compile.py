"""A shim task as a run that is not sent, whose outputs are inputs of others."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest
from flyteidl.core.tasks_pb2 import Sql  # type: ignore[import-untyped]

import containertask as ct
from containertask.flyte.context import SerializationContext
from containertask.flyte.metadata import TaskMetadata
from containertask.flyte.template import to_bytes
from support import shims
from support.fakeapi import FakeApi, with_api
from support.sdkcluster import cluster_of


def make(**more: Any) -> shims.Task:
    return shims.Task(
        "team.sql",
        {"q": 1},
        "registry/shims:1",
        shims.Echo,
        inputs={"a": int},
        outputs={"a_out": int},
        **more,
    )


def test_shim_compile() -> None:
    task = make(
        requests={"cpu": "1"},
        environment={"A": "1"},
        secret_requests=[ct.Secret("k", "g")],
        metadata=TaskMetadata(retries=2, timeout=60),
    )
    run = task.compile(None, a=7)
    assert not run.sent
    assert run.name.startswith("team-sql-")
    template = base64.b64encode(to_bytes(task.serialize_to_model(SerializationContext()))).decode()
    tokens = {
        "{{.input}}": "/var/inputs/inputs.pb",
        "{{.outputPrefix}}": "/var/outputs",
        "{{.rawOutputDataPrefix}}": '""',
        "{{.taskTemplatePath}}": f"data:;base64,{template}",
    }
    assert run.manifest["spec"] == {
        "image": "registry/shims:1",
        "args": [tokens.get(one, one) for one in task.get_command(SerializationContext())],
        "metadataFormat": "PROTO",
        "resources": {"requests": {"cpu": "1"}},
        "env": [{"name": "A", "value": "1"}],
        "secrets": [{"name": "g", "key": "k", "env": "G_K"}],
        "retries": {"limit": 2},
        "timeout": {"execution": "60s"},
        "inputs": [{"name": "a", "type": "integer", "value": 7}],
        "outputs": [{"name": "a_out", "type": "integer"}],
    }


def test_the_environment_of_the_settings_is_below_the_tasks_own() -> None:
    run = make(environment={"A": "own"}).compile(SerializationContext(env={"A": "1", "B": "2"}), a=7)
    assert run.manifest["spec"]["env"] == [{"name": "A", "value": "own"}, {"name": "B", "value": "2"}]


def test_outputs_of_a_compiled_task_feed_others() -> None:
    first = make().compile(a=7)
    second = make().compile(a=first["a_out"])
    assert second.manifest["spec"]["inputs"] == [
        {
            "name": "a",
            "type": "integer",
            "valueFrom": {"taskOutputRef": {"name": first.name, "output": "a_out"}},
        }
    ]
    plain = ct.ContainerTask("plain", "alpine:3.22", ["true"], inputs={"a": int})
    fed = plain.to_manifest(a=first["a_out"])["spec"]["inputs"][0]["valueFrom"]
    assert fed == {"taskOutputRef": {"name": first.name, "output": "a_out"}}
    with pytest.raises(KeyError, match="there is no output b"):
        _ = first["b"]


@with_api
async def test_a_chain_of_compiled_tasks_is_sent_in_order(api: FakeApi, tmp_path: Path) -> None:
    with ct.use(cluster_of(api, tmp_path)):
        first = make().compile(a=7)
        second = make().compile(a=first["a_out"])
    await second.submit_async()
    assert [one.body["metadata"]["name"] for one in api.only_writes] == [first.name, second.name]
    assert (first.sent, second.sent) == (True, True)


def test_another_program_than_ours_leaves_no_files_that_could_be_outputs() -> None:
    class Theirs(shims.Task):
        def get_command(self, settings: SerializationContext) -> list[str]:
            return ["pyflyte-execute", *super().get_command(settings)[1:]]

    task = Theirs("n", {}, "i", shims.Echo, outputs={"x": int})
    with pytest.raises(ct.InvalidTaskError, match="get_command: only ctask-execute leaves outputs as files"):
        task.compile()
    without = Theirs("n", {}, "i", shims.Echo)
    assert without.compile().manifest["spec"]["args"][0] == "pyflyte-execute"


def test_a_template_that_is_no_argument_any_more_is_refused_with_its_size() -> None:
    task = shims.Task("n", {"q": "x" * 100_000}, "i", shims.Echo)
    with pytest.raises(
        ct.InvalidTaskError, match=r"get_custom: the template takes 100\d+ bytes, at most 92160"
    ):
        task.compile()


def test_inputs_go_by_name() -> None:
    with pytest.raises(TypeError, match="2 inputs without a name"):
        make().compile(None, 7, 8)
    with pytest.raises(TypeError, match="there is no input b"):
        make().compile(None, b=7)


def test_an_executor_that_no_container_can_import_is_refused() -> None:
    class Inner(shims.Echo):
        pass

    task = shims.Task("n", {}, "i", Inner)
    assert task() == ()
    with pytest.raises(ct.InvalidTaskError, match="put it at the top of a module"):
        task.compile()


class Statement(shims.Task):
    """Is a statement, which no container runs."""

    def get_sql(self, settings: SerializationContext) -> Sql:  # noqa: ARG002 - a hook
        return Sql(statement="select 1")


def test_what_runs_no_container_is_refused() -> None:
    with pytest.raises(ct.InvalidTaskError, match="a ContainerTask runs a container"):
        Statement("n", {}, "i", shims.Echo).compile()
