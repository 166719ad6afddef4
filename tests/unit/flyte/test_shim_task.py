"""PythonCustomizedContainerTask, member by member: each of flytekit's under its own name."""

from __future__ import annotations

import datetime as dt
import enum
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

import pytest
from flyteidl.core.literals_pb2 import LiteralMap  # type: ignore[import-untyped]
from flyteidl.core.security_pb2 import Secret as FlyteSecret  # type: ignore[import-untyped]
from flyteidl.core.tasks_pb2 import (  # type: ignore[import-untyped]
    ExtendedResources,
    K8sPod,
    Resources,
    Sql,
    TaskTemplate,
)

import containertask as ct
from containertask.flyte.context import (
    ExecutionContext,
    ExecutionMode,
    ExecutionParameters,
    SerializationContext,
)
from containertask.flyte.executor import ShimTaskExecutor
from containertask.flyte.metadata import TaskMetadata
from containertask.flyte.resolver import default_task_template_resolver
from containertask.flyte.template import custom, to_bytes
from containertask.sdk.decks import DeckField
from containertask.sdk.interface import NativeInterface
from support import shims

Json = dict[str, Any]
SETTINGS: Final = SerializationContext(project="p", domain="d", version="v1", env={"A": "1", "B": "1"})


def make(**more: Any) -> shims.Task:
    return shims.Task("team.sql", {"q": 1}, "registry/shims:1", shims.Echo, **more)


def echo(annotation: object) -> shims.Task:
    return make(inputs={"a": annotation}, outputs={"a_out": annotation})


# --- The constructor ---


def test_shim_by_position() -> None:
    own = shims.own_resolver
    task = shims.Task(
        "n", {"c": 1}, "i", shims.Greeter, own, "own-type", {"cpu": "1"}, {"mem": "1Gi"}, {"A": "1"}, None
    )
    found = task.serialize_to_model(SETTINGS)
    assert (found.id.name, found.type, custom(found)) == ("n", "own-type", {"c": 1})
    assert (found.container.image, task.task_resolver, task.executor_type) == ("i", own, shims.Greeter)
    assert [one.value for one in found.container.resources.requests] == ["1"]
    assert [one.value for one in found.container.resources.limits] == ["1Gi"]


def test_shim_kwargs() -> None:
    whole = make(interface=NativeInterface(inputs={"a": int}, outputs={"b": str}), task_type_version=3)
    assert whole.python_interface == make(inputs={"a": int}, outputs={"b": str}).python_interface
    assert whole.task_type_version == 3


@pytest.mark.parametrize(
    ("more", "error", "says"),
    [
        ({"timeuot": 1}, TypeError, "there is no keyword timeuot"),
        ({"retries": 1}, TypeError, "there is no keyword retries"),
        ({"interface": NativeInterface(), "inputs": {"a": int}}, TypeError, "keep one"),
        ({"interface": 7}, TypeError, "interface is an int"),
        ({"metadata": 7}, TypeError, "metadata is an int"),
        ({"inputs": {"a": set}}, TypeError, "set has no form"),
        ({"task_type": ""}, TypeError, "task_type"),
        ({"environment": {"A": 1}}, TypeError, "write a str"),
        ({"requests": {"cpus": 1}}, TypeError, "there is no resource cpus"),
        ({"secret_requests": "key"}, TypeError, "write a list of Secret"),
        ({"secret_requests": [7]}, TypeError, "an int where a Secret"),
        ({"secret_requests": [ct.Secret("k", "g", file="/k")]}, ValueError, "no `file`"),
        ({"enable_deck": True, "disable_deck": True}, ValueError, "only one of"),
        ({"enable_deck": True, "deck_fields": ["INPT"]}, ValueError, "did you mean INPUT"),
    ],
)
def test_what_cannot_be_meant_is_refused_when_the_task_is_made(
    more: Json, error: type[Exception], says: str
) -> None:
    with pytest.raises(error, match=says):
        make(**more)


@pytest.mark.parametrize("executor", [7, "Executor", dict, shims.Greeter()])
def test_an_executor_that_is_none_is_refused(executor: Any) -> None:
    with pytest.raises(TypeError, match="executor_type is"):
        shims.Task("n", {}, "i", executor)


# --- Properties ---


def test_shim_container_image() -> None:
    image = SimpleNamespace(uri="registry/built:2")
    task = shims.Task("n", {}, image, shims.Echo)
    assert task.container_image is image
    assert task.get_image(SETTINGS) == "registry/built:2"


@pytest.mark.parametrize(
    ("more", "enabled", "fields"),
    [
        ({}, False, ()),
        ({"enable_deck": False}, False, ()),
        ({"disable_deck": True}, False, ()),
        ({"enable_deck": True}, True, tuple(DeckField)),
        ({"disable_deck": False}, True, tuple(DeckField)),
        ({"deck_fields": ["INPUT"]}, False, ()),
        ({"enable_deck": True, "deck_fields": [DeckField.INPUT, "Output"]}, True, ("Input", "Output")),
        ({"enable_deck": True, "deck_fields": ()}, True, ()),
    ],
)
def test_shim_decks(more: Json, enabled: bool, fields: tuple[str, ...]) -> None:  # noqa: FBT001 - a table
    task = make(**more)
    assert (task.enable_deck, task.disable_deck, task.deck_fields) == (enabled, not enabled, fields)
    assert task.task_template.metadata.generates_deck.value is enabled


def test_shim_docs() -> None:
    docs = SimpleNamespace(description="what it does")
    assert make(docs=docs).docs is docs


def test_shim_environment() -> None:
    task = make(environment={"B": "2", "C": "3"})
    assert task.environment == {"B": "2", "C": "3"}
    found = task.get_container(SETTINGS)
    assert {one.key: one.value for one in found.env} == {"A": "1", "B": "2", "C": "3"}


def test_shim_executor() -> None:
    task = shims.Task("n", {}, "i", shims.NotMade)
    assert task.task_template
    with pytest.raises(AssertionError, match="made before it runs"):
        _ = task.executor
    assert make().executor is not make().executor
    assert isinstance(make().executor, shims.Echo)


def test_shim_executor_type() -> None:
    named = shims.Task("n", {}, "i", "support.shims.Echo")
    assert named.executor_type is make().executor_type is shims.Echo
    assert named.executor_name == make().executor_name == "support.shims.Echo"
    missing = shims.Task("n", {}, "i", "support.shims.Missing")
    assert missing.task_template.container.args[-1] == "support.shims.Missing"
    with pytest.raises(ct.InvalidTaskError, match="has no Missing"):
        _ = missing.executor_type


def test_shim_instantiated_in() -> None:
    assert shims.greet.instantiated_in == "support.shims"
    assert make().instantiated_in == __name__
    generic = ct.PythonCustomizedContainerTask[str]("n", "c", "i", shims.Greeter)
    assert generic.instantiated_in == __name__


def test_shim_interface() -> None:
    task = make(inputs={"a": int, "b": ct.Input(str, optional=True)}, outputs={"c": ct.File})
    assert set(task.interface.inputs.variables) == {"a", "b"}
    assert len(task.interface.inputs.variables["b"].type.union_type.variants) == 2
    assert task.interface.outputs.variables["c"].type.WhichOneof("type") == "blob"


def test_shim_lhs() -> None:
    assert shims.greet.lhs == "greet"
    with pytest.raises(ct.InvalidTaskError, match=r"no variable of .* holds this object"):
        _ = make().lhs


def test_shim_location() -> None:
    assert shims.greet.location == "support.shims.greet"


def test_shim_metadata() -> None:
    assert make().metadata == TaskMetadata()
    given = TaskMetadata(
        retries=2,
        timeout=dt.timedelta(minutes=1),
        cache=True,
        cache_version="1",
        cache_serialize=True,
        cache_ignore_input_vars=("a",),
        interruptible=True,
        deprecated="old",
        pod_template_name="gpu",
        is_eager=True,
    )
    task = make(metadata=given)
    found = task.task_template.metadata
    assert task.metadata == given
    assert (found.retries.retries, found.timeout.seconds, found.discoverable) == (2, 60, True)
    assert (found.discovery_version, found.cache_serializable, found.interruptible) == ("1", True, True)
    assert (list(found.cache_ignore_input_vars), found.deprecated_error_message) == (["a"], "old")
    assert (found.pod_template_name, found.is_eager, found.runtime.flavor) == ("gpu", True, "containertask")
    theirs = SimpleNamespace(retries=3, timeout=90, cache=False, interruptible=None, unknown=1)
    assert make(metadata=theirs).metadata == TaskMetadata(retries=3, timeout=90)


@pytest.mark.parametrize("bad", [{"cache": True}, {"cache_serialize": True}, {"retries": -1}])
def test_metadata_that_contradicts_itself_is_refused(bad: Json) -> None:
    with pytest.raises(ValueError, match="metadata: "):
        TaskMetadata(**bad)


def test_shim_name() -> None:
    assert make().name == make().task_template.id.name == "team.sql"


def test_shim_python_interface() -> None:
    found = make(inputs={"a": int, "b": ct.Input(str, "x")}, outputs={"c": list[int]}).python_interface
    assert found.inputs == {"a": int, "b": str}
    assert (found.outputs, found.defaults) == ({"c": list[int]}, {"b": "x"})


@pytest.mark.parametrize(
    "asked",
    [
        {"cpu": "1", "mem": "1Gi", "gpu": 1, "ephemeral_storage": "2Gi"},
        SimpleNamespace(cpu="1", mem="1Gi", gpu="1", ephemeral_storage="2Gi"),
        ct.Resources(cpu=1, memory="1Gi", gpu=1, disk="2Gi"),
    ],
)
def test_shim_resources(asked: object) -> None:
    task = make(requests=asked, limits={"cpu": 2})
    assert {one.name: one.value for one in task.resources.requests} == {
        Resources.CPU: "1",
        Resources.MEMORY: "1Gi",
        Resources.GPU: "1",
        Resources.EPHEMERAL_STORAGE: "2Gi",
    }
    assert [(one.name, one.value) for one in task.resources.limits] == [(Resources.CPU, "2")]
    assert task.task_template.container.resources == task.resources


class Mount(enum.Enum):
    FILE = FlyteSecret.FILE


def test_shim_security_context() -> None:
    assert make().security_context is make(secret_requests=[]).security_context is None
    theirs = SimpleNamespace(
        key="k2", group="g2", group_version="7", mount_requirement=Mount.FILE, env_var=None
    )
    given = [ct.Secret("k", "g", env="E"), theirs, {"key": "k3", "group": "g3"}]
    found = make(secret_requests=given).task_template.security_context.secrets
    assert [(one.key, one.group, one.group_version, one.env_var, one.mount_requirement) for one in found] == [
        ("k", "g", "", "E", FlyteSecret.ENV_VAR),
        ("k2", "g2", "7", "", FlyteSecret.FILE),
        ("k3", "g3", "", "", FlyteSecret.ANY),
    ]


def test_shim_task_config() -> None:
    config = {"q": object()}
    assert shims.Task("n", config, "i", shims.Echo).task_config is config


def test_shim_task_resolver() -> None:
    assert make().task_resolver is default_task_template_resolver


def test_shim_task_template() -> None:
    found = make(inputs={"a": int}).task_template
    assert {found.id.project, found.id.domain, found.id.version} == {"PLACEHOLDER"}
    assert found.container.image == "registry/shims:1"
    found.id.name = "changed"
    assert make().task_template.id.name == "team.sql"
    counted = Counting("n", {}, "i", shims.Echo)
    assert counted.task_template == counted.task_template
    assert counted.count == 1


class Counting(shims.Task):
    """Counts how often it is written down."""

    count = 0

    def get_custom(self, settings: SerializationContext) -> Json:
        self.count += 1
        return super().get_custom(settings)


def test_shim_task_type() -> None:
    assert (make().task_type, make(task_type="sql").task_type) == ("python-task", "sql")


def test_shim_task_type_version() -> None:
    assert make().task_type_version == make().task_template.task_type_version == 0


# --- Methods ---


def test_shim_construct_node_metadata() -> None:
    found = make(metadata=TaskMetadata(retries=2, timeout=60, interruptible=True)).construct_node_metadata()
    assert (found.name, found.retries.retries, found.timeout.seconds) == ("sql", 2, 60)
    assert found.interruptible


def test_shim_find_lhs() -> None:
    assert shims.own_resolver.find_lhs() == "own_resolver"


def test_shim_get_command() -> None:
    expected = [
        "ctask-execute",
        "--inputs",
        "{{.input}}",
        "--output-prefix",
        "{{.outputPrefix}}",
        "--raw-output-data-prefix",
        "{{.rawOutputDataPrefix}}",
        "--resolver",
        "containertask.flyte.resolver.default_task_template_resolver",
        "--",
        "{{.taskTemplatePath}}",
        "support.shims.Echo",
    ]
    assert make().get_command(SETTINGS) == expected
    assert make(task_resolver=shims.own_resolver).get_command(SETTINGS)[8] == "support.shims.own_resolver"


def test_shim_get_config() -> None:
    assert make().get_config(SETTINGS) == {}
    assert dict(Everything("n", {}, "i", shims.Echo).task_template.config) == {"k": "v"}


def test_shim_get_container() -> None:
    found = make().get_container(SETTINGS)
    assert (list(found.command), list(found.args)) == ([], make().get_command(SETTINGS))
    assert not found.HasField("data_config")


def test_shim_get_custom() -> None:
    bare = ct.PythonCustomizedContainerTask("n", None, "i", shims.Echo)
    with pytest.raises(NotImplementedError, match="has to have get_custom"):
        bare.get_custom(SETTINGS)
    with pytest.raises(NotImplementedError, match="has to have get_custom"):
        bare()
    config = {"n": 2**53, "list": [1, 0.5, None, {"x": True}]}
    assert custom(shims.Task("n", config, "i", shims.Echo).task_template) == config


@pytest.mark.parametrize("config", [{"a": 2**53 + 1}, {"a": {1}}, {"a": float("nan")}])
def test_a_custom_that_no_template_holds_is_refused(config: Json) -> None:
    with pytest.raises(ct.InvalidTaskError, match="custom: "):
        shims.Task("n", config, "i", shims.Echo).serialize_to_model(SETTINGS)


class Everything(shims.Task):
    """Has all that a subclass may add."""

    def get_config(self, settings: SerializationContext) -> dict[str, str]:  # noqa: ARG002 - a hook
        return {"k": "v"}

    def get_extended_resources(self, settings: SerializationContext) -> ExtendedResources:  # noqa: ARG002
        found = ExtendedResources()
        found.gpu_accelerator.device = "nvidia-t4"
        return found

    def get_k8s_pod(self, settings: SerializationContext) -> K8sPod | None:  # noqa: ARG002 - as above
        return K8sPod(primary_container_name="main") if "pod" in self.task_config else None

    def get_sql(self, settings: SerializationContext) -> Sql | None:  # noqa: ARG002 - as above
        return Sql(statement="select 1", dialect=Sql.ANSI) if "sql" in self.task_config else None


def test_shim_get_extended_resources() -> None:
    assert make().get_extended_resources(SETTINGS) is None
    found = Everything("n", {}, "i", shims.Echo).task_template
    assert found.extended_resources.gpu_accelerator.device == "nvidia-t4"


def test_shim_get_image() -> None:
    assert make().get_image(SETTINGS) == "registry/shims:1"
    with pytest.raises(ct.InvalidTaskError, match="write the image's name"):
        shims.Task("n", {}, "{{.image.default.fqn}}", shims.Echo).get_image(SETTINGS)


def test_shim_get_k8s_pod() -> None:
    assert make().get_k8s_pod(SETTINGS) is None
    found = Everything("n", {"pod": 1}, "i", shims.Echo).task_template
    assert (found.WhichOneof("target"), found.k8s_pod.primary_container_name) == ("k8s_pod", "main")


def test_shim_get_sql() -> None:
    assert make().get_sql(SETTINGS) is None
    found = Everything("n", {"sql": 1}, "i", shims.Echo).task_template
    assert (found.WhichOneof("target"), found.sql.statement) == ("sql", "select 1")


def test_shim_get_input_types() -> None:
    assert make(inputs={"a": int, "b": list[str]}).get_input_types() == {"a": int, "b": list[str]}


def test_shim_get_type_for_input_var() -> None:
    task = make(inputs={"first": int}, outputs={"last": str})
    assert task.get_type_for_input_var("first", 7) is int
    with pytest.raises(KeyError, match="did you mean first"):
        task.get_type_for_input_var("frist", 7)


def test_shim_get_type_for_output_var() -> None:
    assert make(outputs={"last": str}).get_type_for_output_var("last", "x") is str


def test_shim_local_execution_mode() -> None:
    assert make().local_execution_mode() is ExecutionMode.LOCAL_TASK_EXECUTION


def test_shim_serialize_to_model() -> None:
    task = make(inputs={"b": int, "a": str, "c": float}, secret_requests=[ct.Secret("k", "g")])
    found = task.serialize_to_model(SETTINGS)
    assert (found.id.project, found.id.domain, found.id.version) == ("p", "d", "v1")
    assert found.HasField("security_context")
    again = make(inputs={"c": float, "a": str, "b": int}, secret_requests=[ct.Secret("k", "g")])
    assert to_bytes(again.serialize_to_model(SETTINGS)) == to_bytes(found)
    assert TaskTemplate.FromString(to_bytes(found)) == found


# --- Running it here ---


def test_shim_execute() -> None:
    assert shims.greet.execute(name="Ada") == "hello, Ada"


def test_shim_executor_execute_from_model() -> None:
    with pytest.raises(NotImplementedError, match="ShimTaskExecutor has to have execute_from_model"):
        ShimTaskExecutor[None]().execute_from_model(TaskTemplate())


def literals_of(task: shims.Task, **values: object) -> LiteralMap:
    """Return the literals that a call of the task makes."""
    kept: list[LiteralMap] = []

    class Keeping(shims.Task):
        def sandbox_execute(self, _: ExecutionContext | None, input_literal_map: LiteralMap) -> LiteralMap:
            kept.append(input_literal_map)
            return LiteralMap()

    inputs = dict(task.python_interface.inputs)
    Keeping("n", {}, "i", shims.Echo, inputs=inputs)(**values)
    return kept[0]


def test_shim_dispatch_execute() -> None:
    found = shims.greet.dispatch_execute(ExecutionContext(), literals_of(shims.greet, name="Ada"))
    assert found.literals["text"].scalar.primitive.string_value == "hello, Ada"


def test_an_executor_may_return_literals_itself() -> None:
    class Own(shims.Task):
        def post_execute(self, _: ExecutionParameters | None, rval: Any) -> Any:
            return literals_of(shims.greet, name=str(rval))

    task = Own("n", {"greeting": "x"}, "i", shims.Greeter, inputs={"name": str}, outputs={"name": str})
    assert task(name="Ada").name == "x, Ada"


def test_shim_sandbox_execute() -> None:
    given = ExecutionContext(raw_prefix="s3://never/asked")
    task = make(inputs={"a": ct.File}, outputs={"a_out": ct.File})
    found = task.sandbox_execute(given, literals_of(task, a=ct.File(__file__)))
    assert found.literals["a_out"].scalar.blob.uri == f"file://{__file__}"


def test_shim_pre_execute() -> None:
    params = ExecutionParameters(working_folder=Path())
    assert make().pre_execute(params) is params
    assert make().pre_execute(None) is None


def test_shim_post_execute() -> None:
    value = object()
    assert make().post_execute(None, value) is value


def test_hooks_are_called_around_the_executor() -> None:
    calls: list[object] = []

    class Hooked(shims.Task):
        def pre_execute(self, user_params: ExecutionParameters | None) -> ExecutionParameters | None:
            calls.append(user_params and user_params.working_folder.is_dir())
            return None

        def post_execute(self, _: ExecutionParameters | None, rval: Any) -> Any:
            calls.append(_)
            return rval.upper()

    task = Hooked("n", {"greeting": "hi"}, "i", shims.Greeter, inputs={"name": str}, outputs={"text": str})
    assert task(name="a").text == "HI, A"
    assert calls == [True, None]


class Size(enum.Enum):
    BIG = "big"


@pytest.mark.parametrize(
    ("annotation", "value"),
    [
        (int, 2**53 + 1),
        (float, 0.1),
        (bool, False),
        (str, "Zürich"),
        (bytes, b"\x00\xff"),
        (dt.datetime, shims.MOMENT),
        (dt.date, shims.MOMENT.date()),
        (dt.timedelta, dt.timedelta(days=2, microseconds=4)),
        (Size, Size.BIG),
        (dict[str, Any], {"a": [1, 0.5, None]}),
        (list[dt.datetime], [shims.MOMENT]),
        (dict[str, int], {"": 1}),
        (int | None, None),
        (int | str, "x"),
        (ct.File, ct.File(__file__)),
        (ct.Dir, ct.Dir("/")),
        (ct.File, ct.File(uri="s3://bucket/key")),
    ],
    ids=str,
)
def test_shim_local_execute(annotation: object, value: object) -> None:
    assert echo(annotation).local_execute(None, a=value).a_out == value


def test_a_file_keeps_its_name_whatever_that_is(tmp_path: Path) -> None:
    odd = tmp_path / "a b#ü%20.txt"
    odd.write_text("x")
    found = echo(list[ct.File]).local_execute(None, a=[ct.File(odd)]).a_out
    assert found == [ct.File(odd)]


def test_inputs_have_defaults_and_may_be_absent() -> None:
    declared = {"a": ct.Input(int, 7), "b": ct.Input(str, optional=True)}
    task = make(inputs=declared, outputs={"a_out": int, "b_out": ct.Output(str, optional=True)})
    assert task().as_dict() == {"a_out": 7, "b_out": None}
    assert task(a=8, b="x").as_dict() == {"a_out": 8, "b_out": "x"}


@pytest.mark.parametrize(
    ("values", "error", "says"),
    [
        ({}, TypeError, "input `a` has no value"),
        ({"a": 1, "b": 2}, TypeError, "there is no input b"),
        ({"a": "1"}, TypeError, "input `a`: a str where an int is wanted"),
        ({"a": 2**63}, ValueError, "does not fit 64 bits"),
    ],
)
def test_inputs_that_cannot_be_meant_are_refused(values: Json, error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        echo(int)(**values)


def test_a_file_that_is_not_there_is_refused() -> None:
    with pytest.raises(ct.InvalidTaskError, match="there is no file /no/such"):
        echo(ct.File)(a=ct.File("/no/such"))


class Canary:
    """What no executor may reach."""


class Secretive(shims.Task):
    """Writes nothing of itself down."""

    def get_custom(self, settings: SerializationContext) -> Json:  # noqa: ARG002 - a hook
        return {}


@pytest.mark.parametrize(
    "way", ["local_execute", "__call__", "sandbox_execute", "dispatch_execute", "execute"]
)
def test_nothing_but_the_template_and_the_inputs_is_reachable(way: str) -> None:
    outputs = {"classes": list[str]}
    task = Secretive("n", Canary(), "i", shims.Inspector, inputs={"a": int}, outputs=outputs, docs=Canary())
    match way:
        case "execute":
            found = task.execute(a=7)
        case "sandbox_execute" | "dispatch_execute":
            literal_map = getattr(task, way)(ExecutionContext(), literals_of(task, a=7))
            found = [
                one.scalar.primitive.string_value
                for one in literal_map.literals["classes"].collection.literals
            ]
        case _:
            found = getattr(task, way)(a=7).classes
    assert {"Inspector", "TaskTemplate", "dict", "int"} <= set(found)
    assert not {"Canary", "Secretive", "ShimParts", "TaskMetadata", "TaskTemplateResolver"} & set(found)


def test_a_task_that_was_changed_runs_as_it_was_written_down() -> None:
    config = {"greeting": "hello"}
    task = shims.Task("n", config, "i", shims.Greeter, inputs={"name": str}, outputs={"text": str})
    assert task(name="a").text == "hello, a"
    config["greeting"] = "bye"
    assert task(name="a").text == "hello, a"
